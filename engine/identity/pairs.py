"""What the tracks of one film say to each other about who they are: visible together they are two people; alike in
dress at about the same time, or very alike in face, they are rather one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from engine.identity.likeness import (
    SCENE_S,
    Looks,
    dress_evidence,
    dressed_alike,
    faces_apart,
    looks_of,
    nearness,
    seen_together,
)
from engine.types import Track

_HORIZON_S = 4 * SCENE_S  # farther apart nothing is said: it would weigh under 2 %, and memory stays bounded
_BLOCK = 128  # tracks compared with their neighbours at once

_ONE_FACE, _FACE_SLOPE, _MOST_FACE = 0.42, 20.0, 2.0  # tracks of one film within this are one person (0.34 to 0.46)


@dataclass(frozen=True, slots=True)
class Pairs:
    """`near` (n, n): how much a track may tell another, 0..1, falling with the time between them; `told` the same times
    the likelihood ratio that both are one person; `together` 1 where both are visible at once. None has a diagonal."""

    near: csr_array
    told: csr_array
    together: csr_array


def film_pairs(tracks: Sequence[Track]) -> Pairs:
    """Evidence between the tracks of one film, each with a face at least; n >= 1. Time and memory grow with the number
    of pairs within some minutes of each other."""
    n, alike = len(tracks), dressed_alike(tracks)
    order = np.argsort([track.start_s for track in tracks], kind="stable").astype(np.int32)
    looks = looks_of([tracks[i] for i in order])
    parts = []
    for first in range(0, n, _BLOCK):
        block = looks.part(first, min(first + _BLOCK, n))
        reach = (block.start_s[0] - _HORIZON_S, block.start_s[-1] + _HORIZON_S)
        from_, to = (int(i) for i in np.searchsorted(looks.start_s, reach))
        others = looks.part(from_, to)
        tables = _evidence(block, others, alike)
        for table in tables:
            np.fill_diagonal(table[:, first - from_ :], 0)
        i, j = np.nonzero(tables[0] + tables[2])  # pairs of the block that are too far apart say nothing
        parts.append((order[first + i], order[from_ + j], *(table[i, j] for table in tables)))
    i, j, *values = (np.concatenate(part) for part in zip(*parts, strict=True))

    def square(values: np.ndarray) -> csr_array:
        kept = values != 0
        return coo_array((values[kept], (i[kept], j[kept])), shape=(n, n)).tocsr()

    return Pairs(*map(square, values))


def picture_pairs(tracks: Sequence[Track]) -> Pairs:
    """Evidence between the faces of an album, one a track: those of one picture are two people, and pictures say
    nothing to each other, for their order is no time. n >= 1."""
    n = len(tracks)
    of_picture: dict[float, list[int]] = {}
    for k, track in enumerate(tracks):
        of_picture.setdefault(track.start_s, []).append(k)
    beside = [(i, j) for group in of_picture.values() for i in group for j in group if i != j]
    i, j = np.array(beside, np.int64).reshape(-1, 2).T
    nothing = csr_array((n, n), dtype=np.float64)
    return Pairs(nothing, nothing, coo_array((np.ones(len(i)), (i, j)), shape=(n, n)).tocsr())


def _evidence(block: Looks, others: Looks, alike: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`Pairs.near`, `told` and `together` of each of `block` with each of `others`."""
    together = seen_together(block, others)
    # Of faces only likeness speaks: within a film one person's views lie as far apart as two people's.
    face = np.clip(_FACE_SLOPE * (_ONE_FACE - faces_apart(block, others)), 0, _MOST_FACE)
    far = np.abs(block.start_s[:, None] - others.start_s[None]) >= _HORIZON_S
    near = np.where(together | far, 0.0, nearness(block, others))
    told = near * np.exp(dress_evidence(block, others, alike) + face)
    return near, told, together.astype(np.float64)
