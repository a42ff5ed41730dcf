"""Who in a gallery looks most like a face: the nearest pictures, the nearest people, of all of them or of a few.

An index of many faces has a forest (Annoy) that proposes candidates, whose exact distances decide; one of few compares
them all, which is faster there, and every answer says which it was. Rows are those of the gallery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from engine.errors import GalleryError
from engine.identity.forest import THOROUGH, Effort, Forest
from engine.identity.nearest import distances, first, nearest, squares
from engine.names import name_key
from engine.types import Gallery

Method = Literal["all compared", "forest"]
Pictures = Callable[[], Sequence[Sequence[str]]]
_MORE = 4  # times as many faces are asked for while they are of too few people


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest faces: `rows` (n,) int64 of the gallery and `distances` (n,) float32, by distance and then by row.
    `method` tells whether all faces were compared or those that the forest proposed."""

    rows: np.ndarray
    distances: np.ndarray
    method: Method


@dataclass(frozen=True, slots=True)
class PersonFound:
    """Somebody of the gallery and the pictures of them that are nearest: `rows` of the gallery with `distances`, the
    nearest first. `distance` is that of the first."""

    name: str
    distance: float
    rows: tuple[int, ...]
    distances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PeopleFound:
    """The nearest people, the nearest first, and how their faces were found."""

    people: tuple[PersonFound, ...]
    method: Method


@dataclass(frozen=True, slots=True)
class _Changes:
    """What became of a built index's rows: the gallery's row of each (-1: removed), and the faces added since. A row of
    the gallery is built or added: `place` (rows,) is its place among the built ones, or -1 - its place among these."""

    row_of_built: np.ndarray
    added_rows: np.ndarray
    added_vectors: np.ndarray
    place: np.ndarray


