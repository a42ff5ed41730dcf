"""At which size a picture is looked at, so that faces worth finding reach the detector's window of 80 px and no
more is paid than needed: a small copy first, a larger one where the first finds nothing large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.types import Detections
from engine.vision.detect import FACE_THRESHOLD, MmodDetector, merge
from engine.vision.pyramid import WINDOW_PX

BOX_TO_FACE = 0.88  # an MMOD box is this much of a face from hairline to chin (median over annotated frames)
SMALLEST_FACE_PX = 36  # of smaller faces over a quarter is too far from its person for a name (docs/measurements.md)
SMALLEST_FACE_SHARE = 1 / 24  # in larger pictures, of their height: below, faces are extras and cost grows fastest
LARGEST_RATIO = 3.0  # people who matter in one shot differ in size by less; beyond, small faces are extras
_QUICK_PX = 450_000  # the first look is at most this large
_OCTAVE_LEVELS = 4  # 80 to 138 px, and a tenth beyond at both ends: faces between this look's limit and the last's


@dataclass(frozen=True, slots=True)
class FilmScales:
    """How films of one size are searched: `scales` rise from a quick look to the smallest face, each twice the one
    before."""

    scales: tuple[float, ...]

    @classmethod
    def of(cls, width: int, height: int, smallest_face_px: int | None = None) -> FilmScales:
        """Scales for upright frames of this size; `smallest_face_px`, hairline to chin, or chosen by the size."""
        smallest = smallest_face_px or max(SMALLEST_FACE_PX, round(min(width, height) * SMALLEST_FACE_SHARE))
        scales = [WINDOW_PX / (BOX_TO_FACE * smallest)]
        while width * height * scales[0] ** 2 > _QUICK_PX:
            scales.insert(0, scales[0] / 2)
        return cls(tuple(scales))

    def search(self, detector: MmodDetector, image: np.ndarray, thorough: bool, threshold: float) -> Detections:
        """Faces in a frame (h, w, 3) RGB uint8. Not thorough: by the first scale alone. Thorough: each further scale
        is paid for only while no face is so much larger that the ones it could add are extras."""
        found = detector.detect_scaled(image, self.scales[0], threshold)
        for scale in self.scales[1:] if thorough else ():
            sure = found.boxes_xyxy[found.scores > FACE_THRESHOLD]
            largest_px = (sure[:, 3] - sure[:, 1]).max(initial=0)
            if largest_px > LARGEST_RATIO * 2 * WINDOW_PX / scale:
                break
            finer = detector.detect_scaled(image, scale, threshold, n_levels=_OCTAVE_LEVELS)
            found = merge([found, finer])
        return found


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
