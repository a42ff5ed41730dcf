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


def load_photo(
    content: bytes, name: str, *, max_bytes: int = MAX_PHOTO_BYTES, max_pixels: int = MAX_PHOTO_PIXELS
) -> np.ndarray:
    """The photo `name` in `content` as (h, w, 3) RGB uint8, upright; of an animation the first picture.

    Raises MediaError with a sentence about `name` if it is too large, or no picture that can be read.
    """
    if not content:
        raise MediaError(f"{name} is empty (0 bytes); copy it again from its source.")
    if len(content) > max_bytes:
        raise MediaError(f"{name} is larger than {max_bytes // 1_000_000} MB; save it smaller.")
    if _n_pixels(content, max_pixels) > max_pixels:
        raise MediaError(f"{name} has more than {max_pixels // 1_000_000} megapixels; save it smaller.")
    try:
        return load_image(content)
    except MediaError as error:
        raise MediaError(name + str(error).removeprefix(_LOAD_IMAGE_SAYS)) from error


def _n_pixels(content: bytes, max_pixels: int) -> int:
    """How many pixels the photo says it has, more than `max_pixels` if that is a bomb; 0 if it cannot be told: then
    reading it says why."""
    try:
        with Image.open(io.BytesIO(content), formats=PICTURE_FORMATS) as image:
            return image.width * image.height
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return max_pixels + 1
    except Exception:  # any reader may trip over any bytes
        return 0
