from __future__ import annotations

import numpy as np

from engine.identity.face_places import face_places
from engine.identity.inspect import LIKELY_SAME, LIKELY_TWO, near_duplicates, oddness, same_person, two_under_one
from tests.engine.identity.test_clusterings import people


def test_pictures_under_a_wrong_name_come_first():
    vectors, owners = people(12, 10)
    wrong = [3, 47, 111]
    said = owners.copy()
    said[wrong] = said[[70, 5, 33]]
    assert set(np.argsort(-oddness(vectors, said))[:3].tolist()) == set(wrong)


def test_several_wrong_pictures_of_one_other_person_do_not_hide_each_other():
    vectors, owners = people(2, 12)
    said = owners.copy()
    said[12:15] = 0  # three of fifteen
    rows = np.flatnonzero(said == 0)
    assert set(rows[np.argsort(-oddness(vectors, said)[rows])][:3].tolist()) == {12, 13, 14}


def test_a_lone_face_is_not_odd():
    vectors, owners = people(2, 2)
    assert np.isnan(oddness(vectors[:3], owners[:3])).tolist() == [False, False, True]
    assert oddness(np.empty((0, 128)), np.empty(0, np.int64)).shape == (0,)


def test_somebody_under_two_names_is_the_first_pair():
    vectors, owners = people(8, 10)
    owners[25:30] = 8  # half of person 2
    first, second = same_person(vectors, owners)[:2]
    assert (first.first, first.second) == (2, 8) and abs(first.excess) < LIKELY_SAME < second.excess
    assert owners[list(first.rows)].tolist() == [2, 8]
    # The two faces that are shown are the nearest ones.
    theirs, mine = vectors[owners == 8], vectors[owners == 2]
    nearest = min(np.linalg.norm(a - b) for a in mine for b in theirs)
    assert np.isclose(np.linalg.norm(vectors[first.rows[0]] - vectors[first.rows[1]]), nearest)


def test_pairs_need_two_people_and_hold_for_people_with_one_face():
    vectors, owners = people(3, 1)
    assert same_person(vectors[:1], owners[:1]) == []
    assert len(same_person(vectors, owners)) == 3
    assert len(same_person(vectors, owners, 2)) == 2


def test_two_people_under_one_name_come_apart():
    vectors, owners = people(6, 9)
    said = np.minimum(owners, 4)  # 4 and 5 are one
    said[:3] = 4  # and three of person 0 with them would be a third: left with 0 below
    said[:3] = 0
    first, second = two_under_one(vectors, said)[:2]
    assert first.person == 4 and first.gap >= LIKELY_TWO > second.gap
    assert set(first.second) in ({*range(36, 45)}, {*range(45, 54)})


def test_who_has_few_faces_is_not_divided():
    vectors, owners = people(2, 3)
    assert two_under_one(vectors, owners) == []


def test_one_picture_twice_is_found_by_its_face_or_by_both():
    vectors, _ = people(4, 5)
    vectors[7] = vectors[2] + 0.005  # 0.06 apart
    vectors[9, 0] = vectors[8, 0]
    assert [(a, b) for a, b, _ in near_duplicates(vectors)] == [(2, 7)]
    hashes = np.random.default_rng(0).random((20, 64)) < 0.5
    hashes[4] = hashes[3]
    hashes[4, :3] ^= True
    near = np.linalg.norm(vectors[3] - vectors[4])
    vectors[4] += (vectors[3] - vectors[4]) * (1 - 0.3 / near)
    assert [(a, b) for a, b, _ in near_duplicates(vectors, hashes)] == [(2, 7), (3, 4)]
    # A picture that could not be read is like no other.
    hashes[[3, 4]] = False
    assert [(a, b) for a, b, _ in near_duplicates(vectors, hashes)] == [(2, 7)]


def test_places_are_the_same_each_time_and_near_for_faces_alike():
    vectors, owners = people(6, 10)
    one, other = face_places(vectors), face_places(vectors)
    np.testing.assert_array_equal(one.plane, other.plane)
    assert np.abs(one.plane).max() <= 1.0001 and np.abs(one.space).max() <= 1.0001 and 0 < one.kept < 1
    apart = np.linalg.norm(one.plane[:, None] - one.plane[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (owners[apart.argmin(axis=1)] == owners).mean() > 0.95


def test_places_of_few_and_equal_faces():
    for n in (0, 1, 2, 30):
        places = face_places(np.full((n, 128), 0.1, np.float32))
        assert places.plane.shape == (n, 2) and places.space.shape == (n, 3)
        assert not places.plane.any() and not places.space.any()
