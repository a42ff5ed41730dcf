from __future__ import annotations

import dlib
import numpy as np
import pytest

from engine.identity.chinese_whispers import NEAR, numbered, whispered


def faces(n_people: int, n_each: int, spread: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    middles = random.normal(size=(n_people, 128)) * 0.06
    return (middles[:, None] + random.normal(size=(n_people, n_each, 128)) * spread).reshape(-1, 128)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("near", [0.45, NEAR, 0.6])
def test_groups_are_those_of_dlib(seed, near):
    # From groups that break into pieces to groups that run together, so that ties and the order of picks matter.
    vectors = faces(12, 9, 0.022 + 0.006 * seed, seed)
    theirs = dlib.chinese_whispers_clustering([dlib.vector(vector.tolist()) for vector in vectors], near)
    np.testing.assert_array_equal(whispered(vectors, near), numbered(np.array(theirs)))


def test_the_samples_tell_groups_apart():
    found = {int(whispered(faces(12, 9, 0.022 + 0.006 * seed, seed)).max()) + 1 for seed in range(6)}
    assert min(found) <= 12 < max(found)


def test_few_faces():
    assert whispered(np.empty((0, 128))).tolist() == []
    assert whispered(np.zeros((1, 128))).tolist() == [0]
    assert whispered(np.zeros((3, 128))).tolist() == [0, 0, 0]
