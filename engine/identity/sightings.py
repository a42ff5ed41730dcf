"""Where a track's face was at a few moments: what a decision remembers of it, and by which any later analysis of the
film finds the face again, whatever numbers its tracks have and whoever it says they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.identity.places import SAME_IOU, boxes_at, iou
from engine.types import Track

N_SIGHTINGS = 3
"""Of a track: at a quarter, half and three quarters of the times at which it was seen."""

Sighting = tuple[float, float, float, float, float]
"""t_s, left, top, right, bottom: seconds, and pixels of the upright frame."""


def sightings(t_s: np.ndarray, boxes_xyxy: np.ndarray) -> list[Sighting]:
    """Up to `N_SIGHTINGS` of a face seen at `t_s` (n,) in `boxes_xyxy` (n, 4), in the order of time; n >= 1."""
    n = len(t_s)
    places = sorted({n * (i + 1) // (N_SIGHTINGS + 1) for i in range(N_SIGHTINGS)})
    return [(float(t_s[i]), *(round(float(side), 1) for side in boxes_xyxy[i])) for i in places]


def seen_again(tracks: Sequence[Track], of_steps: Sequence[Sequence[Sighting]]) -> list[list[int]]:
    """For each step of one decision, whose sightings these are, the ids of the `tracks` that show the same faces. A
    track that holds faces of several steps is that one's of which it holds most, the later one's of equal ones."""
    starts, ends = np.array([track.start_s for track in tracks]), np.array([track.end_s for track in tracks])
    votes: dict[int, Counter[int]] = {}
    for step, seen in enumerate(of_steps):
        for t_s, *box in seen:
            there = np.flatnonzero((starts <= t_s) & (t_s < ends))
            if not len(there):
                continue
            boxes = np.concatenate([boxes_at(tracks[k], np.array([t_s])) for k in there])
            shared = iou(boxes, np.broadcast_to(np.array(box), boxes.shape))
            # One face is in one place: of several tracks near it, the nearest one shows it.
            if shared.max() >= SAME_IOU:
                votes.setdefault(tracks[there[shared.argmax()]].id, Counter())[step] += 1
    found: list[list[int]] = [[] for _ in of_steps]
    for track_id, of_track in votes.items():
        found[max(of_track, key=lambda step: (of_track[step], step))].append(track_id)
    return found
