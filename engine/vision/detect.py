"""Finds faces with dlib's MMOD network, run by ONNX Runtime: equal to dlib on whole pictures, and cheap on parts.

`MmodDetector.detect` is dlib's detector to float rounding. `detect_scaled` is the same network on a picture made
larger or smaller first, in pieces where it would not fit memory; `propose` says where in a picture faces may be,
without asking the network everywhere, and `detect_around` looks only where faces are expected.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import onnxruntime
from PIL import Image

from engine.types import Detections
from engine.vision.model_ids import DETECTOR_ID
from engine.vision.networks import detector_graph, detector_levels_graph
from engine.vision.prefilter import REDUCTION, Prefilter
from engine.vision.pyramid import (
    OUTER_PADDING_PX,
    boxes_from_levels,
    boxes_from_tile,
    enlarge_twice,
    level_sizes,
    levels_up_to,
    pyramid,
    shrink_boxes_twice,
    suppress,
)
from engine.vision.runtime import open_session
from engine.vision.weights import DETECTOR_FILE, read_network, weights_path

FACE_THRESHOLD = 0.0  # dlib's own decision boundary
_SESSIONS_KEPT = 24  # picture sizes whose graph stays loaded; one is under 3 MB
_LARGEST_PIECE_PX = 1_500_000  # a run on single levels peaks at 0.1 GB, and each thread of an analysis has one
_PIECE_LEVELS = 5  # of the pyramid of a piece: faces up to 80 * 1.2^4 = 166 px
_SEAM_PX = 208  # overlap of pieces: any face that a piece finds is whole, margins included, in one of them
_SEAM_MARGIN_PX = 10
_SMALLEST_SINGLE_PX = 7  # a level run singly, with its border, must outlast the network's strides
_SMALLEST_SIDE_PX = 16  # the pyramid needs some rows and columns

CROP_FACE_PX = 88  # a crop shows the expected face this high: between the window (80) and the next level (96) ...
CROP_CONTEXT = 2.0  # ... in a square this many times as wide: the same faces as in wider ones, at less cost
_CROP_LEVELS = 2  # faces from 80 to 96 px in the crop and a tenth beyond, that is 0.83 to 1.2 of the expected size
_CROPS_AT_ONCE = 4  # more gain nothing and take memory


def merge(found: Sequence[Detections]) -> Detections:
    """One set of faces out of several looks at a picture: best first, each face once."""
    if not found:
        return Detections.none()
    boxes = np.concatenate([d.boxes_xyxy for d in found])
    scores = np.concatenate([d.scores for d in found])
    best_first = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[best_first], scores[best_first]
    kept = suppress(boxes, scores)
    return Detections(boxes[kept], scores[kept])


class FaceDetector(Protocol):
    """What every detector offers. `model_id` names the network whose boxes these are."""

    model_id: str

    def detect(self, image: np.ndarray, *, upsample: int = 0, threshold: float = FACE_THRESHOLD) -> Detections:
        """Faces in `image` (h, w, 3) RGB uint8 that score above `threshold`, best first, boxes in its pixels;
        before, the picture is doubled in size `upsample` times."""
        ...


class MmodDetector:
    """dlib's MMOD face detector. Safe to share between threads; each call runs in the caller's thread."""

    model_id = DETECTOR_ID

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._network = read_network(weights_path(DETECTOR_FILE))
        self._of_size: OrderedDict[tuple[int, int], onnxruntime.InferenceSession] = OrderedDict()
        self._of_levels: dict[tuple[int, int], onnxruntime.InferenceSession] = {}
        self._prefilter = Prefilter(threads)
        self._lock = threading.Lock()

    def detect(self, image: np.ndarray, *, upsample: int = 0, threshold: float = FACE_THRESHOLD) -> Detections:
        """As `FaceDetector.detect`, equal to ``dlib.cnn_face_detection_model_v1``. Boxes may stick out of the
        picture, and have dlib's inclusive corners."""
        for _ in range(upsample):
            image = enlarge_twice(image)
        if min(image.shape[:2]) < _SMALLEST_SIDE_PX:
            return Detections.none()
        height, width = image.shape[:2]
        maps = self._session(height, width).run(None, {"images": image[None]})
        boxes, scores = boxes_from_tile(maps[0][0], pyramid(height, width), threshold)
        kept = suppress(boxes, scores)
        boxes = boxes[kept]
        for _ in range(upsample):
            boxes = shrink_boxes_twice(boxes)
        return Detections(boxes, scores[kept])

    def detect_scaled(
        self,
        image: np.ndarray,
        scale: float,
        threshold: float = FACE_THRESHOLD,
        n_levels: int | None = None,
    ) -> Detections:
        """Faces in `image` (h, w, 3) RGB uint8 after scaling it by `scale`, boxes in pixels of the given picture.

        Finds faces of at least 80 / `scale` px, and of at most 1.2 ** (n_levels - 1) times that (None: of any size). A
        picture that would grow over 1.5 megapixels is looked at in overlapping pieces, so that memory stays bounded,
        and then for five levels at most, 80 to 166 px of the scaled picture: larger faces are for a smaller scale.
        """
        height, width = (max(_SMALLEST_SIDE_PX, round(side * scale)) for side in image.shape[:2])
        factors = np.array([width / image.shape[1], height / image.shape[0]] * 2)
        scaled = _resized(image, width, height)
        if height * width <= _LARGEST_PIECE_PX:
            ((boxes, scores),) = self._run(scaled[None], threshold, n_levels or levels_up_to(height))
            return merge([Detections(boxes / factors, scores)])
        found = []
        n_levels = min(n_levels or _PIECE_LEVELS, _PIECE_LEVELS)
        for top, left, bottom, right in _pieces(height, width):
            piece = np.ascontiguousarray(scaled[top:bottom, left:right])
            ((boxes, scores),) = self._run(piece[None], threshold, n_levels)
            whole = _whole_in_piece(boxes, (top, left, bottom, right), (height, width))
            boxes, scores = boxes[whole] + np.array([left, top, left, top]), scores[whole]
            found.append(Detections(boxes / factors, scores))
        return merge(found)

    def propose(
        self,
        image: np.ndarray,
        parts: Sequence[tuple[int, int, int, int]],
        scale: float,
        threshold: float,
        n_levels: int | None = None,
    ) -> Detections:
        """Places in these `parts` (top, left, bottom, right) of `image` (h, w, 3) RGB uint8, in its pixels, where
        `detect_around` may find faces that are 67 / `scale` px and more, and at most 96 * 1.44 ** (n_levels - 1)
        / `scale` (None: of any size): where it is expected to score above `threshold`, best first, each place once.

        A seventh of the cost of `detect_scaled`; see `engine.vision.prefilter` for what it misses. A face that the edge
        of a part cuts, where the picture goes on, is left out.
        """
        scale /= REDUCTION
        whole_hw = _scaled(image.shape[:2], scale)
        found = []
        for part in parts:
            top, left, bottom, right = _scaled(part, scale)
            within = _resized(image[part[0] : part[2], part[1] : part[3]], max(1, right - left), max(1, bottom - top))
            for piece in _pieces(*within.shape[:2]):
                level = np.ascontiguousarray(within[piece[0] : piece[2], piece[1] : piece[3]])
                boxes, scores = self._prefilter.places(level, threshold, n_levels)
                here = tuple(np.add(piece, (top, left, top, left)).tolist())
                whole = _whole_in_piece(boxes, here, whole_hw)
                boxes = (boxes[whole] + np.array([here[1], here[0]] * 2)) / scale
                found.append(Detections(boxes, scores[whole]))
        return merge(found)

    def detect_around(
        self,
        image: np.ndarray,
        boxes_xyxy: np.ndarray,
        threshold: float = FACE_THRESHOLD,
    ) -> Detections:
        """Faces near the places `boxes_xyxy` (n, 4) where they are expected at about that size; n may be 0.

        Each place costs about 7 ms whatever the size of the picture.
        """
        side = int(round(CROP_FACE_PX * CROP_CONTEXT))
        crops, corners, factors = [], [], []
        source = Image.fromarray(image)
        for x1, y1, x2, y2 in np.asarray(boxes_xyxy, np.float64):
            half = max(x2 - x1 + 1, y2 - y1 + 1) * CROP_CONTEXT / 2
            left, top = (x1 + x2 + 1) / 2 - half, (y1 + y2 + 1) / 2 - half
            extent = (left, top, left + 2 * half, top + 2 * half)
            crop = source.transform((side, side), Image.Transform.EXTENT, extent, Image.Resampling.BILINEAR)
            crops.append(np.asarray(crop)), corners.append((left, top, left, top)), factors.append(2 * half / side)
        found = []
        for i in range(0, len(crops), _CROPS_AT_ONCE):
            batch = crops[i : i + _CROPS_AT_ONCE]
            for boxes, scores in self._run(np.stack(batch), threshold, _CROP_LEVELS, border=0):
                n = len(found)
                found.append(Detections(boxes * factors[n] + np.array(corners[n]), scores))
        return merge(found)

    def _run(
        self, images: np.ndarray, threshold: float, n_levels: int, border: int = OUTER_PADDING_PX
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Boxes and scores of each of `images` (n, h, w, 3) before suppression, over `n_levels` levels run singly."""
        sizes = level_sizes(*images.shape[1:3], n_levels)
        n_levels = sum(min(size) >= _SMALLEST_SINGLE_PX for size in sizes)
        maps = self._levels_session(n_levels, border).run(None, {"images": images})
        return [boxes_from_levels([m[i] for m in maps], threshold, border) for i in range(len(images))]

    def _session(self, height: int, width: int) -> onnxruntime.InferenceSession:
        key = (height, width)
        with self._lock:
            if key in self._of_size:
                self._of_size.move_to_end(key)
                return self._of_size[key]
            self._of_size[key] = open_session(detector_graph(self._network, pyramid(height, width)), self._threads)
            if len(self._of_size) > _SESSIONS_KEPT:
                self._of_size.popitem(last=False)
            return self._of_size[key]

    def _levels_session(self, n_levels: int, border: int) -> onnxruntime.InferenceSession:
        key = (n_levels, border)
        with self._lock:
            if key not in self._of_levels:  # few: a picture of 20,000 px has 31 levels
                self._of_levels[key] = open_session(detector_levels_graph(self._network, *key), self._threads)
            return self._of_levels[key]


def _resized(image: np.ndarray, width: int, height: int) -> np.ndarray:
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def _scaled(lengths: Sequence[int], scale: float) -> tuple[int, ...]:
    return tuple(round(length * scale) for length in lengths)


def _pieces(height: int, width: int) -> list[tuple[int, int, int, int]]:
    """Overlapping pieces (top, left, bottom, right) that cover a picture, none over the largest size."""
    n_rows, n_columns = 1, 1
    while True:
        piece_h = min(height, -(-(height + (n_rows - 1) * _SEAM_PX) // n_rows))
        piece_w = min(width, -(-(width + (n_columns - 1) * _SEAM_PX) // n_columns))
        if piece_h * piece_w <= _LARGEST_PIECE_PX:
            break
        if piece_h > piece_w:
            n_rows += 1
        else:
            n_columns += 1
    tops = np.linspace(0, height - piece_h, n_rows).round().astype(int)
    lefts = np.linspace(0, width - piece_w, n_columns).round().astype(int)
    return [(t, x, t + piece_h, x + piece_w) for t in tops.tolist() for x in lefts.tolist()]


def _whole_in_piece(boxes: np.ndarray, piece: tuple[int, int, int, int], whole_hw: tuple[int, int]) -> np.ndarray:
    """Which boxes no seam cuts, (n,) bool: a cut face is whole in the neighbouring piece."""
    top, left, bottom, right = piece
    return (
        ((boxes[:, 0] > _SEAM_MARGIN_PX) | (left == 0))
        & ((boxes[:, 1] > _SEAM_MARGIN_PX) | (top == 0))
        & ((boxes[:, 2] < right - left - _SEAM_MARGIN_PX) | (right == whole_hw[1]))
        & ((boxes[:, 3] < bottom - top - _SEAM_MARGIN_PX) | (bottom == whole_hw[0]))
    )
