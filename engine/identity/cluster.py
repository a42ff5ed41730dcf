"""Strangers: which of the tracks without a name are the same person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.identity.partition import agglomerated
from engine.identity.recognise import TOGETHER_S
from engine.types import Track

BLOCK_FACES = 128  # faces compared with all others at once: some 40 MB for the 40,000 faces of a long film


def cluster_tracks(tracks: Sequence[Track], max_distance: float) -> list[list[int]]:
    """Groups of track ids, one a person, by agglomeration: the two nearest groups are joined as long as their
    distance, the mean over all pairs of their tracks, stays within `max_distance` (average linkage). The distance
    of two tracks (each with a face at least) is the mean over the pairs of their faces, weighted by quality. Tracks
    visible together are never joined.

    Each group is in the order of time, groups in the order of their first track; no tracks, no groups. Takes
    O(n^2) memory and mostly O(n^2) time in the number of tracks.
    """
    labels = agglomerated(track_distances(tracks), np.ones(len(tracks)), max_distance)
    groups = [np.flatnonzero(labels == label).tolist() for label in np.unique(labels)]
    found = [sorted(group, key=lambda k: tracks[k].start_s) for group in groups]
    found.sort(key=lambda group: tracks[group[0]].start_s)
    return [[tracks[k].id for k in group] for group in found]


def track_distances(tracks: Sequence[Track]) -> np.ndarray:
    """Distances of tracks as `cluster_tracks` defines them, (n, n) float64, symmetric; infinite from a track to
    itself and between tracks visible together."""
    n = len(tracks)
    distance = np.full((n, n), np.inf)
    if n < 2:
        return distance
    sizes = np.array([len(track.faces) for track in tracks])
    firsts = np.concatenate([[0], np.cumsum(sizes)])
    vectors = np.concatenate([track.faces.vectors for track in tracks]).astype(np.float64)
    squares = (vectors**2).sum(axis=1)
    weights = np.concatenate([_shares(track.faces.quality) for track in tracks])
    starts = np.array([track.start_s for track in tracks])
    ends = np.array([track.end_s for track in tracks])
    for a, b in _blocks(sizes):
        mine, others = slice(firsts[a], firsts[b]), slice(firsts[a], None)
        faces = squares[mine, None] + squares[None, others] - 2 * (vectors[mine] @ vectors[others].T)
        np.sqrt(faces.clip(0, out=faces), out=faces)
        faces *= weights[None, others]
        between = np.add.reduceat(faces, firsts[a:n] - firsts[a], axis=1)
        between = np.add.reduceat(between * weights[mine, None], firsts[a:b] - firsts[a], axis=0)
        overlap_s = np.minimum(ends[a:b, None], ends[None, a:]) - np.maximum(starts[a:b, None], starts[None, a:])
        between[overlap_s > TOGETHER_S] = np.inf
        square = between[:, : b - a]
        square[:] = np.minimum(square, square.T)  # the same but for the last bit
        np.fill_diagonal(square, np.inf)
        distance[a:b, a:], distance[a:, a:b] = between, between.T
    return distance


def _shares(quality: np.ndarray) -> np.ndarray:
    weights = quality.astype(np.float64) + 1e-6
    return weights / weights.sum()


def _blocks(sizes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Ranges of neighbouring tracks that have about `BLOCK_FACES` faces in all."""
    first, n_faces = 0, 0
    for i, size in enumerate(sizes):
        n_faces += size
        if n_faces >= BLOCK_FACES or i == len(sizes) - 1:
            yield first, i + 1
            first, n_faces = i + 1, 0
