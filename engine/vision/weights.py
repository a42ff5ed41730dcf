"""Reads dlib's serialised networks (``.dat``) without dlib: the numbers of every layer, in forward order.

The format nests from the outermost layer inwards, so a file is a run of version integers, then the input layer,
then the details of each layer in forward order, each opened by a string that names its kind. Tags and skips leave
only a version integer. Source: dlib/serialize.h, dlib/dnn/core.h and dlib/dnn/layers.h of dlib 20.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import ModelError

EMBEDDER_FILE = "dlib_face_recognition_resnet_model_v1.dat"
DETECTOR_FILE = "mmod_human_face_detector.dat"
LANDMARKS_FILE = "shape_predictor_5_face_landmarks.dat"

_INFINITE_EXPONENTS = {32000: float("inf"), 32001: float("-inf"), 32002: float("nan")}
_HIGHEST_VERSION = 3  # of any layer's envelope; the string that opens the input layer is always longer than this


def weights_path(file_name: str) -> Path:
    """Where `face_recognition_models` keeps `file_name`, found without importing it (its import needs
    pkg_resources, which new setuptools no longer have). Raises ModelError if it is not installed."""
    spec = importlib.util.find_spec("face_recognition_models")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "models" / file_name
        if path.is_file():
            return path
    raise ModelError(
        f"dlib's network {file_name} is not installed; remove the folder .venv and start ./dramatis again, "
        "which installs everything anew."
    )


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as stored: `kind` is convolution, affine, relu, add, max_pool, average_pool or fully_connected.

    `weights` is (n_out, n_in, rows, columns) for a convolution, (n_in, n_out) for fully_connected, (channels,) the
    factor of an affine; `bias` (n_out,) or (channels,). `stride` and `padding` are (vertical, horizontal), `window`
    is a pool's (rows, columns), (0, 0) meaning the whole plane. All float32.
    """

    kind: str
    weights: np.ndarray | None = None
    bias: np.ndarray | None = None
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    window: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Network:
    """A stored network: the mean colour its input layer subtracts (3,) float32, its layers in forward order, and
    the SHA-256 of the file they came from."""

    mean_rgb: np.ndarray
    layers: tuple[Layer, ...]
    sha256: str


