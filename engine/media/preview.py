"""A film as every browser can play it: an MP4 file beside the film, whose clock is the film's own.

Where only the wrapping is wrong, the coded pictures are copied; else they are encoded anew, at most 1280 x 720. Nothing
but a few frames is in memory at a time.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from engine.errors import MediaError, StorageError
from engine.files import beside
from engine.media.container import Film, frame_end_s, open_container, video_stream
from engine.media.playable import MP4_VIDEO, has_common_pixels, is_browser_playable
from engine.media.preview_sound import Sound
from engine.media.video import probe

WIDEST_PX, HIGHEST_PX = 1280, 720
KEY_FRAME_S = 2.0
"""A jump decodes from the key frame before: two seconds of 720p are decoded in a moment."""

QUALITY = {"preset": "veryfast", "crf": "26", "forced-idr": "1"}
"""Measured on film: about 1 Mbit/s at 720p, faces keep their expression."""

CLOCK = Fraction(1, 90_000)
"""Ticks of the preview: a frame is at most 6 microseconds off the film's own time."""

RECENT = 64
"""Packets among which no two may have one time; decoders look back 16 frames at most."""

RGB_MATRIX = 0
"""A frame's colour space where it has none because it is RGB (ISO/IEC 23091-2, table 4)."""

WRITING_FAILED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES})
PROGRESS_FRAMES = 24


class _NotCopied(Exception):
    """The film's packets cannot be copied as they are; they must be decoded and encoded anew."""


def write_preview(
    path: Path, out: Path, progress: Callable[[float], None] | None = None, *, damaged: bool = False
) -> None:
    """Writes the film `path` to `out` as an MP4 file that browsers play, with the film's times and upright.

    Each frame keeps its time, so a variable frame rate stays one. Damaged frames and sound are left out; a film that is
    known to have some is `damaged`, and is not copied, for browsers stop there. Sound becomes stereo AAC where it is
    something else. `progress` is told the share done, 0 to 1; what it raises ends the work.

    Raises MediaError if the film cannot be read, StorageError if the preview cannot be written; a file that was at
    `out` before stays then. `out` is moved into place whole.
    """
    progress = progress or (lambda fraction: None)
    try:
        out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with beside(out) as partial:
            if damaged or not _copied(path, partial, progress):
                _encode(path, partial, progress)
            os.replace(partial, out)
    except (FFmpegError, OSError) as error:
        if not isinstance(error, FFmpegError) or error.errno in WRITING_FAILED:
            raise _unwritable(out, error) from error
        raise MediaError(f"{path.name} cannot be made playable ({error.strerror}); convert it to MP4.") from error
    progress(1.0)


def _unwritable(out: Path, error: OSError | FFmpegError) -> StorageError:
    return StorageError(
        f"The preview {out} cannot be written ({error.strerror or error}); free some space on the disk and try again."
    )


def _copied(path: Path, partial: Path, progress: Callable[[float], None]) -> bool:
    """Whether the film's pictures could be copied into `partial`, and browsers play that."""
    try:
        with Film(path) as film:
            last_s = _copy(film, partial, progress)
    except (_NotCopied, ValueError):
        return False
    except FFmpegError as error:
        if error.errno in WRITING_FAILED:
            raise
        return False
    return is_browser_playable(partial) and probe(partial).duration_s > last_s


def _copy(film: Film, partial: Path, progress: Callable[[float], None]) -> float:
    """Puts the film's coded pictures into a new file; returns when the last one is shown, which the file may fail to
    say where frames come irregularly. Raises _NotCopied, or FFmpegError, where that cannot be."""
    if film.rotation or film.stream.codec_context.name not in MP4_VIDEO or not has_common_pixels(film.stream):
        raise _NotCopied
    length_s, origin = film.duration_s, round(film.origin_s / film.stream.time_base)
    with open_container(film.path) as container, _new(partial) as output:
        stream = video_stream(container, film.path)
        for other in container.streams:
            if other is not stream:
                other.discard = Discard.all
        copy = output.add_stream_from_template(stream, opaque=True)
        with Sound(film.path, output, film.origin_s) as sound:
            end_s, recent = 0.0, deque(maxlen=RECENT)
            period = max(1, round(1 / film.fps / film.stream.time_base))
            for n, packet in enumerate(_with_dts(container.demux(stream), period)):
                _check_packet(packet, origin, recent, is_first=n == 0)
                packet.pts -= origin
                packet.dts -= origin
                packet.stream = copy
                t_s = float(packet.pts * packet.time_base)
                end_s = max(end_s, t_s)
                output.mux(packet)
                output.mux(sound.until(t_s))
                if n % PROGRESS_FRAMES == 0:
                    progress(min(1.0, end_s / length_s))
            output.mux(sound.until(end_s))
    return end_s


