"""What every face embedder promises, whichever library runs its network."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.vision.align import FaceAligner
from engine.vision.detect import MmodDetector
from engine.vision.embed import ResnetEmbedder
from engine.vision.reference import DlibEmbedder

BACKENDS = {"resnet": ResnetEmbedder, "dlib": DlibEmbedder}
PEOPLE = ("Clara_Winther", "Edgar_Lowell", "Kenji_Mori")
NUMBERS = (1, 2, 5)


def made(name, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAMATIS_DATA", str(tmp_path_factory.mktemp("data")))
        return BACKENDS[name]()


@pytest.fixture(scope="module", params=BACKENDS)
def embedder(request, tmp_path_factory):
    return made(request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def chips(demo):
    """Chips (9, 150, 150, 3) of three people, three pictures each."""
    detector, aligner = MmodDetector(), FaceAligner()
    found = []
    for person, number in itertools.product(PEOPLE, NUMBERS):
        image = demo(f"gallery/{person}/0{number}.jpg")
        found.append(aligner.align(image, detector.detect_scaled(image, 0.6).boxes_xyxy[:1])[0])
    return np.concatenate(found)


@pytest.fixture(scope="module")
def vectors(embedder, chips):
    return embedder.embed(chips)


def test_it_names_its_network(embedder):
    assert isinstance(embedder.model_id, str) and embedder.model_id


def test_vectors_have_their_shape(chips, vectors):
    assert vectors.shape == (len(chips), 128) and vectors.dtype == np.float32
    assert np.isfinite(vectors).all()


def test_no_chips_give_no_vectors(embedder):
    vectors = embedder.embed(np.empty((0, 150, 150, 3), np.uint8))
    assert vectors.shape == (0, 128) and vectors.dtype == np.float32


def test_one_chip_gives_one_vector(embedder, chips, vectors):
    assert np.abs(embedder.embed(chips[4:5]) - vectors[4:5]).max() < 1e-5


def test_it_leaves_the_chips_alone(embedder, chips):
    two = chips[:2].copy()
    embedder.embed(two)
    assert np.array_equal(two, chips[:2])


def test_pictures_of_one_person_lie_nearer_than_those_of_two(vectors):
    person = np.repeat(np.arange(len(PEOPLE)), len(NUMBERS))
    distance = np.linalg.norm(vectors[:, None] - vectors[None], axis=-1)
    same = (person[:, None] == person[None]) & ~np.eye(len(person), dtype=bool)
    different = person[:, None] != person[None]
    assert distance[same].max() < distance[different].min()
    assert distance[same].max() < 0.6 and distance[different].mean() > 0.65


def test_vectors_of_one_model_are_interchangeable(chips, tmp_path_factory):
    by_model = {}
    for name in BACKENDS:
        embedder = made(name, tmp_path_factory)
        by_model.setdefault(embedder.model_id, []).append(embedder.embed(chips[::4]))
    assert any(len(several) > 1 for several in by_model.values())
    for first, *others in by_model.values():
        for other in others:
            assert np.abs(first - other).max() < 1e-5
