"""Who is still without a name in a film or an album, who they may be, and where else they are seen.

Distances are those of the nearest two faces, one of each person: how they are shown, and never a reason to name or to
join anybody without being told to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.identity.decisions import owners_one_by_one
from engine.identity.index import FaceIndex
from engine.identity.sureness import KNOWN
from engine.names import name_key, unknown_number
from engine.store.best_faces import BestFace
from engine.store.corrections import CorrectionLog, Steps
from engine.store.database import Store
from engine.store.films import FilmRepository
from engine.store.outlines import Outline
from engine.types import Person

N_FACES = 8
"""Best faces that stand for somebody."""

PERHAPS = 0.55
"""Two people whose nearest faces lie farther apart are not worth a question: of pictures of strangers 0.13 % lie
nearer, of pairs of one person 92 % (docs/measurements.md)."""

LIKELY = 0.45
"""Nearest faces that are likely one person's, also if they are of two films: 0.004 % of pictures of strangers lie
nearer, but every two people have many pairs of faces."""

_MOST_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class BestFaces:
    """A person's best faces, the best first, each of another track: `places` are (track id, index among the track's
    faces), `vectors` (n, d) float32; n >= 1."""

    places: tuple[tuple[int, int], ...]
    vectors: np.ndarray


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Who a stranger may be: somebody of the film (`person_id`), or of the gallery `gallery`; `distance` as above."""

    name: str
    person_id: str | None
    gallery: str
    distance: float


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Somebody of another film who may be the same: the film, its person, and the distance."""

    video_sha256: str
    person: Person
    distance: float


@dataclass(frozen=True, slots=True)
class Cast:
    """A film as this module sees it: its outline, everybody's best faces, and pairs of people said to be two."""

    outline: Outline
    faces: Mapping[str, BestFaces]
    apart: frozenset[tuple[str, str]]

    @property
    def strangers(self) -> list[Person]:
        """Who has no name yet and is not ignored, longest on screen first."""
        return [one for one in self.outline.people if is_nameless(one) and one.id not in self.outline.ignored]

    @property
    def named(self) -> list[Person]:
        """Who has a name, longest on screen first."""
        return [one for one in self.outline.people if not is_nameless(one)]

    @property
    def ignored(self) -> list[Person]:
        """Who has no name and is not to be asked about."""
        return [one for one in self.outline.people if is_nameless(one) and one.id in self.outline.ignored]


def is_nameless(person: Person) -> bool:
    """Whether nobody gave this stranger a name."""
    return person.kind == "unknown" and unknown_number(person.name) is not None


def cast_of(
    store: Store, video_sha256: str, best_faces: Callable[[int], Mapping[int, BestFace]] | None = None
) -> Cast | None:
    """The film by its latest analysis; None for one that was never analysed. `best_faces` answers for the number of an
    analysis what `FilmRepository.best_face_of_tracks` does, and may have kept it. Raises StorageError."""
    outline = FilmRepository(store).outline(video_sha256)
    if outline is None:
        return None
    of_tracks = (best_faces or FilmRepository(store).best_face_of_tracks)(outline.analysis_id)
    faces = {person.id: found for person in outline.people if (found := _best(person, of_tracks))}
    return Cast(outline, faces, CorrectionLog(store).kept_apart(video_sha256))


def _best(person: Person, of_tracks: Mapping[int, BestFace]) -> BestFaces | None:
    found = [(number, of_tracks[number]) for number in person.track_ids if number in of_tracks]
    found.sort(key=lambda one: (-one[1].quality, one[0]))
    if not found:
        return None
    found = found[:N_FACES]
    return BestFaces(
        tuple((number, face.index) for number, face in found), np.stack([face.vector for _, face in found])
    )


def suggestions(cast: Cast, ids: Sequence[str], gallery: FaceIndex | None) -> dict[str, tuple[Suggestion, ...]]:
    """For each of these strangers who they may be, the nearest first: people of the film, also without a name, who are
    never seen at the same time, and people of `gallery`; nobody who was said to be somebody else."""
    with_faces = [person for person in cast.outline.people if person.id in cast.faces]
    apart_of = _nearest(cast, ids, [cast.faces[one.id] for one in with_faces])
    here = {name_key(person.name) for person in cast.named}
    found = {}
    by_id = {person.id: person for person in cast.outline.people}
    for person_id in ids:
        mine = cast.faces.get(person_id)
        if mine is None:
            found[person_id] = ()
            continue
        near = [
            Suggestion(other.name, other.id, "", distance)
            for other, distance in zip(with_faces, apart_of[person_id].tolist(), strict=True)
            if distance <= PERHAPS and other.id != person_id and _may_be(cast, by_id[person_id], other)
        ]
        if gallery is not None and len(gallery):
            near += [
                Suggestion(other.name, None, gallery.name, other.distance)
                for other in gallery.people_like(mine.vectors, _MOST_SUGGESTIONS, 1).people
                if other.distance <= PERHAPS
                and name_key(other.name) not in here
                and (person_id, KNOWN + name_key(other.name)) not in cast.apart
            ]
        near.sort(key=lambda one: one.distance)
        found[person_id] = tuple(near[:_MOST_SUGGESTIONS])
    return found


