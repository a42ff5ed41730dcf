"""Candidates among very many vectors: Annoy's forest of random splits, asked with as much effort as a query needs.

A forest misses neighbours where they are far, for there everything is about equally far. How far the tenth one found
lies tells how many are missed, so an answer that lies far is asked for again with more effort, and in the end all
vectors are compared. Constants are from the run that `docs/measurements.md` shows: a million vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from annoy import AnnoyIndex

N_TREES = 50
"""More gain little: at equal effort, 20 trees find 0.5 to 3 % fewer of the ten nearest."""

SEED = 20
_SPARE = 22  # candidates beyond those wanted: their exact distances may order them otherwise


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a forest is asked: steps of (vectors looked at, farthest distance of the last one wanted at which the
    answer is believed). Beyond the last step all vectors are compared."""

    steps: tuple[tuple[int, float], ...]


QUICK = Effort(((10_000, 0.46), (40_000, 0.54)))
"""Finds 0.995 of the ten nearest of a million faces."""

THOROUGH = Effort(((20_000, 0.46), (120_000, 0.52)))
"""Finds 0.9997 of them; the default. Chosen with 300 faces other than those that the measurement is made with: six in
ten are answered by the first step, one in ten by comparing all."""


class Forest:
    """A forest over the rows of a file, mapped into memory. Threads may share it."""

    def __init__(self, index: AnnoyIndex) -> None:
        self._index = index

    def candidates(
        self, query: np.ndarray, k: int, wanted: np.ndarray | None = None, effort: Effort = THOROUGH
    ) -> np.ndarray | None:
        """Rows (n,) int64, `k` of them or more, that hold about all of the `k` nearest to `query` (d,) float32; of
        those that are `wanted` (rows,) bool, if given. None where that cannot be said: then all are to be compared."""
        query = query.tolist()
        n = k + _SPARE
        for looked_at, believed in effort.steps:
            rows, apart = self._index.get_nns_by_vector(query, n, looked_at, include_distances=True)
            rows, apart = np.array(rows, np.int64), np.array(apart)
            if wanted is not None:
                rows, apart = rows[wanted[rows]], apart[wanted[rows]]
            if len(rows) >= k and apart[k - 1] <= believed:
                return rows
        return None


def write_forest(path: Path, vectors: np.ndarray, n_trees: int = N_TREES) -> None:
    """Builds the forest of `vectors` (n, d) float32 into the file `path`; equal vectors give equal files. On one
    thread, 20 s and then 2.5 s a tree for a million vectors of 128. Raises OSError."""
    index = AnnoyIndex(vectors.shape[1], "euclidean")
    index.set_seed(SEED)
    for row, vector in enumerate(vectors):
        index.add_item(row, vector)
    index.build(n_trees, n_jobs=1)
    index.save(str(path))


def open_forest(path: Path, dimension: int, count: int, n_trees: int) -> Forest:
    """The forest in `path`, mapped. Annoy believes what it reads: check the file's content first. Raises ValueError if
    it is not one of so many vectors and trees."""
    index = AnnoyIndex(dimension, "euclidean")
    try:
        index.load(str(path))
    except OSError as error:
        raise ValueError(str(error)) from error
    if (index.get_n_items(), index.get_n_trees()) != (count, n_trees):
        raise ValueError(f"{index.get_n_items()} vectors and {index.get_n_trees()} trees")
    return Forest(index)
