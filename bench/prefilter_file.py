"""Writes a trained prefilter as the file that `engine.vision.prefilter` reads: what training adds is folded away."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.files import write_whole
from engine.vision.weights import Layer


def folded(layer: Layer, factor: np.ndarray, offset: np.ndarray) -> Layer:
    """The convolution `layer` with ``x * factor + offset`` after it, both (n_out,), as one convolution: what a batch
    normalisation is once its statistics stand still."""
    factor = factor.astype(np.float64)
    return Layer(
        "convolution",
        layer.weights * factor[:, None, None, None],
        layer.bias * factor + offset,
        stride=layer.stride,
        padding=layer.padding,
    )


def write_prefilter(path: Path, layers: Sequence[Layer], mean_rgb: np.ndarray) -> None:
    """Convolutions with a ReLU between any two, padded by half their windows, strides the same both ways. Weights are
    kept in 16 bits, which moves scores by less than 0.01. Raises OSError, an older file then being untouched."""
    stored = {
        "strides": np.array([layer.stride[0] for layer in layers], np.int64),
        "mean_rgb": mean_rgb.astype(np.float32),
    }
    for i, layer in enumerate(layers):
        stored[f"weights_{i}"] = layer.weights.astype(np.float16)
        stored[f"bias_{i}"] = layer.bias.astype(np.float32)
    content = io.BytesIO()
    np.savez_compressed(content, **stored)
    write_whole(path, content.getvalue())
