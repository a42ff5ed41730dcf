"""What the tracks of one film say to each other about who they are: visible together they are two people; alike in
dress at about the same time, or very alike in face, they are rather one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from engine.identity.likeness import (
    SCENE_S,
    dress_evidence,
    dressed_alike,
    faces_apart,
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
    n = len(tracks)
    alike = dressed_alike(tracks)
    order = np.argsort([track.start_s for track in tracks], kind="stable")
    starts = np.array([track.start_s for track in tracks])[order]
    parts = []
    for first in range(0, n, _BLOCK):
        last = min(first + _BLOCK, n)
        from_, to = np.searchsorted(starts, (starts[first] - _HORIZON_S, starts[last - 1] + _HORIZON_S))
        block, others = order[first:last], order[from_:to]
        parts.append(
            (np.repeat(block, len(others)), np.tile(others, len(block)), *_evidence(tracks, block, others, alike))
        )
    i, j, near, told, together = (np.concatenate(part) for part in zip(*parts, strict=True))

    def square(values: np.ndarray) -> csr_array:
        kept = (values != 0) & (i != j)
        return coo_array((values[kept], (i[kept], j[kept])), shape=(n, n)).tocsr()

    return Pairs(square(near), square(told), square(together))


def _evidence(tracks: Sequence[Track], block: np.ndarray, others: np.ndarray, alike: float) -> tuple[np.ndarray, ...]:
    """`Pairs.near`, `told` and `together` of each of `block` with each of `others`, flat."""
    a, b = [tracks[i] for i in block], [tracks[i] for i in others]
    together = seen_together(a, b)
    # Of faces only likeness speaks: within a film one person's views lie as far apart as two people's.
    face = np.clip(_FACE_SLOPE * (_ONE_FACE - faces_apart(a, b)), 0, _MOST_FACE)
    starts = [np.array([track.start_s for track in tracks]) for tracks in (a, b)]
    far = np.abs(starts[0][:, None] - starts[1][None]) >= _HORIZON_S
    near = np.where(together | far, 0.0, nearness(a, b))
    told = near * np.exp(dress_evidence(a, b, alike) + face)
    return near.ravel(), told.ravel(), together.astype(np.float64).ravel()
