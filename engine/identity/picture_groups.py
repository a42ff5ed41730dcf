"""Strangers in pictures: which of the faces of an album are the same person, however many there are.

Average linkage over squared distances: the two nearest groups are joined as long as the mean squared distance over
all pairs of their faces, its root, stays within a limit. The mean of squares needs no table of all pairs: between two
groups it is the squared distance of their means plus how far each group's faces lie from its own mean (Huygens and
Steiner). So memory grows with the faces, not with their square.

Reference: average linkage by priority queue with lazy updates, Muellner 2011 ("generic" algorithm); joining never
brings two groups nearer to a third one than one of them was, which lets old bounds stand.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

import numpy as np

from engine.identity.cluster import POOR_VIEWS
from engine.identity.evidence import check_calibrated, rise, track_quality
from engine.types import Track

ALBUM_DISTANCE = 0.53
"""Beyond, two groups of faces of an album are two people. It had the highest B-cubed F1 on the people of LFW of whom
there are two to four pictures and a third of the others, as one album of 4,489 pictures (docs/measurements.md gives the
figures on the rest)."""
_BLOCK = 256  # faces compared with all others at once: some 60 MB for 20,000 faces
_COMPACT_AT = 0.75  # of the rows that still stand for a group that may be joined: then the others are dropped


def cluster_pictures(
    tracks: Sequence[Track], max_distance: float = ALBUM_DISTANCE, decided: Mapping[int, str] | None = None
) -> list[list[int]]:
    """Groups of track ids, one a person, of `tracks` with one face each (`engine.pipeline.albums`); two faces of one
    picture are never one person. Tracks, by id, of which a person `decided` that they show somebody are in one group
    with those of the same person, and in no group with others'. Groups and what is in them are in the order of the
    pictures; no tracks, no groups.

    Some 4 kB a face; 20,000 faces take ten seconds, 40,000 a minute or two. Raises ModelError for faces of another
    network than the calibrated one.
    """
    check_calibrated((track.faces.model_id for track in tracks), "import the album again")
    if not tracks:
        return []
    vectors = np.concatenate([track.faces.vectors for track in tracks])
    allowed = POOR_VIEWS * rise(track_quality(tracks)) / 2
    pictures = np.array([track.start_s for track in tracks])
    whose = [(decided or {}).get(track.id) for track in tracks]
    labels = grouped(vectors, allowed, pictures, max_distance, whose)
    order = sorted(range(len(tracks)), key=lambda k: (tracks[k].start_s, tracks[k].id))
    groups: dict[int, list[int]] = {}
    for k in order:
        groups.setdefault(int(labels[k]), []).append(tracks[k].id)
    return list(groups.values())


def grouped(
    vectors: np.ndarray,
    allowed: np.ndarray,
    pictures: np.ndarray,
    max_distance: float,
    whose: Sequence[str | None] = (),
) -> np.ndarray:
    """(n,) int64: the group of each of n faces with `vectors` (n, m), 0, 1 ... in the order of each group's first
    face. `allowed` (n,) is what poor views put between a face and others; `pictures` (n,) says which picture a face
    is in, `whose`, (n,) or (), whom a person said that it shows."""
    # (d - a) ** 2 is about d ** 2 - 2 * d * a: taken at the limit, where alone it decides.
    return _Groups(vectors, 2 * max_distance * allowed, pictures, max_distance**2, whose).joined()


class _Groups:
    """Groups that grow by joining the two nearest ones. A group is called by one of its faces.

    Row r of `_means` is the mean (m,) of the group `_group[r]`; `_spread` is how far its faces lie from it, in the mean
    of squares, less what is allowed for; `_half` is half of the mean's own square and of the spread, so that the
    distance of two groups is twice the sum of their halves less the product of their means.
    """

    def __init__(
        self, vectors: np.ndarray, allowed: np.ndarray, pictures: np.ndarray, limit: float, whose: Sequence[str | None]
    ) -> None:
        n = len(vectors)
        self._limit = limit
        self._means = (vectors - vectors.mean(axis=0)).astype(np.float32)  # small numbers, small rounding
        self._spread = -allowed.astype(np.float64)
        self._sizes = np.ones(n)
        self._half = self._halves(np.arange(n))
        self._row, self._group = np.arange(n), np.arange(n)  # of each group, and of each row
        self._n_alive = n
        self._parent = np.arange(n)
        self._version = np.zeros(n, np.int64)  # of each group: how often it was joined
        number = np.unique(pictures, return_inverse=True)[1]
        self._pictures = [{int(i)} for i in number]  # of each group
        self._in_picture: list[set[int]] = [set() for _ in range(int(number.max(initial=-1)) + 1)]
        for group, picture in enumerate(number):
            self._in_picture[picture].add(group)
        self._bound = np.full(n, np.inf)
        self._nearest = np.full(n, -1)
        self._seen = np.zeros(n, np.int64)  # the version of the nearest group that the bound is about
        self._decided: set[int] = set()  # one group for each person of whom somebody said that faces are theirs
        self._join_decided(whose)

    def joined(self) -> np.ndarray:
        """The labels, as `grouped` gives them."""
        self._compare_all()
        for group in self._group[self._row[self._group] >= 0].tolist():
            if self._bound[group] > self._limit:
                self._drop(group)
        heap = [(float(self._bound[g]), g) for g in self._group[self._row[self._group] >= 0].tolist()]
        heapq.heapify(heap)
        while heap:
            bound, group = heapq.heappop(heap)
            if self._row[group] < 0 or bound != self._bound[group]:
                continue
            other = int(self._nearest[group])
            if self._row[other] >= 0 and self._version[other] == self._seen[group]:
                self._join(group, other)
            self._look(group)
            if self._bound[group] <= self._limit:
                heapq.heappush(heap, (float(self._bound[group]), group))
            else:
                self._drop(group)  # whom it is too far from is too far from it, whatever is joined
        return self._labels()

    def _join_decided(self, whose: Sequence[str | None]) -> None:
        """Makes the faces of each person one group, also where two views of one face stand in one picture."""
        first: dict[str, int] = {}
        for face, person in enumerate(whose):
            if person is None:
                continue
            if person in first:
                self._join(first[person], face)
            else:
                first[person] = face
        self._decided = set(first.values())

    def _compare_all(self) -> None:
        """The nearest other group of each."""
        self._compact()
        n = len(self._group)
        for first in range(0, n, _BLOCK):
            rows = slice(first, min(first + _BLOCK, n))
            apart = self._half[rows, None] + self._half[None] - self._means[rows] @ self._means.T
            for k, group in enumerate(self._group[rows].tolist()):
                apart[k, self._row[list(self._together(group))]] = np.inf
            nearest = self._group[apart.argmin(axis=1)]
            self._nearest[self._group[rows]], self._seen[self._group[rows]] = nearest, self._version[nearest]
            self._bound[self._group[rows]] = 2 * apart.min(axis=1)

    def _look(self, group: int) -> None:
        """Finds the nearest other group anew."""
        row, n = self._row[group], len(self._group)
        apart = self._half[row] + self._half[:n] - self._means[:n] @ self._means[row]
        apart[self._row[self._group] < 0] = np.inf
        beside = self._row[list(self._together(group))]
        apart[beside[beside >= 0]] = np.inf
        nearest = int(apart.argmin())
        self._bound[group], self._nearest[group] = 2 * apart[nearest], self._group[nearest]
        self._seen[group] = self._version[self._group[nearest]]

    def _together(self, group: int) -> set[int]:
        """The groups that `group` is never joined with, itself included: those that have a face in a picture in which
        it has one, and of two of whom a person said who they are the other."""
        beside = set().union(*(self._in_picture[picture] for picture in self._pictures[group]))
        return beside | self._decided if group in self._decided else beside

    def _join(self, group: int, other: int) -> None:
        """Makes two groups one, called `group`."""
        a, b = self._row[group], self._row[other]
        size = self._sizes[a] + self._sizes[b]
        share = self._sizes[b] / size
        between = (self._means[b] - self._means[a]).astype(np.float64)
        self._spread[a] = (
            (1 - share) * self._spread[a] + share * self._spread[b] + share * (1 - share) * (between @ between)
        )
        self._means[a] += (share * between).astype(np.float32)
        self._sizes[a] = size
        self._half[a] = self._halves(a)
        self._parent[other] = group
        self._version[group] += 1
        for picture in self._pictures[other]:
            self._in_picture[picture].remove(other)
            self._in_picture[picture].add(group)
        self._pictures[group] |= self._pictures[other]
        if other in self._decided:
            self._decided ^= {other, group}
        self._drop(other)

    def _drop(self, group: int) -> None:
        """Takes a group out of the rows: joined with another one, or never to be."""
        self._row[group] = -1
        self._n_alive -= 1
        if self._n_alive < _COMPACT_AT * len(self._group):
            self._compact()

    def _compact(self) -> None:
        """Leaves only the rows of groups that may still be joined."""
        alive = np.flatnonzero(self._row[self._group] >= 0)
        self._group = self._group[alive]
        for name in ("_means", "_spread", "_sizes", "_half"):
            setattr(self, name, getattr(self, name)[alive])
        self._row[self._group] = np.arange(len(alive))

    def _halves(self, rows: np.ndarray | int) -> np.ndarray:
        means = self._means[rows].astype(np.float64)
        return (((means**2).sum(axis=-1) + self._spread[rows]) / 2).astype(np.float32)

    def _labels(self) -> np.ndarray:
        roots = self._parent
        while (roots != self._parent[roots]).any():
            roots = self._parent[roots]
        _, first, inverse = np.unique(roots, return_index=True, return_inverse=True)
        rank = np.empty(len(first), np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        return rank[inverse]
