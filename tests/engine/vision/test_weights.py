"""Promises of the reader of dlib's files: the two shipped networks, the format's numbers, and damaged files."""

from __future__ import annotations

import hashlib
import math
import os
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.vision.weights import (
    DETECTOR_FILE,
    EMBEDDER_FILE,
    LANDMARKS_FILE,
    Network,
    _Parser,
    read_network,
    weights_path,
)

DETECTOR = weights_path(DETECTOR_FILE).read_bytes()
LAYER_KINDS = (b"con_4", b"bn_con2", b"relu_")


# The format, written.


def integer(value: int) -> bytes:
    n = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([n | 0x80 * (value < 0)]) + abs(value).to_bytes(n, "little")


def integers(*values: int) -> bytes:
    return b"".join(map(integer, values))


def number(value: float) -> bytes:
    if not math.isfinite(value):
        return integers(0, 32002 if math.isnan(value) else 32000 + (value < 0))
    fraction, exponent = math.frexp(value)
    mantissa, exponent = int(fraction * 2**53), exponent - 53
    while mantissa and mantissa % 256 == 0:  # dlib leaves out empty bytes
        mantissa, exponent = mantissa // 256, exponent + 8
    return integers(mantissa, exponent)


def numbers(*values: float) -> bytes:
    return b"".join(map(number, values))


def string(text: str) -> bytes:
    return integer(len(text)) + text.encode()


def tensor(array: np.ndarray) -> bytes:
    array = np.asarray(array, "<f4")
    return integers(2, *array.shape) + array.tobytes()


EMPTY = tensor(np.empty((0, 0, 0, 0)))
TRAINING = numbers(1, 1, 1, 0)


def convolution(filters: np.ndarray, biases: np.ndarray, stride=(1, 1), padding=(0, 0)) -> bytes:
    params = np.concatenate([filters.ravel(), biases]).reshape(1, -1, 1, 1)
    sizes = integers(len(filters), *filters.shape[2:], *stride, *padding)
    aliases = integers(1, *filters.shape, 1, 1, len(biases), 1, 1)
    return string("con_4") + tensor(params) + sizes + aliases + TRAINING


def normalisation(gamma, beta, mean, variance, epsilon: float) -> bytes:
    rows = [np.reshape(v, (1, -1, 1, 1)) for v in (gamma, beta, mean, variance)]
    params = np.concatenate(rows[:2]).reshape(1, -1, 1, 1)
    alias = integers(1, 1, len(gamma), 1, 1)
    tensors = tensor(params) + alias * 2 + EMPTY * 2 + tensor(rows[2]) + tensor(rows[3])
    return string("bn_con2") + tensors + integers(100, 100) + TRAINING + number(epsilon)


def file_of(layers: list[bytes], mean=(1.5, 2.5, 3.5), versions=None) -> bytes:
    """A network file with these layers, the innermost first."""
    versions = [2] * (len(layers) - 1) + [3] if versions is None else versions
    content = integer(1) + string("loss_metric_2") + numbers(0.04, 0.6) + integers(*versions)
    content += string("input_rgb_image_sized") + numbers(*mean) + integers(150, 150)
    for i, layer in enumerate(layers):
        content += layer + b"100" + EMPTY * 3 + integer(1) * (i == 0)
    return content


RELU = string("relu_")


@pytest.fixture
def read(tmp_path):
    """read(content) -> the network in a file with this content."""

    def read_content(content: bytes) -> Network:
        path = tmp_path / "network.dat"
        path.write_bytes(content)
        return read_network(path)

    return read_content


def assert_refused(caught: pytest.ExceptionInfo) -> None:
    message = str(caught.value)
    assert "network.dat" in message and message.endswith("; reinstall Dramatis.")
    assert "\n" not in message and ". " not in message


# The two shipped networks.


@pytest.fixture(scope="module")
def embedder_network():
    return read_network(weights_path(EMBEDDER_FILE))


