"""How well groups of faces are people: the truth's labels against the groups', item by item.

Both are arrays (n,) of anything that can be told apart; order and numbering mean nothing. No items are parted
perfectly: every rate is 1.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix

Labels = Sequence[object] | np.ndarray


@dataclass(frozen=True, slots=True)
class ClusterScore:
    """B-cubed precision, recall and their harmonic mean; purity; normalised mutual information; all in 0..1. The
    numbers of people, of groups, and of items."""

    precision: float
    recall: float
    purity: float
    nmi: float
    n_people: int
    n_clusters: int
    n_items: int

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score_clusters(people: Labels, clusters: Labels) -> ClusterScore:
    """`clusters` (n,) against the true `people` (n,).

    B-cubed (Bagga and Baldwin 1998; Amigo et al. 2009): an item's precision is the share of its group that is its
    person, itself included, its recall the share of its person that is in its group; both are means over all items.
    Purity, weighted by size: the share of items that are of the most frequent person of their group. NMI: mutual
    information over the arithmetic mean of the two entropies, as scikit-learn's default; 1.0 where both are one group.

    Raises ValueError if the two differ in length.
    """
    table, of_person, of_cluster = _contingency(people, clusters)
    n = int(of_person.sum())
    if not n:
        return ClusterScore(1.0, 1.0, 1.0, 1.0, 0, 0, 0)
    both = table.data.astype(np.float64)
    rows, columns = of_person[table.row].astype(np.float64), of_cluster[table.col].astype(np.float64)
    largest = np.zeros(len(of_cluster))
    np.maximum.at(largest, table.col, both)
    shared = float((both / n * np.log(both * n / (rows * columns))).sum())
    mean_entropy = (_entropy(of_person) + _entropy(of_cluster)) / 2
    return ClusterScore(
        precision=float((both**2 / columns).sum() / n),
        recall=float((both**2 / rows).sum() / n),
        purity=float(largest.sum() / n),
        nmi=min(1.0, max(0.0, shared / mean_entropy)) if mean_entropy > 0 else 1.0,
        n_people=len(of_person),
        n_clusters=len(of_cluster),
        n_items=n,
    )


def _contingency(people: Labels, clusters: Labels) -> tuple[coo_matrix, np.ndarray, np.ndarray]:
    """Items that each person and group have in common, sparse, and the sizes of the people and of the groups."""
    if len(people) != len(clusters):
        raise ValueError(f"expected a group for each item, got {len(clusters)} for {len(people)}")
    person = np.unique(np.asarray(people), return_inverse=True)[1]
    cluster = np.unique(np.asarray(clusters), return_inverse=True)[1]
    shape = (int(person.max(initial=-1)) + 1, int(cluster.max(initial=-1)) + 1)
    if not len(person):
        return coo_matrix((0, 0)), np.zeros(0, np.int64), np.zeros(0, np.int64)
    table = coo_matrix((np.ones(len(person), np.int64), (person, cluster)), shape=shape)
    table.sum_duplicates()
    return table, np.bincount(person), np.bincount(cluster)


def _entropy(sizes: np.ndarray) -> float:
    shares = sizes / sizes.sum()
    return float(-(shares * np.log(shares)).sum())
