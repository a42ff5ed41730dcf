"""Which of many faces are one person: three ways to part items by their distances, under one set of rules.

Each takes `distance` (n, n), symmetric, and answers labels (n,) int64, 0 .. k-1 in the order of each group's first
item; no items, no labels. `must` (m, 2) are pairs of items that are one person whatever their distance; `cannot`
(n, n) bool, symmetric, marks pairs that never are. A rule for two items holds for whatever they are joined with: items
that must be together are one item from the start, as far from others as its members on average, and kept from whom any
member is kept. Rules that contradict one another raise ValueError before anything is done.

Memory is two matrices of the size of `distance`, which is left as it was.

References: average linkage, Sokal and Michener 1958, updated by Lance and Williams 1967; Chinese Whispers, Biemann
2006; first neighbours, Sarfraz, Sharma and Stiefelhagen 2019 (FINCH).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

Pairs = Sequence[tuple[int, int]] | np.ndarray
Method = Callable[..., np.ndarray]

_WHISPER_ROUNDS = 100  # dlib's own number; a thousand faces settle in some ten


def average_linkage(
    distance: np.ndarray, max_distance: float, must: Pairs = (), cannot: np.ndarray | None = None
) -> np.ndarray:
    """Joins the two nearest groups as long as their distance, the mean over all pairs of their items, stays within
    `max_distance`. The order of the items changes nothing but where distances are equal. Mostly O(n^2) time."""
    units, groups, sizes = _contracted(distance, must, cannot)
    return _numbered(agglomerated(groups, sizes, max_distance)[units])


def first_neighbours(
    distance: np.ndarray, max_distance: float, must: Pairs = (), cannot: np.ndarray | None = None
) -> np.ndarray:
    """Each group is joined with its nearest one, all at once, the nearest pairs first; what hangs together is a group
    of the next round, until no two groups are within `max_distance` by the mean over all pairs of their items. A pair
    that a rule keeps apart, also by what was joined before in the round, is passed over.

    The order of the items changes nothing but where distances are equal. O(n^2) a round, some log n rounds.
    """
    units, groups, sizes = _contracted(distance, must, cannot)
    labels = np.arange(len(sizes))
    while len(sizes) > 1:
        nearest = groups.argmin(axis=1)
        reach = groups[np.arange(len(sizes)), nearest]
        apart = np.isinf(groups)
        joined = _Forest(apart)
        for i in np.argsort(reach, kind="stable"):
            if not reach[i] <= max_distance:
                break
            joined.join(int(i), int(nearest[i]))
        step = _numbered(joined.roots())
        if step.max() + 1 == len(sizes):
            break
        groups, sizes = _averaged(groups, sizes, step)
        labels = step[labels]
    return _numbered(labels[units])


def chinese_whispers(
    distance: np.ndarray, max_distance: float, must: Pairs = (), cannot: np.ndarray | None = None, seed: int = 0
) -> np.ndarray:
    """Each item, in an order drawn anew for each round, takes the name that most items within `max_distance` of it
    have, its own name if that is among them, until a round changes nothing. It never takes a name that somebody has
    whom a rule keeps from it. Items that must be together speak and listen as one, with all their voices.

    The order of the items matters, as the draw (`seed`) does. O(n + pairs within the distance) a round.
    """
    units, groups, sizes = _contracted(distance, must, cannot)
    n = len(sizes)
    near = np.asarray(distance) <= max_distance
    voices = _summed(near, units, n)
    apart = np.isinf(groups)
    hears = [np.flatnonzero((row > 0) & ~no) for row, no in zip(voices, apart, strict=True)]
    volume = [row[who] for row, who in zip(voices, hears, strict=True)]
    kept_from = [np.flatnonzero(row & (np.arange(n) != i)) for i, row in enumerate(apart)]
    names = np.arange(n)
    random = np.random.default_rng(seed)
    for _ in range(_WHISPER_ROUNDS):
        changed = False
        for i in random.permutation(n):
            if not len(hears[i]):
                continue
            heard, where = np.unique(names[hears[i]], return_inverse=True)
            loud = np.bincount(where, weights=volume[i])
            if len(kept_from[i]):
                loud[np.isin(heard, names[kept_from[i]])] = 0
            best = loud.max()
            if best <= 0 or (loud[heard == names[i]] >= best).any():
                continue
            names[i], changed = heard[loud.argmax()], True
        if not changed:
            break
    return _numbered(names[units])


METHODS: dict[str, Method] = {
    "average linkage": average_linkage,
    "first neighbours": first_neighbours,
    "Chinese Whispers": chinese_whispers,
}


def agglomerated(distance: np.ndarray, sizes: np.ndarray, max_distance: float) -> np.ndarray:
    """Average linkage over groups that have `sizes` (n,) items already: labels (n,), each the number of one of its
    group's members. `distance` (n, n) float, infinite on its diagonal and between what is never joined, is used up."""
    n = len(sizes)
    labels, sizes = np.arange(n), sizes.astype(np.float64)
    nearest = distance.min(axis=1, initial=np.inf)  # of each row, so that not all rows are searched for every pair
    while n > 1:
        i = int(nearest.argmin())
        j = int(distance[i].argmin())
        if not distance[i, j] <= max_distance:
            break
        changed = (np.minimum(distance[i], distance[j]) <= nearest) & np.isfinite(nearest)
        # Lance and Williams' update for the mean; infinity, for what is kept apart, outlives every mean.
        joined = (sizes[i] * distance[i] + sizes[j] * distance[j]) / (sizes[i] + sizes[j])
        joined[i] = np.inf
        distance[i], distance[:, i] = joined, joined
        distance[j], distance[:, j] = np.inf, np.inf
        changed[[i, j]] = True
        nearest[changed] = distance[changed].min(axis=1)
        sizes[i] += sizes[j]
        labels[labels == j] = i
    return labels


