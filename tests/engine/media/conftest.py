"""Clips rendered for the tests of the media room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

TICKS = 24_000


def numbered(n: int, width: int = 96, height: int = 64) -> list[np.ndarray]:
    """n pictures that carry their own number, as eight columns of black or white: see `number_of`."""
    pictures = []
    for number in range(n):
        bits = np.array([255 * (number >> bit & 1) for bit in range(8)], np.uint8)
        row = np.repeat(bits, -(-width // 8))[:width]
        pictures.append(np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, width, 3))))
    return pictures


def number_of(image: np.ndarray) -> int:
    width = image.shape[1]
    columns = [int((bit + 0.5) * -(-width // 8)) for bit in range(8)]
    return sum(int(image[:, column].mean() > 128) << bit for bit, column in enumerate(columns))


def write_clip(
    path: Path,
    pictures: Iterable[np.ndarray],
    *,
    fps: int = 24,
    times_s: Sequence[float] | None = None,
    codec: str = "libx264",
    gop: int = 12,
    rotation: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode RGB pictures; `times_s` gives each its time (rising), otherwise they follow at `fps`."""
    pictures = iter(pictures)
    picture = next(pictures)
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.gop_size = gop
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "crf": "12", "bf": "2"}
        else:
            stream.bit_rate = 4_000_000
        if times_s is not None:
            stream.codec_context.time_base = Fraction(1, TICKS)
        if rotation:
            stream.set_display_rotation(rotation)
        n = 0
        while picture is not None:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            if times_s is None:
                frame.pts, frame.time_base = n, Fraction(1, fps)
            else:
                frame.pts, frame.time_base = round(times_s[n] * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
            picture, n = next(pictures, None), n + 1
        container.mux(stream.encode(None))
    return path


class Clips:
    """The functions above, for test modules that cannot import this one."""

    numbered = staticmethod(numbered)
    number_of = staticmethod(number_of)
    write = staticmethod(write_clip)


@pytest.fixture(scope="session")
def clips() -> type[Clips]:
    return Clips


@pytest.fixture(scope="session")
def numbered_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """96 numbered frames at 24 per second, a key frame every 12, with frames that are coded out of order."""
    return write_clip(tmp_path_factory.mktemp("clips") / "numbered.mp4", numbered(96))
