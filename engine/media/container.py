"""One opened film: what it is, its frames in the order they are shown, and going to a time.

Everything that is particular to FFmpeg stays here: which kinds of file it may open, how damage shows, and which clock
a frame's time comes from. `engine.media.video` and `engine.media.shots` see decoded frames with a time in seconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.errors import MediaError
from engine.media.kinds import is_picture

FILM_FORMATS = (
    "mov matroska avi mpegts mpeg mpegvideo asf flv ogg mxf nut ivf h264 hevc obu m4v dv rm yuv4mpegpipe "
    "mp3 wav flac aac aiff"
).split()
"""FFmpeg's demuxers that may open a file, by name. A text file that calls itself film.mp4 must not make FFmpeg open
other files or addresses, so playlists and lists (hls, dash, concat, sdp), pictures (image2 and the pipes) and devices
are not among them. The last five hold sound only: with them the message can say so."""

PICTURE_BRANDS = frozenset({"avif", "avis", "heic", "heix", "mif1", "msf1"})
"""Pictures that sit in the container of MP4 films, by their major brand (ISO/IEC 23008-12)."""

MAX_FRAME_PIXELS = 8192 * 8192
"""Largest frame that is decoded, 200 MB as RGB: 8K film is half of it, a hostile file can claim far more."""

FALLBACK_FPS = Fraction(25)
"""Frame rate of a film that states none; only used where frames carry no times either."""

DECODING_THREADS = max(1, (os.cpu_count() or 1) // 4)
"""A film is read by several workers already: a decoder's own threads only wait for each other there, at twice the work
on two processors. Where there are many, one film would be decoded too slowly for them."""

TIME_SLACK_S = 0.001
"""Two times this close are the same one: containers round to milliseconds (Matroska), users to as many digits."""


class Film:
    """A film file, opened: an iterator over its frames, a context manager that closes it.

    Time 0 is the stream's start as the container states it, or the first frame where that is earlier or unstated.
    Times come from each frame's pts; a frame without one, or with one that does not rise, is shown one mean frame
    period after the frame before it. `n_decoded` and `n_damaged` count frames since the file was opened: damaged
    ones are skipped. `width` and `height` are those of the upright picture, `rotation` the quarter turns, counter-
    clockwise, that make the stored one upright.

    The constructor opens the file and decodes its first frame; it raises MediaError if that cannot be done, and then
    nothing is left open. One Film serves one thread at a time.

    `roughly` leaves out the smoothing of block edges, where the codec has it: a quarter less work, for pictures that
    are made much smaller or looked at in haste.
    """

    def __init__(self, path: Path, *, roughly: bool = False) -> None:
        self.path, self._roughly = path, roughly
        _check_file(path)
        self._open()

    def __enter__(self) -> Film:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        self._frames.close()
        self._container.close()

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """The frames from the present position on, each with its time in seconds; rising, no two alike."""
        return chain([self._first] if self._first else [], self._frames)

    def seek(self, t_s: float) -> None:
        """Go to a key frame shown at `t_s` seconds or before; to the film's first frame where the file has no index
        or a wrong one. `frames` then starts there."""
        try:
            self._container.seek((self._origin or 0) + int(t_s / self.stream.time_base), stream=self.stream)
            self._frames = self._decode()
            self._first = next(self._frames, None)
        except FFmpegError:
            self._first = None
        if self._first is None or self._first[1].pts is None or self._first[0] > t_s + TIME_SLACK_S:
            self.close()
            self._open()

    @property
    def duration_s(self) -> float:
        """As the stream, else the container, states it; else from the packets' times, which reads the whole file."""
        stream = self.stream
        if stream.duration:
            stated = float(stream.duration * stream.time_base)
        else:
            stated = (self._container.duration or 0) / av.time_base
        return stated if stated > 0 else self._scanned_duration_s()

    @property
    def origin_s(self) -> float:
        """What the file's own clock says when this film's begins; times of its sound minus this are times here."""
        return float((self._origin or 0) * self.stream.time_base)

    def _open(self) -> None:
        self._container = open_container(self.path)
        try:
            self.stream = video_stream(self._container, self.path)
            self.stream.thread_type, self.stream.thread_count = "AUTO", DECODING_THREADS
            if self._roughly:
                self.stream.codec_context.options = {"skip_loop_filter": "all"}
            for other in self._container.streams:
                if other is not self.stream:
                    # not asked for; and in a file that is cut off, a lost subtitle would end the reading of pictures
                    other.discard = Discard.all
            self.fps = self.stream.average_rate or self.stream.guessed_rate or FALLBACK_FPS
            self.n_decoded = self.n_damaged = 0
            self._origin: int | None = self.stream.start_time
            self._frames = self._decode()
            self._first = next(self._frames, None)
            if self._first is None:
                raise MediaError(f"No frame of {self.path} can be decoded; copy or convert the film again.")
        except BaseException:
            self._container.close()
            raise
        frame = self._first[1]
        self.rotation = round(frame.rotation / 90) % 4
        self.stored_wh = (frame.width, frame.height)
        self.width, self.height = self.stored_wh[::-1] if self.rotation % 2 else self.stored_wh

    def _decode(self) -> Iterator[tuple[float, VideoFrame]]:
        period_s, before_s = float(1 / self.fps), None
        for frame in self._decoded():
            if self.n_decoded == 0 and frame.pts is not None:
                self._origin = frame.pts if self._origin is None else min(self._origin, frame.pts)
            timed = frame.pts is not None and self._origin is not None
            t_s = float((frame.pts - self._origin) * self.stream.time_base) if timed else None
            if t_s is None or (before_s is not None and t_s <= before_s):
                t_s = 0.0 if before_s is None else before_s + period_s
            before_s = t_s
            self.n_decoded += 1
            yield t_s, frame

    def _decoded(self) -> Iterator[VideoFrame]:
        packets = self._container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except FFmpegError:  # the container breaks off: what was read up to here is the film
                self.n_damaged += 1
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except FFmpegError:
                self.n_damaged += 1
                continue
            for frame in frames:
                if frame.is_corrupt:
                    self.n_damaged += 1
                else:
                    yield frame

    def _scanned_duration_s(self) -> float:
        first, end = None, 0
        with open_container(self.path) as container:
            stream = video_stream(container, self.path)
            n_packets = 0
            for packet in container.demux(stream):
                n_packets += packet.size > 0
                if packet.pts is not None:
                    first = packet.pts if first is None else min(first, packet.pts)
                    end = max(end, packet.pts + (packet.duration or 0))
            by_times_s = float((end - first) * stream.time_base) if first is not None else 0.0
        return by_times_s if by_times_s > 0 else float(n_packets / self.fps)


