"""How many people there are among faces, asked in two ways that need no distance to be chosen: K-means with the number
of groups that parts them best, and X-means, which divides groups as long as that is worth its parameters.

Both answer labels (n,) int64, 0 .. k-1 in the order of each group's first face, the same each time. Vectors are
(n, d), of a network whose distances are those of `engine.identity.calibration`.

References: silhouette, Rousseeuw 1987; X-means and its information criterion, Pelleg and Moore 2000.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from engine.identity.chinese_whispers import numbered, whispered
from engine.identity.distances import distances
from engine.types import Progress, ignore_progress

LEAST_SILHOUETTE = 0.22
"""Faces whose best division scores less are one person. Halves of one person's ten pictures of LFW reach 0.06 to 0.14,
two people and more 0.28 to 0.50 (six draws of each number of people)."""

ONE_PERSON = 0.6
"""Only as long as they lie so near each other, on average, that is: pictures of one person do by 0.44, two people's,
half of each, by 0.65. In a gallery of very many people, most with one picture, no number parts them well either."""

EFFECTIVE_DIMENSIONS = 32
"""In how many directions faces differ: the squared sum of their 128 variances by the sum of squares, over the 10,965
pictures of LFW. With 128 the criterion would divide people: it takes each for a piece of evidence of its own."""

ONE_BY_ONE_UP_TO = 24
"""So many groups are tried one by one; above, each number tried is a third larger than the last, and the gap beside the
best one is halved until nothing is left of it."""
_GROWTH = 4 / 3
_MOST_SHARE = 2 / 3  # groups by faces: with more, most faces would be alone, and nothing speaks for any number
_MOST_LINKED = 6000
"""Faces whose tree is made, 150 MB of distances; of more, so many drawn at random say where the groups are."""
_ROUNDS = 20  # of K-means from where the tree puts the groups: it moves few faces
_STARTS = 4  # of K-means in two, where there is no tree to begin from
_SAMPLE = 2000  # faces that a silhouette is measured on, where there are more
_LEAST_TO_DIVIDE = 4  # faces of a group that X-means may divide
_SEED = 0


def k_means(vectors: np.ndarray, progress: Progress = ignore_progress) -> np.ndarray:
    """K-means with the number of groups, one or more, whose mean silhouette is the highest (`LEAST_SILHOUETTE` at
    least for more than one, among faces that may be one person's: `ONE_PERSON`). Fewer than three faces are one group.
    5,000 faces take about 20 s of processor time."""
    vectors = np.ascontiguousarray(vectors, np.float32)
    n = len(vectors)
    if n < 3:
        return np.zeros(n, np.int64)
    drawn = np.arange(n)
    if n > _MOST_LINKED:
        drawn = np.sort(np.random.default_rng(_SEED).choice(n, _MOST_LINKED, replace=False))
    faces = vectors[drawn]
    progress("k-means", 0.0)
    tree = linkage(faces, "ward")
    sample = np.arange(len(faces))
    if len(sample) > _SAMPLE:
        sample = np.random.default_rng(_SEED).choice(sample, _SAMPLE, replace=False)
    apart = distances(faces[sample], faces[sample])
    np.fill_diagonal(apart, 0.0)
    tried: dict[int, tuple[float, np.ndarray]] = {}
    planned = _numbers(max(2, min(len(faces) - 1, round(_MOST_SHARE * len(faces)))))
    n_steps = len(planned) + 2 * round(np.log2(max(1.0, planned[-1] / ONE_BY_ONE_UP_TO)))

    def attempt(k: int) -> None:
        if k not in tried:
            groups = _means(faces, fcluster(tree, k, "maxclust") - 1)
            labels = _k_means(faces, groups)
            tried[k] = _silhouette(apart, labels[sample]), labels
            progress("k-means", min(1.0, len(tried) / n_steps))

    for k in planned:
        attempt(k)
    while True:
        best = max(tried, key=lambda k: (tried[k][0], -k))
        below = max((k for k in tried if k < best), default=best)
        above = min((k for k in tried if k > best), default=best)
        new = [k for k in ((below + best) // 2, (best + above) // 2) if k not in tried and k >= 2]
        if not new:
            break
        for k in new:
            attempt(k)
    progress("k-means", 1.0)
    score, labels = tried[best]
    if score < LEAST_SILHOUETTE and apart.mean() < ONE_PERSON:
        return np.zeros(n, np.int64)
    if n > _MOST_LINKED:
        centres = _means(faces, labels)
        labels = np.concatenate([distances(part, centres).argmin(axis=1) for part in np.array_split(vectors, 16)])
    return numbered(labels)


def x_means(vectors: np.ndarray, progress: Progress = ignore_progress) -> np.ndarray:
    """K-means of two in each group, kept where the Bayesian information criterion of round Gaussians prefers two; then
    K-means of all groups from where they are now; until no group is divided any more."""
    vectors = np.ascontiguousarray(vectors, np.float32)
    n = len(vectors)
    if n < _LEAST_TO_DIVIDE:
        return np.zeros(n, np.int64)
    centres = vectors.mean(axis=0, keepdims=True)
    settled: set[bytes] = set()  # groups, as their members, that are not worth dividing
    for round_ in range(n):  # a group at least is divided in each but the last
        labels = _k_means(vectors, centres)
        found: list[np.ndarray] = []
        for label in range(len(centres)):
            own = np.flatnonzero(labels == label)
            if not len(own):
                continue
            halves = None if own.tobytes() in settled else _divided(vectors[own])
            if halves is None:
                settled.add(own.tobytes())
                found.append(vectors[own].mean(axis=0))
            else:
                found += [vectors[own[halves == half]].mean(axis=0) for half in (0, 1)]
        progress("x-means", 1 - 0.7 ** (round_ + 1))
        if len(found) <= len(centres):
            break
        centres = np.stack(found)
    progress("x-means", 1.0)
    return numbered(labels)


WAYS: dict[str, Callable[..., np.ndarray]] = {
    "K-means": k_means,
    "X-means": x_means,
    "Chinese Whispers": lambda vectors, progress=ignore_progress: whispered(vectors, progress=progress),
}
"""What a person can choose from: (vectors, progress) -> labels."""


def _numbers(most: int) -> list[int]:
    """The numbers of groups to begin with, 2 to `most`."""
    numbers = list(range(2, min(most, ONE_BY_ONE_UP_TO) + 1))
    while numbers[-1] < most:
        numbers.append(min(most, max(numbers[-1] + 1, round(numbers[-1] * _GROWTH))))
    return numbers


def _k_means(vectors: np.ndarray, groups: np.ndarray | int) -> np.ndarray:
    """K-means from the centres `groups` (k, d), or of that number of groups from the best of a few starts."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    known = not isinstance(groups, int)
    model = KMeans(
        len(groups) if known else groups,
        init=groups if known else "k-means++",
        n_init=1 if known else _STARTS,
        max_iter=_ROUNDS,
        random_state=_SEED,
    )
    with warnings.catch_warnings():
        # Equal faces leave groups empty, which is what they should be then.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(vectors).labels_.astype(np.int64)


def _means(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(k, d) float32: the mean of each group that has a member."""
    order = np.argsort(labels, kind="stable")
    firsts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sums = np.add.reduceat(vectors[order].astype(np.float64), firsts, axis=0)
    return (sums / np.diff(firsts, append=len(labels))[:, None]).astype(np.float32)


def _silhouette(apart: np.ndarray, labels: np.ndarray) -> float:
    """The mean over all faces whose distances are `apart` (n, n), -1 where they are one group or all alone."""
    from sklearn.metrics import silhouette_score

    if not 1 < len(np.unique(labels)) < len(labels):
        return -1.0
    return float(silhouette_score(apart, labels, metric="precomputed"))


def _divided(vectors: np.ndarray) -> np.ndarray | None:
    """Two halves (n,) of 0 and 1 if the criterion prefers them to one group, else None."""
    if len(vectors) < _LEAST_TO_DIVIDE:
        return None
    halves = _k_means(vectors, 2)
    sizes = np.bincount(halves, minlength=2)
    if not sizes.all():
        return None
    one = _criterion([_spread(vectors)], np.array([len(vectors)]))
    two = _criterion([_spread(vectors[halves == half]) for half in (0, 1)], sizes)
    return halves if two > one else None


def _spread(vectors: np.ndarray) -> float:
    """The sum of the squared distances to the mean."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    return float((centred**2).sum())


def _criterion(spreads: list[float], sizes: np.ndarray) -> float:
    """Larger is better: the log-likelihood of round Gaussians of one variance less half of the log of
    the number of faces for each parameter (Pelleg and Moore, formulas 2 to 4)."""
    n, k, d = int(sizes.sum()), len(sizes), EFFECTIVE_DIMENSIONS
    variance = max(sum(spreads) / (d * max(1, n - k)), np.finfo(np.float64).tiny)
    likelihood = float((sizes * np.log(sizes / n)).sum())
    likelihood -= n * d / 2 * np.log(2 * np.pi * variance) + d * (n - k) / 2
    n_parameters = (k - 1) + k * d + 1
    return likelihood - n_parameters / 2 * np.log(n)
