"""Finds faces with dlib's MMOD network, run by ONNX Runtime: equal to dlib on whole pictures, and cheap on parts.

`MmodDetector.detect` is dlib's detector to float rounding. `detect_scaled` is the same network on a picture made
larger or smaller first, in pieces where it would not fit memory; `detect_around` looks only where faces are expected.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol

import numpy as np
import onnxruntime
from PIL import Image

from engine.types import Detections
from engine.vision.networks import detector_graph
from engine.vision.pyramid import WINDOW_PX, boxes_from_scores, enlarge_twice, pyramid, shrink_boxes_twice, suppress
from engine.vision.runtime import open_session
from engine.vision.weights import DETECTOR_FILE, read_network, weights_path

FACE_THRESHOLD = 0.0  # dlib's own decision boundary
_SESSIONS_KEPT = 24  # picture sizes whose graph stays loaded; one is under 3 MB
_KEEP_MEMORY_BELOW_PX = 500_000  # above, working memory is given back after each run (see open_session)
_LARGEST_PIECE_PX = 1_500_000  # 1600 x 900; a run peaks at about 0.2 kB a pixel
_SEAM_PX = 176  # overlap of pieces: faces this high are whole in one piece (twice the window, and its margin)

CROP_FACE_PX = 92  # a crop shows the expected face this high: between the window (80) and the next level (96) ...
CROP_CONTEXT = 2.0  # ... in a square this many times as wide; wider costs more and finds no more (bench networks)
_CROP_LEVELS = 4  # faces from 80 to 80 * 1.2^3 = 138 px in the crop, that is 0.87 to 1.5 of the expected size


class FaceDetector(Protocol):
    """What every detector offers. `model_id` names the network whose boxes these are."""

    model_id: str

    def detect(self, image: np.ndarray, *, upsample: int = 0, threshold: float = FACE_THRESHOLD) -> Detections:
        """Faces in `image` (h, w, 3) RGB uint8 that score above `threshold`, best first, boxes in its pixels;
        before, the picture is doubled in size `upsample` times."""
        ...


class MmodDetector:
    """dlib's MMOD face detector. Safe to share between threads; each call runs in the caller's thread."""

    model_id = "dlib-mmod-human-face-v1"

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._network = read_network(weights_path(DETECTOR_FILE))
        self._sessions: OrderedDict[tuple[int, int, int | None], onnxruntime.InferenceSession] = OrderedDict()
        self._lock = threading.Lock()

    def detect(self, image: np.ndarray, *, upsample: int = 0, threshold: float = FACE_THRESHOLD) -> Detections:
        """As `FaceDetector.detect`, equal to ``dlib.cnn_face_detection_model_v1``. Boxes may stick out of the
        picture, and have dlib's inclusive corners."""
        for _ in range(upsample):
            image = enlarge_twice(image)
        boxes, scores = self._run(image, threshold, None)
        kept = suppress(boxes, scores)
        boxes = boxes[kept]
        for _ in range(upsample):
            boxes = shrink_boxes_twice(boxes)
        return Detections(boxes, scores[kept])

    def detect_scaled(self, image: np.ndarray, scale: float, threshold: float = FACE_THRESHOLD) -> Detections:
        """Faces in `image` (h, w, 3) RGB uint8 after scaling it by `scale`, boxes in pixels of the given picture.

        Finds faces of at least 80 / `scale` px. A picture that would grow over 1.5 megapixels is looked at in
        overlapping pieces, so that memory stays bounded; large faces are then found in a smaller copy.
        """
        height, width = (max(SMALLEST_SIDE_PX, round(side * scale)) for side in image.shape[:2])
        if height * width <= _LARGEST_PIECE_PX:
            boxes, scores = self._run(_resized(image, width, height), threshold, None)
            return _merged([boxes / _factors(image, height, width)], [scores])
        small = (_LARGEST_PIECE_PX / (height * width)) ** 0.5
        whole = self.detect_scaled(image, scale * small * 0.999, threshold)
        all_boxes, all_scores = [whole.boxes_xyxy], [whole.scores]
        large = _resized(image, width, height)
        for top, left, bottom, right in _pieces(height, width):
            piece = np.ascontiguousarray(large[top:bottom, left:right])
            boxes, scores = self._run(piece, threshold, None)
            boxes, scores = _whole_in_piece(boxes, scores, (top, left, bottom, right), (height, width))
            all_boxes.append((boxes + np.array([left, top, left, top])) / _factors(image, height, width))
            all_scores.append(scores)
        return _merged(all_boxes, all_scores)

    def detect_around(
        self, image: np.ndarray, boxes_xyxy: np.ndarray, threshold: float = FACE_THRESHOLD, context: float = CROP_CONTEXT
    ) -> Detections:
        """Faces near the places `boxes_xyxy` (n, 4) where they are expected at about that size; n may be 0.

        Each place costs about 10 ms whatever the size of the picture. `context` is how many times as wide as the
        face the searched square is.
        """
        side = int(round(CROP_FACE_PX * context))
        all_boxes, all_scores = [], []
        source = Image.fromarray(image)
        for x1, y1, x2, y2 in np.asarray(boxes_xyxy, np.float64):
            half = max(x2 - x1 + 1, y2 - y1 + 1) * context / 2
            left, top = (x1 + x2 + 1) / 2 - half, (y1 + y2 + 1) / 2 - half
            extent = (left, top, left + 2 * half, top + 2 * half)
            crop = source.transform((side, side), Image.Transform.EXTENT, extent, Image.Resampling.BILINEAR)
            boxes, scores = self._run(np.asarray(crop), threshold, _CROP_LEVELS)
            all_boxes.append(boxes * (2 * half / side) + np.array([left, top, left, top]))
            all_scores.append(scores)
        return _merged(all_boxes, all_scores)

    def _run(self, image: np.ndarray, threshold: float, n_levels: int | None) -> tuple[np.ndarray, np.ndarray]:
        height, width = image.shape[:2]
        layout = pyramid(height, width, n_levels)
        scores = self._session(height, width, n_levels).run(None, {"images": image[None]})[0][0]
        return boxes_from_scores(scores, layout, threshold)

    def _session(self, height: int, width: int, n_levels: int | None) -> onnxruntime.InferenceSession:
        key = (height, width, n_levels)
        with self._lock:
            if key in self._sessions:
                self._sessions.move_to_end(key)
                return self._sessions[key]
            graph = detector_graph(self._network, pyramid(height, width, n_levels))
            session = open_session(graph, self._threads, keep_memory=height * width < _KEEP_MEMORY_BELOW_PX)
            self._sessions[key] = session
            if len(self._sessions) > _SESSIONS_KEPT:
                self._sessions.popitem(last=False)
            return session


