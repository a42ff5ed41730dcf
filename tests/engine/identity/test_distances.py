"""Distances by products of matrices are those of one pair after the other, however many are looked at at once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from engine.identity import likeness
from engine.identity.distances import MOST_NEAREST, distances, nearest_mean, to_people
from engine.identity.likeness import faces_apart, looks_of
from engine.types import FaceSamples, Track


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (1, 1), (40, 70)])
def test_distances_are_euclidean(n, m):
    random = np.random.default_rng(1)
    x, y = random.normal(0, 0.06, (n, 128)), random.normal(0, 0.06, (m, 128))
    np.testing.assert_allclose(distances(x, y), cdist(x, y), atol=1e-12)


def test_equal_vectors_are_not_apart_and_no_root_is_taken_of_less_than_nothing():
    x = np.random.default_rng(2).normal(0, 0.1, (200, 128))
    assert distances(x, x).diagonal().max() < 1e-7
    assert distances(x.astype(np.float32), x.astype(np.float32)).diagonal().max() < 2e-3


@pytest.mark.parametrize(("n_pictures", "n_nearest"), [(1, 1), (4, 1), (10, 2), (15, 3), (90, MOST_NEAREST)])
def test_of_many_pictures_more_count(n_pictures, n_nearest):
    to_pictures = np.arange(n_pictures, dtype=float)[None, ::-1]
    assert nearest_mean(to_pictures, n_pictures) == pytest.approx([np.arange(n_nearest).mean()])


def test_people_have_their_own_pictures():
    to_pictures = np.array([[0.5, 0.4, 0.9], [0.1, 0.7, 0.2]])
    assert to_people(to_pictures, np.array([0, 2, 3])).tolist() == [[0.4, 0.9], [0.1, 0.2]]


@pytest.mark.parametrize("tile", [1, 5, 10_000])
def test_tracks_are_as_far_apart_as_their_faces_on_average_in_tiles_of_any_size(monkeypatch, tile):
    monkeypatch.setattr(likeness, "_TILE_ROWS", tile)
    monkeypatch.setattr(likeness, "_TILE_COLUMNS", 2 * tile)
    random = np.random.default_rng(3)
    tracks = []
    for i in range(12):
        n = int(random.integers(1, 9))
        faces = FaceSamples(
            np.arange(n), np.zeros((n, 4)), random.uniform(0, 1, n), random.normal(0, 0.06, (n, 128)), "made-up"
        )
        tracks.append(Track(i, i, i + 1, np.array([i]), np.zeros((1, 4)), np.ones(1), faces))

    def on_average(a, b):
        weights = np.outer(a.quality + 1e-6, b.quality + 1e-6)
        return np.average(cdist(a.vectors, b.vectors), weights=weights)

    expected = [[on_average(a.faces, b.faces) for b in tracks[5:]] for a in tracks[:5]]
    looks = looks_of(tracks)
    np.testing.assert_allclose(faces_apart(looks.part(0, 5), looks.part(5, 12)), expected, atol=1e-6)
