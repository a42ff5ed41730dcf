"""At which size a picture is looked at, so that faces worth finding reach the detector's window of 80 px and no
more is paid than needed: a small copy first, a larger one where the first finds nothing large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.types import Detections
from engine.vision.detect import FACE_THRESHOLD, MmodDetector
from engine.vision.pyramid import WINDOW_PX

BOX_TO_FACE = 0.88  # an MMOD box is this much of a face from hairline to chin (median over annotated frames)
SMALLEST_FACE_PX = 36  # the smallest face, hairline to chin, that the networks can still tell from others
SMALLEST_FACE_SHARE = 1 / 24  # in larger pictures, of their height: below, faces are extras and cost grows fastest
CLOSE_UP_SHARE = 1 / 3  # a face this high fills a close-up, in which nobody stands far behind in focus


@dataclass(frozen=True, slots=True)
class FilmScales:
    """How a film of one size is searched: `quick` finds faces twice as high as the smallest, `full` all of them."""

    quick: float
    full: float
    height: int

    @classmethod
    def of(cls, width: int, height: int, smallest_face_px: int | None = None) -> FilmScales:
        """Scales for upright frames of this size; `smallest_face_px`, hairline to chin, or chosen by the size."""
        smallest = smallest_face_px or max(SMALLEST_FACE_PX, round(min(width, height) * SMALLEST_FACE_SHARE))
        full = WINDOW_PX / (BOX_TO_FACE * smallest)
        return cls(full / 2, full, height)

    def search(self, detector: MmodDetector, image: np.ndarray, thorough: bool, threshold: float) -> Detections:
        """Faces in a frame (h, w, 3) RGB uint8. Thorough means down to the smallest face, unless the quick look
        shows a close-up."""
        quick = detector.detect_scaled(image, self.quick, threshold)
        sure = quick.boxes_xyxy[quick.scores > FACE_THRESHOLD]
        close_up = len(sure) and (sure[:, 3] - sure[:, 1]).max() > CLOSE_UP_SHARE * BOX_TO_FACE * self.height
        if not thorough or close_up:
            return quick
        return detector.detect_scaled(image, self.full, threshold)


_PICTURE_SIDES_PX = (480, 960, 1600)  # longest side of each look at a still picture
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
