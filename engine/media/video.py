"""Film files -> upright RGB frames, each with the time it is shown.

`FrameReader` decodes in a thread of its own, so that the next frames are being decoded while the caller looks at
this one. Converting a frame to RGB costs as much as decoding it, so only frames that were asked for are converted.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from engine.media.container import TIME_SLACK_S, Film
from engine.types import Frame, VideoInfo

RETRY_S = 0.05
"""How soon the decoding thread, waiting to hand over a frame, notices that nobody wants it any more."""


def probe(path: Path) -> VideoInfo:
    """What the film in `path` is: its first frame has been decoded, so it can be shown.

    `duration_s` is what the file states, in a file that was cut off more than it holds; where it states nothing the
    whole file is read (not decoded) to find out. Raises MediaError if the file is missing, a folder, empty,
    unreadable, a picture, sound only or no film at all.
    """
    with Film(path) as film:
        return VideoInfo(path, film.duration_s, film.fps, film.width, film.height, film.stream.codec_context.name)


class FrameReader:
    """Frames of a film, in the order they are shown, decoded ahead in a background thread::

        with FrameReader(path, sample_times_s=[0.0, 0.5, 1.0]) as frames:
            for frame in frames:
                ...

    Parameters
    ----------
    sample_times_s : rising times in seconds. For each one inside ``[start_s, end_s)`` the frame on show then is
        yielded (the last one whose time is at most 1 ms later), each distinct frame once, with its own `t_s`; a time
        after the film's end gives the last frame. None: every frame in ``[start_s, end_s)``, 1 ms of rounding aside.
    longest_side_px : frames larger than this are scaled down to it, to even sides of the same aspect ratio.
    queue_size : how many converted frames may wait; memory is that many frames and a few more.
    roughly : decode at less cost (see `engine.media.container.Film`).

    Time 0 is the start of the video stream, so the first frame of the file is shown at 0, and times come from pts, so
    variable frame rates are right (see `engine.media.container.Film`). All frames of one reader have the same size.
    Starting later than 0 seeks to the key frame before; if the file's index misleads, it is read from its beginning.

    Entering the ``with`` block raises MediaError where `probe` does. An error while decoding is raised from the
    iterator. `n_decoded` and `n_damaged` count the frames decoded and the damaged ones skipped so far; they are
    final when the iterator has ended. Leaving the block, however it is left, ends the thread and closes the file.
    """

    def __init__(
        self,
        path: Path,
        *,
        sample_times_s: Sequence[float] | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
        longest_side_px: int | None = None,
        queue_size: int = 4,
        roughly: bool = False,
    ) -> None:
        self.path = path
        self.start_s = start_s
        self.end_s = math.inf if end_s is None else end_s
        self.longest_side_px = longest_side_px
        self._roughly = roughly
        if sample_times_s is None:
            self._samples: list[float] | None = None
        else:
            self._samples = [float(t) for t in sample_times_s if start_s <= t < self.end_s]
            if any(b < a for a, b in zip(sample_times_s, sample_times_s[1:], strict=False)):
                raise ValueError("sample_times_s must rise")
        self._queue: queue.Queue[Frame | BaseException | None] = queue.Queue(queue_size)
        self._stop = threading.Event()
        self._convert = VideoReformatter().reformat  # one for all frames: it keeps its tables
        self._thread: threading.Thread | None = None
        self._film: Film | None = None

    @property
    def n_decoded(self) -> int:
        return self._film.n_decoded if self._film else 0

    @property
    def n_damaged(self) -> int:
        return self._film.n_damaged if self._film else 0

    def __enter__(self) -> FrameReader:
        if self._thread is not None:
            raise RuntimeError("a FrameReader reads once; make another one")
        self._film = Film(self.path, roughly=self._roughly)
        self._thread = threading.Thread(target=self._produce, args=(self._film,), name="frames", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        if self._thread is None:
            raise RuntimeError("use FrameReader in a with statement")
        if self._stop.is_set():
            raise StopIteration
        item = self._queue.get()
        if isinstance(item, Frame):
            return item
        self._stop.set()
        if item is None:
            raise StopIteration
        raise item

    def close(self) -> None:
        """End the thread and close the file; calling it again does nothing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _produce(self, film: Film) -> None:
        ending: BaseException | None = None
        try:
            for t_s, frame in self._wanted(film):
                if not self._hand_over(Frame(self._rgb(film, frame), t_s)):
                    break
        except BaseException as error:  # carried to the consumer, who raises it
            ending = error
        finally:
            film.close()
            self._hand_over(ending)

    def _hand_over(self, item: Frame | BaseException | None) -> bool:
        """Wait for room in the queue; False if the consumer has left meanwhile."""
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=RETRY_S)
                return True
            except queue.Full:
                continue
        return False

    def _wanted(self, film: Film) -> Iterator[tuple[float, VideoFrame]]:
        samples = self._samples
        first_s = self.start_s if samples is None else min(samples[:1], default=0.0)
        if first_s > TIME_SLACK_S:
            film.seek(first_s)
        return self._range(film) if samples is None else self._sampled(film, samples)

    def _range(self, film: Film) -> Iterator[tuple[float, VideoFrame]]:
        for t_s, frame in film.frames():
            if t_s >= self.end_s - TIME_SLACK_S or self._stop.is_set():
                return
            if t_s >= self.start_s - TIME_SLACK_S:
                yield t_s, frame

    def _sampled(self, film: Film, samples: list[float]) -> Iterator[tuple[float, VideoFrame]]:
        i, on_show = 0, None
        for t_s, frame in film.frames():
            if i == len(samples) or self._stop.is_set():
                return
            asked = False
            while i < len(samples) and samples[i] + TIME_SLACK_S < t_s:
                asked, i = True, i + 1
            if asked and on_show is not None:
                yield on_show
            on_show = t_s, frame
        if i < len(samples) and on_show is not None:
            yield on_show

    def _rgb(self, film: Film, frame: VideoFrame) -> np.ndarray:
        width, height = film.stored_wh
        if self.longest_side_px is not None and max(width, height) > self.longest_side_px:
            scale = self.longest_side_px / max(width, height)
            width, height = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
        image = self._convert(frame, width, height, "rgb24", interpolation="BILINEAR").to_ndarray()
        return np.ascontiguousarray(np.rot90(image, film.rotation))
