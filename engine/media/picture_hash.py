"""What a picture looks like in 64 bits: nearly the same for a picture that was saved again or scaled.

Reference: the difference hash (dHash), Krawetz 2013: whether each of 8 x 8 places is brighter than its right neighbour.
"""

from __future__ import annotations

import io
from contextlib import suppress

import numpy as np
from PIL import Image

from engine.errors import MediaError
from engine.media.images import load_image

N_BITS = 64
_WIDTH, _HEIGHT = 9, 8
_DECODED_PX = 64  # a JPEG's decoder gives a picture of an eighth for an eighth of the time


def picture_hash(content: bytes) -> np.ndarray:
    """(64,) bool of the picture in these bytes; all False where it cannot be read, or is all of one colour."""
    with suppress(OSError, ValueError, Image.DecompressionBombError):
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as jpeg:
            jpeg.draft("L", (_DECODED_PX, _DECODED_PX))
            return _hash(jpeg)
    with suppress(MediaError):
        return _hash(Image.fromarray(load_image(content)))
    return np.zeros(N_BITS, bool)


def _hash(image: Image.Image) -> np.ndarray:
    grey = np.asarray(image.convert("L").resize((_WIDTH, _HEIGHT), Image.Resampling.BOX), np.int16)
    return (grey[:, :-1] > grey[:, 1:]).ravel()