def kinds(network):
    return [layer.kind for layer in network.layers]


def test_the_embedder_is_read_whole(embedder_network):
    plain = ["convolution", "affine", "relu", "convolution", "affine", "add", "relu"]
    down = [*plain[:5], "average_pool", *plain[5:]]
    blocks = plain * 3 + down + plain * 3 + (down + plain * 2) * 2 + down
    start, end = ["convolution", "affine", "relu", "max_pool"], ["average_pool", "fully_connected"]
    assert kinds(embedder_network) == start + blocks + end
    assert np.array_equal(embedder_network.mean_rgb, np.float32([122.782, 117.001, 104.298]))
    assert embedder_network.sha256 == hashlib.sha256(weights_path(EMBEDDER_FILE).read_bytes()).hexdigest()


def test_the_shapes_of_the_embedder(embedder_network):
    layers = embedder_network.layers
    stem, pool, fully_connected = layers[0], layers[3], layers[-1]
    assert stem.weights.shape == (32, 3, 7, 7) and stem.stride == (2, 2) and stem.padding == (0, 0)
    assert pool.window == (3, 3) and pool.stride == (2, 2) and pool.padding == (0, 0)
    assert layers[-2].window == (0, 0)
    assert fully_connected.weights.shape == (256, 128) and fully_connected.bias is None
    inner = [layer for layer in layers[1:] if layer.kind == "convolution"]
    down = [layer for layer in inner if layer.stride == (2, 2)]
    assert [layer.weights.shape[:2] for layer in down] == [(64, 32), (128, 64), (256, 128), (256, 256)]
    assert {layer.padding for layer in down} == {(0, 0)}
    assert {layer.padding for layer in inner if layer.stride == (1, 1)} == {(1, 1)}
    assert {layer.stride for layer in inner} == {(1, 1), (2, 2)}
    assert {layer.weights.shape[2:] for layer in inner} == {(3, 3)}
    assert {layer.window for layer in layers[4:-2] if layer.kind == "average_pool"} == {(2, 2)}


def test_every_affine_layer_fits_the_convolution_before_it(embedder_network):
    for network in (embedder_network, read_network(weights_path(DETECTOR_FILE))):
        for before, layer in zip(network.layers, network.layers[1:], strict=False):
            if layer.kind == "affine":
                assert layer.weights.shape == layer.bias.shape == before.bias.shape == before.weights.shape[:1]
                assert np.isfinite(layer.weights).all() and np.isfinite(layer.bias).all()
        arrays = [a for layer in network.layers for a in (layer.weights, layer.bias) if a is not None]
        assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


def test_the_detector_is_read_whole():
    network = read_network(weights_path(DETECTOR_FILE))
    assert kinds(network) == ["convolution", "affine", "relu"] * 6 + ["convolution"]
    shapes = [(layer.weights.shape, layer.stride, layer.padding) for layer in network.layers[::3]]
    assert shapes == [
        ((16, 3, 5, 5), (2, 2), (0, 0)),
        ((32, 16, 5, 5), (2, 2), (0, 0)),
        ((32, 32, 5, 5), (2, 2), (0, 0)),
        ((45, 32, 5, 5), (1, 1), (2, 2)),
        ((45, 45, 5, 5), (1, 1), (2, 2)),
        ((45, 45, 5, 5), (1, 1), (2, 2)),
        ((1, 45, 9, 9), (1, 1), (4, 4)),
    ]
    assert np.array_equal(network.mean_rgb, np.float32([122.782, 117.001, 104.298]))


# Numbers of the format.


@given(st.integers(-(2**64) + 1, 2**64 - 1))
def test_integers_are_decoded(value):
    parser = _Parser(integer(value) + b"rest")
    assert parser.integer() == value
    assert parser.content[parser.at :] == b"rest"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"\x01\x00", 0),
        (b"\x01\xff", 255),
        (b"\x81\x01", -1),
        (b"\x02\x00\x01", 256),
        (b"\x88" + b"\xff" * 8, 1 - 2**64),
    ],
)
def test_integers_known_by_heart(content, value):
    assert _Parser(content).integer() == value


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x09" + b"1" * 9, b"\x11\x01", b"\x31\x01", b"\x02\x01"])
def test_what_is_no_integer(content):
    with pytest.raises(ValueError):
        _Parser(content).integer()


