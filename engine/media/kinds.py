"""What kind of file it is, by its first bytes; imports no numpy, for the sake of processes that only ask this."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image

from engine.media import heif

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", heif.FORMAT)
"""Pillow's readers that may be tried. The others are left alone: EPS, for one, starts Ghostscript on the file."""

heif.register()
# Pillow warns above 89 megapixels; each of our own limits refuses or allows such a picture before it is decoded.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def is_picture(path: Path) -> bool:
    """Whether the file's first bytes are those of a picture; no pixel is decoded. False if it cannot be read."""
    try:
        with Image.open(path, formats=PICTURE_FORMATS):
            return True
    except Exception:  # any reader may trip over any file
        return False
