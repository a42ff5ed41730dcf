"""KinFaceW-I: pairs of a parent and a child, as vectors. The folder is as published: ``meta_data/<fs|fd|ms|md>_pairs``,
here as CSV with fold,kin,image1,image2, and ``images/<relation>/`` with crops of 64 px, eyes at equal places.

The crops end at the brows and the chin, so they are enlarged and given a margin that repeats their edge before the
network sees them. Three ways of putting the face where the network wants it are compared (`ALIGNMENTS`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from engine.errors import EvaluationError
from engine.evaluate.people_pictures import middle_face
from engine.identity.kinship import Relation
from engine.media.images import load_image
from engine.types import Progress, ignore_progress
from engine.vision.align import FaceAligner
from engine.vision.detect import MmodDetector
from engine.vision.embed import ResnetEmbedder
from engine.vision.networks import CHIP_SIDE_PX

FOLDERS: Mapping[Relation, tuple[str, str]] = {
    "father-son": ("fs", "father-son"),
    "father-daughter": ("fd", "father-dau"),
    "mother-son": ("ms", "mother-son"),
    "mother-daughter": ("md", "mother-dau"),
}
_SIDE_PX = 256  # of the enlarged crop: the face then is twice the detector's window
_MARGIN_PX = 128  # on each side: boxes of faces reach beyond the crop
_USUAL_BOX = (-0.046, -0.046, 0.94, 0.94)
"""Of the crop's side, from its left top corner: the median of the boxes found in 1,065 of the 1,066 crops."""
_DIRECT = (1.94, 11.9, 15.5)
"""Pixels of the chip for one of the crop of 64 px, and where its left top corner then is: eye corners and nose, by the
median of the landmarks found, come nearest to where dlib's chips have them."""
_CROP_PX = 64


@dataclass(frozen=True, slots=True)
class KinPairs:
    """The pairs of a relation, in the order of the list: `fold` (n,) from 1, `kin` (n,) bool, and the rows of their
    pictures among all, `parent` and `child` (n,)."""

    fold: np.ndarray
    kin: np.ndarray
    parent: np.ndarray
    child: np.ndarray

    def of(self, folds: np.ndarray) -> KinPairs:
        """Those in `folds`."""
        mine = np.isin(self.fold, folds)
        return KinPairs(self.fold[mine], self.kin[mine], self.parent[mine], self.child[mine])


def read_families(folder: Path) -> tuple[dict[Relation, KinPairs], list[Path]]:
    """The pairs of each relation and the paths of all pictures. Raises EvaluationError."""
    pictures: dict[Path, int] = {}
    families: dict[Relation, KinPairs] = {}
    for relation, (short, named) in FOLDERS.items():
        path = folder / "meta_data" / f"{short}_pairs.csv"
        try:
            with path.open(encoding="utf-8", newline="") as opened:
                rows = list(csv.DictReader(opened))
            fold, kin = (np.array([int(row[name]) for row in rows]) for name in ("fold", "kin"))
            parent, child = (
                np.array([pictures.setdefault(folder / "images" / named / row[name], len(pictures)) for row in rows])
                for name in ("image1", "image2")
            )
        except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
            raise EvaluationError(
                f"{folder} is not KinFaceW-I: {path} must list fold,kin,image1,image2 ({error})."
            ) from error
        if len(np.unique(fold)) < 3 or any(not (kin[fold == one] == 1).any() for one in np.unique(fold)):
            raise EvaluationError(f"{path} needs three folds or more, and in each a parent with their own child.")
        families[relation] = KinPairs(fold, kin == 1, parent, child)
    return families, list(pictures)


def aligned_vectors(pictures: list[Path], progress: Progress = ignore_progress) -> dict[str, np.ndarray]:
    """For each of `ALIGNMENTS` the vectors (n, 2, 128) float32 of the pictures: of the face as it stands and of its
    mirror image. 150 ms of processor time a picture. Raises MediaError."""
    detector, aligner, embedder = MmodDetector(), FaceAligner(), ResnetEmbedder()
    found = {name: np.empty((len(pictures), 2, 128), np.float32) for name in ALIGNMENTS}
    for i, path in enumerate(pictures):
        crop = load_image(path)
        for name, align in ALIGNMENTS.items():
            chip = align(crop, detector, aligner)
            found[name][i] = embedder.embed(np.stack([chip, chip[:, ::-1]]))
        progress("pictures", (i + 1) / len(pictures))
    return found


def _with_margin(crop: np.ndarray) -> np.ndarray:
    large = np.asarray(Image.fromarray(crop).resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BICUBIC))
    return np.ascontiguousarray(np.pad(large, ((_MARGIN_PX, _MARGIN_PX), (_MARGIN_PX, _MARGIN_PX), (0, 0)), "edge"))


def _detected(crop: np.ndarray, detector: MmodDetector, aligner: FaceAligner) -> np.ndarray:
    image = _with_margin(crop)
    box = middle_face(detector, image)
    return aligner.align(image, (_usual_box() if box is None else box)[None])[0][0]


def _landmarks(crop: np.ndarray, _detector: MmodDetector, aligner: FaceAligner) -> np.ndarray:
    return aligner.align(_with_margin(crop), _usual_box()[None])[0][0]


def _direct(crop: np.ndarray, _detector: MmodDetector, _aligner: FaceAligner) -> np.ndarray:
    scale, left, top = _DIRECT
    scale *= _CROP_PX / crop.shape[0]
    margin = crop.shape[0] // 2
    image = Image.fromarray(np.pad(crop, ((margin, margin), (margin, margin), (0, 0)), "edge"))
    size = (CHIP_SIDE_PX, CHIP_SIDE_PX)
    to_crop = (1 / scale, 0, margin - left / scale, 0, 1 / scale, margin - top / scale)
    return np.asarray(image.transform(size, Image.Transform.AFFINE, to_crop, Image.Resampling.BICUBIC))


def _usual_box() -> np.ndarray:
    return (np.array(_USUAL_BOX) * _SIDE_PX + _MARGIN_PX).astype(np.float32)


ALIGNMENTS: Mapping[str, Callable[[np.ndarray, MmodDetector, FaceAligner], np.ndarray]] = {
    "detect": _detected,  # the face found by the detector, then its landmarks
    "landmarks": _landmarks,  # landmarks in the box in which faces usually are
    "direct": _direct,  # the whole crop where its eyes and nose usually fit
}
