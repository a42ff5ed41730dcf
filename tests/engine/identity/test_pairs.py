"""What tracks of a film say to each other: symmetric, nothing between far moments, and only what was seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.identity.likeness import SCENE_S, TOGETHER_S, dress_ratios, dressed_alike, visible_together
from engine.identity.pairs import film_pairs
from engine.types import FaceSamples, Track


def make_track(start_s, end_s, place=0.0, clothes=None):
    vectors = np.zeros((2, 128))
    vectors[:, 0] = place
    faces = FaceSamples(np.array([start_s, end_s]), np.zeros((2, 4)), np.ones(2), vectors, "made-up")
    worn = np.empty(0) if clothes is None else np.eye(4)[clothes]
    return Track(1, start_s, end_s, np.array([start_s]), np.zeros((1, 4)), np.ones(1), faces, worn)


def table(matrix):
    return matrix.toarray()


@pytest.mark.parametrize(("overlap_s", "together"), [(0.0, False), (0.125, False), (0.25, True), (2.0, True)])
def test_a_blurred_hand_over_is_not_together(overlap_s, together):
    a, b = make_track(0, 2), make_track(2 - overlap_s, 6 - overlap_s)
    assert visible_together(a, b) == visible_together(b, a) == together == (overlap_s > TOGETHER_S)
    assert bool(table(film_pairs([a, b]).together).any()) == together


def test_equal_clothes_speak_for_other_clothes_against_and_unknown_ones_not_at_all():
    tracks = [make_track(20 * i, 20 * i + 2, place=i, clothes=worn) for i, worn in enumerate((0, 0, 1, None))]
    pairs = film_pairs(tracks)
    ratio = table(pairs.told)[0, 1:] / table(pairs.near)[0, 1:]
    assert ratio[0] > 4 and ratio[1] < 0.5 and ratio[2] == pytest.approx(1)


def test_only_likeness_of_faces_speaks():
    alike, other = make_track(20, 22, 0.32), make_track(40, 42, 0.9)
    pairs = film_pairs([make_track(0, 2), alike, other])
    ratio = table(pairs.told)[0, 1:] / table(pairs.near)[0, 1:]
    assert ratio == pytest.approx([np.exp(2.0), 1.0])


def test_nothing_is_said_across_far_moments_or_to_whom_is_seen_together():
    pairs = film_pairs([make_track(0, 2), make_track(1, 3), make_track(SCENE_S, SCENE_S + 2), make_track(5000, 5002)])
    near = table(pairs.near)
    assert near[0, 1] == 0 and near[0, 3] == 0 and 0.36 < near[0, 2] < 0.38
    assert table(pairs.together)[0].tolist() == [0, 1, 0, 0]


def test_the_share_of_people_dressed_alike_is_learnt_from_those_seen_together():
    def crowd(clothes):
        return [make_track(10 * (i // 2), 10 * (i // 2) + 5, clothes=worn) for i, worn in enumerate(clothes)]

    assert dressed_alike([]) == pytest.approx(0.1)
    assert dressed_alike(crowd([0] * 80)) > 0.8
    assert dressed_alike(crowd([0, 1] * 40)) < 0.03
    assert dressed_alike(crowd([None] * 80)) == pytest.approx(0.1)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.99))
def test_nearer_clothes_never_speak_less_for_one_person(a, b, alike):
    near, far = dress_ratios(np.array(sorted((a, b))), alike)
    assert near >= far - 1e-9
    assert dress_ratios(np.array([np.nan]), alike) == 0


@pytest.fixture(scope="module")
def small_blocks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.identity.pairs._BLOCK", 5)
        yield


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_it_is_symmetric_without_a_diagonal(small_blocks, seed, n):
    random = np.random.default_rng(seed)
    starts = random.uniform(0, 50 * n, n)
    tracks = [make_track(s, s + random.uniform(0.1, 9), random.normal(), random.integers(4)) for s in starts]
    pairs = film_pairs(tracks)
    for matrix in (pairs.near, pairs.told, pairs.together):
        whole = table(matrix)
        np.testing.assert_allclose(whole, whole.T, rtol=1e-4)
        assert not whole.diagonal().any()
    assert table(pairs.near).max() <= 1
