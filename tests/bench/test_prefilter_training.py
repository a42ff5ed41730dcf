"""Promises of the prefilter's training: composed pictures and their scores, and a file that the engine reads.

The demo's pictures stand for the collections, which are not part of the project. What needs PyTorch is left out where
it is not installed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench import __main__ as command
from bench.prefilter_faces import Sources, half_profile
from bench.prefilter_file import folded, write_prefilter
from bench.prefilter_pictures import CELL_PX, ComposedPictures, Teacher, compose_pictures
from engine.errors import EvaluationError, StorageError
from engine.media.images import load_image
from engine.vision import prefilter
from engine.vision.prefilter import REDUCTION, Prefilter
from engine.vision.weights import Layer

FACE_PX = 167  # the box of the demo's gallery pictures
NO_TORCH = "torch is not installed: it is no requirement, and only training needs it"
MEAN_RGB = np.array([122.782, 117.001, 104.298], np.float32)

# The training is run now and then, and is no part of the app.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sources(demo: Path) -> Sources:
    return Sources(demo / "gallery", demo / "album")


@pytest.fixture(scope="module")
def pictures(sources: Sources) -> ComposedPictures:
    return compose_pictures(sources, 24, 7)


@pytest.fixture
def read_back(monkeypatch: pytest.MonkeyPatch):
    """read_back(path) -> the prefilter of that file."""

    def read(path: Path) -> Prefilter:
        monkeypatch.setattr(prefilter, "WEIGHTS_FILE", path)
        prefilter._network.cache_clear()
        return Prefilter()

    yield read
    prefilter._network.cache_clear()


def test_pictures_have_a_score_for_each_cell_and_size(pictures):
    assert pictures.pictures.shape == (24, 192, 192, 3) and pictures.pictures.dtype == np.uint8
    assert pictures.scores.shape == (24, 3, 24, 24) and np.isfinite(pictures.scores).all()
    best = pictures.scores.max(axis=(1, 2, 3))
    assert 4 <= (best > 0).sum() <= 23  # some show a face, some none


def test_a_seed_gives_the_same_pictures_however_many(sources, pictures):
    again, other = compose_pictures(sources, 3, 7), compose_pictures(sources, 3, 8)
    assert np.array_equal(again.pictures, pictures.pictures[:3]) and np.array_equal(again.scores, pictures.scores[:3])
    assert not np.array_equal(other.pictures, again.pictures)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_face_scores_high_where_it_is_and_in_the_map_of_its_size(demo, size):
    image = Image.fromarray(load_image(demo / "gallery" / "Clara_Winther" / "01.jpg"))
    side = round(image.width * 80 * 1.2 ** (size - 1) / FACE_PX * 461 / 384)
    large = Image.new("RGB", (461, 461), (96, 96, 96))
    large.paste(image.resize((side, side), Image.Resampling.BILINEAR), (200, 100))
    scores = Teacher().scores(np.asarray(large))
    found, row, column = np.unravel_index(scores.argmax(), scores.shape)
    assert scores.max() > 0.5 and found == size
    x, y = ((cell + 0.5) * CELL_PX * REDUCTION * 461 / 384 for cell in (column, row))
    middle_x, middle_y = 200 + side / 2, 100 + side / 2
    assert abs(x - middle_x) < 0.25 * side and abs(y - middle_y) < 0.25 * side
    assert scores[:, :, :3].max() < -0.8  # nothing at the left edge


def test_some_people_are_held_out(demo, sources):
    held_out = Sources(demo / "gallery", demo / "album", held_out=True)
    assert held_out.lfw and held_out.utkface
    assert not {path.parent for path in held_out.lfw} & {path.parent for path in sources.lfw}
    assert not set(held_out.utkface) & set(sources.utkface)


def test_a_half_profile_keeps_one_side(sources):
    face = sources.turned[0]
    whole, cut = load_image(face.path).astype(int), None
    for seed in range(20):  # three of ten stay whole
        cut = np.asarray(half_profile(np.random.default_rng(seed), face, sources)).astype(int)
        if (cut != whole).any():
            break
    changed = (abs(cut - whole).max(axis=2) > 8).mean(axis=0)
    sides = changed[: len(changed) // 4].mean(), changed[-len(changed) // 4 :].mean()
    assert min(sides) < 0.02 and max(sides) > 0.3


@pytest.mark.parametrize("missing", ["people", "pictures"])
def test_too_few_pictures_are_said(demo, tmp_path, missing):
    folders = {"people": demo / "gallery", "pictures": demo / "album", missing: tmp_path}
    with pytest.raises(EvaluationError, match=str(tmp_path)):
        Sources(folders["people"], folders["pictures"])


def test_folding_is_the_convolution_and_what_follows():
    rng = np.random.default_rng(0)
    layer = Layer("convolution", rng.normal(size=(4, 3, 1, 1)), rng.normal(size=4))
    factor, offset, pixel = rng.normal(size=4), rng.normal(size=4), rng.normal(size=3)
    expected = (layer.weights[:, :, 0, 0] @ pixel + layer.bias) * factor + offset
    both = folded(layer, factor, offset)
    assert np.allclose(both.weights[:, :, 0, 0] @ pixel + both.bias, expected)


def test_a_written_network_is_read(tmp_path, read_back):
    path = tmp_path / "prefilter.npz"
    shapes = ((8, 3, 3, 3), (8, 8, 3, 3), (3, 8, 5, 5))
    layers = [
        Layer("convolution", np.zeros(shape), np.full(shape[0], 0.5 * (shape[0] == 3)), stride=(stride, stride))
        for shape, stride in zip(shapes, (4, 2, 1), strict=True)
    ]
    write_prefilter(path, layers, MEAN_RGB)
    boxes, scores = read_back(path).places(np.zeros((64, 96, 3), np.uint8), 0.4, 1)
    assert len(boxes) == 3 * 8 * 12 and (scores == 0.5).all()
    assert len(read_back(path).places(np.zeros((64, 96, 3), np.uint8), 0.6, 1)[0]) == 0


def test_without_torch_one_sentence_says_so(demo, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "bench.train_prefilter", raising=False)
    out = tmp_path / "prefilter.npz"
    monkeypatch.setattr(sys, "argv", ["bench", "train-prefilter", str(demo), str(demo), str(out)])
    assert command.main() == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "install torch" in said and not out.exists()


def test_training_writes_what_the_engine_reads(demo, tmp_path, read_back):
    torch = pytest.importorskip("torch", reason=NO_TORCH)
    training = import_module("bench.train_prefilter")
    out = tmp_path / "prefilter.npz"
    record = training.train_prefilter(demo / "gallery", demo / "album", out, 48, n_held_out=8)
    assert record["looks"][-1]["loss"] < record["looks"][0]["loss"]
    assert record["looks"][-1]["step"] == 54 and str(out) in training.training_text(record)
    stored = read_back(out)
    image = load_image(demo / "gallery" / "Clara_Winther" / "01.jpg")
    assert len(stored.places(image, -np.inf, 1)[0]) == 3 * (len(image) // CELL_PX) ** 2
    assert torch.is_grad_enabled()


def test_the_file_gives_what_the_trained_network_gives(pictures, tmp_path, read_back):
    torch = pytest.importorskip("torch", reason=NO_TORCH)
    training = import_module("bench.train_prefilter")
    network, _ = training.train(pictures, pictures)
    path = tmp_path / "prefilter.npz"
    write_prefilter(path, training.stored_layers(network), MEAN_RGB)
    network.eval()
    with torch.no_grad():
        expected = network(training.prepared(torch.from_numpy(pictures.pictures[:1])))[0].numpy()
    _, scores = read_back(path).places(pictures.pictures[0], -np.inf, 1)
    assert np.abs(scores.reshape(expected.shape) - expected).max() < 0.02


@pytest.mark.parametrize("n_pictures", [0, 15])
def test_too_few_to_train_on_are_refused(demo, tmp_path, n_pictures):
    pytest.importorskip("torch", reason=NO_TORCH)
    training = import_module("bench.train_prefilter")
    with pytest.raises(EvaluationError, match="too few"):
        training.train_prefilter(demo / "gallery", demo / "album", tmp_path / "x.npz", n_pictures)
    with pytest.raises(StorageError, match="no folder"):
        training.train_prefilter(demo / "gallery", demo / "album", tmp_path / "gone" / "x.npz", 16)
