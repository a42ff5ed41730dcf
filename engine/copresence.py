"""Who is on screen with whom: one sweep over the starts and ends of several people's timelines.

All functions take the timelines of n people and answer by their positions, 0 to n - 1. Seconds are seconds of film.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from engine.timeline import Interval, Timeline


@dataclass(frozen=True, slots=True)
class Crowd:
    """How full the screen is. `seconds_of[k]` is for how long exactly k people are seen at once (k >= 1, only where
    there is such a moment); `most` is the highest k, 0 without people, and `fullest` the longest stretch of it."""

    seconds_of: dict[int, float]
    most: int
    fullest: Interval | None


def seconds_together(timelines: Sequence[Timeline]) -> list[list[float]]:
    """For how long each two people are on screen at once: a symmetric n x n table, each one's own time on its diagonal.

    Cost: the starts and ends sorted once, then the square of how many are seen at once, for each of them.

    >>> seconds_together([Timeline([Interval(0, 5)]), Timeline([Interval(3, 9)])])
    [[5.0, 2.0], [2.0, 6.0]]
    """
    table = [[0.0] * len(timelines) for _ in timelines]
    for stretch, present in _stretches(timelines):
        for i in present:
            table[i][i] += stretch.duration_s
        for i, j in combinations(present, 2):
            table[i][j] += stretch.duration_s
            table[j][i] += stretch.duration_s
    return table


def crowd(timelines: Sequence[Timeline]) -> Crowd:
    """How many people are seen at once, and where the most are.

    >>> crowd([Timeline([Interval(0, 5)]), Timeline([Interval(3, 9)])])
    Crowd(seconds_of={1: 7.0, 2: 2.0}, most=2, fullest=Interval(start_s=3, end_s=5))
    """
    seconds: dict[int, float] = {}
    longest: dict[int, Interval] = {}
    for stretch, present in _stretches(timelines):
        n = len(present)
        seconds[n] = seconds.get(n, 0.0) + stretch.duration_s
        if n not in longest or stretch.duration_s > longest[n].duration_s:
            longest[n] = stretch
    most = max(seconds, default=0)
    return Crowd(dict(sorted(seconds.items())), most, longest.get(most))


def seconds_in_stretches(timeline: Timeline, duration_s: float, n_stretches: int) -> list[float]:
    """For how long somebody is seen in each of `n_stretches` equal parts of a film of `duration_s` seconds; moments
    after its end count for the last part.

    >>> seconds_in_stretches(Timeline([Interval(1, 4)]), 6.0, 3)
    [1.0, 2.0, 0.0]
    """
    seconds = [0.0] * n_stretches
    if duration_s <= 0:
        return seconds
    length_s = duration_s / n_stretches
    for interval in timeline:
        first = max(0, min(int(interval.start_s / length_s), n_stretches - 1))
        for k in range(first, n_stretches):
            end_s = float("inf") if k == n_stretches - 1 else (k + 1) * length_s
            # The first part that is touched takes what comes before it as well: rounding may put a start there.
            start_s = interval.start_s if k == first else k * length_s
            if interval.end_s <= start_s:
                break
            seconds[k] += min(end_s, interval.end_s) - max(start_s, interval.start_s)
            if interval.end_s <= end_s:
                break
    return seconds


def _stretches(timelines: Sequence[Timeline]) -> Iterator[tuple[Interval, tuple[int, ...]]]:
    """The film cut wherever somebody comes or goes: each stretch with those seen all through it, nobody left out."""
    # At one moment those who go stand before those who come: intervals are half-open.
    changes = sorted(
        (t_s, comes, who)
        for who, timeline in enumerate(timelines)
        for interval in timeline
        for t_s, comes in ((interval.start_s, True), (interval.end_s, False))
    )
    present: set[int] = set()
    since_s = 0.0
    for t_s, comes, who in changes:
        if present and t_s > since_s:
            yield Interval(since_s, t_s), tuple(sorted(present))
        since_s = t_s
        if comes:
            present.add(who)
        else:
            present.discard(who)
