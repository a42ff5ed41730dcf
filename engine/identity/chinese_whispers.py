"""Chinese Whispers as dlib does it, draw by draw: the same faces and the same distance give the same groups.

dlib (`dlib::chinese_whispers`, 100 rounds) picks a node at random, n times a round, and gives it the name that most of
its neighbours have; a node is its own neighbour, and of equally frequent names the smallest wins. Its random numbers
are the Mersenne Twister with the standard's seed, 10,000 numbers thrown away, two of them for each pick. Here a node
whose neighbours have not changed since it was last looked at is passed over, which changes nothing but the time.

`engine.identity.partition.chinese_whispers` is the same idea with rules about who must and cannot be together.

Reference: Biemann 2006.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from engine.types import Progress, ignore_progress

NEAR = 0.52
"""Faces nearer than this are neighbours: from 0.52 to 0.54 twelve people of LFW come apart as twelve, and the people of
dlib's own example (bald_guys.jpg) as they are; below they break, above whole galleries run together."""
_ROUNDS = 100
_SEED, _THROWN_AWAY = 5489, 10_000  # of std::mt19937, and by the constructor of dlib::rand
_BLOCK = 1024  # faces compared with all others at once: 45 MB for 5,000 of them


def whispered(vectors: np.ndarray, near: float = NEAR, progress: Progress = ignore_progress) -> np.ndarray:
    """Labels (n,) int64 of `vectors` (n, d), 0 .. k-1 in the order of each group's first face: the groups of
    `dlib.chinese_whispers_clustering(vectors, near)`. No vectors, no labels.

    O(n^2) time for the distances, memory by the pairs that are near: 5,000 faces take about 2 s of one processor.
    """
    neighbours = _neighbours(np.asarray(vectors, np.float64), near, progress)
    n = len(neighbours)
    names, waits = list(range(n)), [True] * n
    n_waiting = n
    random = np.random.RandomState(_SEED)
    random.bytes(4 * _THROWN_AWAY)
    for round_ in range(_ROUNDS):
        if not n_waiting:
            break
        for node in _picks(random, n):
            if not waits[node]:
                continue
            waits[node] = False
            n_waiting -= 1
            name = _loudest([names[other] for other in neighbours[node]])
            if name == names[node]:
                continue
            names[node] = name
            for other in neighbours[node]:
                if not waits[other]:
                    waits[other] = True
                    n_waiting += 1
        progress("whispers", (round_ + 1) / _ROUNDS)
    return numbered(np.array(names, np.int64))


def numbered(labels: np.ndarray) -> np.ndarray:
    """The same groups (n,) int64, numbered in the order of their first item."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _neighbours(vectors: np.ndarray, near: float, progress: Progress) -> list[list[int]]:
    found: list[list[int]] = []
    for start in range(0, len(vectors), _BLOCK):
        rows = cdist(vectors[start : start + _BLOCK], vectors) < near
        found += [np.flatnonzero(row).tolist() for row in rows]
        progress("neighbours", len(found) / len(vectors))
    return found


def _picks(random: np.random.RandomState, n: int) -> list[int]:
    """The next n nodes that dlib would pick: each number of 64 bits is two of 32, the first one the high half."""
    halves = np.frombuffer(random.bytes(8 * n), "<u4").astype(np.uint64)
    return ((halves[0::2] << np.uint64(32) | halves[1::2]) % np.uint64(n)).astype(np.int64).tolist()


def _loudest(names: list[int]) -> int:
    counts: dict[int, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return min(counts, key=lambda name: (-counts[name], name))
