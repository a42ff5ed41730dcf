"""The same networks run by dlib itself, and the classic HOG detector: what the fast paths are compared with."""

from __future__ import annotations

import dlib
import numpy as np

from engine.types import Detections
from engine.vision.detect import FACE_THRESHOLD, MmodDetector
from engine.vision.embed import EMBEDDER_ID
from engine.vision.networks import VECTOR_LENGTH
from engine.vision.weights import DETECTOR_FILE, EMBEDDER_FILE, weights_path


class DlibCnnDetector:
    """dlib's own run of the MMOD network: the truth `MmodDetector` is held to, 18 to 27 times slower."""

    model_id = MmodDetector.model_id

    def __init__(self) -> None:
        self._detector = dlib.cnn_face_detection_model_v1(str(weights_path(DETECTOR_FILE)))

    def detect(self, image: np.ndarray, *, upsample: int = 0, threshold: float = FACE_THRESHOLD) -> Detections:
        """As `FaceDetector.detect`; dlib reports nothing below 0, so `threshold` can only be raised."""
        found = [d for d in self._detector(np.ascontiguousarray(image), upsample) if d.confidence > threshold]
        return _detections([d.rect for d in found], [d.confidence for d in found])


class DlibHogDetector:
    """dlib's HOG detector, the default of face_recognition: quick, frontal faces from about 80 px."""

    model_id = "dlib-hog-frontal-face"

    def __init__(self) -> None:
        self._detector = dlib.get_frontal_face_detector()

    def detect(self, image: np.ndarray, *, upsample: int = 0, threshold: float = FACE_THRESHOLD) -> Detections:
        rects, scores, _ = self._detector.run(np.ascontiguousarray(image), upsample, threshold)
        return _detections(list(rects), list(scores))


class DlibEmbedder:
    """dlib's own run of the embedding ResNet: the truth `ResnetEmbedder` is held to, 13 to 18 times slower."""

    model_id = EMBEDDER_ID

    def __init__(self) -> None:
        self._network = dlib.face_recognition_model_v1(str(weights_path(EMBEDDER_FILE)))

    def embed(self, chips: np.ndarray) -> np.ndarray:
        vectors = np.empty((len(chips), VECTOR_LENGTH), np.float32)
        for i, chip in enumerate(chips):
            vectors[i] = np.array(self._network.compute_face_descriptor(chip))
        return vectors


def _detections(rects: list[dlib.rectangle], scores: list[float]) -> Detections:
    if not rects:
        return Detections.none()
    order = np.argsort(-np.array(scores), kind="stable")
    boxes = np.array([(r.left(), r.top(), r.right(), r.bottom()) for r in rects])
    return Detections(boxes[order], np.array(scores)[order])
