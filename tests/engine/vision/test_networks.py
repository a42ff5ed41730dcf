"""Promises of the networks run by ONNX Runtime: equal to dlib's own run of the same weights."""

from __future__ import annotations

import dataclasses
import os
import stat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.media.images import load_image
from engine.vision import embed
from engine.vision.embed import ResnetEmbedder
from engine.vision.networks import embedder_graph
from engine.vision.runtime import open_session
from engine.vision.weights import DETECTOR_FILE, EMBEDDER_FILE, read_network, weights_path

ROUNDING = 1e-5


@pytest.fixture(scope="module")
def chips(demo_chips):
    """Chips of five people, and three that show nothing, (8, 150, 150, 3)."""
    noise = np.random.default_rng(5).integers(0, 256, (1, 150, 150, 3), np.uint8)
    flat = np.stack([np.zeros((150, 150, 3), np.uint8), np.full((150, 150, 3), 255, np.uint8)])
    return np.concatenate([demo_chips, noise, flat])


@pytest.fixture(scope="module")
def vectors(embedder, chips):
    return embedder.embed(chips)


# The embedder.


def test_vectors_equal_dlibs(dlib_embedder, chips, vectors):
    assert vectors.shape == (len(chips), 128) and vectors.dtype == np.float32
    assert np.abs(vectors - dlib_embedder.embed(chips)).max() < ROUNDING
    assert np.linalg.norm(vectors[:5], axis=1).min() > 1.2  # not of unit length, as dlib's


def test_a_batch_equals_single_chips(embedder, chips, vectors):
    single = np.concatenate([embedder.embed(chips[i : i + 1]) for i in range(len(chips))])
    assert np.abs(single - vectors).max() < ROUNDING


@pytest.mark.parametrize("n", [1, 16, 17])
def test_any_number_of_chips_keeps_its_order(embedder, chips, vectors, n):
    rows = np.arange(n) * 5 % len(chips)
    assert np.abs(embedder.embed(chips[rows]) - vectors[rows]).max() < ROUNDING


def test_chips_may_be_views(embedder, chips, vectors):
    assert np.abs(embedder.embed(chips[::-2]) - vectors[::-2]).max() < ROUNDING


def test_no_chips_give_no_vectors(embedder):
    vectors = embedder.embed(np.empty((0, 150, 150, 3), np.uint8))
    assert vectors.shape == (0, 128) and vectors.dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((2, 96, 96, 3), np.uint8),
        ((2, 150, 151, 3), np.uint8),
        ((150, 150, 3), np.uint8),
        ((2, 150, 150), np.uint8),
        ((2, 150, 150, 4), np.uint8),
        ((2, 3, 150, 150), np.uint8),
        ((2, 150, 150, 3), np.float32),
        ((2, 150, 150, 3), np.int8),
        ((0,), np.uint8),
    ],
)
def test_what_is_no_chip(embedder, shape, dtype):
    with pytest.raises(ValueError, match=r"expected \(n, 150, 150, 3\) uint8, got \("):
        embedder.embed(np.zeros(shape, dtype))


@pytest.fixture(scope="module")
def stored():
    return read_network(weights_path(EMBEDDER_FILE))


@pytest.mark.parametrize("n_layers", [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 15])
def test_a_network_that_ends_early_is_refused(stored, n_layers):
    with pytest.raises(ModelError):
        embedder_graph(dataclasses.replace(stored, layers=stored.layers[:n_layers]))


def test_another_network_is_refused(stored):
    with pytest.raises(ModelError):
        embedder_graph(read_network(weights_path(DETECTOR_FILE)))
    with pytest.raises(ModelError):
        embedder_graph(dataclasses.replace(stored, layers=(*stored.layers, stored.layers[-1])))


def test_what_is_no_network_cannot_be_opened():
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_session(b"no network")


# The cached graph.


def cached(data_folder):
    return sorted(path.name for path in (data_folder / "models").iterdir())


def test_the_graph_is_built_once(data_folder, monkeypatch, chips, vectors):
    ResnetEmbedder()
    (name,) = cached(data_folder)
    assert name.startswith("embedder-") and name.endswith(".onnx")
    monkeypatch.setattr(embed, "embedder_graph", lambda network: pytest.fail("built again"))
    assert np.abs(ResnetEmbedder().embed(chips[:2]) - vectors[:2]).max() < ROUNDING
    assert cached(data_folder) == [name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: bytes(len(content)),
    ],
    ids=["empty", "half", "zeros"],
)
def test_a_damaged_cache_is_replaced(data_folder, chips, vectors, damage):
    ResnetEmbedder()
    (path,) = (data_folder / "models").iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert np.abs(ResnetEmbedder().embed(chips[:2]) - vectors[:2]).max() < ROUNDING
    assert path.read_bytes() == whole
    assert cached(data_folder) == [path.name]


