"""Faces as pictures for people to look at: aligned as the network sees them, in more detail, as JPEG; and the parts
that make a likeness laid over them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from engine.errors import MediaError
from engine.identity.why import PARTS, PartEffect
from engine.media.images import load_image
from engine.pipeline.models import Models
from engine.vision.networks import CHIP_SIDE_PX
from engine.vision.scales import find_faces

PORTRAIT_PX = 300
PREVIEW_PX = 1280
"""The longest side of a photo as it is shown."""

_QUALITY = 88
_FOR, _AGAINST = (240, 70, 40), (40, 110, 240)  # told apart without red and green, too
_MOST_HIDDEN = 0.55  # of the face below the strongest part
_SOFT_PX = 9.0


def preview(image: np.ndarray) -> bytes:
    """A photo (h, w, 3) RGB uint8 as a JPEG of at most `PREVIEW_PX`."""
    factor = -(-max(image.shape[:2]) // PREVIEW_PX)
    # Averaging whole squares of pixels takes a tenth of the time of any other filter.
    shown = Image.fromarray(image).reduce(factor)
    return _encoded(shown)


def portraits(
    image: np.ndarray, boxes_xyxy: Sequence[tuple[float, float, float, float]], models: Models
) -> tuple[bytes, ...]:
    """A JPEG of `PORTRAIT_PX` of each of the faces `boxes_xyxy` of a photo (h, w, 3) RGB uint8, aligned."""
    chips, _ = models.aligner.align(image, np.array(boxes_xyxy, np.float32).reshape(-1, 4), PORTRAIT_PX)
    return tuple(_encoded(Image.fromarray(chip)) for chip in chips)


def portrait_of(picture: Path, models: Models) -> bytes:
    """The largest face in a gallery's picture. Raises MediaError if it cannot be read or shows none."""
    image = load_image(picture)
    boxes = find_faces(models.detector, image).boxes_xyxy
    if not len(boxes):
        raise MediaError(f"No face is found any more in {picture}.")
    largest = boxes[np.argmax((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))]
    return portraits(image, [tuple(largest.tolist())], models)[0]


def heat(portrait: bytes, parts: tuple[PartEffect, ...], kind: str = "JPEG") -> bytes:
    """A portrait, as a picture of this `kind`, with its parts coloured by their effect: those that make the likeness
    warm, those that speak against it cold, each the stronger the larger its effect is beside the largest."""
    with Image.open(io.BytesIO(portrait)) as opened:
        shown = opened.convert("RGB")
    most = max((abs(part.effect) for part in parts), default=0.0)
    scale = shown.width / CHIP_SIDE_PX
    for colour, sign in ((_FOR, 1), (_AGAINST, -1)):
        mask = Image.new("L", shown.size, 0)
        for part in parts:
            if sign * part.effect <= 0 or most == 0:
                continue
            own = Image.new("L", shown.size, 0)
            for box in PARTS[part.part]:
                left, top, right, bottom = (value * scale for value in box)
                ImageDraw.Draw(own).rectangle(
                    (left, top, right - 1, bottom - 1), fill=round(255 * _MOST_HIDDEN * abs(part.effect) / most)
                )
            mask = ImageChops.lighter(mask, own)
        shown.paste(colour, (0, 0), mask.filter(ImageFilter.GaussianBlur(_SOFT_PX)))
    return _encoded(shown, kind)


def _encoded(image: Image.Image, kind: str = "JPEG") -> bytes:
    image.save(out := io.BytesIO(), kind, quality=_QUALITY)
    return out.getvalue()
