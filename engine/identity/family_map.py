"""A small map of people on which who looks alike stands together: classical scaling of their distances (Torgerson,
"Multidimensional Scaling: I. Theory and Method", 1952)."""

from __future__ import annotations

import numpy as np


def family_map(distances: np.ndarray) -> np.ndarray:
    """Places (n, 2) float64 on a plane whose distances come as near to `distances` (n, n), symmetric, as two axes
    allow; in the same units, about the origin, the longer axis first. The person listed first stands on the left and
    not below, so that the same people always make the same map. Nobody gives (0, 2), one person the origin.

    >>> family_map(np.array([[0.0, 2.0], [2.0, 0.0]])).round(6).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    n = len(distances)
    places = np.zeros((n, 2))
    if n < 2:
        return places
    centred = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-centred @ np.square(distances) @ centred / 2)
    for axis in range(min(2, n)):
        # Distances of faces need not fit any plane: what does not is a negative eigenvalue.
        places[:, axis] = vectors[:, -1 - axis] * np.sqrt(max(values[-1 - axis], 0.0))
    for axis, sign in ((0, -1), (1, 1)):
        if places[0, axis] * sign < 0:
            places[:, axis] *= -1
    return places + 0.0  # no negative zero


def on_square(places: np.ndarray, margin: float) -> list[tuple[float, float]]:
    """`places` (n, 2) on a square picture, as shares of its side from the left and from the top, one scale for both,
    with `margin` of the side left free all around.

    >>> on_square(np.array([[-1.0, 0.0], [1.0, 1.0]]), 0.1)
    [(0.1, 0.7), (0.9, 0.3)]
    """
    if not len(places):
        return []
    low, high = places.min(axis=0), places.max(axis=0)
    # One person, or several with one face, stand in the middle.
    scale = (1 - 2 * margin) / (float((high - low).max()) or 1.0)
    shares = 0.5 + (places - (low + high) / 2) * scale * np.array([1, -1])
    return [(float(left), float(top)) for left, top in shares.round(6)]
