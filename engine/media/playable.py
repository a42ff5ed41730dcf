"""Whether a browser can play a film file as it is, from its headers alone.

What counts as playable: what Chromium, Firefox and Safari have in common, and files whose clock in a browser is the
film's own (see `engine.media.container.Film`), since boxes are drawn over the picture by that clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from engine.errors import MediaError
from engine.media.container import open_container, video_stream

MP4_VIDEO = frozenset({"h264", "av1", "libdav1d", "vp9"})
MP4_SOUND = frozenset({"aac", "mp3", "mp3float", "opus", "libopus"})
WEBM_VIDEO = frozenset({"vp8", "vp9", "av1", "libdav1d"})
WEBM_SOUND = frozenset({"opus", "libopus", "vorbis"})
EIGHT_BITS = frozenset({"yuv420p", "yuvj420p"})
"""What every browser decodes. Newer codings than H.264 also have ten bits everywhere."""
TEN_BITS = frozenset({"yuv420p10le"})

HEAD_BYTES = 4096
"""Where a WebM file says that it is one; some 40 bytes are usual."""
MAX_BOXES = 64
"""Boxes on the outermost level of an MP4 file that are looked at; a film to be streamed has four or five."""


def is_browser_playable(path: Path) -> bool:
    """Whether browsers play the file as it is, from the start and after jumps, by the film's own clock.

    MP4 and MOV with their index in front, holding H.264 of 8 bits (or AV1, VP9) with AAC, MP3, Opus or no sound; WebM
    with VP8, VP9 or AV1 and Opus, Vorbis or no sound. False for any other file and for one that cannot be read. Frames
    are not looked at: browsers stop at a damaged one. Remembered for each file until it changes.
    """
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return False
    return _is_playable(path, facts.st_size, facts.st_mtime_ns)


def content_type(path: Path) -> str:
    """What a file that is playable is to be called: by its content, not its name. MOV is MP4 to browsers.

    Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return "video/webm" if file.read(4) == _EBML else "video/mp4"


_EBML = b"\x1a\x45\xdf\xa3"
_DOC_TYPE = b"\x42\x82"


@lru_cache(maxsize=256)
def _is_playable(path: Path, n_bytes: int, changed_ns: int) -> bool:
    try:
        with path.open("rb") as file:
            is_webm, is_mp4 = _is_webm(file), _is_streamable_mp4(file, n_bytes)
        if not (is_webm or is_mp4):
            return False
        with open_container(path) as container:
            stream = video_stream(container, path)
            sounds = [one.codec_context and one.codec_context.name for one in container.streams.audio]
            return (
                stream.codec_context.name in (WEBM_VIDEO if is_webm else MP4_VIDEO)
                and has_common_pixels(stream)
                and set(sounds) <= (WEBM_SOUND if is_webm else MP4_SOUND)
                and _has_its_clock(container, stream)
            )
    except (MediaError, FFmpegError, OSError, ValueError, ArithmeticError):
        return False


def has_common_pixels(stream: VideoStream) -> bool:
    """Whether the stream's pictures are of a kind that browsers decode: 4:2:0, of 8 bits for H.264 and VP8."""
    old = stream.codec_context.name in ("h264", "vp8")
    return stream.codec_context.pix_fmt in (EIGHT_BITS if old else EIGHT_BITS | TEN_BITS)


def _has_its_clock(container: InputContainer, stream: VideoStream) -> bool:
    """A browser's time 0 is the file's, the film's is its first frame: they must be one. Without a stated length (a
    live recording) there is no index to jump by either."""
    fps = stream.average_rate or stream.guessed_rate
    if not fps or not container.duration or container.streams.video[0] is not stream:
        return False
    return abs(float((stream.start_time or 0) * stream.time_base)) <= 0.25 / float(fps)


def _is_webm(file: BinaryIO) -> bool:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    at = head.find(_DOC_TYPE)
    return head.startswith(_EBML) and at > 0 and head[at + 3 :].startswith(b"webm")


def _is_streamable_mp4(file: BinaryIO, n_bytes: int) -> bool:
    """Whether the index (moov) stands before the pictures (mdat), and there are no fragments (moof, sidx)."""
    boxes = list(_boxes(file, n_bytes))
    if "moov" not in boxes or "mdat" not in boxes or not {"moof", "sidx"}.isdisjoint(boxes):
        return False
    return boxes.index("moov") < boxes.index("mdat")


def _boxes(file: BinaryIO, n_bytes: int) -> Iterator[str]:
    """The kinds of the boxes on the outermost level (ISO/IEC 14496-12, 4.2), as far as they fit together."""
    at = 0
    for _ in range(MAX_BOXES):
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return
        size, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if size == 1 and len(header) == 16:
            size = int.from_bytes(header[8:], "big")
        yield kind.decode("latin-1")
        if size == 0:  # to the end of the file
            return
        at += size
        if size < 8 or at > n_bytes:
            return
