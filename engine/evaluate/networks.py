"""Whether the fast networks give what dlib gives: the same boxes, scores and vectors, over a folder of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EvaluationError, MediaError
from engine.media.images import PICTURE_SUFFIXES, load_image
from engine.types import Detections, Progress, ignore_progress
from engine.vision.align import FaceAligner
from engine.vision.detect import FaceDetector, MmodDetector
from engine.vision.embed import FaceEmbedder, ResnetEmbedder
from engine.vision.reference import DlibCnnDetector, DlibEmbedder
from engine.vision.scales import find_faces


@dataclass(frozen=True, slots=True)
class DetectorParity:
    """Agreement of two detectors: pictures and faces compared, faces whose boxes are equal in every pixel
    coordinate, and the largest difference of a score among those."""

    upsample: int
    n_pictures: int
    n_faces_reference: int
    n_faces_fast: int
    n_identical_boxes: int
    largest_score_difference: float


@dataclass(frozen=True, slots=True)
class EmbedderParity:
    """Agreement of two embedders over the same chips: the largest difference of any coordinate, and of any
    distance between a vector and its twin."""

    n_pictures: int
    n_faces: int
    largest_coordinate_difference: float
    largest_distance: float


def pictures_below(folder: Path, limit: int | None = None) -> list[Path]:
    """Picture files anywhere below `folder`, sorted; with `limit`, that many, evenly spread. Raises
    EvaluationError if there are none."""
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file())
    if not found:
        raise EvaluationError(f"There are no pictures in {folder}; name a folder of pictures.")
    if limit is not None and limit < len(found):
        found = [found[i] for i in np.linspace(0, len(found) - 1, limit).round().astype(int)]
    return found


def compare_detectors(
    pictures: Sequence[Path],
    upsample: int,
    fast: FaceDetector | None = None,
    reference: FaceDetector | None = None,
    progress: Progress = ignore_progress,
) -> DetectorParity:
    """MMOD by ONNX Runtime against MMOD by dlib, with `upsample` doublings. dlib takes about 13 seconds for each
    megapixel after doubling."""
    fast, reference = fast or MmodDetector(), reference or DlibCnnDetector()
    n_reference = n_fast = n_identical = 0
    largest = 0.0
    for i, path in enumerate(pictures):
        image = load_image(path)
        a, b = reference.detect(image, upsample=upsample), fast.detect(image, upsample=upsample)
        n_reference, n_fast = n_reference + len(a), n_fast + len(b)
        for box, score in zip(a.boxes_xyxy, a.scores, strict=True):
            same = _equal_boxes(box, b)
            if len(same):
                n_identical += 1
                largest = max(largest, float(np.abs(b.scores[same] - score).min()))
        progress(f"boxes, upsample {upsample}", (i + 1) / len(pictures))
    return DetectorParity(upsample, len(pictures), n_reference, n_fast, n_identical, largest)


def compare_embedders(
    pictures: Sequence[Path],
    fast: FaceEmbedder | None = None,
    reference: FaceEmbedder | None = None,
    progress: Progress = ignore_progress,
) -> EmbedderParity:
    """The ResNet by ONNX Runtime against the ResNet by dlib, on every face that is found in the pictures."""
    fast, reference = fast or ResnetEmbedder(), reference or DlibEmbedder()
    detector, aligner = MmodDetector(), FaceAligner()
    n_faces, coordinate, distance = 0, 0.0, 0.0
    for i, path in enumerate(pictures):
        image = load_image(path)
        chips, _ = aligner.align(image, find_faces(detector, image).boxes_xyxy)
        difference = fast.embed(chips) - reference.embed(chips)
        n_faces += len(chips)
        coordinate = max(coordinate, float(np.abs(difference).max(initial=0)))
        distance = max(distance, float(np.linalg.norm(difference, axis=1).max(initial=0)))
        progress("vectors", (i + 1) / len(pictures))
    return EmbedderParity(len(pictures), n_faces, coordinate, distance)


def evaluate_networks(
    folder: Path, limit: int | None, detector: bool, progress: Progress = ignore_progress
) -> dict[str, Any]:
    """Both comparisons over the pictures below `folder`, as plain records. Without `detector`, vectors alone."""
    pictures = []
    for path in pictures_below(folder, limit):
        try:
            load_image(path)
        except MediaError:
            continue  # a damaged picture says nothing about networks
        pictures.append(path)
    record: dict[str, Any] = {"embedder": asdict(compare_embedders(pictures, progress=progress))}
    if detector:
        record["detector"] = [asdict(compare_detectors(pictures, n, progress=progress)) for n in (0, 1)]
    return record


def _equal_boxes(box: np.ndarray, among: Detections) -> np.ndarray:
    return np.nonzero((among.boxes_xyxy == box).all(axis=1))[0]
