"""Photos that somebody sends to have them looked at: checked before a pixel is decoded, and each refusal a sentence
that names the photo."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from engine.errors import MediaError
from engine.media.images import load_image
from engine.media.kinds import PICTURE_FORMATS

MAX_PHOTO_BYTES = 15_000_000
MAX_PHOTO_PIXELS = 64_000_000
"""Telephones of today take 12 to 50 megapixels, which are 2 to 12 MB as HEIC or JPEG and up to 150 MB decoded."""

_LOAD_IMAGE_SAYS = "The picture"  # what `load_image` calls a picture of which it knows the bytes alone


def load_photo(content: bytes, name: str) -> np.ndarray:
    """The photo `name` in `content` as (h, w, 3) RGB uint8, upright; of an animation the first picture.

    Raises MediaError with a sentence about `name` if it is too large, or no picture that can be read.
    """
    if len(content) > MAX_PHOTO_BYTES:
        raise MediaError(f"{name} is larger than {MAX_PHOTO_BYTES // 1_000_000} MB; save it smaller.")
    if _n_pixels(content) > MAX_PHOTO_PIXELS:
        raise MediaError(f"{name} has more than {MAX_PHOTO_PIXELS // 1_000_000} megapixels; save it smaller.")
    try:
        return load_image(content)
    except MediaError as error:
        raise MediaError(name + str(error).removeprefix(_LOAD_IMAGE_SAYS)) from error


def _n_pixels(content: bytes) -> int:
    """How many pixels the photo says it has; 0 if it cannot be told: then reading it says why."""
    try:
        with Image.open(io.BytesIO(content), formats=PICTURE_FORMATS) as image:
            return image.width * image.height
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return MAX_PHOTO_PIXELS + 1
    except Exception:  # any reader may trip over any bytes
        return 0
