"""Intervals of time in seconds, half-open: the algebra behind every figure of screen time.

An `Interval` is ``[start_s, end_s)``; a `Timeline` is a sorted tuple of disjoint, non-touching intervals and is
closed under union (`|`), intersection (`&`) and difference (`-`). All values are immutable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Half-open stretch of time ``[start_s, end_s)`` in seconds from the start of the film.

    Raises ValueError if the end lies before the start or either is not a finite number. An interval of no length
    is allowed and empty.

    >>> Interval(1, 3).duration_s
    2
    """

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not (float("-inf") < self.start_s <= self.end_s < float("inf")):
            raise ValueError(f"an interval needs finite start <= end, got [{self.start_s}, {self.end_s})")

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    def overlap_s(self, other: Interval) -> float:
        """Seconds the two have in common, 0.0 where they only touch.

        >>> Interval(0, 2).overlap_s(Interval(1, 5))
        1
        """
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def __contains__(self, t_s: float) -> bool:
        return self.start_s <= t_s < self.end_s


class Timeline:
    """A set of moments, kept as sorted, disjoint, non-touching intervals.

    The constructor takes intervals in any order, overlapping or not; empty ones vanish.

    >>> Timeline([Interval(2, 3), Interval(0, 1), Interval(1, 2)])
    Timeline([0, 3))
    """

    __slots__ = ("_intervals",)

    def __init__(self, intervals: Iterable[Interval] = ()) -> None:
        self._intervals = tuple(_merged(intervals, 0.0))

    def __iter__(self) -> Iterator[Interval]:
        return iter(self._intervals)

    def __len__(self) -> int:
        return len(self._intervals)

    def __bool__(self) -> bool:
        return bool(self._intervals)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeline) and self._intervals == other._intervals

    def __hash__(self) -> int:
        return hash(self._intervals)

    def __repr__(self) -> str:
        return "Timeline(" + ", ".join(f"[{i.start_s}, {i.end_s})" for i in self._intervals) + ")"

    def __contains__(self, t_s: float) -> bool:
        return any(t_s in interval for interval in self._intervals)

    @property
    def duration_s(self) -> float:
        """Sum of the intervals' lengths, 0.0 for an empty timeline."""
        return float(sum(i.duration_s for i in self._intervals))

    @property
    def start_s(self) -> float:
        """First moment. Raises IndexError on an empty timeline."""
        return self._intervals[0].start_s

    @property
    def end_s(self) -> float:
        """End of the last interval. Raises IndexError on an empty timeline."""
        return self._intervals[-1].end_s

    def __or__(self, other: Timeline) -> Timeline:
        return Timeline((*self, *other))

    def __and__(self, other: Timeline) -> Timeline:
        """Moments in both, by one sweep over the two sorted lists.

        >>> Timeline([Interval(0, 5)]) & Timeline([Interval(1, 2), Interval(4, 9)])
        Timeline([1, 2), [4, 5))
        """
        mine, theirs = self._intervals, other._intervals
        common, i, j = [], 0, 0
        while i < len(mine) and j < len(theirs):
            start, end = max(mine[i].start_s, theirs[j].start_s), min(mine[i].end_s, theirs[j].end_s)
            if start < end:
                common.append(Interval(start, end))
            if mine[i].end_s < theirs[j].end_s:
                i += 1
            else:
                j += 1
        return Timeline(common)

    def __sub__(self, other: Timeline) -> Timeline:
        """Moments here and not there.

        >>> Timeline([Interval(0, 5)]) - Timeline([Interval(1, 2)])
        Timeline([0, 1), [2, 5))
        """
        if not self:
            return self
        holes, cursor = [], self.start_s
        for interval in other:
            if interval.start_s > cursor:
                holes.append(Interval(cursor, interval.start_s))
            cursor = max(cursor, interval.end_s)
        if cursor < self.end_s:
            holes.append(Interval(cursor, self.end_s))
        return self & Timeline(holes)

    def merge_gaps(self, longest_gap_s: float) -> Timeline:
        """The same moments with every gap of at most `longest_gap_s` seconds filled.

        >>> Timeline([Interval(0, 1), Interval(1.25, 2)]).merge_gaps(0.5)
        Timeline([0, 2))
        """
        closed = Timeline()
        closed._intervals = tuple(_merged(self._intervals, longest_gap_s))
        return closed


def _merged(intervals: Iterable[Interval], longest_gap_s: float) -> Iterator[Interval]:
    pending: Interval | None = None
    for interval in sorted(i for i in intervals if i.duration_s > 0):
        if pending is None:
            pending = interval
        elif interval.start_s - pending.end_s <= longest_gap_s:
            pending = Interval(pending.start_s, max(pending.end_s, interval.end_s))
        else:
            yield pending
            pending = interval
    if pending is not None:
        yield pending
