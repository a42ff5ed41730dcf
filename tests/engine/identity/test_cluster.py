"""Strangers' tracks in groups: every track in one, never two that are visible together, and average linkage."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import average, fcluster
from scipy.spatial.distance import cdist, squareform

from engine.errors import ModelError
from engine.identity.cluster import POOR_VIEWS, cluster_tracks, stranger_distances
from engine.identity.evidence import CALIBRATED_FOR, rise, track_quality
from engine.identity.likeness import visible_together
from engine.types import FaceSamples, Track

quick = settings(deadline=None, max_examples=80)
limits = st.floats(0.1, 1.5)


def at(*places):
    """Vectors (n, 128) on a line: their Euclidean distances are the differences of `places`."""
    vectors = np.zeros((len(places), 128))
    vectors[:, 0] = places
    return vectors


def make_track(id, start_s, end_s, vectors, quality=None, clothes=None):
    n = len(vectors)
    quality = np.ones(n) if quality is None else quality
    faces = FaceSamples(np.linspace(start_s, end_s, n), np.zeros((n, 4)), quality, vectors, CALIBRATED_FOR)
    worn = np.empty(0) if clothes is None else np.eye(4)[clothes]
    return Track(id, start_s, end_s, np.array([start_s]), np.zeros((1, 4)), np.ones(1), faces, worn)


def in_turn(*places):
    """A track for each place, one after the other, with ids from 1."""
    return [make_track(i, 10 * i, 10 * i + 5, at(place)) for i, place in enumerate(places, start=1)]


def random_tracks(seed, n_tracks, apart):
    """Tracks of a few people; one after the other where `apart`, else often at once."""
    random = np.random.default_rng(seed)
    centres = random.normal(0, 0.05, (3, 128))
    tracks = []
    for i in range(n_tracks):
        start_s = 10.0 * i if apart else random.uniform(0, 10)
        n = random.integers(1, 4)
        vectors = centres[random.integers(3)] + random.normal(0, 0.03, (n, 128))
        tracks.append(make_track(50 + i, start_s, start_s + random.uniform(0.1, 6), vectors, random.uniform(0, 1, n)))
    return tracks, random


def as_sets(groups):
    return {frozenset(group) for group in groups}


def test_no_tracks_no_groups():
    assert cluster_tracks([], 0.5) == []


def test_one_track_is_one_group():
    assert cluster_tracks(in_turn(0.3), 0.5) == [[1]]


def test_alike_tracks_are_one_person_and_unlike_ones_are_not():
    assert cluster_tracks(in_turn(0.0, 2.0, 0.1, 2.1, 0.2), 0.5) == [[1, 3, 5], [2, 4]]


def test_groups_and_their_tracks_come_in_the_order_of_time():
    tracks = in_turn(0.0, 2.0, 0.1, 2.1, 5.0)
    assert cluster_tracks(tracks[::-1], 0.5) == [[1, 3], [2, 4], [5]]


@pytest.mark.parametrize(("limit", "groups"), [(0.49, [[1], [2]]), (0.51, [[1, 2]])])
def test_the_limit(limit, groups):
    assert cluster_tracks(in_turn(0.0, 0.5), limit) == groups


def test_groups_are_as_far_apart_as_their_tracks_on_average():
    # 0.0 and 0.2 join first; the third is 0.5 and 0.3 from them, 0.4 on average.
    assert cluster_tracks(in_turn(0.0, 0.2, 0.5), 0.41) == [[1, 2, 3]]
    assert cluster_tracks(in_turn(0.0, 0.2, 0.5), 0.39) == [[1, 2], [3]]


def test_tracks_visible_together_stay_apart_and_the_nearer_one_is_joined():
    tracks = [make_track(1, 0, 4, at(0.0)), make_track(2, 2, 6, at(0.0)), make_track(3, 8, 9, at(0.01))]
    assert len(cluster_tracks(tracks[:2], 1.5)) == 2
    groups = cluster_tracks([*tracks, make_track(4, 20, 21, at(0.02))], 1.5)
    assert as_sets(groups) in ({frozenset({1, 3, 4}), frozenset({2})}, {frozenset({2, 3, 4}), frozenset({1})})


def test_a_group_cannot_take_who_was_visible_with_any_of_it():
    tracks = [make_track(1, 0, 4, at(0.0)), make_track(2, 10, 14, at(0.1)), make_track(3, 11, 12, at(0.3))]
    assert cluster_tracks(tracks, 1.5) == [[1, 2], [3]]


@pytest.mark.parametrize(("quality", "groups"), [((1.0, 0.0), [[1, 2]]), ((0.0, 1.0), [[1], [2]])])
def test_a_good_view_counts_for_more(quality, groups):
    two_views = make_track(2, 20, 25, at(0.1, 1.2), np.array(quality))
    assert cluster_tracks([*in_turn(0.0), two_views], 0.5) == groups


def test_views_of_no_quality_at_all_still_count():
    blurred = [make_track(i, 10 * i, 10 * i + 5, at(place), np.zeros(1)) for i, place in enumerate((0.0, 0.1, 3.0))]
    assert cluster_tracks(blurred, 0.5) == [[0, 1], [2]]


def test_poor_views_of_one_person_may_lie_farther_apart():
    def two(quality):
        return [make_track(i, 10 * i, 10 * i + 5, at(0.53 * i), np.full(1, quality)) for i in (1, 2)]

    assert cluster_tracks(two(1.0), 0.5) == [[1], [2]]
    assert cluster_tracks(two(0.05), 0.5) == [[1, 2]]


@pytest.mark.parametrize(
    ("clothes", "gap_s", "groups"),
    [
        ((None, None), 5, [[1], [2]]),
        ((0, 0), 5, [[1, 2]]),
        ((0, 1), 5, [[1], [2]]),
        ((0, None), 5, [[1], [2]]),
        ((0, 0), 2000, [[1], [2]]),
    ],
)
def test_equal_clothes_at_about_one_time_bring_tracks_together(clothes, gap_s, groups):
    tracks = [make_track(i + 1, gap_s * i, gap_s * i + 2, at(0.6 * i), clothes=worn) for i, worn in enumerate(clothes)]
    assert cluster_tracks(tracks, 0.5) == groups


def test_where_people_seen_together_dress_alike_clothes_say_little():
    uniforms = [
        make_track(10 + i, 100 + 3 * (i // 2), 103 + 3 * (i // 2), at(9.0 + 5 * i), clothes=0) for i in range(40)
    ]
    two = [make_track(i, 10 * i, 10 * i + 5, at(0.6 * i), clothes=0) for i in (1, 2)]
    assert [1, 2] in cluster_tracks(two, 0.5)
    assert [1, 2] not in cluster_tracks([*two, *uniforms], 0.5)


@quick
@given(st.integers(0, 2**32 - 1), st.integers(0, 14), limits)
def test_groups_part_all_tracks_and_never_join_overlapping_ones(seed, n_tracks, limit):
    tracks, _ = random_tracks(seed, n_tracks, apart=False)
    by_id = {track.id: track for track in tracks}
    groups = cluster_tracks(tracks, limit)
    assert sorted(i for group in groups for i in group) == sorted(by_id)
    for group in groups:
        assert not any(visible_together(by_id[a], by_id[b]) for a, b in combinations(group, 2))
        assert [by_id[i].start_s for i in group] == sorted(by_id[i].start_s for i in group)
    firsts = [by_id[group[0]].start_s for group in groups]
    assert firsts == sorted(firsts)


@quick
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), limits, st.booleans())
def test_the_order_of_tracks_does_not_matter(seed, n_tracks, limit, apart):
    tracks, random = random_tracks(seed, n_tracks, apart)
    shuffled = [tracks[i] for i in random.permutation(n_tracks)]
    assert cluster_tracks(shuffled, limit) == cluster_tracks(tracks, limit)


@quick
@given(st.integers(0, 2**32 - 1), st.integers(2, 12), limits)
def test_without_overlaps_it_is_average_linkage(seed, n_tracks, limit):
    tracks, _ = random_tracks(seed, n_tracks, apart=True)
    distances = np.zeros((n_tracks, n_tracks))
    for i, j in combinations(range(n_tracks), 2):
        a, b = tracks[i].faces, tracks[j].faces
        weights = np.outer(a.quality + 1e-6, b.quality + 1e-6)
        poor = POOR_VIEWS * rise(track_quality([tracks[i], tracks[j]])).mean()
        distances[i, j] = distances[j, i] = max(0.0, np.average(cdist(a.vectors, b.vectors), weights=weights) - poor)
    labels = fcluster(average(squareform(distances)), limit, criterion="distance")
    expected = {frozenset(t.id for t, of in zip(tracks, labels, strict=True) if of == label) for label in set(labels)}
    assert as_sets(cluster_tracks(tracks, limit)) == expected


def test_it_does_not_matter_how_many_tracks_are_compared_at_once(monkeypatch):
    tracks, _ = random_tracks(5, 30, apart=False)
    whole = stranger_distances(tracks)
    monkeypatch.setattr("engine.identity.cluster.BLOCK", 7)
    np.testing.assert_allclose(stranger_distances(tracks), whole, atol=1e-6)
    assert np.array_equal(whole, whole.T)


def test_faces_of_a_network_whose_distances_are_not_known_are_refused():
    tracks = [replace(track, faces=replace(track.faces, model_id="another")) for track in in_turn(0.0, 0.1)]
    with pytest.raises(ModelError, match="not for another; analyse the film again"):
        cluster_tracks(tracks, 0.5)
