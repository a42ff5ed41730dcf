"""Who is on screen with whom, held against the algebra of timelines, which says the same more slowly."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import copresence
from engine.copresence import crowd, seconds_in_stretches, seconds_together
from engine.timeline import Interval, Timeline

# Quarters of a second: sums of them are exact, so equality can be asked for.
moments = st.integers(0, 160).map(lambda n: n / 4)
timelines = st.lists(st.tuples(moments, moments), max_size=8).map(
    lambda pairs: Timeline(Interval(min(pair), max(pair)) for pair in pairs)
)
casts = st.lists(timelines, max_size=5)


def test_its_examples():
    assert doctest.testmod(copresence).failed == 0


def test_nobody():
    assert seconds_together([]) == []
    assert crowd([]) == copresence.Crowd({}, 0, None)
    assert crowd([Timeline()]) == copresence.Crowd({}, 0, None)
    assert seconds_in_stretches(Timeline(), 10, 2) == [0, 0]
    assert seconds_in_stretches(Timeline([Interval(0, 1)]), 0, 2) == [0, 0]


def test_who_goes_when_another_comes_is_not_with_them():
    assert seconds_together([Timeline([Interval(0, 2)]), Timeline([Interval(2, 4)])]) == [[2, 0], [0, 2]]


@given(casts)
def test_seconds_together_are_those_of_the_intersections(cast):
    table = seconds_together(cast)
    assert table == [[(a & b).duration_s for b in cast] for a in cast]


@given(casts)
def test_a_crowd_counts_every_second_of_everybody_once(cast):
    found = crowd(cast)
    assert sum(n * seconds for n, seconds in found.seconds_of.items()) == sum(each.duration_s for each in cast)
    anybody = Timeline(interval for each in cast for interval in each)
    assert sum(found.seconds_of.values()) == anybody.duration_s
    if found.fullest:
        middle = (found.fullest.start_s + found.fullest.end_s) / 2
        assert sum(middle in each for each in cast) == found.most


@given(timelines, st.integers(1, 30))
def test_stretches_hold_every_second_where_it_belongs(timeline, n):
    seconds = seconds_in_stretches(timeline, 40.0, n)
    assert sum(seconds) == pytest.approx(timeline.duration_s)
    for k, found in enumerate(seconds):
        part = Timeline([Interval(k * 40 / n, (k + 1) * 40 / n)])
        assert found == pytest.approx((timeline & part).duration_s, abs=1e-9)


def test_moments_after_the_end_count_for_the_last_stretch():
    assert seconds_in_stretches(Timeline([Interval(9, 12), Interval(13, 14)]), 10.0, 2) == [0, 4]
