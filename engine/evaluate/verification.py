"""Are two pictures one person? The figures of verification over pairs, as Labeled Faces in the Wild defines them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata


@dataclass(frozen=True, slots=True)
class Verification:
    """`accuracy`, the mean over the folds of the share of pairs judged rightly, each fold by the distance that is best
    for all other folds together, and its `standard_error`, the standard deviation of the folds' shares over the root
    of their number (0.0 for one fold). `auc` is the chance that a pair of one person is nearer than one of two; `eer`
    the error where as many pairs of one person are refused as pairs of two accepted. All in 0..1.

    `max_distance` is the mean of the folds' distances, `n_pairs` and `n_folds` the numbers.
    """

    accuracy: float
    standard_error: float
    auc: float
    eer: float
    max_distance: float
    n_pairs: int
    n_folds: int


def verify(distances: np.ndarray, same: np.ndarray, folds: np.ndarray) -> Verification:
    """Scores pairs (n,) by their `distances`, whether they are the `same` person (bool), and the number of their
    fold. Raises ValueError unless there are pairs of both kinds and at least two folds."""
    distances, same, folds = np.asarray(distances, np.float64), np.asarray(same, bool), np.asarray(folds)
    numbers = np.unique(folds)
    if len(numbers) < 2 or not same.any() or same.all():
        raise ValueError("verification needs two folds, and pairs of one person and of two")
    shares, limits = [], []
    for number in numbers:
        mine = folds == number
        limit = best_distance(distances[~mine], same[~mine])
        limits.append(limit)
        shares.append(float(((distances[mine] <= limit) == same[mine]).mean()))
    return Verification(
        accuracy=float(np.mean(shares)),
        standard_error=float(np.std(shares, ddof=1) / np.sqrt(len(shares))),
        auc=area_under_curve(distances, same),
        eer=equal_error_rate(distances, same),
        max_distance=float(np.mean(limits)),
        n_pairs=len(distances),
        n_folds=len(numbers),
    )


def best_distance(distances: np.ndarray, same: np.ndarray) -> float:
    """The distance up to which pairs are best called one person: half-way between two neighbouring ones. Of several
    equally good ones the middle one, for the ends are accidents; 0.0 where nobody is best called the same."""
    order = np.argsort(distances, kind="stable")
    near = distances[order]
    right = np.concatenate([[0], np.cumsum(np.where(same[order], 1, -1))])
    # A limit cannot fall between two equal distances.
    possible = np.concatenate([[True], near[1:] > near[:-1], [True]]) if len(near) else np.array([True])
    best = np.flatnonzero(possible & (right == right[possible].max()))
    k = int(best[len(best) // 2])
    if k == 0:
        return 0.0
    return float(near[k - 1] if k == len(near) else (near[k - 1] + near[k]) / 2)


def area_under_curve(distances: np.ndarray, same: np.ndarray) -> float:
    """The chance that a random pair of one person is nearer than one of two, equal ones counted half."""
    ranks = rankdata(-distances)
    n_same, n_other = int(same.sum()), int((~same).sum())
    return float((ranks[same].sum() - n_same * (n_same + 1) / 2) / (n_same * n_other))


def equal_error_rate(distances: np.ndarray, same: np.ndarray) -> float:
    """The error at the limit where the share of same pairs beyond it and of other pairs within it are equal, by a
    straight line between the two limits where they change sides."""
    limits = np.concatenate([[-np.inf], np.unique(distances)])
    refused = 1 - np.searchsorted(np.sort(distances[same]), limits, side="right") / same.sum()
    accepted = np.searchsorted(np.sort(distances[~same]), limits, side="right") / (~same).sum()
    k = int(np.argmax(accepted >= refused))  # at the last limit everything is accepted
    before, after = refused[k - 1] - accepted[k - 1], accepted[k] - refused[k]
    share = before / (before + after)
    return float(accepted[k - 1] + share * (accepted[k] - accepted[k - 1]))
