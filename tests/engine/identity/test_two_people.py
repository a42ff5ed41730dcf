from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ModelError
from engine.identity.evidence import CALIBRATED_FOR
from engine.identity.face_map import face_map, from_middle, mean_vectors
from engine.identity.two_people import two_people
from engine.types import FaceSamples, Track


def person(seed: int) -> np.ndarray:
    """Where somebody's faces lie: two people are about 0.75 apart, as with the calibrated network."""
    direction = np.random.default_rng(seed).normal(size=128)
    return 0.53 * direction / np.linalg.norm(direction)


def track(number: int, who: np.ndarray, start_s: float, seconds: float = 2.0, model_id: str = CALIBRATED_FOR) -> Track:
    random = np.random.default_rng(1000 + number)
    noise = random.normal(size=(3, 128))
    vectors = who + 0.27 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    t_s = start_s + np.linspace(0, seconds * 0.9, 3)
    boxes = np.tile([10.0, 10, 110, 110], (3, 1))
    faces = FaceSamples(t_s, boxes, np.full(3, 0.9), vectors, model_id)
    return Track(number, start_s, start_s + seconds, t_s, boxes, np.ones(3), faces)


def cast(*sizes: int) -> list[Track]:
    """So many tracks of each of several people, by turns, never two at once."""
    tracks, number = [], 0
    for turn in range(max(sizes)):
        for who, size in enumerate(sizes):
            if turn < size:
                number += 1
                tracks.append(track(number, person(who), 10.0 * number))
    return tracks


def whose(tracks: list[Track], sizes: tuple[int, ...]) -> dict[int, int]:
    counted = [who for turn in range(max(sizes)) for who, size in enumerate(sizes) if turn < size]
    return dict(zip((one.id for one in tracks), counted, strict=True))


@pytest.mark.parametrize("sizes", [(6, 6), (12, 2), (30, 5), (2, 2)])
def test_two_people_are_told_apart(sizes):
    tracks = cast(*sizes)
    of = whose(tracks, sizes)
    found = two_people(tracks)
    assert found.sensible
    assert found.between - found.within > 0.2
    assert [len({of[number] for number in half}) for half in (found.first, found.second)] == [1, 1]
    assert len(found.first) >= len(found.second)
    assert sorted(found.first + found.second) == sorted(of)


@pytest.mark.parametrize("n", [3, 8, 40])
def test_one_person_is_not_two(n):
    found = two_people(cast(n))
    assert found.first and found.second
    assert not found.sensible


def test_the_order_of_the_tracks_changes_nothing():
    tracks = cast(7, 4)
    assert two_people(tracks) == two_people(tracks[::-1]) == two_people(tracks[3:] + tracks[:3])


def test_who_is_visible_together_is_two_people_however_alike():
    twins = [track(n, person(0), 10.0 * (n // 2), 5.0) for n in range(8)]
    found = two_people(twins)
    assert (found.n_together, found.n_against, found.sensible) == (4, 0, True)
    for n in range(0, 8, 2):
        assert (n in found.first) != (n + 1 in found.first)


def test_three_at_once_cannot_be_two_halves():
    crowd = [track(n, person(n), 0.0, 5.0) for n in range(3)]
    found = two_people(crowd)
    assert found.n_together == 3
    assert found.n_against == 1


def test_two_tracks_are_judged_by_the_limit_of_the_analysis():
    assert two_people(cast(1, 1)).sensible
    same = two_people(cast(2))
    assert (same.within, same.sensible) == (None, False)


def test_there_is_nothing_to_divide():
    assert two_people([]) is None
    assert two_people(cast(1)) is None
    blind = track(9, person(0), 90.0)
    faceless = Track(9, 90, 92, blind.t_s, blind.boxes_xyxy, blind.scores, FaceSamples(
        np.empty(0), np.empty((0, 4)), np.empty(0), np.empty((0, 128)), CALIBRATED_FOR))  # fmt: skip
    assert two_people([*cast(1), faceless]) is None
    assert 9 in two_people([*cast(2), faceless]).first


def test_faces_of_another_network_are_an_error():
    with pytest.raises(ModelError, match="analyse the film again"):
        two_people([track(1, person(0), 0), track(2, person(1), 9, model_id="another")])


# The map.


def test_near_faces_are_near_points():
    tracks = cast(8, 8)
    of = whose(tracks, (8, 8))
    found = face_map(mean_vectors(tracks))
    first = np.array([of[one.id] == 0 for one in tracks])
    assert (found.points[first, 0] > 0).all() != (found.points[first, 0] < 0).all()
    assert (np.sign(found.points[first, 0]) == -np.sign(found.points[~first, 0])).all()
    assert 0.5 < found.kept < 1


def test_the_map_is_the_same_for_the_same_faces():
    vectors = mean_vectors(cast(5, 5))
    turned = face_map(vectors[::-1]).points[::-1]
    assert np.allclose(face_map(vectors).points, turned)
    assert np.abs(face_map(vectors).points).max(axis=0) == pytest.approx(face_map(vectors).points.max(axis=0))


def test_distances_of_few_faces_are_kept_by_the_map():
    vectors = np.random.default_rng(1).normal(size=(3, 128))
    points = face_map(vectors).points
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert np.linalg.norm(points[i] - points[j]) == pytest.approx(np.linalg.norm(vectors[i] - vectors[j]))


@pytest.mark.parametrize("vectors", [np.empty((0, 0)), np.ones((1, 128)), np.ones((4, 128))])
def test_a_map_of_nothing_to_tell_apart(vectors):
    found = face_map(vectors)
    assert found.points.shape == (len(vectors), 2)
    assert not found.points.any()
    assert from_middle(vectors).tolist() == [0.0] * len(vectors)


def test_few_strangers_do_not_draw_the_middle_to_themselves():
    tracks = cast(12, 3)
    of = whose(tracks, (12, 3))
    far = from_middle(mean_vectors(tracks))
    odd = {tracks[k].id for k in np.argsort(far)[-3:]}
    assert odd == {number for number, who in of.items() if who == 1}
