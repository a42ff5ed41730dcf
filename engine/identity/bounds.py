"""How many seconds a person is on screen at the least and at the most, given what was seen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.timeline import Interval, Timeline
from engine.types import Track

SURE, POSSIBLE = 0.8, 0.2  # a track less sure than the one is not counted at the least, from the other on at the most
LONGEST_GAP_S = 0.5  # a face not seen for longer may have been gone; shorter is a blink, a blur or a hand
_SAME_S = 1e-6


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds on screen, low <= the best figure <= high."""

    low_s: float
    high_s: float


def seconds_bounds(
    own: Sequence[tuple[Track, float]],
    others: Iterable[tuple[Track, float]],
    shots: Sequence[Interval],
    step_s: float,
) -> Bounds:
    """Bounds of the seconds of a person who has the tracks `own`; `others` are everybody else's. Each comes with the
    probability that it shows this person. `shots` are in the order of time.

    At the least: the tracks that are surely this person's, between the first and last sight of each (beyond these half
    a sampling step `step_s` is a guess, but at a shot's edge), without the gaps in which the face was not seen. At the
    most: all of its tracks and those that are possibly its, a whole step beyond where no shot ends before.
    """
    starts, ends = [shot.start_s for shot in shots], [shot.end_s for shot in shots]
    low = Timeline(part for track, chance in own if chance >= SURE for part in _seen(track, starts, ends))
    possible = [track for track, _ in own] + [track for track, chance in others if chance >= POSSIBLE]
    high = Timeline(_at_most(track, starts, ends, step_s / 2) for track in possible)
    return Bounds(low.duration_s, high.duration_s)


def _seen(track: Track, starts: Sequence[float], ends: Sequence[float]) -> Iterable[Interval]:
    first = track.start_s if _is_edge(track.start_s, starts) else float(track.t_s[0])
    last = track.end_s if _is_edge(track.end_s, ends) else float(track.t_s[-1])
    begun = first
    for before, after in zip(track.t_s[:-1].tolist(), track.t_s[1:].tolist(), strict=True):
        if after - before > LONGEST_GAP_S:
            yield Interval(begun, before)
            begun = after
    yield Interval(begun, max(begun, last))


def _at_most(track: Track, starts: Sequence[float], ends: Sequence[float], beyond_s: float) -> Interval:
    before, after = bisect_right(starts, track.start_s + _SAME_S), bisect_left(ends, track.end_s - _SAME_S)
    shot_start = starts[before - 1] if before else 0.0
    shot_end = ends[after] if after < len(ends) else track.end_s
    start = min(track.start_s, max(shot_start, track.start_s - beyond_s))
    return Interval(start, max(track.end_s, min(shot_end, track.end_s + beyond_s)))


def _is_edge(t_s: float, edges: Sequence[float]) -> bool:
    i = bisect_left(edges, t_s - _SAME_S)
    return i < len(edges) and abs(t_s - edges[i]) < _SAME_S