def _with_dts(packets: Iterator[Packet], period: int) -> Iterator[Packet]:
    """`packets` up to the end, each with the time at which it is to be decoded: containers that only say when a frame
    is shown (Matroska) leave FFmpeg without it until the first frame that is not held back has come."""
    held: list[Packet] = []
    for packet in packets:
        if packet.size == 0:
            break
        held.append(packet)
        if packet.dts is not None:
            for n, early in enumerate(reversed(held)):
                early.dts = packet.dts - n * period
            yield from held
            held = []
        elif len(held) > RECENT:
            raise _NotCopied
    if held:
        raise _NotCopied


def _check_packet(packet: Packet, origin: int, recent: deque[int], *, is_first: bool) -> None:
    """Raises _NotCopied for a packet that would not be shown at the time at which the film shows its frame."""
    if packet.pts is None or packet.is_corrupt or packet.is_discard or packet.pts in recent:
        raise _NotCopied
    if packet.pts < origin or (is_first and (packet.pts != origin or not packet.is_keyframe)):
        raise _NotCopied
    recent.append(packet.pts)


def _encode(path: Path, partial: Path, progress: Callable[[float], None]) -> None:
    """Decodes the film and encodes it anew."""
    with Film(path) as film, _new(partial) as output:
        length_s = film.duration_s
        pictures = _Pictures(film, output)
        with Sound(path, output, film.origin_s) as sound:
            end_s = 0.0
            for n, (t_s, frame) in enumerate(film.frames()):
                if n == 0 and t_s > 0:  # what is shown until the first frame is the first frame
                    output.mux(pictures.encoded(0.0, frame))
                output.mux(pictures.encoded(t_s, frame))
                output.mux(sound.until(t_s))
                end_s = frame_end_s(t_s, frame, film.fps)
                if n % PROGRESS_FRAMES == 0:
                    progress(min(1.0, t_s / length_s))
            output.mux(pictures.finished(end_s))
            output.mux(sound.until(end_s))


class _Pictures:
    """A film's frames -> packets of a new stream of `output`, upright and small enough."""

    def __init__(self, film: Film, output: OutputContainer) -> None:
        scale = min(1.0, WIDEST_PX / film.width, HIGHEST_PX / film.height)
        width, height = (max(2, 2 * int(side * scale / 2)) for side in (film.width, film.height))
        self._stored_wh = (height, width) if film.rotation % 2 else (width, height)
        self._rotation = film.rotation
        self._reformat = VideoReformatter().reformat  # one for all frames: it keeps its tables
        self._stream = output.add_stream("libx264", rate=film.fps, options=QUALITY)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.time_base = CLOCK
        context.gop_size = 10_000  # key frames come by the clock, see `encoded`, and at cuts
        context.max_b_frames = 0  # so that the file needs no correction of its clock, which players apply differently
        if ratio := film.stream.sample_aspect_ratio:
            context.sample_aspect_ratio = 1 / ratio if film.rotation % 2 else ratio
        self._pts = -1
        self._key_s = float("-inf")
        self._is_rgb = False

    def encoded(self, t_s: float, frame: VideoFrame) -> list[Packet]:
        """The packets that are ready now that `frame`, shown at `t_s`, is there."""
        first = self._pts < 0
        if first:
            self._take_colours(frame)
        small = self._upright(self._small(frame))
        small.pts = self._pts = max(self._pts + 1, round(t_s / CLOCK))
        small.time_base = CLOCK
        small.pict_type = PictureType.NONE
        if t_s - self._key_s >= KEY_FRAME_S:
            small.pict_type, self._key_s = PictureType.I, t_s
        return self._stream.encode(small)

    def finished(self, end_s: float) -> list[Packet]:
        """The last packets; the last frame is shown until `end_s`."""
        packets = self._stream.encode(None)
        if packets:
            packets[-1].duration = max(1, round(end_s / packets[-1].time_base) - packets[-1].pts)
        return packets

    def _take_colours(self, frame: VideoFrame) -> None:
        context = self._stream.codec_context
        self._is_rgb = frame.format.is_rgb or frame.colorspace == RGB_MATRIX or "pal" in frame.format.name
        context.color_range = ColorRange.MPEG
        context.colorspace = Colorspace.ITU709 if self._is_rgb else frame.colorspace
        context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc

    def _small(self, frame: VideoFrame) -> VideoFrame:
        matrix = Colorspace.ITU709 if self._is_rgb else None
        return self._reformat(
            frame, *self._stored_wh, "yuv420p", dst_colorspace=matrix, dst_color_range=ColorRange.MPEG
        )

    def _upright(self, frame: VideoFrame) -> VideoFrame:
        if not self._rotation:
            return frame
        width, height = frame.width, frame.height
        planes = frame.to_ndarray().reshape(-1)  # height rows of light, then the two colours at half the size
        light, colour = width * height, (width // 2) * (height // 2)
        parts = (
            planes[:light].reshape(height, width),
            planes[light : light + colour].reshape(height // 2, width // 2),
            planes[light + colour :].reshape(height // 2, width // 2),
        )
        turned = np.concatenate([np.rot90(part, self._rotation).reshape(-1) for part in parts])
        width = height if self._rotation % 2 else width
        return VideoFrame.from_ndarray(turned.reshape(-1, width), "yuv420p")


def _new(partial: Path) -> OutputContainer:
    return av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"})