class FaceIndex:
    """The faces of one gallery, searchable. Never changes, so threads may share it. Made by `of_gallery`, `updated`, or
    `engine.identity.index_build.open_index`."""

    def __init__(
        self,
        name: str,
        model_id: str,
        note: str,
        vectors: np.ndarray,
        people: Sequence[str],
        person_of_row: np.ndarray,
        pictures: Pictures,
        forest: Forest | None = None,
        changes: _Changes | None = None,
    ) -> None:
        """`vectors` (n, d) float32 as built; `person_of_row` (m,) int64, for the gallery's rows, numbers `people`;
        `pictures` gives path and SHA-256 of each row's picture when asked; `note` says where they are from."""
        self.name, self.model_id, self.note, self.people = name, model_id, note, tuple(people)
        self._vectors, self._person_of_row, self._pictures = vectors, person_of_row, pictures
        self._forest, self._changes = forest, changes

    @classmethod
    def of_gallery(cls, gallery: Gallery, note: str = "") -> FaceIndex:
        """The index of a gallery in memory: no files, no forest."""
        people, person_of_row, pictures = _of_rows(gallery)
        return cls(gallery.name, gallery.model_id, note, gallery.vectors, people, person_of_row, pictures)

    def updated(self, gallery: Gallery) -> FaceIndex:
        """This index, which must be as it was built, for the gallery as it is now: faces that came since are all
        compared, faces that went are not found. Raises GalleryError for vectors of another network, ValueError."""
        if gallery.model_id != self.model_id:
            raise GalleryError(other_network(self.name, self.model_id, gallery.model_id))
        if self._changes is not None:
            raise ValueError("expected an index as it was built")
        built: dict[tuple[str, str, str], list[int]] = {}
        for row, (path, sha256) in enumerate(self._pictures()):
            built.setdefault((self.name_of(row), path, sha256), []).append(row)
        row_of_built = np.full(len(self._vectors), -1, np.int64)
        place = np.empty(len(gallery.names), np.int64)
        added: list[int] = []
        for row, key in enumerate(zip(gallery.names, gallery.paths, gallery.sha256, strict=True)):
            same = [i for i in built.get(key, ()) if np.array_equal(self._vectors[i], gallery.vectors[row])]
            if same:
                built[key].remove(same[0])
                row_of_built[same[0]], place[row] = row, same[0]
            else:
                place[row] = -1 - len(added)
                added.append(row)
        people, person_of_row, pictures = _of_rows(gallery)
        changes = _Changes(row_of_built, np.array(added, np.int64), gallery.vectors[added], place)
        return FaceIndex(
            gallery.name,
            self.model_id,
            self.note,
            self._vectors,
            people,
            person_of_row,
            pictures,
            self._forest,
            changes,
        )

    def as_gallery(self) -> Gallery:
        """The gallery that this is the index of, all of it in memory, as it is now; pictures left out are not known."""
        rows = np.arange(len(self))
        paths, sha256 = zip(*self._pictures(), strict=True) if len(self) else ((), ())
        names = tuple(self.people[number] for number in self._person_of_row)
        return Gallery(self.name, self.model_id, names, tuple(paths), tuple(sha256), self.vectors_of(rows))

    def __len__(self) -> int:
        return len(self._person_of_row)

    @property
    def n_added(self) -> int:
        """Faces that came since the index was built; each costs every search a comparison."""
        return 0 if self._changes is None else len(self._changes.added_rows)

    @property
    def n_removed(self) -> int:
        """Faces that went since the index was built, whose vectors its files still hold."""
        return 0 if self._changes is None else int((self._changes.row_of_built < 0).sum())

    def picture(self, row: int) -> tuple[str, str]:
        """The path, relative to the gallery's folder, and the SHA-256 of the picture that the face `row` is from."""
        path, sha256 = self._pictures()[row]
        return path, sha256

    def name_of(self, row: int) -> str:
        """Whose face it is."""
        return self.people[self._person_of_row[row]]

    def vectors_of(self, rows: np.ndarray) -> np.ndarray:
        """The vectors (n, d) float32 of `rows` (n,) int64 of the gallery. Raises ValueError for a row it has not."""
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(self):
            raise ValueError(f"rows: expected 0 to {len(self) - 1}, got {rows.min()} to {rows.max()}")
        if self._changes is None:
            return self._vectors[rows]
        place = self._changes.place[rows]
        vectors = np.empty((len(rows), self._vectors.shape[1]), np.float32)
        vectors[place >= 0] = self._vectors[place[place >= 0]]
        vectors[place < 0] = self._changes.added_vectors[-1 - place[place < 0]]
        return vectors

    def rows_of(self, people: Iterable[str]) -> np.ndarray:
        """The rows (n,) int64 of these people, named as `engine.names.name_key` compares. Raises GalleryError for one
        who is not there."""
        numbers = []
        for name in people:
            number = self._number_of_key.get(name_key(name))
            if number is None:
                raise GalleryError(f"The gallery {self.name} has nobody called {name}; look up how the name is spelt.")
            numbers.append(number)
        return np.flatnonzero(np.isin(self._person_of_row, numbers))

    def search(
        self, query: np.ndarray, k: int = 10, rows: np.ndarray | None = None, effort: Effort = THOROUGH
    ) -> Found:
        """The `k` faces nearest to `query` (d,) float32; among `rows` (n,) of the gallery only, if given, which are all
        compared. Raises ValueError for a query of another length or with something in it that is no number."""
        query = np.ascontiguousarray(query, np.float32)
        if query.shape != self._vectors.shape[1:] or not np.isfinite(query).all():
            raise ValueError(f"query: expected {self._vectors.shape[1:]} numbers, got {query.shape}")
        if rows is not None:
            rows = np.unique(np.asarray(rows, np.int64))
            return Found(*first(rows, distances(self.vectors_of(rows), query), k), "all compared")
        built = self._forest.candidates(query, k, self._wanted, effort) if self._forest else None
        if built is None:
            found = nearest(self._vectors, self._squares, query, k, self._wanted)
        else:
            found = first(built, distances(self._vectors[built], query), k)
        method: Method = "all compared" if built is None else "forest"
        if self._changes is None:
            return Found(*found, method)
        rows = np.concatenate([self._changes.row_of_built[found[0]], self._changes.added_rows])
        apart = np.concatenate([found[1], distances(self._changes.added_vectors, query)])
        return Found(*first(rows, apart, k), method)

    def people_like(
        self, queries: np.ndarray, k: int = 5, n_pictures: int = 3, rows: np.ndarray | None = None
    ) -> PeopleFound:
        """The `k` people nearest to one face, or to several faces of one person, `queries` (q, d) or (d,) float32, each
        with up to `n_pictures` pictures; among `rows` only, if given. A picture is as far as it is from the nearest of
        the queries, a person as far as the nearest picture."""
        queries = np.atleast_2d(queries)
        wanted = 2 * k
        while True:
            found = [self.search(query, wanted, rows) for query in queries]
            # Up to here no face is missing: a query's list may end before another's.
            known = min((float(one.distances[-1]) for one in found if len(one.rows) == wanted), default=np.inf)
            near, apart = np.concatenate([one.rows for one in found]), np.concatenate([one.distances for one in found])
            near, apart = first(near[apart <= known], apart[apart <= known], len(apart))
            firsts = np.sort(np.unique(self._person_of_row[near], return_index=True)[1])
            if len(firsts) >= k or known == np.inf:
                break
            wanted *= _MORE
        method: Method = "forest" if any(one.method == "forest" for one in found) else "all compared"
        numbers = self._person_of_row[near[firsts[:k]]]
        return PeopleFound(tuple(self._person(number, queries, n_pictures, rows) for number in numbers), method)

    def _person(self, number: int, queries: np.ndarray, n_pictures: int, rows: np.ndarray | None) -> PersonFound:
        own = np.flatnonzero(self._person_of_row == number)
        if rows is not None:
            own = np.intersect1d(own, rows)
        vectors = self.vectors_of(own)
        apart = np.min([distances(vectors, query) for query in queries], axis=0)
        own, apart = first(own, apart, n_pictures)
        return PersonFound(self.people[number], float(apart[0]), tuple(own.tolist()), tuple(apart.tolist()))

    @cached_property
    def _squares(self) -> np.ndarray:
        return squares(self._vectors)

    @cached_property
    def _wanted(self) -> np.ndarray | None:
        return None if self._changes is None or not self.n_removed else self._changes.row_of_built >= 0

    @cached_property
    def _number_of_key(self) -> dict[str, int]:
        return {name_key(name): number for number, name in enumerate(self.people)}


def other_network(name: str, has: str, wanted: str) -> str:
    """What to say of vectors that cannot be compared."""
    return (
        f"The gallery {name} holds vectors of the network {has}, which cannot be compared with those of {wanted}; "
        "build the gallery anew from its pictures."
    )


def _of_rows(gallery: Gallery) -> tuple[tuple[str, ...], np.ndarray, Pictures]:
    """The people, the number of each row's, and the pictures, as `FaceIndex` wants them."""
    people = gallery.people
    number = {name: i for i, name in enumerate(people)}
    pictures = tuple(zip(gallery.paths, gallery.sha256, strict=True))
    return people, np.array([number[name] for name in gallery.names], np.int64), lambda: pictures