def frame_end_s(t_s: float, frame: VideoFrame, fps: Fraction) -> float:
    """When a frame shown from `t_s` on gives way to the next, by its own duration, else by the mean frame rate."""
    return t_s + (float(frame.duration * frame.time_base) if frame.duration else float(1 / fps))


def _check_file(path: Path) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise MediaError(f"The name of the film {ascii(str(path))} is not UTF-8; rename the file.") from error
    if path.is_dir():
        raise MediaError(f"{path} is a folder, not a film; name one film file.")
    if not path.is_file():
        raise MediaError(f"There is no film {path}; check the path.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise MediaError(
            f"The film {path} cannot be read ({error.strerror}); check its permissions and its disk."
        ) from error
    if empty:
        raise MediaError(f"The film {path} is empty (0 bytes); copy it again from its source.")


def open_container(path: Path) -> InputContainer:
    """The file as FFmpeg opens it, which the caller closes. Raises MediaError if it cannot or must not be opened."""
    options = {
        "format_whitelist": ",".join(FILM_FORMATS),
        "protocol_whitelist": "file",
        "max_pixels": str(MAX_FRAME_PIXELS),
    }
    try:
        # "file:" keeps a name such as "concat:a|b" from being taken for an address; a title in the wrong encoding
        # must not keep a film from being opened
        container = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (FFmpegError, UnicodeError) as error:
        raise MediaError(_why_not_a_film(path)) from error
    if container.metadata.get("major_brand", "").strip() in PICTURE_BRANDS:
        container.close()
        raise MediaError(f"{path} is a picture, not a film; name a film file.")
    return container


def _why_not_a_film(path: Path) -> str:
    if is_picture(path):
        return f"{path} is a picture, not a film; name a film file."
    return f"{path} is not a film that can be read, or it is cut off; use an MP4, MOV, MKV, WebM or AVI file."


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The stream of moving pictures of an opened file; the best one of several. Raises MediaError if there is none."""
    # the cover picture of a sound file is a video stream to FFmpeg
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise MediaError(f"{path} has no moving picture, only sound or data; name a film file.")
    best = container.streams.best("video")
    stream = best if best in streams else streams[0]
    if stream.codec_context is None:
        raise MediaError(f"The film {path} has pictures in an unknown coding; convert it to H.264.")
    if stream.codec_context.width * stream.codec_context.height > MAX_FRAME_PIXELS:
        raise MediaError(f"The frames of {path} are larger than {MAX_FRAME_PIXELS} pixels; save the film smaller.")
    return stream
