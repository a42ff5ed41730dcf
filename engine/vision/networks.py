"""Builds ONNX graphs from stored weights: dlib's ResNet embedder and MMOD detector, and the detector's prefilter.

All take raw RGB uint8; dlib's give what dlib gives, to float rounding. Exact rewritings keep them fast: an affine layer
goes into the convolution before it, the embedder's input normalisation into its first convolution (which has no
padding), and the detector's last 9 x 9 convolution to one channel, which wide vector units serve badly, becomes a
1 x 9 convolution to nine channels followed by a 9 x 1 sum that picks one row of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.errors import ModelError
from engine.vision.pyramid import (
    OUTER_PADDING_PX,
    SHRINK_DENOMINATOR,
    SHRINK_NUMERATOR,
    Pyramid,
    column_coordinates,
    row_coordinates,
)
from engine.vision.weights import Layer, Network

CHIP_SIDE_PX = 150
VECTOR_LENGTH = 128
ROUNDING_COUNTS_PX = 1000  # in wider pictures dlib's rounding of coordinates changes scores by over 1e-5
_OPSET, _IR_VERSION = 18, 9
_LEVELS_OF_BRIGHTNESS = 256.0  # dlib divides by 256, not 255
_CHANNEL_BLOCK = 8  # ONNX Runtime's fast convolutions want channels in such blocks (one AVX2 register of floats)


def embedder_graph(network: Network) -> bytes:
    """The embedder: `chips` (n, 150, 150, 3) uint8 to `vectors` (n, 128) float32, n free. Not normalised to unit
    length, as in dlib. Raises ModelError if the layers are not those of dlib's face recognition ResNet."""
    graph, layers = _Graph(), list(network.layers)
    x = graph.node("Transpose", [graph.node("Cast", ["chips"], to=TensorProto.FLOAT)], perm=[0, 3, 1, 2])

    stem = _take(layers, "convolution")
    per_channel = stem.weights.astype(np.float64) / _LEVELS_OF_BRIGHTNESS
    offset = (per_channel * network.mean_rgb.astype(np.float64)[None, :, None, None]).sum(axis=(1, 2, 3))
    normalised = Layer(
        "convolution", per_channel, stem.bias.astype(np.float64) - offset, stride=stem.stride, padding=stem.padding
    )
    x = _convolution(graph, x, normalised, _take(layers, "affine"))
    x = graph.node("Relu", [x])
    _take(layers, "relu")
    x = _pool(graph, "MaxPool", x, _take(layers, "max_pool"))

    side = (((CHIP_SIDE_PX - 7) // 2 + 1) - 3) // 2 + 1
    while layers and layers[0].kind == "convolution":
        x, side = _residual_block(graph, x, side, layers)

    _take(layers, "average_pool")
    x = graph.node("Flatten", [graph.node("GlobalAveragePool", [x])])
    graph.node("MatMul", [x, graph.constant(_take(layers, "fully_connected").weights)], output="vectors")
    if layers:
        raise ModelError("The face embedding network is not the one Dramatis knows; reinstall Dramatis.")
    return graph.serialise(
        "dlib-face-embedder",
        ("chips", TensorProto.UINT8, ["n", CHIP_SIDE_PX, CHIP_SIDE_PX, 3]),
        ("vectors", TensorProto.FLOAT, ["n", VECTOR_LENGTH]),
    )


def _residual_block(graph: _Graph, x: str, side: int, layers: list[Layer]) -> tuple[str, int]:
    """One block of the ResNet, and the side length of what it yields. A block that shrinks has a pool on its short
    cut; dlib then adds unequal shapes by padding each with zeros at its end, in channels, rows and columns."""
    first, first_affine, _ = _take(layers, "convolution"), _take(layers, "affine"), _take(layers, "relu")
    second, second_affine = _take(layers, "convolution"), _take(layers, "affine")
    long_way = graph.node("Relu", [_convolution(graph, x, first, first_affine)])
    long_way = _convolution(graph, long_way, second, second_affine)
    short_cut = x
    if layers and layers[0].kind == "average_pool":
        pool = _take(layers, "average_pool")
        short_cut = _pool(graph, "AveragePool", x, pool)
        long_side = (side - first.weights.shape[2]) // first.stride[0] + 1
        side = (side - pool.window[0]) // pool.stride[0] + 1
        short_cut = graph.pad(short_cut, channels_after=first.weights.shape[0] - first.weights.shape[1])
        long_way = graph.pad(long_way, rows_after=side - long_side, columns_after=side - long_side)
    _take(layers, "add"), _take(layers, "relu")
    return graph.node("Relu", [graph.node("Add", [long_way, short_cut])]), side


def detector_graph(network: Network, layout: Pyramid) -> bytes:
    """The detector for pictures of one size, as dlib runs it: `images` (n, height, width, 3) uint8 to `scores`
    (n, rows, columns) float32 over the tile that `layout` describes; above 0 is a face by dlib's own rule."""
    graph = _Graph()
    levels = _levels(graph, network, layout.levels_hw, exactly=layout.width > ROUNDING_COUNTS_PX)
    _detector_layers(graph, _tile(graph, levels, layout), network, "scores")
    return graph.serialise(
        "dlib-mmod-detector",
        ("images", TensorProto.UINT8, ["n", layout.height, layout.width, 3]),
        ("scores", TensorProto.FLOAT, ["n", "rows", "columns"]),
    )


def detector_levels_graph(network: Network, n_levels: int, border: int = OUTER_PADDING_PX) -> bytes:
    """The detector run on each of `n_levels` levels singly, for pictures of any size whose smallest level outlasts
    the network's strides: `images` (n, height, width, 3) uint8, the first level, to `scores_0`, `scores_1` ...
    (n, rows, columns) float32, a map a level. Each level stands in a `border` of that many zero pixels."""
    graph = _Graph()
    level = _normalised(graph, network)
    names = [f"scores_{i}" for i in range(n_levels)]
    for i, name in enumerate(names):
        level = graph.shrink(level) if i else level
        padded = graph.pad(level, rows_before=border, rows_after=border, columns_before=border, columns_after=border)
        _detector_layers(graph, padded, network, name)
    return graph.serialise(
        "dlib-mmod-detector-levels",
        ("images", TensorProto.UINT8, ["n", "height", "width", 3]),
        *((name, TensorProto.FLOAT, ["n", f"rows_{name}", f"columns_{name}"]) for name in names),
    )


def prefilter_graph(network: Network) -> bytes:
    """The prefilter, convolutions with a ReLU between any two, for pictures of any size: `images` (n, height, width, 3)
    uint8 to `scores` (n, maps, rows, columns) float32."""
    graph = _Graph()
    x = _normalised(graph, network)
    for layer in network.layers[:-1]:
        x = graph.node("Relu", [_convolution(graph, x, layer)])
    graph.node("Identity", [_convolution(graph, x, network.layers[-1])], output="scores")
    return graph.serialise(
        "face-prefilter",
        ("images", TensorProto.UINT8, ["n", "height", "width", 3]),
        ("scores", TensorProto.FLOAT, ["n", "maps", "rows", "columns"]),
    )


def _levels(graph: _Graph, network: Network, levels_hw: Sequence[tuple[int, int]], exactly: bool = False) -> list[str]:
    """The normalised picture at each size. Each level comes from the one before, in float, as in dlib; `exactly`
    repeats dlib's rounding of coordinates too, at a seventh more work."""
    levels = [_normalised(graph, network)]
    for before, size in pairwise(levels_hw):
        resize = _resize_as_dlib(graph, levels[-1], before, size) if exactly else graph.resize(levels[-1], size)
        levels.append(resize)
    return levels


def _normalised(graph: _Graph, network: Network) -> str:
    """The picture as the first convolution takes it. Planes first: subtracting colour by colour from pixels that hold
    all three takes ten times as long."""
    x = graph.node("Transpose", [graph.node("Cast", ["images"], to=TensorProto.FLOAT)], perm=[0, 3, 1, 2])
    x = graph.node("Sub", [x, graph.constant(network.mean_rgb[:, None, None])])
    return graph.node("Mul", [x, graph.constant(np.float32(1 / _LEVELS_OF_BRIGHTNESS))])


def _resize_as_dlib(graph: _Graph, x: str, from_hw: tuple[int, int], to_hw: tuple[int, int]) -> str:
    """Bilinear interpolation at dlib's own coordinates: rows, then columns."""
    rows = row_coordinates(from_hw[0], to_hw[0])
    columns = column_coordinates(from_hw[1], to_hw[1])
    for axis, (near, far, share) in ((2, rows), (3, columns)):
        weights = share.reshape((-1, 1) if axis == 2 else (1, -1)).astype(np.float64)
        a = graph.node("Mul", [graph.node("Gather", [x, graph.constant(near)], axis=axis), graph.constant(1 - weights)])
        b = graph.node("Mul", [graph.node("Gather", [x, graph.constant(far)], axis=axis), graph.constant(weights)])
        x = graph.node("Add", [a, b])
    return x


def _detector_layers(graph: _Graph, x: str, network: Network, output: str) -> None:
    *inner, last = _in_whole_blocks(network.layers)
    while inner:
        x = _convolution(graph, x, _take(inner, "convolution"), _take(inner, "affine"))
        x = graph.node("Relu", [x])
        _take(inner, "relu")
    x = _split_last_convolution(graph, x, last)
    graph.node("Squeeze", [x, graph.constant(np.array([1], np.int64))], output=output)


def _in_whole_blocks(layers: Sequence[Layer]) -> list[Layer]:
    """The same layers with channels of zeros added up to whole blocks: nothing changes in what the last one, to a
    single channel, yields, but convolutions of 45 channels take a sixth less time as ones of 48."""
    wider, n_in = [], None
    for layer in layers:
        if layer.kind == "convolution":
            n_out, n_before = layer.weights.shape[:2]
            n_in = n_in or n_before
            n_wide = n_out if layer is layers[-1] else -(-n_out // _CHANNEL_BLOCK) * _CHANNEL_BLOCK
            weights = np.pad(layer.weights, ((0, n_wide - n_out), (0, n_in - n_before), (0, 0), (0, 0)))
            layer = replace(layer, weights=weights, bias=np.pad(layer.bias, (0, n_wide - n_out)))
            n_in = n_wide
        elif layer.kind == "affine":
            lacking = (0, n_in - len(layer.weights))
            layer = replace(layer, weights=np.pad(layer.weights, lacking), bias=np.pad(layer.bias, lacking))
        wider.append(layer)
    return wider


def _tile(graph: _Graph, levels: Sequence[str], layout: Pyramid) -> str:
    """All levels of the pyramid in one picture; the space between them is zero, which is the mean colour."""
    tile_h, tile_w = layout.tile_hw
    columns = [range(layout.n_left), range(len(levels) - 1, layout.n_left - 1, -1)]
    sheets = []
    for indices in columns:
        if not indices:
            continue
        strips, bottom_before = [], None
        for i in indices:
            left, top, right, bottom = (int(v) for v in layout.rects[i])
            before = 0 if bottom_before is None else top - bottom_before - 1
            strips.append(
                graph.pad(levels[i], rows_before=before, columns_before=left, columns_after=tile_w - 1 - right)
            )
            bottom_before = bottom
        strip = graph.node("Concat", strips, axis=2)
        first_top = int(layout.rects[indices[0]][1])
        sheets.append(graph.pad(strip, rows_before=first_top, rows_after=tile_h - 1 - bottom_before))
    return graph.node("Add", sheets) if len(sheets) == 2 else sheets[0]


def _split_last_convolution(graph: _Graph, x: str, layer: Layer) -> str:
    rows, columns = layer.weights.shape[2:]
    across = Layer(
        "convolution",
        layer.weights[0].transpose(1, 0, 2)[:, :, None, :],
        np.zeros(rows, np.float32),
        padding=(0, layer.padding[1]),
    )
    down = Layer("convolution", np.eye(rows)[None, :, :, None], layer.bias, padding=(layer.padding[0], 0))
    return _convolution(graph, _convolution(graph, x, across), down)


def _take(layers: list[Layer], kind: str) -> Layer:
    if not layers or layers[0].kind != kind:
        found = layers[0].kind if layers else "nothing"
        raise ModelError(f"A network has {found} where {kind} was expected; reinstall Dramatis.")
    return layers.pop(0)


def _convolution(graph: _Graph, x: str, layer: Layer, affine: Layer | None = None) -> str:
    weights, bias = layer.weights.astype(np.float64), layer.bias.astype(np.float64)
    if affine is not None:
        weights = weights * affine.weights.astype(np.float64)[:, None, None, None]
        bias = bias * affine.weights + affine.bias
    return graph.node(
        "Conv",
        [x, graph.constant(weights), graph.constant(bias)],
        kernel_shape=list(weights.shape[2:]),
        strides=list(layer.stride),
        pads=[*layer.padding, *layer.padding],
    )


def _pool(graph: _Graph, operator: str, x: str, layer: Layer) -> str:
    return graph.node(
        operator, [x], kernel_shape=list(layer.window), strides=list(layer.stride), pads=[*layer.padding] * 2
    )


class _Graph:
    """Nodes and constants under construction; every method returns the name of the tensor it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, operator: str, inputs: Sequence[str], output: str | None = None, **attributes) -> str:
        output = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, value: np.ndarray) -> str:
        value = np.asarray(value)
        if value.dtype == np.float64:
            value = value.astype(np.float32)
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name))
        return name

    def pad(
        self,
        x: str,
        *,
        channels_after: int = 0,
        rows_before: int = 0,
        rows_after: int = 0,
        columns_before: int = 0,
        columns_after: int = 0,
    ) -> str:
        pads = [0, 0, rows_before, columns_before, 0, channels_after, rows_after, columns_after]
        return self.node("Pad", [x, self.constant(np.array(pads, np.int64))]) if any(pads) else x

    def resize(self, x: str, size_hw: tuple[int, int]) -> str:
        return self._resize(x, self.constant(np.array(size_hw, np.int64)))

    def _resize(self, x: str, size: str) -> str:
        return self.node(
            "Resize",
            [x, "", "", size],
            axes=[2, 3],
            mode="linear",
            coordinate_transformation_mode="align_corners",
        )

    def shrink(self, x: str) -> str:
        """The next level of the pyramid, whatever the size of this one: 5/6 of its rows and columns, rounded down."""
        size = self.node("Shape", [x], start=2)
        scaled = self.node("Mul", [size, self.constant(np.array(SHRINK_NUMERATOR, np.int64))])
        size = self.node("Div", [scaled, self.constant(np.array(SHRINK_DENOMINATOR, np.int64))])
        return self._resize(x, size)

    def serialise(self, name: str, source: tuple, *results: tuple) -> bytes:
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info(*source)],
            [helper.make_tensor_value_info(*result) for result in results],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
        model.ir_version = _IR_VERSION
        return model.SerializeToString()
