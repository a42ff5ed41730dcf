"""Strangers: which of the tracks without a name are the same person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.config import AVERAGE_LINKAGE
from engine.identity.evidence import check_calibrated, rise, track_quality
from engine.identity.likeness import dress_evidence, dressed_alike, faces_apart, looks_of, nearness, seen_together
from engine.identity.partition import METHODS, agglomerated
from engine.types import Track

DRESS_SHARE = 0.06  # how far clothes move two tracks for each unit of their log-likelihood ratio: 0.14 at the most
POOR_VIEWS = 0.25  # of what poor views put between a face and its pictures, they put between two such views
BLOCK = 128  # tracks compared with all others at once: some 40 MB for the 4,000 tracks of a long film


def cluster_tracks(
    tracks: Sequence[Track],
    max_distance: float,
    method: str = AVERAGE_LINKAGE,
    decided: Mapping[int, str] | None = None,
) -> list[list[int]]:
    """Groups of track ids, one a person, by one of `engine.identity.partition.METHODS` on `stranger_distances`; every
    track has a face at least. By default the two nearest groups are joined as long as their distance, the mean over all
    pairs of their tracks, stays within `max_distance`. Tracks visible together are never joined. Tracks, by id, of
    which a person `decided` that they show somebody are in one group with those of the same person, and in no group
    with others'.

    Each group is in the order of time, groups in the order of their first track; no tracks, no groups. Takes
    O(n^2) memory and mostly O(n^2) time in the number of tracks.
    """
    distance = stranger_distances(tracks)
    whose = {k: decided[track.id] for k, track in enumerate(tracks) if decided and track.id in decided}
    if whose:
        labels = METHODS[method](distance, max_distance, *_rules(distance, whose))
    elif method == AVERAGE_LINKAGE:
        # In place: the matrix of a long film is large.
        labels = agglomerated(distance, np.ones(len(tracks)), max_distance)
    else:
        labels = METHODS[method](distance, max_distance)
    groups = [np.flatnonzero(labels == label).tolist() for label in np.unique(labels)]
    found = [sorted(group, key=lambda k: tracks[k].start_s) for group in groups]
    found.sort(key=lambda group: tracks[group[0]].start_s)
    return [[tracks[k].id for k in group] for group in found]


def _rules(distance: np.ndarray, whose: Mapping[int, str]) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Pairs of tracks that are one person, and which are not (n, n), by the person that some tracks belong to."""
    must, first = [], {}
    for k, person in whose.items():
        must.append((first.setdefault(person, k), k))
    cannot = np.isinf(distance)
    np.fill_diagonal(cannot, False)
    known, people = np.array(list(whose)), np.unique(list(whose.values()), return_inverse=True)[1]
    same = people[:, None] == people
    # Who a person said is one is one, also where two pictures of one face were taken for two at once.
    cannot[np.ix_(known, known)] = ~same
    distance[np.ix_(known, known)] = np.where(same, 0.0, np.inf)
    return must, cannot


def stranger_distances(tracks: Sequence[Track]) -> np.ndarray:
    """(n, n) float64, symmetric: how far two tracks of one film are from being one person. That is the mean distance of
    their faces, less what poor views explain, nearer or farther as their clothes speak; infinite from a track to itself
    and between tracks visible together. Raises ModelError for faces of another network than the calibrated one."""
    check_calibrated((track.faces.model_id for track in tracks), "analyse the film again")
    n = len(tracks)
    distance = np.full((n, n), np.inf)
    if n < 2:
        return distance
    looks, alike = looks_of(tracks), dressed_alike(tracks)
    allowed = POOR_VIEWS * rise(track_quality(tracks)) / 2
    for a in range(0, n, BLOCK):
        b = min(a + BLOCK, n)
        mine, others = looks.part(a, b), looks.part(a, n)
        between = faces_apart(mine, others) - (allowed[a:b, None] + allowed[None, a:])
        between -= DRESS_SHARE * nearness(mine, others) * dress_evidence(mine, others, alike)
        between[seen_together(mine, others)] = np.inf
        square = between[:, : b - a]
        square[:] = np.minimum(square, square.T)  # the same but for the last bit
        np.fill_diagonal(square, np.inf)
        distance[a:b, a:], distance[a:, a:b] = between, between.T
    return distance