def read_network(path: Path) -> Network:
    """Parses `path` to its last byte. Raises ModelError if it is missing, damaged or of a kind not known here."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"The network {path} cannot be read ({error.strerror}); reinstall Dramatis.") from error
    try:
        return _Parser(content).network(hashlib.sha256(content).hexdigest())
    except (ValueError, IndexError, KeyError, OverflowError) as error:
        raise ModelError(f"The network {path} is damaged ({error}); reinstall Dramatis.") from error


class _Parser:
    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def network(self, sha256: str) -> Network:
        self._expect_version(1)
        loss = self.string()
        self._skip_loss(loss)
        versions = []
        while self._peek_integer() <= _HIGHEST_VERSION:
            versions.append(self.integer())
        if versions[-1] != _HIGHEST_VERSION or set(versions[:-1]) - {1, 2}:
            raise ValueError("layer versions other than those dlib 19 to 20 write")
        mean_rgb = self._input()
        layers = []
        while self.at < len(self.content):
            layers.append(self._layer())
            self._skip_training_state(innermost=len(layers) == 1)
        n_announced = len(versions) - versions.count(1)  # a tag or skip leaves version 1 and no details
        if len(layers) != n_announced:
            raise ValueError(f"{len(layers)} layers where {n_announced} were announced")
        return Network(mean_rgb, tuple(layers), sha256)

    # Primitive encodings.

    def take(self, n: int) -> bytes:
        if n < 0 or self.at + n > len(self.content):
            raise ValueError("it ends too early")
        self.at += n
        return self.content[self.at - n : self.at]

    def integer(self) -> int:
        control = self.take(1)[0]
        n = control & 0x0F
        if control & 0x70 or not 1 <= n <= 8:
            raise ValueError(f"no integer at byte {self.at - 1}")
        magnitude = int.from_bytes(self.take(n), "little")
        return -magnitude if control & 0x80 else magnitude

    def _peek_integer(self) -> int:
        at = self.at
        value = self.integer()
        self.at = at
        return value

    def number(self) -> float:
        mantissa, exponent = self.integer(), self.integer()
        return _INFINITE_EXPONENTS[exponent] if exponent in _INFINITE_EXPONENTS else float(mantissa) * 2.0**exponent

    def boolean(self) -> bool:
        return {b"0": False, b"1": True}[self.take(1)]

    def string(self) -> str:
        return self.take(self.integer()).decode("ascii")

    def tensor(self) -> np.ndarray:
        self._expect_version(2)
        shape = tuple(self.integer() for _ in range(4))
        return np.frombuffer(self.take(4 * int(np.prod(shape))), "<f4").reshape(shape)

    def alias(self) -> tuple[int, int, int, int]:
        """The shape of a part of another tensor."""
        self._expect_version(1)
        return self.integer(), self.integer(), self.integer(), self.integer()

    def pair(self) -> tuple[int, int]:
        return self.integer(), self.integer()

    def numbers(self, n: int) -> list[float]:
        return [self.number() for _ in range(n)]

    def _expect_version(self, version: int) -> None:
        found = self.integer()
        if found != version:
            raise ValueError(f"version {found} where {version} was expected, byte {self.at}")

    # What surrounds the layers.

    def _skip_loss(self, kind: str) -> None:
        if kind == "loss_metric_2":
            self.numbers(2)  # margin and distance threshold, used in training alone
        elif kind == "loss_mmod_":
            self._expect_version(1)
            self.pair()  # the detector's window, 80 x 80
            self.numbers(3)  # loss per false alarm, per miss; IoU that matches truth
            self.numbers(2), self.numbers(2)  # overlap limits of suppression and of ignored boxes
        else:
            raise ValueError(f"unknown loss {kind!r}")

    def _input(self) -> np.ndarray:
        kind = self.string()
        if kind not in ("input_rgb_image_sized", "input_rgb_image_pyramid"):
            raise ValueError(f"unknown input layer {kind!r}")
        mean_rgb = np.array(self.numbers(3), np.float32)
        if kind == "input_rgb_image_sized":
            self.pair()
        return mean_rgb

    def _skip_training_state(self, innermost: bool) -> None:
        for _ in range(3):  # setup_called, gradient_input_is_stale, get_output_disabled
            self.boolean()
        for _ in range(3):  # gradients and cached output, empty in a finished network
            self.tensor()
        if innermost:
            self.integer()  # sample_expansion_factor

    # The layers, by the string that opens them.

    def _layer(self) -> Layer:
        kind = self.string()
        reader = self._READERS.get(kind)
        if reader is None:
            raise ValueError(f"unknown layer {kind!r}")
        return reader(self)

    def _convolution(self) -> Layer:
        params = self.tensor().ravel()
        self.integer(), self.pair()  # number and size of filters, said again by the aliases
        stride, padding = self.pair(), self.pair()
        filters, biases = self.alias(), self.alias()
        self.numbers(4)  # learning-rate and weight-decay multipliers
        n = int(np.prod(filters))
        return Layer(
            "convolution", params[:n].reshape(filters), params[n : n + biases[1]], stride=stride, padding=padding
        )

    def _affine(self) -> Layer:
        params = self.tensor().ravel()
        gamma, _beta = self.alias(), self.alias()
        self.integer()  # mode: one factor a channel
        return Layer("affine", params[: gamma[1]], params[gamma[1] :])

    def _batch_normalisation(self) -> Layer:
        params = self.tensor().ravel()
        gamma, _beta = self.alias(), self.alias()
        self.tensor(), self.tensor()  # means and inverse deviations of the last batch
        mean, variance = self.tensor().ravel(), self.tensor().ravel()
        self.integer(), self.integer()  # number of updates, window
        self.numbers(4)
        epsilon = self.number()
        n = gamma[1]
        factor = params[:n].astype(np.float64) / np.sqrt(variance.astype(np.float64) + epsilon)
        return Layer("affine", factor.astype(np.float32), (params[n:] - factor * mean).astype(np.float32))

    def _pool(self, kind: str) -> Layer:
        window, stride, padding = self.pair(), self.pair(), self.pair()
        return Layer(kind, window=window, stride=stride, padding=padding)

    def _fully_connected(self) -> Layer:
        n_outputs, n_inputs = self.pair()
        params = self.tensor().ravel()
        self.alias(), self.alias()
        bias_mode = self.integer()
        self.numbers(4)
        if bias_mode != 1:
            raise ValueError("a fully connected layer with bias")
        return Layer("fully_connected", params.reshape(n_inputs, n_outputs))

    _READERS = {
        "con_4": _convolution,
        "affine_": _affine,
        "bn_con2": _batch_normalisation,
        "relu_": lambda self: Layer("relu"),
        "add_prev_": lambda self: Layer("add"),
        "max_pool_2": lambda self: self._pool("max_pool"),
        "avg_pool_2": lambda self: self._pool("average_pool"),
        "fc_2": _fully_connected,
    }
