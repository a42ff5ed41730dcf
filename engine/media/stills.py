"""Single pictures out of a film: the frames on show at given times, faces cut out of them, JPEG files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from PIL import Image

from engine.media.container import TIME_SLACK_S, Film
from engine.media.images import resize
from engine.types import Frame

SEEK_GAP_S = 5.0
"""Gaps longer than this are jumped over: a key frame comes every 2 to 10 s, so shorter ones are decoded faster."""

FACE_MARGIN = 0.35
"""Around a face, as a share of its box: hair and chin are in the picture, neighbours mostly are not."""


def frames_at(path: Path, times_s: Sequence[float]) -> Iterator[Frame]:
    """The frame on show at each of the rising `times_s`: one for each, the same one again where it is still on show.

    A frame is on show from its time (1 ms of rounding aside) until the next one; before the first and after the last
    frame these two are given. Raises MediaError where `engine.media.video.probe` does, ValueError if the times fall.
    """
    if any(b < a for a, b in zip(times_s, times_s[1:], strict=False)):
        raise ValueError("times_s must rise")
    if len(times_s):
        with Film(path) as film:
            yield from _shown(film, times_s)


def _shown(film: Film, times_s: Sequence[float]) -> Iterator[Frame]:
    convert = VideoReformatter().reformat
    coming = film.frames()
    on_show, after = _next(coming), _next(coming)
    shown: Frame | None = None
    may_seek = True
    for time_s in times_s:
        if may_seek and after and time_s - after[0] > SEEK_GAP_S:
            # an index that leads back, or to the start for want of one, will do so again: decode on from there
            here_s = after[0]
            film.seek(time_s)
            coming = film.frames()
            on_show, after = _next(coming), _next(coming)
            may_seek = on_show is not None and on_show[0] >= here_s
        while after and after[0] <= time_s + TIME_SLACK_S:
            on_show, after = after, _next(coming)
        if shown is None or shown.t_s != on_show[0]:
            shown = Frame(_rgb(film, on_show[1], convert), on_show[0])
        yield shown


def _next(frames: Iterator[tuple[float, VideoFrame]]) -> tuple[float, VideoFrame] | None:
    return next(frames, None)


def _rgb(film: Film, frame: VideoFrame, convert) -> np.ndarray:
    image = convert(frame, *film.stored_wh, "rgb24", interpolation="BILINEAR").to_ndarray()
    return np.ascontiguousarray(np.rot90(image, film.rotation))


def face_crop(
    image: np.ndarray, box_xyxy: Sequence[float], margin: float = FACE_MARGIN, side_px: int = 160
) -> np.ndarray:
    """The square around a face in `image` (h, w, 3) uint8, as (side_px, side_px, 3) uint8.

    The square's side is that of the box's longer one and `margin` of it on either side. Where it reaches beyond the
    picture, the picture's edge is repeated, so that the face stays in the middle.
    """
    height, width = image.shape[:2]
    left, top, right, bottom = (float(value) for value in box_xyxy)
    side = max(1, round(max(right - left, bottom - top) * (1 + 2 * margin)))
    side = min(side, 2 * max(width, height))  # a senseless box must not cost a senseless amount of memory
    rows = np.clip(np.arange(side) + round((top + bottom - side) / 2), 0, height - 1)
    columns = np.clip(np.arange(side) + round((left + right - side) / 2), 0, width - 1)
    return resize(np.ascontiguousarray(image[rows[:, None], columns[None, :]]), side_px, side_px)


def shrunk(image: np.ndarray, widest_px: int) -> np.ndarray:
    """`image` (h, w, 3), at most `widest_px` wide, in its own proportions; unchanged if it is narrow enough."""
    height, width = image.shape[:2]
    if width <= widest_px:
        return image
    return resize(image, widest_px, max(1, round(height * widest_px / width)))


def jpeg_bytes(image: np.ndarray, quality: int = 85) -> bytes:
    """`image` (h, w, 3) RGB uint8 as a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return file.getvalue()