def test_a_cache_that_cannot_be_written_is_done_without(data_folder, chips, vectors):
    ResnetEmbedder()
    (path,) = (data_folder / "models").iterdir()
    path.unlink()
    path.mkdir()  # nothing can be moved to this place, whoever runs the tests
    assert np.abs(ResnetEmbedder().embed(chips[:2]) - vectors[:2]).max() < ROUNDING
    assert cached(data_folder) == [path.name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_done_without(data_folder, chips, vectors):
    models = data_folder / "models"
    models.mkdir(parents=True)
    models.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert np.abs(ResnetEmbedder().embed(chips[:2]) - vectors[:2]).max() < ROUNDING
        assert cached(data_folder) == []
    finally:
        models.chmod(stat.S_IRWXU)


def test_a_full_disk_leaves_no_part_of_a_graph(data_folder, monkeypatch, chips, vectors):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert np.abs(ResnetEmbedder().embed(chips[:2]) - vectors[:2]).max() < ROUNDING
    assert cached(data_folder) == []


# The detector.


def assert_equal_to_dlib(ours, theirs):
    assert np.array_equal(ours.boxes_xyxy, theirs.boxes_xyxy)
    assert np.abs(ours.scores - theirs.scores).max(initial=0) < 1e-4


@pytest.mark.parametrize(
    ("name", "side", "upsample", "n_faces"),
    [
        ("gallery/Finn_Gallagher/01.jpg", 200, 0, 1),
        ("selfies/user_4_group.jpg", 300, 0, 2),
        ("gallery/Clara_Winther/04.jpg", 140, 1, 1),
        ("selfies/user_4_group.jpg", 190, 1, 3),
        ("album/IMG_1001.jpg", 180, 1, 2),
    ],
)
def test_faces_equal_dlibs(detector, dlib_detector, demo, name, side, upsample, n_faces):
    image = demo(name, side)
    ours = detector.detect(image, upsample=upsample)
    assert len(ours) == n_faces
    assert_equal_to_dlib(ours, dlib_detector.detect(image, upsample=upsample))


def test_faces_at_the_edge_equal_dlibs(detector, dlib_detector, demo):
    image = np.ascontiguousarray(demo("gallery/Clara_Winther/01.jpg", 256)[80:170, 85:170])
    ours = detector.detect(image)
    assert len(ours) == 1
    assert ours.boxes_xyxy.min() < 0 or (ours.boxes_xyxy[:, 2:] >= image.shape[1::-1]).any()
    assert_equal_to_dlib(ours, dlib_detector.detect(image))


@settings(max_examples=8, deadline=None)
@given(height=st.integers(12, 70), width=st.integers(12, 70), seed=st.integers(0, 99))
def test_noise_equals_dlibs(detector, dlib_detector, height, width, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    assert_equal_to_dlib(detector.detect(image), dlib_detector.detect(image))


# Real pictures.


def shrunk(image, scaled, most_px):
    n_px = image.shape[0] * image.shape[1]
    return image if n_px < 500_000 else scaled(image, (most_px / n_px) ** 0.5)


@pytest.mark.shared
@pytest.mark.slow
def test_faces_of_real_pictures_equal_dlibs(detector, dlib_detector, shared, scaled):
    n_faces = 0
    for path in sorted(path for path in (shared / "faces").iterdir() if path.suffix in (".jpg", ".png")):
        image = shrunk(load_image(path), scaled, 170_000)
        ours = detector.detect(image)
        assert_equal_to_dlib(ours, dlib_detector.detect(image))
        n_faces += len(ours)
    assert n_faces >= 8


@pytest.mark.shared
@pytest.mark.slow
def test_vectors_of_real_faces_equal_dlibs(detector, aligner, embedder, dlib_embedder, shared):
    chips = []
    for folder in sorted((shared / "lfw" / "images").iterdir())[::140]:
        image = load_image(sorted(folder.iterdir())[0])
        chips.append(aligner.align(image, detector.detect_scaled(image, 2.0).boxes_xyxy)[0])
    chips = np.concatenate(chips)
    assert len(chips) >= 40
    assert np.abs(embedder.embed(chips) - dlib_embedder.embed(chips)).max() < ROUNDING
