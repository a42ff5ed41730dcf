"""A small network that proposes where faces may be, at a seventh of the cost of asking the detector everywhere.

It decides nothing: every place it proposes is looked at by MMOD itself (`MmodDetector.detect_around`), so it can only
miss a face, never invent one. It works on pictures half as large as MMOD's, where the detector's window of 80 px is 40,
and one run serves faces of three sizes 1.2 apart, 33, 40 and 48 px.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from PIL import Image

from engine.errors import ModelError
from engine.vision.networks import prefilter_graph
from engine.vision.runtime import open_session
from engine.vision.weights import Layer, Network

REDUCTION = 2  # its pictures are this many times smaller than MMOD's for the same face
LEVEL_RATIO = 1.44  # between two of its levels: the largest faces of one are the smallest of the next
WEIGHTS_FILE = Path(__file__).with_name("prefilter.npz")
_WINDOWS_PX = np.array([40 / 1.2, 40.0, 40 * 1.2])  # of its three maps
_CELL_PX = 8
_SMALLEST_LEVEL_PX = 16  # shorter side; a face of 40 px that sticks out of it on all sides is none to be recognised


class Prefilter:
    """Proposes places of faces. Safe to share between threads; each call runs in the caller's thread."""

    def __init__(self, threads: int = 1) -> None:
        self._session = open_session(prefilter_graph(_network()), threads)

    def places(self, image: np.ndarray, score: float, n_levels: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Where a face of 33 px and more may be in `image` (h, w, 3) RGB uint8: boxes (n, 4) float64 in its pixels and
        the scores (n,) float32 that MMOD is expected to give, above `score`, in no order, a face more than once.

        Over `n_levels` levels 1.44 apart, up to 48 * 1.44 ** (n_levels - 1) px; None: all that the picture holds.
        Boxes may stick out of the picture. About 60 ms for half a megapixel.
        """
        boxes, scores = [np.empty((0, 4))], [np.empty(0, np.float32)]
        level, (height, width) = image, image.shape[:2]
        while min(level.shape[:2]) >= _SMALLEST_LEVEL_PX and len(boxes) != (n_levels or np.inf) + 1:
            (maps,) = self._session.run(None, {"images": level[None]})
            sizes, rows, columns = np.nonzero(maps[0] > score)
            centre = (np.stack([columns, rows], axis=1) + 0.5) * _CELL_PX
            half = _WINDOWS_PX[sizes, None] / 2
            factors = np.array([width / level.shape[1], height / level.shape[0]] * 2)
            boxes.append(np.concatenate([centre - half, centre + half], axis=1) * factors)
            scores.append(maps[0][sizes, rows, columns])
            level = _smaller(level)
        return np.concatenate(boxes), np.concatenate(scores)


def _smaller(level: np.ndarray) -> np.ndarray:
    height, width = (max(1, round(side / LEVEL_RATIO)) for side in level.shape[:2])
    return np.asarray(Image.fromarray(level).resize((width, height), Image.Resampling.BILINEAR))


@cache
def _network() -> Network:
    """The stored network; raises ModelError if it is missing or damaged."""
    try:
        with np.load(WEIGHTS_FILE, allow_pickle=False) as stored:
            layers = tuple(
                Layer(
                    "convolution",
                    stored[f"weights_{i}"].astype(np.float32),
                    stored[f"bias_{i}"],
                    stride=(stride, stride),
                    padding=tuple(side // 2 for side in stored[f"weights_{i}"].shape[2:]),
                )
                for i, stride in enumerate(stored["strides"].tolist())
            )
            return Network(stored["mean_rgb"], layers, hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest())
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise ModelError(f"The network {WEIGHTS_FILE.name} cannot be read ({error}); reinstall Dramatis.") from error
