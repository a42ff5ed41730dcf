"""Faces of many pictures parted into people, without a table of all pairs."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from engine.errors import ModelError
from engine.identity.evidence import CALIBRATED_FOR
from engine.identity.partition import average_linkage
from engine.identity.picture_groups import ALBUM_DISTANCE, cluster_pictures, grouped
from engine.types import FaceSamples, Track


def people(n, n_people, seed, spread=0.03):
    """Vectors (n, 128) of people far apart, and whose each is."""
    random = np.random.default_rng(seed)
    of = random.integers(n_people, size=n)
    middles = random.normal(size=(n_people, 128)) * 0.07
    return (middles[of] + random.normal(size=(n, 128)) * spread).astype(np.float32), of


def by_the_table(vectors, allowed, pictures, max_distance, whose=()):
    """The same by average linkage over all pairs."""
    apart = cdist(vectors.astype(np.float64), vectors.astype(np.float64)) ** 2
    apart -= 2 * max_distance * (allowed[:, None] + allowed[None])
    beside = pictures[:, None] == pictures[None]
    np.fill_diagonal(beside, False)
    known = [k for k, person in enumerate(whose) if person]
    must = [(i, j) for i in known for j in known if i < j and whose[i] == whose[j]]
    for i in known:
        for j in known:
            beside[i, j] = whose[i] != whose[j]
    apart[beside] = np.inf
    for i, j in must:
        apart[i, j] = apart[j, i] = np.clip(apart[i, j], None, 4.0)
    return parts(average_linkage(apart, max_distance**2, must, beside))


def parts(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


@pytest.mark.parametrize("seed", range(12))
def test_as_average_linkage_over_the_table_of_all_pairs(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 160))
    vectors, _ = people(n, max(1, n // 7), seed, spread=float(random.uniform(0.02, 0.05)))
    pictures = random.integers(max(1, n // 2), size=n).astype(float)
    allowed = random.uniform(0, 0.03, size=n)
    for max_distance in (0.3, 0.5, 0.7, 1.4):
        found = parts(grouped(vectors, allowed, pictures, max_distance))
        assert found == by_the_table(vectors, allowed, pictures, max_distance)


@pytest.mark.parametrize("seed", range(12))
def test_what_a_person_decided_stands_above_what_faces_look_like(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(20, 120))
    vectors, _ = people(n, max(2, n // 9), seed, spread=0.04)
    pictures = random.permutation(np.arange(n)).astype(float)
    whose = [str(random.choice(["Ana", "Bo", "Cy"])) if random.random() < 0.15 else None for _ in range(n)]
    for max_distance in (0.3, 0.6, 0.9):
        labels = grouped(vectors, np.zeros(n), pictures, max_distance, whose)
        assert parts(labels) == by_the_table(vectors, np.zeros(n), pictures, max_distance, whose)
        of_person = {person: {int(labels[k]) for k in range(n) if whose[k] == person} for person in set(whose) - {None}}
        assert all(len(found) == 1 for found in of_person.values())
        assert len(set().union(*of_person.values())) == len(of_person)


def test_two_views_of_a_face_in_one_picture_are_one_person_where_somebody_said_so():
    vectors = np.zeros((4, 128), np.float32)
    labels = grouped(vectors, np.zeros(4), np.array([0, 0, 1, 2]), 0.5, ["Ana", "Ana", None, "Bo"])
    assert labels[0] == labels[1] != labels[3]
    tracks = [track(i + 1, float(number), vectors[0]) for i, number in enumerate((0, 0, 1, 2))]
    decided = {1: "Ana", 2: "Ana", 4: "Bo"}
    assert [set(group) >= {1, 2} for group in cluster_pictures(tracks, 0.5, decided)].count(True) == 1


def test_two_faces_of_one_picture_are_never_one_person():
    vectors = np.zeros((6, 128), np.float32)
    labels = grouped(vectors, np.zeros(6), np.array([0, 0, 1, 1, 2, 2]), 1.0)
    assert sorted(np.bincount(labels).tolist()) == [3, 3]
    assert all(labels[i] != labels[i + 1] for i in (0, 2, 4))


def test_poor_views_may_lie_farther_apart():
    vectors = np.zeros((2, 128), np.float32)
    vectors[1, 0] = 0.6
    for allowed, n in ((0.0, 2), (0.02, 2), (0.04, 1)):
        assert len(set(grouped(vectors, np.full(2, allowed), np.arange(2), 0.54))) == n


def track(id, number, vector, quality=1.0, model=CALIBRATED_FOR):
    box = [[10.0, 10.0, 90.0, 90.0]]
    faces = FaceSamples([number], box, [quality], vector[None], model)
    return Track(id, number, number + 1, [number], box, [1.0], faces)


def test_groups_are_in_the_order_of_the_pictures():
    vectors, of = people(60, 6, 3)
    tracks = [track(i + 1, float(i), vector) for i, vector in enumerate(vectors)]
    groups = cluster_pictures(tracks[::-1])
    assert {frozenset(group) for group in groups} == {
        frozenset((np.flatnonzero(of == k) + 1).tolist()) for k in set(of)
    }
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    assert all(group == sorted(group) for group in groups)
    assert cluster_pictures([]) == []
    assert cluster_pictures(tracks[:1]) == [[1]]


def test_vectors_of_a_network_that_was_not_measured_are_refused():
    with pytest.raises(ModelError, match="import the album again"):
        cluster_pictures([track(1, 0.0, np.zeros(128, np.float32), model="other")])


@pytest.mark.slow
def test_memory_grows_with_the_faces_and_not_with_their_square():
    vectors, of = people(8_000, 1000, 5, spread=0.02)
    tracemalloc.start()
    labels = grouped(vectors, np.zeros(len(of)), np.arange(len(of)), ALBUM_DISTANCE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6  # the table of all pairs takes 512 MB as float64
    assert len(set(labels)) == len(set(of)) and len(set(zip(labels, of, strict=True))) == len(set(of))
