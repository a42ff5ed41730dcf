"""The child that looks at a film for `engine.media.guarded`: puts itself under limits, looks, prints what it saw.

Imports as little as it can, no numpy for one: it is started for every upload.
"""

from __future__ import annotations

import json
import math
import sys
from itertools import islice
from pathlib import Path

import av
from av.error import FFmpegError

from engine.errors import MediaError
from engine.media.container import Film, open_container
from engine.media.limits import restrict

N_FRAMES = 6
"""Frames decoded: enough for a decoder that waits for others before it shows the first one."""

LACKING_S, LACKING_SHARE = 1.0, 0.02
"""A file whose last packet, of picture or sound, lies this far before the end it states is cut off: sound and picture
seldom end together, and some writers round the length up."""


def _check_end(path: Path) -> None:
    """Raises MediaError if the file ends well before the time it states. Reads its last seconds only, where it has an
    index; else all of it, without decoding."""
    with open_container(path) as container:
        if not container.duration:
            return
        begin_s = (container.start_time or 0) / av.time_base
        length_s = container.duration / av.time_base
        lacking_s = max(LACKING_S, LACKING_SHARE * length_s)
        try:
            container.seek(int((begin_s + max(0.0, length_s - 2 * lacking_s)) * av.time_base))
        except FFmpegError:
            pass  # no index, or one that leads nowhere: read on from the start
        last_s = begin_s
        try:
            for packet in container.demux():
                if packet.pts is not None and packet.size:
                    last_s = max(last_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        except FFmpegError:
            pass  # it breaks off here
    if last_s < begin_s + length_s - lacking_s:
        raise MediaError(
            f"{path} is cut off: it states {length_s:.1f} s and breaks off before; copy it again from its source."
        )


def _look(path: Path, to_the_end: bool) -> dict[str, object]:
    try:
        if to_the_end:
            _check_end(path)
        with Film(path) as film:
            for _, frame in islice(film.frames(), N_FRAMES):
                frame.reformat(32, 32, "rgb24", threads=1)  # a decoded picture can still be in an unknown coding
            duration_s = film.duration_s
            if not math.isfinite(duration_s):
                raise MediaError(f"{path} does not say how long it is; convert it to MP4.")
            return {
                "duration_s": duration_s,
                "fps": str(film.fps),
                "width": film.width,
                "height": film.height,
                "codec": film.stream.codec_context.name,
            }
    except (FFmpegError, ValueError) as error:
        raise MediaError(f"The pictures of {path} cannot be decoded; convert it to MP4.") from error
    except MemoryError as error:
        raise MediaError(f"The pictures of {path} need too much memory; save the film smaller.") from error


def _main(path: Path, timeout_s: int, to_the_end: bool) -> None:
    restrict(timeout_s)
    try:
        told = _look(path, to_the_end)
    except MediaError as error:
        told = {"error": str(error)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]), "whole" in sys.argv[3:])
