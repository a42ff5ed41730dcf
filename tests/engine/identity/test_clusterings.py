from __future__ import annotations

import numpy as np
import pytest

from engine.identity.clusterings import WAYS, k_means, x_means


def people(n_people: int, n_each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Faces of people who lie about 0.85 apart, each of whose own faces lie about 0.44 apart."""
    random = np.random.default_rng(seed)
    middles = random.normal(size=(n_people, 128)) * 0.05
    # Faces differ in few of their directions, about as many as those of LFW do.
    directions = np.linalg.qr(random.normal(size=(128, 32)))[0].T
    own = random.normal(size=(n_people, n_each, 32)) @ directions * (0.44 / np.sqrt(64))
    return (middles[:, None] + own).reshape(-1, 128), np.repeat(np.arange(n_people), n_each)


@pytest.mark.parametrize("n_people", [1, 2, 3, 6, 12])
def test_k_means_finds_how_many_people_there_are(n_people):
    vectors, truth = people(n_people, 10)
    np.testing.assert_array_equal(k_means(vectors), truth)


@pytest.mark.parametrize("n_people", [1, 2, 5])
def test_x_means_parts_people(n_people):
    vectors, truth = people(n_people, 12)
    found = x_means(vectors)
    assert n_people <= found.max() + 1 <= n_people + 2
    # Nobody is put together with somebody else.
    assert all(len(set(truth[found == group])) == 1 for group in range(found.max() + 1))


def test_the_same_each_time_and_in_the_order_of_first_faces():
    vectors, _ = people(5, 8, seed=3)
    for way in WAYS.values():
        labels = way(vectors)
        np.testing.assert_array_equal(labels, way(vectors))
        assert labels[np.sort(np.unique(labels, return_index=True)[1])].tolist() == list(range(labels.max() + 1))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_few_and_equal_faces_are_one_group(n):
    for way in WAYS.values():
        assert way(np.full((n, 128), 0.1, np.float32)).tolist() == [0] * n


def test_two_faces_far_apart_are_told_apart_by_distance_alone():
    vectors = np.zeros((2, 128))
    vectors[1, 0] = 1.0
    assert WAYS["Chinese Whispers"](vectors).tolist() == [0, 1]
    assert k_means(vectors).tolist() == [0, 0]


def test_progress_does_not_fall():
    heard: list[float] = []
    k_means(people(4, 10)[0], lambda _phase, share: heard.append(share))
    assert heard == sorted(heard) and heard[-1] == 1.0
