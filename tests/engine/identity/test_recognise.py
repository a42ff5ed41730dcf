"""Who is named, who stays a stranger, and who can never share a name; on made-up vectors whose distances are known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.identity.cluster import cluster_tracks
from engine.identity.recognise import (
    NEAREST_PICTURES,
    TOGETHER_S,
    face_candidates,
    face_distances,
    person_distances,
    recognise,
    visible_together,
)
from engine.types import FaceSamples, Gallery, Track

MODEL = "made-up"


def at(*places):
    """Vectors (n, 128) on a line: their Euclidean distances are the differences of `places`."""
    vectors = np.zeros((len(places), 128))
    vectors[:, 0] = places
    return vectors


def make_track(id, start_s, end_s, vectors, quality=None, model_id=MODEL):
    n = len(vectors)
    faces = FaceSamples(
        np.linspace(start_s, end_s, n),
        np.zeros((n, 4)),
        np.ones(n) if quality is None else quality,
        vectors,
        model_id,
    )
    return Track(id, start_s, end_s, np.array([start_s]), np.zeros((1, 4)), np.ones(1), faces)


def make_gallery(people, model_id=MODEL):
    """{name: vectors} -> Gallery."""
    names = tuple(name for name, vectors in people.items() for _ in vectors)
    return Gallery(
        "Stars",
        model_id,
        names,
        tuple(f"{i}.jpg" for i in range(len(names))),
        tuple(f"{i:064x}" for i in range(len(names))),
        np.concatenate(list(people.values())) if people else np.empty((0, 128)),
    )


def alone(tracks):
    return [[track] for track in tracks]


def names_of(named):
    return {track_id: recognition.name for track_id, recognition in named.items()}


STARS = make_gallery({"Ana": at(0.0), "Bo": at(1.0), "Cleo": at(1.4)})


def test_each_face_has_its_own_candidates_nearest_first():
    gallery = make_gallery({"Dora": at(9.0), "Cleo": at(1.4), "Bo": at(1.0, 1.2, 5.0, 7.0), "Ana": at(0.0)})
    assert gallery.people == ("Ana", "Bo", "Cleo", "Dora")
    faces = make_track(7, 0, 2, at(0.3, 1.3)).faces
    first, second = face_candidates(faces, gallery)
    assert [name for name, _ in first] == ["Ana", "Cleo", "Bo"]
    assert [distance for _, distance in first] == pytest.approx([0.3, 1.1, (0.7 + 0.9 + 4.7) / 3], abs=1e-6)
    assert [name for name, _ in second] == ["Cleo", "Ana", "Bo"]
    table = face_distances(faces, gallery)
    assert table.shape == (2, 4) and dict(second)["Ana"] == table[1, 0]
    assert face_candidates(make_track(1, 0, 1, at()).faces, gallery) == ()
    assert face_candidates(faces, make_gallery({"Ana": at(0.0)}))[0] == (("Ana", pytest.approx(0.3, abs=1e-6)),)


def test_candidates_of_another_network_are_refused():
    with pytest.raises(ModelError, match="build it again"):
        face_candidates(make_track(7, 0, 2, at(0.3)).faces, make_gallery({"Ana": at(0.0)}, model_id="other"))


def test_the_nearest_person_is_named_with_distance_and_margin():
    named = recognise(alone([make_track(7, 0, 2, at(0.3))]), STARS, 0.5)
    assert names_of(named) == {7: "Ana"}
    assert named[7].distance == pytest.approx(0.3)
    assert named[7].margin == pytest.approx(0.7 - 0.3)


@pytest.mark.parametrize(("place", "name"), [(-0.5, "Ana"), (-0.51, None), (0.9, "Bo"), (5.0, None)])
def test_farther_than_the_limit_is_a_stranger(place, name):
    named = recognise(alone([make_track(1, 0, 2, at(place))]), STARS, 0.5)
    assert names_of(named) == ({1: name} if name else {})


def test_the_second_nearest_is_taken_where_the_nearest_stands_in_the_same_picture():
    nearest, other = make_track(1, 0, 4, at(1.01)), make_track(2, 2, 6, at(1.1))
    named = recognise(alone([other, nearest]), STARS, 0.5)
    assert names_of(named) == {1: "Bo", 2: "Cleo"}
    assert named[2].distance == pytest.approx(0.3)
    assert named[2].margin == pytest.approx(0.1 - 0.3)  # somebody else is nearer


def test_without_a_second_nearest_in_reach_it_stays_a_stranger():
    assert names_of(recognise(alone([make_track(1, 0, 4, at(0.0)), make_track(2, 2, 6, at(0.1))]), STARS, 0.5)) == {
        1: "Ana"
    }


def test_one_person_may_come_again_later():
    tracks = [make_track(1, 0, 2, at(0.0)), make_track(2, 2, 4, at(0.1)), make_track(3, 9, 9.5, at(0.2))]
    assert names_of(recognise(alone(tracks), STARS, 0.5)) == {1: "Ana", 2: "Ana", 3: "Ana"}


def test_a_group_shares_one_name_though_a_part_alone_would_have_none():
    near, far = make_track(1, 0, 2, at(0.1, 0.1, 0.1)), make_track(2, 3, 5, at(-0.6))
    assert names_of(recognise(alone([near, far]), STARS, 0.5)) == {1: "Ana"}
    named = recognise([[near, far]], STARS, 0.5)
    assert names_of(named) == {1: "Ana", 2: "Ana"}
    assert named[1] == named[2]
    assert named[1].distance == pytest.approx((3 * 0.1 + 1 * 0.6) / 4)  # weighted by the number of faces


def test_a_group_is_kept_from_a_name_by_any_of_its_tracks():
    group = [make_track(1, 0, 2, at(0.2)), make_track(2, 10, 12, at(0.2))]
    rival = [make_track(3, 11, 13, at(0.0))]
    assert names_of(recognise([group, rival], STARS, 0.5)) == {3: "Ana"}


@pytest.mark.parametrize(("overlap_s", "together"), [(0.0, False), (0.125, False), (0.25, True), (2.0, True)])
def test_a_blurred_hand_over_is_not_together(overlap_s, together):
    a, b = make_track(1, 0, 2, at(0.0)), make_track(2, 2 - overlap_s, 6 - overlap_s, at(0.0))
    assert visible_together(a, b) == visible_together(b, a) == together == (overlap_s > TOGETHER_S)
    assert len(recognise(alone([a, b]), STARS, 0.5)) == (1 if together else 2)


def test_vectors_of_two_networks_are_not_compared():
    track = make_track(1, 0, 2, at(0.0), model_id="another")
    with pytest.raises(ModelError, match="Stars was made with the network made-up, not another"):
        recognise(alone([track]), STARS, 0.5)
    with pytest.raises(ModelError):
        person_distances(track.faces, STARS)


def test_with_one_person_in_the_gallery_the_margin_is_infinite():
    named = recognise(alone([make_track(1, 0, 2, at(0.2))]), make_gallery({"Ana": at(0.0)}), 0.5)
    assert named[1].margin == float("inf")


def test_nobody_to_name_and_nobody_to_be_named():
    assert recognise([], STARS, 0.5) == {}
    assert recognise(alone([make_track(1, 0, 2, at(0.0))]), make_gallery({}), 0.5) == {}


def test_distances_come_nearest_first_and_from_the_nearest_few_pictures():
    gallery = make_gallery({"Ana": at(0.5, 0.6, 0.7, 9.0), "Bo": at(0.4, 0.4, 2.0), "Cleo": at(0.1)})
    distances = person_distances(make_track(1, 0, 2, at(0.0)).faces, gallery)
    assert NEAREST_PICTURES == 3
    assert list(distances) == ["Cleo", "Ana", "Bo"]
    assert distances == pytest.approx({"Cleo": 0.1, "Ana": 0.6, "Bo": 2.8 / 3})


@pytest.mark.parametrize(
    ("places", "expected"), [((0.3,), 0.3), ((0.3, 9.0), 0.3), ((0.1, 9.0, 0.3), 0.2), ((0.1, 0.3, 8.0, 9.0), 0.2)]
)
def test_the_nearer_half_of_the_faces_counts(places, expected):
    distances = person_distances(make_track(1, 0, 2, at(*places)).faces, make_gallery({"Ana": at(0.0)}))
    assert distances["Ana"] == pytest.approx(expected)


def scene(seed, n_tracks, n_people):
    """Random tracks that often overlap, and a gallery among whose people they lie."""
    random = np.random.default_rng(seed)
    centres = random.normal(0, 0.06, (n_people, 128))
    tracks = []
    for i in range(n_tracks):
        start_s, length_s = random.uniform(0, 10), random.uniform(0.1, 6)
        centre = centres[random.integers(n_people)]
        n = random.integers(1, 4)
        vectors = centre + random.normal(0, 0.03, (n, 128))
        tracks.append(make_track(i + 1, start_s, start_s + length_s, vectors, random.uniform(0.1, 1, n)))
    people = {
        f"P{i}": centre + random.normal(0, 0.02, (random.integers(1, 5), 128)) for i, centre in enumerate(centres)
    }
    return tracks, make_gallery(people), random


scenes = st.builds(scene, st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 4))
limits = st.floats(0.1, 1.5)


@settings(deadline=None, max_examples=80)
@given(scenes, limits, st.booleans())
def test_two_who_are_visible_together_never_share_a_name(scene, limit, grouped):
    tracks, gallery, _ = scene
    by_id = {track.id: track for track in tracks}
    groups = [[by_id[i] for i in ids] for ids in cluster_tracks(tracks, 0.42)] if grouped else alone(tracks)
    named = recognise(groups, gallery, limit)
    assert set(named) <= set(by_id)
    for recognition in named.values():
        assert recognition.name in gallery.people and 0 <= recognition.distance <= limit
    for a, b in combinations(named, 2):
        assert named[a].name != named[b].name or not visible_together(by_id[a], by_id[b])
    for group in groups:
        assert len({named.get(track.id) for track in group}) == 1
    for track in tracks:
        distance = min(person_distances(track.faces, gallery).values())
        unrivalled = not any(visible_together(track, other) for other in tracks if other is not track)
        if not grouped and unrivalled:
            assert (track.id in named) == (distance <= limit)


@settings(deadline=None, max_examples=60)
@given(scenes, limits)
def test_the_order_of_tracks_and_of_pictures_does_not_matter(scene, limit):
    tracks, gallery, random = scene
    named = recognise(alone(tracks), gallery, limit)
    shuffled = [tracks[i] for i in random.permutation(len(tracks))]
    rows = random.permutation(len(gallery.names))
    mixed = Gallery(
        gallery.name,
        gallery.model_id,
        *(tuple(values[i] for i in rows) for values in (gallery.names, gallery.paths, gallery.sha256)),
        gallery.vectors[rows],
    )
    again = recognise(alone(shuffled), mixed, limit)
    assert names_of(again) == names_of(named)
    for track_id, recognition in named.items():
        assert again[track_id].distance == pytest.approx(recognition.distance)
        assert again[track_id].margin == pytest.approx(recognition.margin)
