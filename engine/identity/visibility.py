"""Where a face is hard to see: tiny, turned away, dark or blurred. Some count such seconds, some do not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.timeline import Interval, Timeline
from engine.types import Track
from engine.vision.scales import BOX_TO_FACE

HARD_FACE_PX = 36  # hairline to chin; a careful annotator's own limit
HARD_QUALITY = 0.12  # `vision.quality` below which most annotated moments of a sitcom are hard ones, above which clear


def hard_moments(tracks: Iterable[Track]) -> Timeline:
    """When the faces of `tracks` are hard to see: the face lower than `HARD_FACE_PX`, or the nearest of the track's
    sampled faces poorer than `HARD_QUALITY`. A sight counts from half way to the one before to half way to the next.
    An estimate: about a sixth of what a careful human calls clear counts as hard, and a third the other way."""
    return Timeline(part for track in tracks for part in _hard_parts(track))


def _hard_parts(track: Track) -> Iterable[Interval]:
    heights = (track.boxes_xyxy[:, 3] - track.boxes_xyxy[:, 1]) * BOX_TO_FACE
    hard = heights < HARD_FACE_PX
    if len(track.faces):
        nearest = np.abs(track.t_s[:, None] - track.faces.t_s[None]).argmin(axis=1)
        hard |= track.faces.quality[nearest] < HARD_QUALITY
    between = (track.t_s[:-1] + track.t_s[1:]) / 2
    edges = np.concatenate([[track.start_s], between, [max(track.end_s, float(track.t_s[-1]))]]).tolist()
    for i in np.flatnonzero(hard):
        start, end = max(edges[i], track.start_s), min(edges[i + 1], track.end_s)
        if start < end:
            yield Interval(start, end)
