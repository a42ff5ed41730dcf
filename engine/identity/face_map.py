"""The faces of one person as points: which of them lie near each other, and which lie apart from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.types import Track

_KEPT = 0.75  # of the faces, the nearest ones, that say where the middle is
_ROUNDS = 3
_LEAST_QUALITY = 1e-6  # so that a track of poor faces alone has a mean


@dataclass(frozen=True, slots=True)
class FaceMap:
    """n faces in a plane: `points` (n, 2) float64, in units of distance between faces, around (0, 0). `kept` in 0..1 is
    the share of the faces' variance that the plane shows: the rest is why points may lie nearer than the faces do."""

    points: np.ndarray
    kept: float


def mean_vectors(tracks: Sequence[Track]) -> np.ndarray:
    """(n, d) float64: the mean vector of each track's faces, weighted by their quality; a face at least each. No
    tracks, shape (0, 0)."""
    if not tracks:
        return np.empty((0, 0))
    return np.stack(
        [
            np.average(track.faces.vectors.astype(np.float64), axis=0, weights=track.faces.quality + _LEAST_QUALITY)
            for track in tracks
        ]
    )


def face_map(vectors: np.ndarray) -> FaceMap:
    """The plane in which `vectors` (n, d) are spread the most: their first two principal components, which are also the
    two dimensions of classical scaling of their Euclidean distances. The same each time: of the two directions of an
    axis, the one in which the farthest point lies is the positive. Equal vectors, and one alone, lie at (0, 0)."""
    n = len(vectors)
    points = np.zeros((n, 2))
    if n < 2:
        return FaceMap(points, 1.0)
    centred = vectors - vectors.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    whole = float((lengths**2).sum())
    if whole < 1e-12:
        return FaceMap(points, 1.0)
    n_axes = min(2, len(lengths))
    points[:, :n_axes] = left[:, :n_axes] * lengths[:n_axes]
    farthest = np.abs(points).argmax(axis=0)
    points *= np.where(points[farthest, [0, 1]] < 0, -1.0, 1.0)
    return FaceMap(points, float((lengths[:n_axes] ** 2).sum()) / whole)


def from_middle(vectors: np.ndarray) -> np.ndarray:
    """(n,) float64: how far each of `vectors` (n, d) lies from the middle of all, which is the mean of the nearest
    three quarters, so that a few faces of somebody else do not draw it to themselves."""
    if not len(vectors):
        return np.empty(0)
    kept = np.arange(len(vectors))
    for _ in range(_ROUNDS):
        far = np.linalg.norm(vectors - vectors[kept].mean(axis=0), axis=1)
        kept = np.argsort(far, kind="stable")[: max(1, round(_KEPT * len(vectors)))]
    return far
