"""Strangers: which of the tracks without a name are the same person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import cdist

from engine.identity.recognise import visible_together
from engine.types import Track


def cluster_tracks(tracks: Sequence[Track], max_distance: float) -> list[list[int]]:
    """Groups of track ids, one a person, by agglomeration: the two nearest groups are joined as long as their
    distance, the mean over all pairs of their tracks, stays within `max_distance` (average linkage). The distance
    of two tracks is the mean over the pairs of their faces. Tracks visible together are never joined.

    Each group is in the order of time, groups in the order of their first track; no tracks, no groups. Takes
    O(n^2) memory and O(n^3) time at worst in the number of tracks.
    """
    n = len(tracks)
    groups = [[i] for i in range(n)]
    distance = np.full((n, n), np.inf)
    for i in range(n):
        for j in range(i + 1, n):
            if not visible_together(tracks[i], tracks[j]):
                distance[i, j] = distance[j, i] = _track_distance(tracks[i], tracks[j])
    while n > 1:
        i, j = np.unravel_index(int(distance.argmin()), distance.shape)
        if not distance[i, j] <= max_distance:
            break
        sizes = len(groups[i]), len(groups[j])
        # Lance and Williams' update for the mean; infinity, for tracks visible together, outlives every mean.
        joined = (sizes[0] * distance[i] + sizes[1] * distance[j]) / sum(sizes)
        joined[i] = np.inf
        distance[i], distance[:, i] = joined, joined
        distance[j], distance[:, j] = np.inf, np.inf
        groups[i] += groups[j]
        groups[j] = []
    found = [sorted(group, key=lambda k: tracks[k].start_s) for group in groups if group]
    found.sort(key=lambda group: tracks[group[0]].start_s)
    return [[tracks[k].id for k in group] for group in found]


def _track_distance(a: Track, b: Track) -> float:
    weights = np.outer(a.faces.quality + 1e-6, b.faces.quality + 1e-6)
    return float(np.average(cdist(a.faces.vectors, b.faces.vectors), weights=weights))
