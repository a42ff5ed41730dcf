"""Slightly different views of one face chip, whose vectors' mean is steadier than the chip's own: dlib's jitter."""

from __future__ import annotations

import numpy as np
from PIL import Image

LARGEST_TURN_DEG = 3.0
LARGEST_SHIFT = 0.02  # of the chip's side
SIZES = (0.97, 1.0)  # of the chip's face in the jittered chip; dlib's own random_cropper, as jitter_image sets it ...
_INNER = 144 / 150  # ... with the chip less 3 px on each side as the face


def jittered(chip: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    """`n` variants (n, h, w, 3) of `chip` (h, w, 3) RGB uint8, square: turned by up to 3 degrees, moved by up to 2 %,
    enlarged by 1 to 4 %, every second one on average mirrored, as ``jitter_image`` of dlib's
    ``face_recognition_model_v1`` does, all drawn evenly from `random`. What comes from outside of the chip repeats
    its edge, where dlib has black.
    """
    side = chip.shape[0]
    margin = side // 8
    source = Image.fromarray(np.pad(chip, ((margin, margin), (margin, margin), (0, 0)), mode="edge"))
    variants = np.empty((n, *chip.shape), np.uint8)
    for i in range(n):
        turn = np.radians(random.uniform(-LARGEST_TURN_DEG, LARGEST_TURN_DEG))
        scale = _INNER / random.uniform(*SIZES)  # pixels of the chip that one of the variant takes
        shift = random.uniform(-LARGEST_SHIFT, LARGEST_SHIFT, 2) * side
        cos, sin = scale * np.cos(turn), scale * np.sin(turn)
        middle = (side - 1) / 2
        # PIL maps each pixel's centre of the variant, x + 0.5, to a place in the source.
        x0, y0 = middle + 0.5 + margin + shift
        affine = (cos, -sin, x0 - (cos - sin) * side / 2, sin, cos, y0 - (sin + cos) * side / 2)
        view = source.transform((side, side), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
        variants[i] = np.asarray(view)[:, ::-1] if random.random() < 0.5 else np.asarray(view)
    return variants