def _nearest(cast: Cast, ids: Iterable[str], others: Sequence[BestFaces]) -> dict[str, np.ndarray]:
    """For each of these people who has faces (m,) float32: how far the nearest faces of each of `others` are. By one
    matrix product for all, a tenth of the time of comparing pair by pair."""
    mine = {person_id: cast.faces[person_id] for person_id in ids if person_id in cast.faces}
    if not mine or not others:
        return {person_id: np.empty(0, np.float32) for person_id in mine}
    (rows, row_starts), (columns, column_starts) = _stacked(mine.values()), _stacked(others)
    square = (rows * rows).sum(axis=1)[:, None] + (columns * columns).sum(axis=1) - 2 * (rows @ columns.T)
    nearest = np.minimum.reduceat(np.minimum.reduceat(square, row_starts), column_starts, axis=1)
    return dict(zip(mine, np.sqrt(np.maximum(nearest, 0.0)), strict=True))


def _stacked(faces: Iterable[BestFaces]) -> tuple[np.ndarray, np.ndarray]:
    """All vectors (n, d), and where each one's begin among them."""
    vectors = [one.vectors for one in faces]
    return np.concatenate(vectors), np.cumsum([0, *(len(one) for one in vectors[:-1])])


def _may_be(cast: Cast, one: Person, other: Person) -> bool:
    if (one.id, other.id) in cast.apart or (other.id, one.id) in cast.apart or other.id in cast.outline.ignored:
        return False
    return not (one.timeline & other.timeline).duration_s > 0


def elsewhere(cast: Cast, ids: Iterable[str], others: Sequence[Cast]) -> dict[str, tuple[Elsewhere, ...]]:
    """For each of these people who of `others`, one at most of each film, may be the same, the nearest first."""
    found: dict[str, list[Elsewhere]] = {person_id: [] for person_id in ids}
    for other in others:
        people = [person for person in other.outline.people if person.id in other.faces]
        if not people:
            continue
        for person_id, apart in _nearest(cast, found, [other.faces[person.id] for person in people]).items():
            nearest = int(apart.argmin())
            if apart[nearest] <= LIKELY:
                found[person_id].append(Elsewhere(other.outline.film.sha256, people[nearest], float(apart[nearest])))
    return {person_id: tuple(sorted(theirs, key=lambda one: one.distance)) for person_id, theirs in found.items()}


def named_shares(outline: Outline, steps: Steps) -> tuple[float, ...]:
    """The share of all faces' seconds that has a name, before the first correction that holds and after each of them;
    () where there are no faces. Tracks said to be no faces do not count."""
    if not outline.tracks:
        return ()
    seconds = {track.id: track.end_s - track.start_s for track in outline.tracks}
    tally = _Tally(steps.said, seconds)
    shares = [tally.share]
    given = iter(steps.made)
    for owner in owners_one_by_one(steps.said, [decision for decision, _ in steps.made]):
        tally.go_on(owner, next(given)[1])
        shares.append(tally.share)
    return tuple(shares)


class _Tally:
    """Seconds of faces that are somebody's, and of these with a name, kept up to date from one decision to the next."""

    def __init__(self, owner: Mapping[int, str | None], seconds: Mapping[int, float]) -> None:
        self._owner: dict[int, str | None] = {}
        self._seconds = seconds
        self._names: set[str] = set()
        self._of: dict[str, float] = defaultdict(float)
        self._whole = self._named = 0.0
        self.go_on(owner, ())

    def go_on(self, owner: Mapping[int, str | None], names: Iterable[str]) -> None:
        """Follows tracks to their new owners, and takes those of `names` for named from now on."""
        for track, person in owner.items() - self._owner.items():
            self._add(self._owner.get(track), -self._seconds[track])
            self._add(person, self._seconds[track])
            self._owner[track] = person
        for person in names:
            self._named += 0.0 if self._has_name(person) else self._of[person]
            self._names.add(person)

    def _add(self, person: str | None, seconds: float) -> None:
        if person is not None:
            self._of[person] += seconds
            self._whole += seconds
            self._named += seconds if self._has_name(person) else 0.0

    def _has_name(self, person: str) -> bool:
        return person in self._names or person.startswith(KNOWN)

    @property
    def share(self) -> float:
        """0..1, of all faces that are somebody's; 0 where there are none."""
        return min(1.0, max(0.0, self._named / self._whole)) if self._whole > 0 else 0.0
