"""Seconds at the least and at the most: worked out by hand, and never on the wrong side of the best figure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.identity.bounds import POSSIBLE, SURE, seconds_bounds
from engine.timeline import Interval, Timeline
from engine.types import FaceSamples, Track

STEP_S = 0.125
SHOTS = (Interval(0, 10), Interval(10, 20))


def make_track(start_s, end_s, *seen_s):
    """Visible during [start_s, end_s), seen at these moments or throughout."""
    t_s = np.array(seen_s or np.arange(start_s + STEP_S / 2, end_s - STEP_S / 4, STEP_S))
    n = len(t_s)
    none = FaceSamples(np.empty(0), np.empty((0, 4)), np.empty(0), np.empty((0, 128)), "made-up")
    return Track(1, start_s, end_s, t_s, np.zeros((n, 4)), np.ones(n), none)


def bounds(own, others=()):
    found = seconds_bounds(own, others, SHOTS, STEP_S)
    return found.low_s, found.high_s


def test_a_face_seen_throughout_a_shot_is_certain():
    assert bounds([(make_track(0, 10), 0.95)]) == pytest.approx((10, 10))


def test_an_open_end_is_a_guess_of_half_a_step_both_ways():
    low, high = bounds([(make_track(2, 10), 0.95)])
    assert (low, high) == pytest.approx((8 - STEP_S / 2, 8 + STEP_S / 2))


def test_nothing_lasts_beyond_its_shot():
    assert bounds([(make_track(2, 9.99, 2.1, 5, 9.9), 0.95)])[1] == pytest.approx(8 + STEP_S / 2)


def test_a_long_gap_is_not_counted_at_the_least_and_a_blink_is():
    seen = (*np.arange(0, 3.01, 0.1), *np.arange(3.4, 5.01, 0.1), *np.arange(7, 9.95, 0.1))
    low, high = bounds([(make_track(0, 10, *seen), 0.95)])
    assert (low, high) == pytest.approx((5 + 3, 10), abs=0.01)


def test_doubtful_tracks_count_at_the_most_only():
    sure, doubtful = make_track(0, 10), make_track(10, 20)
    assert bounds([(sure, 0.95), (doubtful, SURE - 0.01)]) == pytest.approx((10, 20))
    assert bounds([(sure, 0.95)], [(doubtful, POSSIBLE)]) == pytest.approx((10, 20))
    assert bounds([(sure, 0.95)], [(doubtful, POSSIBLE - 0.01)]) == pytest.approx((10, 10))


tracks = st.builds(
    lambda shot, start, length, seed: (shot, start, length, seed),
    st.integers(0, 1),
    st.floats(0, 9),
    st.floats(0.2, 9),
    st.integers(0, 2**32 - 1),
)


@settings(deadline=None)
@given(st.lists(st.tuples(tracks, st.floats(0, 1)), min_size=1, max_size=6), st.integers(0, 6))
def test_the_best_figure_lies_between_them(described, n_own):
    made = []
    for (shot, start, length, seed), chance in described:
        start_s = 10 * shot + start
        end_s = min(10 * shot + 10, start_s + length)
        if end_s - start_s > 0.1:
            random = np.random.default_rng(seed)
            made.append((make_track(start_s, end_s, *np.sort(random.uniform(start_s, end_s, 8))), chance))
    own, others = made[:n_own], made[n_own:]
    low, high = bounds(own, others)
    best = Timeline(track.interval for track, _ in own).duration_s
    assert 0 <= low <= best + 1e-9 and best <= high + 1e-9
