"""Which moments are hard to see: tiny faces and poor views, and nothing beyond the track."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.identity.visibility import Sights
from engine.identity.visibility import hard_moments as hard_sights
from engine.timeline import Interval, Timeline
from engine.types import FaceSamples, Track


def make_track(heights_px, faces, start_s=0.0):
    """One sight a second from half a second on; `faces` are (moment, quality)."""
    n = len(heights_px)
    t_s = start_s + 0.5 + np.arange(n)
    boxes = np.array([[0.0, 0.0, height, height] for height in heights_px])
    times, quality = np.array(faces, np.float64).reshape(-1, 2).T
    samples = FaceSamples(times, np.zeros((len(times), 4)), quality, np.zeros((len(times), 128)), "made-up")
    return Track(1, start_s, start_s + n, t_s, boxes, np.ones(n), samples)


def hard_moments(tracks):
    return hard_sights(map(Sights.of, tracks))


def test_large_good_views_are_clear():
    assert hard_moments([make_track([100] * 4, [(1.5, 0.8)])]) == Timeline()


def test_a_face_is_hard_while_it_is_tiny():
    # 40 px of box are 35 px of face.
    assert hard_moments([make_track([100, 40, 40, 42, 100], [(0.5, 0.8)])]) == Timeline([Interval(1, 3)])


def test_a_poor_view_makes_the_moments_around_it_hard():
    track = make_track([100] * 6, [(1.5, 0.8), (4.5, 0.05)])
    assert hard_moments([track]) == Timeline([Interval(3, 6)])


def test_without_sampled_faces_the_size_alone_decides():
    assert hard_moments([make_track([100, 30], [])]) == Timeline([Interval(1, 2)])


def test_several_tracks_are_joined_and_none_is_empty():
    tracks = [make_track([30], [], start_s=s) for s in (0.0, 1.0, 5.0)]
    assert hard_moments(tracks) == Timeline([Interval(0, 2), Interval(5, 6)])
    assert hard_moments([]) == Timeline()


@settings(deadline=None)
@given(
    st.lists(st.floats(5, 200), min_size=1, max_size=20),
    st.lists(st.tuples(st.floats(0, 20), st.floats(0, 1)), max_size=8),
)
def test_nothing_lies_outside_the_track(heights, faces):
    track = make_track(heights, sorted(faces))
    hard = hard_moments([track])
    assert (hard - Timeline([track.interval])).duration_s == 0
    if all(height * 0.88 < 36 for height in heights):
        assert hard.duration_s == pytest.approx(track.interval.duration_s)
