"""At which size a picture is looked at, so that faces worth finding reach the detector's window of 80 px and no
more is paid than needed: a small copy first, a larger one where the first finds nothing large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.types import BOX_TO_FACE, Detections
from engine.vision.detect import FACE_THRESHOLD, MmodDetector, merge
from engine.vision.pyramid import WINDOW_PX

SMALLEST_FACE_PX = 25  # of smaller faces not even half is found, and they hold too little to be recognised
SMALLEST_FACE_SHARES = (1 / 20, 1 / 24)  # of the height; below, faces are extras and cost grows fastest: the first ...
SMALLEST_CLEAR_FACE_PX = 36  # ... up to this size, of which three in four can be named, then the second
BETWEEN_LEVELS = 1.2  # places are proposed for faces this much smaller than the window; a closer look finds them
LARGEST_RATIO = 3.0  # people who matter in one shot differ in size by less; beyond, small faces are extras
FINER_AGAIN_S = 0.75  # after which the finer scales are searched again: whenever the tracker asks, once a second
QUICK_FINER_AGAIN_S = 1.75  # every second time
_QUICK_PX = 450_000  # the first look is at most this large
_OCTAVE_LEVELS = 2  # 67 to 138 px: faces between this look's limit and the last's


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a picture: scaled by `scale`, over `n_levels` levels of the prefilter (None: all)."""

    scale: float
    n_levels: int | None

    @property
    def smallest_box_px(self) -> float:
        """The smallest box that it proposes places for, in pixels of the picture."""
        return WINDOW_PX / (BETWEEN_LEVELS * self.scale)


@dataclass(frozen=True, slots=True)
class FilmScales:
    """How films of one size are searched: `scales` rise from a quick look to the smallest face, each twice the one
    before, and all but the first are searched again after `finer_again_s` seconds at the earliest."""

    scales: tuple[float, ...]
    finer_again_s: float = FINER_AGAIN_S

    @classmethod
    def of(cls, width: int, height: int, smallest_face_px: int | None = None, *, quick: bool = False) -> FilmScales:
        """Scales for upright frames of this size; `smallest_face_px`, hairline to chin, or chosen by the size and then,
        if `quick`, twice as large; `quick` also halves how often finer scales are searched."""
        smallest = smallest_face_px or smallest_face_of(min(width, height)) * (2 if quick else 1)
        scales = [WINDOW_PX / (BOX_TO_FACE * smallest * BETWEEN_LEVELS)]
        while width * height * scales[0] ** 2 > _QUICK_PX:
            scales.insert(0, scales[0] / 2)
        return cls(tuple(scales), QUICK_FINER_AGAIN_S if quick else FINER_AGAIN_S)

    @property
    def looks(self) -> tuple[Look, ...]:
        """The first look finds faces of every size from its smallest up, each further one those that the one before
        is too coarse for."""
        return tuple(Look(scale, _OCTAVE_LEVELS if i else None) for i, scale in enumerate(self.scales))


def smallest_face_of(shorter_side_px: int) -> int:
    """How small faces are searched, hairline to chin, in films of this size."""
    lenient, strict = (round(shorter_side_px * share) for share in SMALLEST_FACE_SHARES)
    return max(SMALLEST_FACE_PX, min(SMALLEST_CLEAR_FACE_PX, lenient), strict)


_PICTURE_SIDES_PX = (480, 960, 1600)  # longest side of each look at a still picture
_ALL_SIDES_PX = (480, 800, 1340, 2240, 3740)  # for everybody, each 1.67 times the one before ...
_BETWEEN_SIDES_LEVELS = 4  # ... so that these, 80 to 138 px, reach from one look to the next
_SMALLEST_IN_CROWD_PX = 40  # of a box, once larger ones are found: smaller faces tell little about a likeness
_LARGEST_ENLARGEMENT = 3.0  # a face under 27 px holds too little to be recognised


def find_faces(detector: MmodDetector, image: np.ndarray, threshold: float = FACE_THRESHOLD) -> Detections:
    """Faces in a still picture (h, w, 3) RGB uint8: looked at small, then larger until something is found.

    Finds a lone face from about a twentieth of the longest side upwards.
    """
    found, last_scale = Detections.none(), 0.0
    for side in _PICTURE_SIDES_PX:
        scale = min(side / max(image.shape[:2]), _LARGEST_ENLARGEMENT)
        if len(found) or scale <= last_scale * 1.01:
            break
        found, last_scale = detector.detect_scaled(image, scale, threshold), scale
    return found


def find_everybody(detector: MmodDetector, image: np.ndarray, threshold: float = FACE_THRESHOLD) -> Detections:
    """All faces that matter in a still picture (h, w, 3) RGB uint8, of one person or of a crowd.

    Two looks at least; a face alone in both is a portrait. Where there are several, looks go on until faces a third as
    large as the largest would be found (`LARGEST_RATIO`), where there is none, to the end. A portrait costs what 0.5
    megapixels do, a crowd in 12 megapixels all of them.
    """
    looks, last_scale = [], 0.0
    for i, side in enumerate(_ALL_SIDES_PX):
        scale = min(side / max(image.shape[:2]), _LARGEST_ENLARGEMENT)
        if scale <= last_scale * 1.01:
            break
        looks.append(detector.detect_scaled(image, scale, threshold, _BETWEEN_SIDES_LEVELS if i else None))
        found, last_scale = merge(looks), scale
        if i == 0 or not len(found):
            continue
        largest = float((found.boxes_xyxy[:, 3] - found.boxes_xyxy[:, 1]).max())
        if len(found) == 1 or WINDOW_PX / scale <= max(largest / LARGEST_RATIO, _SMALLEST_IN_CROWD_PX):
            break
    return merge(looks)
