"""The contestants of ``bench index``: each builds what it needs from vectors (n, d) float32, keeps it in a folder where
it has files, and answers the rows of the k nearest. Peers that are no requirement of the project raise ImportError."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.identity.forest import N_TREES, QUICK, SEED, THOROUGH, Effort
from engine.identity.index_build import build_index, open_index
from engine.types import Gallery

Search = Callable[[np.ndarray, int], np.ndarray]

_PLAIN_LOOKED_AT = 20_000  # of Annoy alone: the first step of `THOROUGH`
_LINKS, _BUILD_EFFORT, _SEARCH_EFFORT = 16, 100, 128  # of HNSW graphs: usual values


def _ours(effort: Effort, all_compared_up_to: int, vectors: np.ndarray, folder: Path) -> Search:
    n = len(vectors)
    gallery = Gallery("bench", "bench", ("x",) * n, ("",) * n, ("",) * n, vectors)
    build_index(gallery, folder, all_compared_up_to=all_compared_up_to)
    index = open_index(folder, "bench")
    return lambda query, k: index.search(query, k, effort=effort).rows


def _scikit_learn(vectors: np.ndarray, folder: Path) -> Search:
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(algorithm="brute", n_jobs=1).fit(vectors)
    return lambda query, k: found.kneighbors(query[None], k, return_distance=False)[0]


def _annoy(vectors: np.ndarray, folder: Path) -> Search:
    from annoy import AnnoyIndex

    index = AnnoyIndex(vectors.shape[1], "euclidean")
    index.set_seed(SEED)
    for row, vector in enumerate(vectors):
        index.add_item(row, vector)
    index.build(N_TREES, n_jobs=1)
    index.save(str(folder / "plain.ann"))
    return lambda query, k: np.array(index.get_nns_by_vector(query, k, _PLAIN_LOOKED_AT))


def _faiss(kind: str, vectors: np.ndarray, folder: Path) -> Search:
    import faiss

    faiss.omp_set_num_threads(1)
    if kind == "flat":
        index = faiss.IndexFlatL2(vectors.shape[1])
    else:
        index = faiss.IndexHNSWFlat(vectors.shape[1], _LINKS)
        index.hnsw.efConstruction, index.hnsw.efSearch = _BUILD_EFFORT, _SEARCH_EFFORT
    index.add(vectors)
    faiss.write_index(index, str(folder / "faiss"))
    return lambda query, k: index.search(query[None], k)[1][0]


def _hnswlib(vectors: np.ndarray, folder: Path) -> Search:
    import hnswlib

    index = hnswlib.Index(space="l2", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), M=_LINKS, ef_construction=_BUILD_EFFORT, random_seed=SEED)
    index.set_num_threads(1)
    index.add_items(vectors)
    index.set_ef(_SEARCH_EFFORT)
    index.save_index(str(folder / "hnswlib"))
    return lambda query, k: index.knn_query(query[None], k)[0][0].astype(np.int64)


_NEVER, _ALWAYS = 2**31, 0
PEERS: dict[str, Callable[[np.ndarray, Path], Search]] = {
    "Dramatis, all compared": lambda vectors, folder: _ours(THOROUGH, _NEVER, vectors, folder),
    "Dramatis, forest": lambda vectors, folder: _ours(THOROUGH, _ALWAYS, vectors, folder),
    "Dramatis, forest, quick": lambda vectors, folder: _ours(QUICK, _ALWAYS, vectors, folder),
    "scikit-learn, brute force": _scikit_learn,
    "Annoy alone": _annoy,
    "faiss, flat": lambda vectors, folder: _faiss("flat", vectors, folder),
    "faiss, HNSW": lambda vectors, folder: _faiss("hnsw", vectors, folder),
    "hnswlib": _hnswlib,
}
"""By what the table calls them."""
