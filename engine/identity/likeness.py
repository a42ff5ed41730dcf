"""How alike the tracks of one film are: in face, and in what they wear.

Clothes tell people of one scene apart where faces are turned, dark or tiny, and tell nothing between scenes or where
everybody dresses alike, which the pairs that are seen together show.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.types import Track

TOGETHER_S = 0.2  # tracks that overlap longer than this are two people; less is the blur of a hand-over
SCENE_S = 180.0  # how fast two moments of a film grow strange to each other in dress

# Hellinger distances of clothes, over a sitcom and a company film: the same dress in another shot, another's dress.
_SAME_DRESS, _SAME_SPREAD = 0.35, 0.13
_OTHER_DRESS, _OTHER_SPREAD = 0.78, 0.17
_FARTHEST = 0.85  # beyond, distances say no more
_FLOOR = 0.02  # of the densities: light changes, people cross in front of each other
_ALIKE = 0.45  # people seen together whose dress is nearer than this are dressed alike
_ALIKE_PRIOR = (1, 10)  # of ten pairs seen together one is dressed alike, until the film says otherwise
_LEAST_DRESS, _MOST_DRESS = -1.2, 2.3  # dress says no more than this: people change, and others wear the same


def visible_together(a: Track, b: Track) -> bool:
    """Whether two tracks show two people at once."""
    return a.interval.overlap_s(b.interval) > TOGETHER_S


def seen_together(a: Sequence[Track], b: Sequence[Track]) -> np.ndarray:
    """(n, m) bool: `visible_together` of each of `a` with each of `b`; a track is together with itself."""
    ends = np.minimum(_of(a, "end_s")[:, None], _of(b, "end_s")[None])
    return ends - np.maximum(_of(a, "start_s")[:, None], _of(b, "start_s")[None]) > TOGETHER_S


def nearness(a: Sequence[Track], b: Sequence[Track]) -> np.ndarray:
    """(n, m) in 0..1, falling with the time between the middles of two tracks: e ** -1 at `SCENE_S`."""
    middles = [(_of(tracks, "start_s") + _of(tracks, "end_s")) / 2 for tracks in (a, b)]
    return np.exp(-np.abs(middles[0][:, None] - middles[1][None]) / SCENE_S)


def faces_apart(a: Sequence[Track], b: Sequence[Track]) -> np.ndarray:
    """(n, m) float64: the mean distance over all pairs of faces of two tracks, weighted by quality. Every track has a
    face at least; n and m are at least 1."""
    (x, weights_x, firsts_x), (y, weights_y, firsts_y) = _faces(a), _faces(b)
    between = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1)[None] - 2 * (x @ y.T)
    np.sqrt(between.clip(0, out=between), out=between)
    between *= weights_y[None]
    between = np.add.reduceat(between, firsts_y, axis=1)
    return np.add.reduceat(between * weights_x[:, None], firsts_x, axis=0)


def dress_apart(a: Sequence[Track], b: Sequence[Track]) -> np.ndarray:
    """(n, m) float64, 0..1: Hellinger distances of the clothes, NaN where those of one are not known."""
    x, y = _square_roots(a), _square_roots(b)
    length = max(x.shape[1], y.shape[1])
    x, y = (np.pad(roots, ((0, 0), (0, length - roots.shape[1]))) for roots in (x, y))
    apart = np.sqrt(np.clip(1 - x @ y.T, 0, None))
    apart[~(x.any(axis=1)[:, None] & y.any(axis=1)[None])] = np.nan
    return apart


def dressed_alike(tracks: Sequence[Track]) -> float:
    """Share, 0..1, of the pairs of people seen together that are dressed alike: a tenth until enough are seen."""
    in_order = sorted(tracks, key=lambda track: track.start_s)
    n_alike, n_pairs = _ALIKE_PRIOR
    for i, track in enumerate(in_order):
        beside = []
        for other in in_order[i + 1 :]:
            if other.start_s >= track.end_s:
                break
            if visible_together(track, other):
                beside.append(other)
        apart = dress_apart([track], beside) if beside else np.empty((1, 0))
        n_alike += int((apart < _ALIKE).sum())
        n_pairs += int((~np.isnan(apart)).sum())
    return n_alike / n_pairs


def dress_evidence(a: Sequence[Track], b: Sequence[Track], alike: float) -> np.ndarray:
    """(n, m) what the clothes of two tracks say: `dress_ratios` of `dress_apart`."""
    return dress_ratios(dress_apart(a, b), alike)


def dress_ratios(apart: np.ndarray, alike: float) -> np.ndarray:
    """Log-likelihood ratios that clothes `apart` (any shape; NaN says 0) are one person's rather than two people's, in
    a film in which the share `alike` of people seen together is dressed alike."""
    same = _bell(np.maximum(apart, _SAME_DRESS), _SAME_DRESS, _SAME_SPREAD)  # nearer is no less likely
    other = (1 - alike) * _bell(np.minimum(apart, _FARTHEST), _OTHER_DRESS, _OTHER_SPREAD) + alike * same
    return np.nan_to_num(np.clip(np.log((same + _FLOOR) / (other + _FLOOR)), _LEAST_DRESS, _MOST_DRESS))


def _bell(values: np.ndarray, mean: float, spread: float) -> np.ndarray:
    return np.exp(-0.5 * ((values - mean) / spread) ** 2) / spread


def _of(tracks: Sequence[Track], name: str) -> np.ndarray:
    return np.array([getattr(track, name) for track in tracks], np.float64)


def _faces(tracks: Sequence[Track]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All faces' vectors (n, 128), their shares in their track (n,), and where each track's begin."""
    shares = []
    for track in tracks:
        weights = track.faces.quality.astype(np.float64) + 1e-6
        shares.append(weights / weights.sum())
    sizes = np.array([len(of) for of in shares])
    vectors = np.concatenate([track.faces.vectors for track in tracks]).astype(np.float64)
    return vectors, np.concatenate(shares), np.cumsum(sizes) - sizes


def _square_roots(tracks: Sequence[Track]) -> np.ndarray:
    """(n, m) float64 whose dot products are Bhattacharyya coefficients; rows of 0 where clothes are unknown."""
    roots = np.zeros((len(tracks), max(len(track.clothes) for track in tracks)))
    for row, track in zip(roots, tracks, strict=True):
        row[: len(track.clothes)] = np.sqrt(track.clothes)
    return roots