SMALLEST_SIDE_PX = 16


def _resized(image: np.ndarray, width: int, height: int) -> np.ndarray:
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def _factors(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """How much larger the scaled picture is, per box coordinate."""
    fy, fx = height / image.shape[0], width / image.shape[1]
    return np.array([fx, fy, fx, fy])


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


def _whole_in_piece(
    boxes: np.ndarray, scores: np.ndarray, piece: tuple[int, int, int, int], whole_hw: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Without the boxes that a seam cuts and those higher than the overlap: another piece, or the smaller copy of
    the picture, has them whole."""
    top, left, bottom, right = piece
    margin = WINDOW_PX // 8
    inside = (
        ((boxes[:, 0] > margin) | (left == 0))
        & ((boxes[:, 1] > margin) | (top == 0))
        & ((boxes[:, 2] < right - left - margin) | (right == whole_hw[1]))
        & ((boxes[:, 3] < bottom - top - margin) | (bottom == whole_hw[0]))
        & (boxes[:, 3] - boxes[:, 1] < _SEAM_PX - margin)
    )
    return boxes[inside], scores[inside]


def _merged(boxes: list[np.ndarray], scores: list[np.ndarray]) -> Detections:
    if not boxes:
        return Detections.none()
    all_boxes, all_scores = np.concatenate(boxes), np.concatenate(scores)
    best_first = np.argsort(-all_scores, kind="stable")
    all_boxes, all_scores = all_boxes[best_first], all_scores[best_first]
    kept = suppress(all_boxes, all_scores)
    return Detections(all_boxes[kept], all_scores[kept])
