"""Where a face is hard to see: tiny, turned away, dark or blurred. Some count such seconds, some do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.timeline import Interval, Timeline
from engine.types import BOX_TO_FACE, Analysis, Person, Track

HARD_FACE_PX = 36  # hairline to chin; a careful annotator's own limit
HARD_QUALITY = 0.12  # `vision.quality` below which most annotated moments of a sitcom are hard ones, above which clear


@dataclass(frozen=True, slots=True)
class Sights:
    """How a track's face was seen: visible during ``[start_s, end_s)``, at `t_s` (n,) in boxes `heights_px` (n,) high;
    `faces_t_s` (m,) and `faces_quality` (m,) are its sampled faces. n >= 1, m may be 0."""

    start_s: float
    end_s: float
    t_s: np.ndarray
    heights_px: np.ndarray
    faces_t_s: np.ndarray
    faces_quality: np.ndarray

    @classmethod
    def of(cls, track: Track) -> Sights:
        heights = track.boxes_xyxy[:, 3] - track.boxes_xyxy[:, 1]
        return cls(track.start_s, track.end_s, track.t_s, heights, track.faces.t_s, track.faces.quality)


def hard_moments(tracks: Iterable[Sights]) -> Timeline:
    """When the faces of `tracks` are hard to see: the face lower than `HARD_FACE_PX`, or the nearest of the track's
    sampled faces poorer than `HARD_QUALITY`. A sight counts from half way to the one before to half way to the next.
    An estimate: about a sixth of what a careful human calls clear counts as hard, and a third the other way."""
    return Timeline(part for track in tracks for part in _hard_parts(track))


def hard_of_people(analysis: Analysis) -> dict[str, Timeline]:
    """Person id -> when that one is hard to see; absent who never is. The tracks must have their faces."""
    own = {track.id: Sights.of(track) for track in analysis.tracks}
    found = {person.id: hard_moments(own[number] for number in person.track_ids) for person in analysis.people}
    return {person_id: hard for person_id, hard in found.items() if hard}


def clear_people(people: Sequence[Person], hard: Mapping[str, Timeline]) -> tuple[Person, ...]:
    """`people` with those moments alone in which they are not `hard` to see, longest first; left out is who has none.

    Bounds are None: the least and the most count every moment, and what is hard to see is an estimate itself.
    """
    clear = (
        replace(person, timeline=person.timeline - hard.get(person.id, Timeline()), low_s=None, high_s=None)
        for person in people
    )
    return tuple(sorted((person for person in clear if person.timeline), key=lambda person: -person.screen_time_s))


def _hard_parts(track: Sights) -> Iterable[Interval]:
    hard = track.heights_px * BOX_TO_FACE < HARD_FACE_PX
    if len(track.faces_t_s):
        nearest = np.abs(track.t_s[:, None] - track.faces_t_s[None]).argmin(axis=1)
        hard |= track.faces_quality[nearest] < HARD_QUALITY
    if not hard.any():
        return
    between = (track.t_s[:-1] + track.t_s[1:]) / 2
    edges = np.concatenate([[track.start_s], between, [max(track.end_s, float(track.t_s[-1]))]]).tolist()
    for i in np.flatnonzero(hard):
        start, end = max(edges[i], track.start_s), min(edges[i + 1], track.end_s)
        if start < end:
            yield Interval(start, end)
