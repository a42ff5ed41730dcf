"""Whether the tracks of one person are those of two, and of which two: the best division into two halves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from engine.identity.cluster import stranger_distances
from engine.identity.face_map import face_map, mean_vectors
from engine.identity.likeness import looks_of, seen_together
from engine.types import Track

LEAST_GAP = 0.12
"""By so much two halves lie farther apart than faces within them, if they are two people: so it is with 95 % of the
pairs of people of a sitcom's clip, each pair put together, and with one of its eleven people taken alone."""

LEAST_BETWEEN = 0.54
"""Where each half is a single track there is nothing to compare with: this far apart, an analysis would not have joined
them by itself (`AnalysisSettings.stranger_distance`)."""

_ROUNDS = 50  # halves of a thousand tracks stand still after some ten


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """Two halves of a person's tracks, by id in the order of time, the one seen longer first; tracks without a face are
    in the first. `between` and `within` are the mean distances (`stranger_distances`) of pairs of two halves and of
    one; None where there is no such pair. `n_together` pairs of tracks are visible together, `n_against` of them are in
    one half all the same, because three are visible at once."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    between: float | None
    within: float | None
    n_together: int
    n_against: int

    @property
    def sensible(self) -> bool:
        """Whether there are two people by the look of it: some are visible together, or the halves lie apart."""
        if self.n_together:
            return True
        if self.between is None:
            return False
        return self.between >= LEAST_BETWEEN if self.within is None else self.between - self.within >= LEAST_GAP


def two_people(tracks: Sequence[Track]) -> TwoPeople | None:
    """The halves of `tracks` that are the least spread in themselves, tracks visible together in different ones; None
    with fewer than two tracks that have a face. The same each time, in whatever order they come.

    Raises ModelError for faces of another network than the calibrated one. O(n^2) memory and time: about 2 s for 2,000.
    """
    seen = sorted((track for track in tracks if len(track.faces)), key=lambda track: (track.start_s, track.id))
    if len(seen) < 2:
        return None
    distance = stranger_distances(seen)
    looks = looks_of(seen)
    together = seen_together(looks, looks)
    np.fill_diagonal(together, False)
    units, side = _coloured(together)
    spread = np.where(np.isinf(distance), 0.0, np.maximum(distance, 0.0)) ** 2
    halves = _least_spread(_starts(mean_vectors(seen), distance), spread, units, side)
    return _told(tracks, seen, halves, distance, together)


def halves_of(distance: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Halves (n,) int64 of 0 and 1, neither empty, of two or more faces `vectors` (n, d) whose distances are `distance`
    (n, n), finite: the division that is the least spread in itself, of those that `two_people` begins from."""
    n = len(distance)
    return _least_spread(_starts(vectors, distance), distance**2, np.arange(n), np.zeros(n, np.int64))


def _least_spread(starts: Sequence[np.ndarray], spread: np.ndarray, units: np.ndarray, side: np.ndarray) -> np.ndarray:
    found = [_settled(start, spread, units, side) for start in starts]
    # Equal spreads are decided by the labels themselves, so that no order of the candidates matters.
    return min(found, key=lambda one: (round(_spread(one, spread), 9), one.tolist()))


def _starts(vectors: np.ndarray, distance: np.ndarray) -> list[np.ndarray]:
    """Halves (n,) of 0 and 1 to begin from: the last two groups of average linkage, the two sides of the direction in
    which the faces are spread the most, and whoever is nearer to the one or the other of the two farthest."""
    known = np.isfinite(distance)
    far = np.where(known, distance, 2 * distance[known].max() if known.any() else 1.0)
    np.fill_diagonal(far, 0.0)
    far = np.maximum(far, 0.0)
    linked = fcluster(linkage(squareform(far, checks=False), "average"), 2, "maxclust") - 1
    a, b = np.unravel_index(int(far.argmax()), far.shape)
    widest = face_map(vectors).points[:, 0] > 0
    return [linked.astype(np.int64), widest.astype(np.int64), (far[b] < far[a]).astype(np.int64)]


def _coloured(together: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tracks that follow from each other, because they are visible together: the unit of each (n,), and its side of
    that unit, 0 or 1 (n,). Where three are visible at once, who comes last is on the side of one of the others."""
    n = len(together)
    units = connected_components(csr_array(together), directed=False)[1]
    side = np.full(n, -1, np.int64)
    for first in range(n):
        if side[first] >= 0:
            continue
        side[first] = 0
        wait = [first]
        for track in wait:
            for other in np.flatnonzero(together[track]):
                if side[other] < 0:
                    side[other] = 1 - side[track]
                    wait.append(int(other))
    return units, side


def _settled(start: np.ndarray, spread: np.ndarray, units: np.ndarray, side: np.ndarray) -> np.ndarray:
    """The halves (n,) that `start` comes to when each unit goes where its tracks are nearer to the middle of the half,
    until none moves. `spread` (n, n) are squared distances; neither half is ever empty."""
    halves = _turned(start, units, side)
    for _ in range(_ROUNDS):
        cost = _costs(halves, spread)
        # Of each unit: what its tracks cost as they are coloured, and turned round.
        as_is = np.bincount(units, weights=np.where(side == 0, cost[:, 0], cost[:, 1]))
        turned = np.bincount(units, weights=np.where(side == 0, cost[:, 1], cost[:, 0]))
        moved = np.where(turned[units] < as_is[units], 1 - side, side)
        if moved.min() == moved.max() or (moved == halves).all():
            return halves
        halves = moved
    return halves


def _turned(start: np.ndarray, units: np.ndarray, side: np.ndarray) -> np.ndarray:
    """`start` made to keep the colours of each unit: turned round where most of its tracks want that. If that leaves
    nobody in one half, the last unit goes there."""
    against = np.bincount(units, weights=np.where(start == side, -1.0, 1.0))
    halves = np.where(against[units] > 0, 1 - side, side)
    if halves.min() == halves.max():
        halves = np.where(units == units[-1], 1 - halves, halves)
    return halves


def _costs(halves: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """(n, 2): the squared distance of each track to the middle of each half, from squared distances between tracks."""
    costs = np.empty((len(halves), 2))
    for half in (0, 1):
        own = halves == half
        size = max(1, int(own.sum()))
        costs[:, half] = spread[:, own].sum(axis=1) / size - spread[np.ix_(own, own)].sum() / (2 * size**2)
    return costs


def _spread(halves: np.ndarray, spread: np.ndarray) -> float:
    """The squared distances of all tracks to the middle of their half, summed up."""
    return float(sum(spread[np.ix_(own, own)].sum() / (2 * own.sum()) for own in (halves == 0, halves == 1)))


def _told(
    tracks: Sequence[Track], seen: Sequence[Track], halves: np.ndarray, distance: np.ndarray, together: np.ndarray
) -> TwoPeople:
    known = np.triu(np.isfinite(distance), 1)
    same = halves[:, None] == halves[None]
    seconds = [
        sum(track.end_s - track.start_s for track, half in zip(seen, halves, strict=True) if half == of)
        for of in (0, 1)
    ]
    smaller = 1 if seconds[1] <= seconds[0] else 0
    second = {track.id for track, half in zip(seen, halves, strict=True) if half == smaller}
    in_time = [track.id for track in sorted(tracks, key=lambda track: (track.start_s, track.id))]
    return TwoPeople(
        first=tuple(number for number in in_time if number not in second),
        second=tuple(number for number in in_time if number in second),
        between=_mean(distance[known & ~same]),
        within=_mean(distance[known & same]),
        n_together=int(np.triu(together).sum()),
        n_against=int(np.triu(together & same).sum()),
    )


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
