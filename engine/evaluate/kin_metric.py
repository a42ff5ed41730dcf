"""A light metric for kinship, learnt from pairs of parents and children.

Vectors of faces have much in common, and those of fathers, say, something more: so the mean of the training parents of
a relation is taken off each parent, that of the children off each child, and the rest brought to unit length. Then
directions in which parents and their own children differ are shortened, as within-class covariance normalisation does
(Hatch et al., "Within-class covariance normalization for SVM-based speaker recognition", 2006), and vectors are
compared by their angle. What is learnt are the means and one matrix; of the one free number, how much of the unit
matrix is added to the covariance, the best is taken on the training folds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.evaluate.kinface import KinPairs
from engine.evaluate.verification import area_under_curve
from engine.identity.kinship import Relation

RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Of the mean variance; beyond both ends the metric is worse on every training set of KinFaceW-I."""


class KinMetric:
    """Learnt by `fit` from the kin pairs of `families`; `vectors` (n, 128) are those of all pictures."""

    def __init__(self, means: Mapping[Relation, tuple[np.ndarray, np.ndarray]], matrix: np.ndarray) -> None:
        self._means, self._matrix = means, matrix

    @classmethod
    def fit(cls, families: Mapping[Relation, KinPairs], vectors: np.ndarray, ridge: float) -> KinMetric:
        means, differences = {}, []
        for relation, pairs in families.items():
            parents, children = vectors[pairs.parent[pairs.kin]], vectors[pairs.child[pairs.kin]]
            means[relation] = parents.mean(axis=0), children.mean(axis=0)
            differences.append(_unit(parents - means[relation][0]) - _unit(children - means[relation][1]))
        apart = np.concatenate(differences)
        covariance = apart.T @ apart
        values, axes = np.linalg.eigh(covariance / (np.trace(covariance) / len(covariance)))
        return cls(means, axes * (np.clip(values, 0, None) + ridge) ** -0.5 @ axes.T)

    @classmethod
    def chosen(cls, families: Mapping[Relation, KinPairs], vectors: np.ndarray) -> KinMetric:
        """The one of `RIDGES` that is best on `families` themselves, each fold judged by what the others teach."""
        folds = np.unique(np.concatenate([pairs.fold for pairs in families.values()]))

        def score(ridge: float) -> float:
            found = []
            for fold in folds:
                metric = cls.fit({r: p.of(folds[folds != fold]) for r, p in families.items()}, vectors, ridge)
                for relation, pairs in families.items():
                    mine = pairs.of(np.array([fold]))
                    found.append(area_under_curve(metric.distances(relation, mine, vectors), mine.kin))
            return float(np.mean(found))

        return cls.fit(families, vectors, max(RIDGES, key=score))

    def distances(self, relation: Relation, pairs: KinPairs, vectors: np.ndarray) -> np.ndarray:
        """How far (n,) the parents and children of `pairs` are: 1 less the cosine."""
        parents, children = (
            _unit(_unit(vectors[rows] - mean) @ self._matrix)
            for rows, mean in zip((pairs.parent, pairs.child), self._means[relation], strict=True)
        )
        return 1 - np.einsum("ij,ij->i", parents, children)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