@given(st.floats(allow_subnormal=False))
def test_numbers_are_decoded(value):
    parser = _Parser(number(value) + b"rest")
    decoded = parser.number()
    assert decoded == value or math.isnan(decoded) and math.isnan(value)
    assert parser.content[parser.at :] == b"rest"


@given(st.text(st.characters(max_codepoint=127)))
def test_strings_are_decoded(text):
    assert _Parser(string(text)).string() == text


@given(st.lists(st.integers(0, 4), min_size=4, max_size=4))
def test_tensors_are_decoded(shape):
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    parser = _Parser(tensor(array))
    decoded = parser.tensor()
    assert decoded.dtype == np.float32 and np.array_equal(decoded, array)
    assert parser.at == len(parser.content)


# Small networks made here.


def test_a_convolution_is_taken_apart(read):
    filters, biases = np.arange(2 * 3 * 5 * 7.0).reshape(2, 3, 5, 7), np.array([0.5, -0.25])
    network = read(file_of([convolution(filters, biases, (2, 3), (1, 4)), RELU]))
    layer = network.layers[0]
    assert np.array_equal(layer.weights, filters) and np.array_equal(layer.bias, biases)
    assert layer.stride == (2, 3) and layer.padding == (1, 4)
    assert kinds(network) == ["convolution", "relu"]
    assert network.mean_rgb.tolist() == [1.5, 2.5, 3.5]


def test_batch_normalisation_becomes_a_factor_and_an_offset(read):
    gamma, beta, mean, variance = [2.0, -1.0], [0.5, 0.0], [3.0, 4.0], [3.75, 0.0]
    layer = read(file_of([normalisation(gamma, beta, mean, variance, 0.25)])).layers[0]
    assert layer.kind == "affine"
    assert layer.weights.tolist() == [1.0, -2.0]  # 2 / sqrt(4), -1 / sqrt(0.25)
    assert layer.bias.tolist() == [-2.5, 8.0]  # 0.5 - 1 * 3, 0 + 2 * 4


def test_tags_and_skips_leave_only_a_version(read):
    assert kinds(read(file_of([RELU] * 3, versions=[1, 2, 1, 1, 2, 3]))) == ["relu"] * 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (file_of([string("con_9")]), "unknown layer 'con_9'"),
        (file_of([RELU], versions=[]), "is damaged"),
        (file_of([RELU], versions=[2]), "versions"),
        (file_of([RELU] * 2, versions=[0, 3]), "versions"),
        (file_of([RELU]).replace(b"loss_metric_2", b"loss_metric_9"), "unknown loss"),
        (file_of([RELU]).replace(b"image_sized", b"image_other"), "unknown input"),
        (b"\x01\x02" + file_of([RELU])[2:], "version 2 where 1"),
        (file_of([RELU]).replace(b"100" + EMPTY, b"?00" + EMPTY), "is damaged"),
        (
            file_of([string("fc_2") + integers(1, 1) + EMPTY + integers(1, 1, 1, 1, 1) * 2 + integer(0) + TRAINING]),
            "bias",
        ),
    ],
)
def test_what_is_not_understood_is_refused(read, content, reason):
    with pytest.raises(ModelError, match=reason) as caught:
        read(content)
    assert_refused(caught)


def test_the_versions_say_how_many_layers_there_are(read):
    assert len(read(file_of([RELU] * 3, versions=[1, 1, 2, 2, 3])).layers) == 3


