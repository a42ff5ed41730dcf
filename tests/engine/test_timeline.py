"""The algebra of time, against a model that counts moments one by one."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.names
import engine.progress
import engine.timeline
from engine.names import name_key
from engine.timeline import Interval, Timeline

GRID = 16  # moments 0 .. 15; [a, b) holds the moments a .. b - 1
quick = settings(deadline=None, max_examples=150)

moments = st.integers(0, GRID)
pairs = st.lists(st.tuples(moments, moments).map(sorted), max_size=6)
timelines = pairs.map(lambda found: Timeline(Interval(a, b) for a, b in found))
seconds = st.floats(0, 1e5, allow_nan=False)
float_timelines = st.lists(st.tuples(seconds, seconds).map(sorted), max_size=6).map(
    lambda found: Timeline(Interval(a, b) for a, b in found)
)


def moments_of(timeline):
    return {m for i in timeline for m in range(i.start_s, i.end_s)}


@pytest.mark.parametrize("module", [engine.timeline, engine.names, engine.progress])
def test_the_examples_in_the_docstrings_are_true(module):
    tried = doctest.testmod(module)
    assert tried.attempted > 0 and tried.failed == 0


@quick
@given(pairs)
def test_the_constructor_keeps_the_moments_whatever_the_order(found):
    timeline = Timeline(Interval(a, b) for a, b in found)
    assert moments_of(timeline) == {m for a, b in found for m in range(a, b)}
    assert timeline == Timeline(Interval(a, b) for a, b in reversed(found))
    assert hash(timeline) == hash(Timeline(Interval(a, b) for a, b in reversed(found)))


@quick
@given(timelines, timelines)
def test_set_algebra_agrees_with_sets(a, b):
    assert moments_of(a | b) == moments_of(a) | moments_of(b)
    assert moments_of(a & b) == moments_of(a) & moments_of(b)
    assert moments_of(a - b) == moments_of(a) - moments_of(b)
    assert a.duration_s == len(moments_of(a))


@quick
@given(timelines, timelines, timelines)
def test_union_and_intersection_are_commutative_associative_and_idempotent(a, b, c):
    assert a | b == b | a and a & b == b & a
    assert (a | b) | c == a | (b | c) and (a & b) & c == a & (b & c)
    assert a | a == a and a & a == a
    assert a & (b | c) == (a & b) | (a & c)


@quick
@given(float_timelines, float_timelines)
def test_durations_add_up(a, b):
    assert (a | b).duration_s + (a & b).duration_s == pytest.approx(a.duration_s + b.duration_s)
    assert (a - b).duration_s + (a & b).duration_s == pytest.approx(a.duration_s)


@quick
@given(float_timelines, float_timelines)
def test_a_difference_is_disjoint_from_what_was_taken_away(a, b):
    assert not (a - b) & b
    assert (a - b) | (a & b) == a
    assert not a - a


@quick
@given(float_timelines, float_timelines, st.floats(0, 1e4))
def test_intervals_are_sorted_disjoint_apart_and_not_empty(a, b, gap_s):
    for timeline in (a, a | b, a & b, a - b, a.merge_gaps(gap_s)):
        kept = list(timeline)
        assert all(i.duration_s > 0 for i in kept)
        assert all(i.end_s < j.start_s for i, j in zip(kept, kept[1:], strict=False))
        assert len(timeline) == len(kept) and bool(timeline) == bool(kept)


@quick
@given(timelines, st.integers(0, GRID), st.integers(0, GRID))
def test_merging_gaps_covers_the_original_and_grows_with_the_gap(timeline, gap, more):
    merged, wider = timeline.merge_gaps(gap), timeline.merge_gaps(gap + more)
    assert merged & timeline == timeline
    assert wider & merged == merged
    gaps = [j.start_s - i.end_s for i, j in zip(merged, list(merged)[1:], strict=False)]
    assert all(g > gap for g in gaps)
    assert moments_of(merged - timeline) == {
        m
        for i, j in zip(timeline, list(timeline)[1:], strict=False)
        if j.start_s - i.end_s <= gap
        for m in range(i.end_s, j.start_s)
    }
    assert timeline.merge_gaps(0) == timeline


@quick
@given(timelines)
def test_membership_is_half_open(timeline):
    assert {m for m in range(-1, GRID + 2) if m in timeline} == moments_of(timeline)
    for interval in timeline:
        assert interval.start_s in timeline and interval.start_s in interval
        assert interval.end_s not in timeline and interval.end_s not in interval
        assert interval.end_s - 0.5 in timeline


@quick
@given(timelines, timelines)
def test_operators_leave_their_operands_alone(a, b):
    before = list(a), list(b)
    _ = a | b, a & b, a - b, a.merge_gaps(3)
    assert (list(a), list(b)) == before


def test_nothing_is_a_timeline():
    nothing, something = Timeline(), Timeline([Interval(1.0, 2.0)])
    assert not nothing and len(nothing) == 0 and list(nothing) == []
    assert nothing.duration_s == 0.0 and isinstance(nothing.duration_s, float)
    assert nothing | something == something and something | nothing == something
    assert nothing & something == nothing and something & nothing == nothing
    assert nothing - something == nothing and something - nothing == something
    assert nothing.merge_gaps(10) == nothing and 0 not in nothing
    assert repr(nothing) == "Timeline()"
    with pytest.raises(IndexError):
        _ = nothing.start_s
    with pytest.raises(IndexError):
        _ = nothing.end_s


def test_intervals_without_length_vanish():
    empty = Interval(3.0, 3.0)
    assert empty.duration_s == 0 and 3.0 not in empty
    assert Timeline([empty]) == Timeline()
    assert Timeline([Interval(1, 2), Interval(2, 2), Interval(5, 5)]) == Timeline([Interval(1, 2)])


def test_ends_and_the_words_for_a_timeline():
    timeline = Timeline([Interval(4, 5), Interval(1, 2)])
    assert (timeline.start_s, timeline.end_s, timeline.duration_s) == (1, 5, 2)
    assert repr(timeline) == "Timeline([1, 2), [4, 5))"
    assert timeline != "Timeline([1, 2), [4, 5))"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (2.0, 1.0),
        (float("nan"), 1.0),
        (0.0, float("nan")),
        (0.0, float("inf")),
        (float("-inf"), 0.0),
        (float("inf"), float("inf")),
    ],
)
def test_an_interval_needs_a_finite_start_before_its_end(start, end):
    with pytest.raises(ValueError, match="finite start <= end"):
        Interval(start, end)


@pytest.mark.parametrize(
    ("a", "b", "overlap"), [((0, 2), (1, 5), 1), ((0, 2), (2, 5), 0), ((0, 2), (3, 5), 0), ((0, 9), (3, 5), 2)]
)
def test_overlap_in_seconds(a, b, overlap):
    assert Interval(*a).overlap_s(Interval(*b)) == overlap == Interval(*b).overlap_s(Interval(*a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Anna_Lee", "anna lee"),
        ("Zoë", "ZOE\u0308"),
        ("STRASSE", "straße"),
        ("\uff21nna", "Anna"),  # full-width A
        ("  Anna\u00a0 Lee_", "anna lee"),
    ],
)
def test_one_name_in_two_spellings(a, b):
    assert name_key(a) == name_key(b) == name_key(name_key(a))


@quick
@given(st.text(max_size=12))
def test_a_key_is_its_own_key(name):
    assert name_key(name_key(name)) == name_key(name) == name_key(name.replace(" ", "_"))


def test_different_names_stay_different():
    assert len({name_key(name) for name in ("Anna Lee", "Anna", "AnnaLee", "Anna Leé", "Anna-Lee")}) == 5