def _contracted(
    distance: np.ndarray, must: Pairs, cannot: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What must be together made one: the unit of each item (n,), the units' mean distances with infinity on the
    diagonal and between those kept apart, a copy of float64, and the units' sizes. Raises ValueError."""
    distance = np.array(distance, dtype=np.float64)
    n = len(distance)
    if distance.shape != (n, n):
        raise ValueError(f"distance: expected shape (n, n), got {distance.shape}")
    if cannot is None:
        cannot = np.zeros((n, n), bool)
    elif np.shape(cannot) != (n, n):
        raise ValueError(f"cannot: expected shape ({n}, {n}), got {np.shape(cannot)}")
    pairs = np.asarray(must, dtype=np.int64).reshape(-1, 2)
    units = np.arange(n)
    if len(pairs):
        links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
        units = _numbered(connected_components(links, directed=False)[1])
    apart = cannot & (units[:, None] == units[None, :])
    np.fill_diagonal(apart, False)
    if apart.any():
        i, j = np.argwhere(apart)[0]
        raise ValueError(f"items {i} and {j} must be together and cannot be")
    distance[cannot] = np.inf
    np.fill_diagonal(distance, np.inf)
    if not len(pairs):
        return units, distance, np.ones(n, np.int64)
    groups, sizes = _averaged(distance, np.ones(n, np.int64), units)
    return units, groups, sizes


def _averaged(distance: np.ndarray, sizes: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean distances between `groups` (n,) of items that have `sizes` (n,) themselves, and the groups' sizes; infinite
    on the diagonal and where any pair is."""
    n_groups = int(groups.max(initial=-1)) + 1
    apart = np.isinf(distance)
    # Zero first: infinity times the zeros of a product would be no number.
    weighted = np.where(apart, 0.0, distance) * sizes[:, None] * sizes[None, :]
    new_sizes = np.bincount(groups, weights=sizes, minlength=n_groups)
    means = _summed(weighted, groups, n_groups) / (new_sizes[:, None] * new_sizes[None, :])
    means = (means + means.T) / 2  # the same but for the last bit
    means[_summed(apart, groups, n_groups) > 0] = np.inf
    np.fill_diagonal(means, np.inf)
    return means, new_sizes


def _summed(matrix: np.ndarray, groups: np.ndarray, n_groups: int) -> np.ndarray:
    """(n_groups, n_groups) float64: the sums of `matrix` (n, n) over the pairs of groups."""
    n = len(groups)
    member = csr_matrix((np.ones(n), (groups, np.arange(n))), shape=(n_groups, n))
    return np.asarray(member @ (member @ matrix.astype(np.float64)).T).T


def _numbered(labels: np.ndarray) -> np.ndarray:
    """The same parts, numbered in the order of their first item."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse].astype(np.int64)


class _Forest:
    """Groups that grow by joining two at a time, unless a pair of their items is `apart` (n, n) bool; what an item
    has on the diagonal is not looked at."""

    def __init__(self, apart: np.ndarray) -> None:
        self._root = np.arange(len(apart))
        self._members: list[list[int]] = [[i] for i in range(len(apart))]
        self._apart = apart

    def join(self, i: int, j: int) -> None:
        """Joins the groups of two items, if they are two and nothing keeps them apart."""
        a, b = int(self._root[i]), int(self._root[j])
        if a == b or self._apart[np.ix_(self._members[a], self._members[b])].any():
            return
        if len(self._members[a]) < len(self._members[b]):
            a, b = b, a
        self._root[self._members[b]] = a
        self._members[a] += self._members[b]
        self._members[b] = []

    def roots(self) -> np.ndarray:
        """(n,) int64, equal for the items of one group."""
        return self._root
