"""Pictures of one person each, the face in the middle: the vectors that protocols over faces compare.

The folder is ``<Person_Name>/*.jpg``, or ``images/<Person_Name>/*.jpg``. The face in question is the one in the middle,
as in Labeled Faces in the Wild, where others stand beside.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from engine.errors import EvaluationError
from engine.media.images import PICTURE_SUFFIXES, load_image
from engine.types import Progress, ignore_progress
from engine.vision.align import FaceAligner
from engine.vision.detect import FACE_THRESHOLD, MmodDetector
from engine.vision.embed import FaceEmbedder, ResnetEmbedder
from engine.vision.jitter import jittered
from engine.vision.networks import VECTOR_LENGTH

SIDE_PX = 300  # at least: a face of a third of it reaches the detector's window, and landmarks come as whole pixels
WEAK_THRESHOLD = -0.8  # where nothing better is found
FARTHEST_SHARE = 0.25  # of the side: a face whose middle is farther from the picture's is somebody else's
DEFAULT_BOX = (0.29, 0.33, 0.67, 0.71)  # of width and height: median of the boxes found over 10,965 pictures of LFW


@dataclass(frozen=True, slots=True)
class PictureVectors:
    """For each of n pictures the vector of the face as it stands, `plain` (n, 128) float32, and if jittered views were
    asked for (else None) their mean, `jittered`, and `steady`, the mean over the face, its mirror image and these
    views. `n_default` pictures had their face at the default place because none was found."""

    plain: np.ndarray
    jittered: np.ndarray | None
    steady: np.ndarray | None
    n_default: int


def pictures_of_people(folder: Path) -> dict[str, list[Path]]:
    """The pictures of each person below `folder`, both sorted by name. Raises EvaluationError if there are none."""
    root = folder / "images" if (folder / "images").is_dir() else folder
    found = {}
    if root.is_dir():
        for person in sorted(path for path in root.iterdir() if path.is_dir()):
            pictures = sorted(path for path in person.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)
            if pictures:
                found[person.name] = pictures
    if not found:
        raise EvaluationError(
            f"{folder} holds no pictures of people: it needs <Person_Name>/*.jpg, or images/ with these folders."
        )
    return found


def picture_vectors(
    pictures: Sequence[Path],
    jitter: int = 0,
    seed: int = 0,
    progress: Progress = ignore_progress,
    detector: MmodDetector | None = None,
    aligner: FaceAligner | None = None,
    embedder: FaceEmbedder | None = None,
) -> PictureVectors:
    """The vectors of the face in the middle of each picture; with `jitter`, also from that many jittered views of its
    chip (`engine.vision.jitter`), drawn for each picture anew from `seed` and its place in the list.

    About 60 ms a picture and 8 ms a view, on each of as many threads as there are processors. Raises MediaError for a
    picture that cannot be read.
    """
    detector, aligner, embedder = detector or MmodDetector(), aligner or FaceAligner(), embedder or ResnetEmbedder()

    def views(i: int) -> tuple[np.ndarray, bool]:
        """The vectors of the chip and, with jitter, of its mirror image and of the jittered views."""
        image = _enlarged(load_image(pictures[i]))
        box = middle_face(detector, image)
        chips, _ = aligner.align(image, (default_box(image) if box is None else box)[None])
        if jitter:
            drawn = jittered(chips[0], jitter, np.random.default_rng((seed, i)))
            chips = np.concatenate([chips, chips[:, :, ::-1], drawn])
        return embedder.embed(chips), box is None

    means = np.empty((3, len(pictures), VECTOR_LENGTH), np.float32)
    n_default = 0
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="pictures") as pool:
        try:
            for i, (vectors, is_default) in enumerate(pool.map(views, range(len(pictures)))):
                means[:, i] = vectors[0], vectors[2 * bool(jitter) :].mean(axis=0), vectors.mean(axis=0)
                n_default += is_default
                progress("pictures", (i + 1) / len(pictures))
        finally:
            pool.shutdown(cancel_futures=True)
    return PictureVectors(means[0], *((means[1], means[2]) if jitter else (None, None)), n_default)


def middle_face(detector: MmodDetector, image: np.ndarray) -> np.ndarray | None:
    """The box (4,) float32 of the face nearest the middle of `image` (h, w, 3) RGB uint8, or None if none is near. Weak
    answers are asked for only where there is no good one."""
    height, width = image.shape[:2]
    for threshold in (FACE_THRESHOLD, WEAK_THRESHOLD):
        boxes = detector.detect_scaled(image, 1.0, threshold).boxes_xyxy
        middles = boxes.reshape(-1, 2, 2).mean(axis=1)
        away = np.abs(middles - np.array([width, height]) / 2).max(axis=1) / max(width, height)
        if away.min(initial=np.inf) < FARTHEST_SHARE:
            return boxes[int(away.argmin())]
    return None


def default_box(image: np.ndarray) -> np.ndarray:
    """Where the face mostly is, (4,) float32."""
    height, width = image.shape[:2]
    return np.array(DEFAULT_BOX, np.float32) * np.array([width, height, width, height], np.float32)


def _enlarged(image: np.ndarray) -> np.ndarray:
    """The picture with its longer side at least `SIDE_PX`."""
    scale = SIDE_PX / max(image.shape[:2])
    if scale <= 1:
        return image
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))
