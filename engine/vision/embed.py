"""Face chips to vectors: dlib's ResNet, run by ONNX Runtime, built from dlib's weights at first use and cached."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np

from engine import config
from engine.errors import ModelError
from engine.files import write_whole
from engine.vision.model_ids import EMBEDDER_ID
from engine.vision.networks import CHIP_SIDE_PX, VECTOR_LENGTH, embedder_graph
from engine.vision.runtime import open_session
from engine.vision.weights import EMBEDDER_FILE, read_network, weights_path

_GRAPH_VERSION = 1  # raised whenever embedder_graph changes, so that an older cached graph is not used
_BATCH = 16  # larger batches gain nothing and take memory


class FaceEmbedder(Protocol):
    """What every embedder offers. Vectors of equal `model_id` may be compared, others never."""

    model_id: str

    def embed(self, chips: np.ndarray) -> np.ndarray:
        """Vectors (n, 128) float32 of aligned `chips` (n, 150, 150, 3) RGB uint8; n may be 0. Not unit length.
        Two faces of one person lie nearer than about 0.6 (Euclidean), by the network's training."""
        ...


class ResnetEmbedder:
    """dlib's face recognition ResNet. Safe to share between threads; each call runs in the caller's thread."""

    model_id = EMBEDDER_ID

    def __init__(self, threads: int = 1) -> None:
        weights = weights_path(EMBEDDER_FILE)
        cached = _cached_graph(weights)
        try:
            self._session = open_session(cached.read_bytes(), threads)
        except (OSError, ModelError):  # not there yet, or damaged: made anew
            graph = embedder_graph(read_network(weights))
            with suppress(OSError):  # a full disk only means no cache
                write_whole(cached, graph)
            self._session = open_session(graph, threads)

    def embed(self, chips: np.ndarray) -> np.ndarray:
        if chips.shape[1:] != (CHIP_SIDE_PX, CHIP_SIDE_PX, 3) or chips.dtype != np.uint8:
            raise ValueError(f"chips: expected (n, 150, 150, 3) uint8, got {chips.shape} {chips.dtype}")
        vectors = np.empty((len(chips), VECTOR_LENGTH), np.float32)
        for i in range(0, len(chips), _BATCH):
            vectors[i : i + _BATCH] = self._session.run(None, {"chips": chips[i : i + _BATCH]})[0]
        return vectors


def _cached_graph(weights: Path) -> Path:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:16]
    return config.models_dir() / f"embedder-{digest}-{_GRAPH_VERSION}.onnx"