@pytest.mark.parametrize("n_promised", [1, 2, 4, 9])
def test_layers_too_few_or_too_many_are_refused(read, n_promised):
    with pytest.raises(ModelError) as caught:
        read(file_of([RELU] * 3, versions=[1] * 2 + [2] * (n_promised - 1) + [3]))
    assert_refused(caught)


def test_a_number_beyond_all_numbers_is_refused(read):
    with pytest.raises(ModelError) as caught:
        read(file_of([RELU]).replace(number(2.5), integers(1, 5000)))
    assert_refused(caught)


# Damaged and missing files.


def layer_starts(content: bytes) -> list[int]:
    starts = []
    for kind in LAYER_KINDS:
        marker, at = string(kind.decode()), -1
        while (at := content.find(marker, at + 1)) >= 0:
            starts.append(at)
    return sorted(starts)


def test_a_detector_cut_anywhere_is_refused(tmp_path):
    path = tmp_path / "network.dat"
    path.write_bytes(DETECTOR)
    starts = layer_starts(DETECTOR)
    assert len(starts) == 19
    random = np.random.default_rng(4).integers(0, len(DETECTOR), 40).tolist()
    cuts = {*range(0, 150, 3), *starts, *(at + 7 for at in starts), *random, len(DETECTOR) - 1}
    accepted = []
    for cut in sorted(cuts, reverse=True):
        os.truncate(path, cut)
        try:
            accepted.append((cut, len(read_network(path).layers)))
        except ModelError as error:
            assert str(error).endswith("; reinstall Dramatis.")
    assert accepted == []


def test_a_cut_embedder_is_refused(tmp_path):
    path = tmp_path / "network.dat"
    shutil.copyfile(weights_path(EMBEDDER_FILE), path)
    for cut in (path.stat().st_size - 1, 17_000_000, 9_000_001, 500_000, 300, 1):
        os.truncate(path, cut)
        with pytest.raises(ModelError) as caught:
            read_network(path)
        assert_refused(caught)


@pytest.mark.parametrize("tail", [b"\x00", b"\x01", DETECTOR[layer_starts(DETECTOR)[-2] :], DETECTOR])
def test_a_tail_is_refused(read, tail):
    with pytest.raises(ModelError) as caught:
        read(DETECTOR + tail)
    assert_refused(caught)


STRUCTURE = sorted({*range(300), *(at + d for at in layer_starts(DETECTOR) for d in range(-60, 60))})


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numbers may become too large for a float
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.sampled_from(STRUCTURE), value=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_harmless(read, at, value):
    try:
        network = read(DETECTOR[:at] + bytes([value]) + DETECTOR[at + 1 :])
    except ModelError as error:
        assert str(error).endswith("; reinstall Dramatis.")
    else:
        assert len(network.layers) == 19


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff\xe0 a picture", b"\x00" * 5000, b"<!doctype html>", weights_path(LANDMARKS_FILE).read_bytes()],
    ids=["empty", "picture", "zeros", "page", "landmarks"],
)
def test_other_files_are_refused(read, content):
    with pytest.raises(ModelError) as caught:
        read(content)
    assert_refused(caught)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    path = tmp_path / "network.dat"
    with pytest.raises(ModelError) as caught:
        read_network(path)
    assert_refused(caught)
    path.mkdir()
    with pytest.raises(ModelError) as caught:
        read_network(path)
    assert_refused(caught)


@pytest.mark.parametrize("name", [EMBEDDER_FILE, DETECTOR_FILE, LANDMARKS_FILE])
def test_the_networks_are_installed(name):
    path = weights_path(name)
    assert path.is_file() and path.name == name


def test_a_network_that_is_not_installed():
    with pytest.raises(ModelError, match="no_such_network.dat is not installed") as caught:
        weights_path("no_such_network.dat")
    assert str(caught.value).endswith("which installs everything anew.")


def test_a_folder_is_no_network():
    with pytest.raises(ModelError):
        weights_path("")


def test_without_the_package_of_weights(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="is not installed"):
        weights_path(DETECTOR_FILE)
