"""Where the shots of a film begin and end.

All frames are decoded once and shrunk to thumbnails by libswscale; a few hundred of them are in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from av.video.reformatter import VideoReformatter

from engine.media.container import Film, frame_end_s
from engine.media.transitions import CONTEXT_FRAMES, THUMB_WH, find_boundaries, shows_picture
from engine.timeline import Interval

PIECE_FRAMES = 2 * CONTEXT_FRAMES
"""Thumbnails judged at a time; with the context on each side 7 MB, and 50 MB while they are looked at."""

PROGRESS_FRAMES = 48
"""How often progress is told: several times a second."""


@dataclass(frozen=True, slots=True)
class ShotScan:
    """The shots of a film: they follow each other without a gap and cover ``[0, duration_s)``; at least one.

    A shot starts at the time of its first frame (the first one at 0), a dissolve is divided in its middle and black
    between two fades belongs to the shot before it. `duration_s` is the end of the last frame that could be decoded.
    """

    shots: tuple[Interval, ...]
    duration_s: float
    n_frames: int
    n_damaged: int


def find_shots(
    path: Path,
    progress: Callable[[float], None] = lambda share: None,
    found: Callable[[Interval], None] = lambda shot: None,
) -> ShotScan:
    """The shots of the film in `path`: cuts, dissolves and fades, but not flashes, pans or fast motion.

    `progress` is told the share of the film that is done, 0 to 1, rising; an exception it raises stops the scan.
    `found` is told each shot, in order, as soon as its end is certain, some seconds of film behind what is read.
    Raises MediaError if the film cannot be opened (see `engine.media.video.probe`). Costs little more than decoding,
    and memory does not grow with the film's length.
    """
    with Film(path, roughly=True) as film:
        shots: list[Interval] = []
        for start_s, end_s in pairwise(_edges(film, progress)):
            shots.append(Interval(start_s, end_s))
            found(shots[-1])
        return ShotScan(tuple(shots), shots[-1].end_s, film.n_decoded, film.n_damaged)


def _edges(film: Film, progress: Callable[[float], None]) -> Iterator[float]:
    """0, the times of the frames that begin another shot, rising, and the end of the last frame."""
    length_s = film.duration_s
    pieces = _Pieces()
    yield 0.0
    shrink = VideoReformatter().reformat  # one for all frames: it keeps its tables
    end_s = 0.0
    for n, (t_s, frame) in enumerate(film.frames()):
        thumb = shrink(frame, *THUMB_WH, "yuv444p", interpolation="AREA", threads=1).to_ndarray()
        yield from pieces.add(thumb, t_s)
        end_s = frame_end_s(t_s, frame, film.fps)
        if n % PROGRESS_FRAMES == 0:
            progress(min(1.0, t_s / length_s))
    yield from pieces.finish()
    progress(1.0)
    yield end_s


class _Pieces:
    """Looks at a stream of thumbnails piece by piece, so that few are held: each frame is judged once, when
    `CONTEXT_FRAMES` frames on each side of it are there (or the film's beginning or end)."""

    def __init__(self) -> None:
        self._thumbs: list[np.ndarray] = []
        self._times_s: list[float] = []
        self._n_judged = 0
        self._picture_before = False

    def add(self, thumb: np.ndarray, t_s: float) -> list[float]:
        """Take one more frame; the times of boundaries that are now certain, rising, mostly none."""
        self._thumbs.append(thumb)
        self._times_s.append(t_s)
        if len(self._thumbs) < self._n_judged + PIECE_FRAMES + CONTEXT_FRAMES:
            return []
        found = self._judge(self._n_judged + PIECE_FRAMES)
        n_old = self._n_judged - CONTEXT_FRAMES
        self._picture_before |= shows_picture(np.stack(self._thumbs[:n_old]))
        del self._thumbs[:n_old], self._times_s[:n_old]
        self._n_judged = CONTEXT_FRAMES
        return found

    def finish(self) -> list[float]:
        """The times of the boundaries among the frames not judged so far."""
        return self._judge(len(self._thumbs))

    def _judge(self, end: int) -> list[float]:
        found = find_boundaries(np.stack(self._thumbs), np.array(self._times_s), picture_before=self._picture_before)
        found_s = [self._times_s[i] for i in found if self._n_judged <= i < end]
        self._n_judged = end
        return found_s
