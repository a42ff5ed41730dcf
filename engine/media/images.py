"""Picture files -> upright RGB arrays.

Whatever a picture file holds (grey, palette, CMYK, alpha, 16 bits, EXIF rotation, several frames), the rest of the
engine meets one thing: (h, w, 3) RGB uint8, contiguous, upright. No function here touches Pillow's global settings,
so all of them may run in several threads at once.
"""

from __future__ import annotations

import io
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import DramatisError, MediaError
from engine.media import heif
from engine.media.kinds import PICTURE_FORMATS

PICTURE_SUFFIXES = frozenset(
    {
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".avif",
        ".jp2",
        *heif.SUFFIXES,
    }
)
"""File name endings, lower case, that `picture_files` takes for pictures."""

MAX_PIXELS = 100_000_000
"""Largest picture that is decoded: 300 MB as RGB. Medium-format cameras give 100 megapixels; a decompression bomb
(a small file that claims a huge picture) gives more. Pillow's own limit of twice 89 megapixels also holds."""


def load_image(source: Path | bytes) -> np.ndarray:
    """The picture in a file, or in the bytes of one, as (h, w, 3) RGB uint8, C-contiguous and upright.

    EXIF orientation is applied, but of HEIC files the turn that they state themselves; transparent parts become white;
    of an animation the first frame is taken; 16-bit grey is scaled, not clipped, to 8 bits. The size is checked before
    any pixel is decoded.

    Raises MediaError if the file is missing, a folder, empty, unreadable, truncated, too large or not a picture.
    """
    with _opened(source) as stream:
        return _decoded(stream, f"The picture {source}" if isinstance(source, Path) else "The picture")


def resize(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """`image` (h, w, 3) uint8 as (height, width, 3) uint8, bilinear; antialiased when it gets smaller.

    Raises ValueError if `width` or `height` is below 1.
    """
    return np.array(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def picture_files(folder: Path) -> list[Path]:
    """The files directly in `folder` whose name ends like a picture's, sorted by name; hidden ones are left out.

    Raises MediaError if the folder cannot be listed.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise MediaError(
            f"The folder {folder} cannot be listed ({error.strerror}); name a folder of pictures."
        ) from error
    return [
        path
        for path in entries
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    ]


def _opened(source: Path | bytes) -> AbstractContextManager[BinaryIO]:
    if isinstance(source, bytes):
        if not source:
            raise MediaError("The picture is empty (0 bytes); send it again.")
        return nullcontext(io.BytesIO(source))
    if source.is_dir():
        raise MediaError(f"{source} is a folder, not a picture; name one picture file.")
    if not source.is_file():
        raise MediaError(f"There is no picture {source}; check the path.")
    try:
        stream = source.open("rb")
        if not stream.peek(1):
            stream.close()
            raise MediaError(f"The picture {source} is empty (0 bytes); copy it again from its source.")
        return stream
    except OSError as error:
        raise _unreadable(f"The picture {source}", error) from error


def _unreadable(name: str, error: OSError) -> MediaError:
    return MediaError(f"{name} cannot be read ({error.strerror}); check its permissions and its disk.")


def _decoded(stream: BinaryIO, name: str) -> np.ndarray:
    not_a_picture = f"{name} is not a picture that can be read; use a JPEG, PNG, WebP, HEIC or TIFF file."
    too_large = f"{name} has more than {MAX_PIXELS // 1_000_000} megapixels; save it smaller."
    try:
        with Image.open(stream, formats=PICTURE_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise MediaError(too_large)
            image.load()
            return _rgb(_upright(image))
    except DramatisError:
        raise
    except UnidentifiedImageError as error:
        raise MediaError(not_a_picture) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError(too_large) from error
    except Exception as error:  # damaged files make Pillow's readers raise whatever their parsing trips over
        if isinstance(error, OSError) and error.errno is not None:
            raise _unreadable(name, error) from error
        raise MediaError(f"{name} is damaged or cut off; copy it again from its source.") from error


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a picture with broken EXIF data still shows its pixels, as they are stored
        return image


def _rgb(image: Image.Image) -> np.ndarray:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        grey = _eight_bits(np.asarray(image), image.mode)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        above = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", above.size, "white"), above)
    return np.array(image.convert("RGB"))


def _eight_bits(grey: np.ndarray, mode: str) -> np.ndarray:
    """Grey values of more than 8 bits scaled to 0..255. White is 65535, unless larger values show that it is the
    largest 32-bit one; in float pictures it is 1, unless larger values show that it is 255."""
    values = np.nan_to_num(grey.astype(np.float64))
    peak = values.max()
    white = (1.0 if peak <= 1.0 else 255.0) if mode == "F" else (65535.0 if peak <= 65535 else 2.0**31 - 1)
    return np.clip(values * (255.0 / white) + 0.5, 0, 255).astype(np.uint8)
