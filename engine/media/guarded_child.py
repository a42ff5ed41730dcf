"""The child that looks at a film for `engine.media.guarded`: puts itself under limits, looks, prints what it saw.

Imports as little as it can, no numpy for one: it is started for every upload.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import signal
import sys
from itertools import islice
from pathlib import Path

import av
from av.error import FFmpegError

from engine.errors import MediaError
from engine.media.container import Film, open_container

MEMORY_BYTES = 2 * 2**30
"""Address space of the child: an 8K film in H.265 needs half of it on one thread, the libraries 0.4 GB."""

N_FRAMES = 6
"""Frames decoded: enough for a decoder that waits for others before it shows the first one."""

LACKING_S, LACKING_SHARE = 1.0, 0.02
"""A file whose last packet, of picture or sound, lies this far before the end it states is cut off: sound and picture
seldom end together, and some writers round the length up."""

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def restrict(timeout_s: int) -> None:
    """Puts this process under its limits, for good. What a system does not offer is left out."""
    for what, limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES, MEMORY_BYTES),
        (resource.RLIMIT_CPU, timeout_s, timeout_s + 1),  # also ends it where nobody waits for it any more
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        try:
            resource.setrlimit(what, (limit, most))
        except (OSError, ValueError):
            continue
    if hasattr(os, "sched_setaffinity"):  # FFmpeg starts a thread for each processor, with buffers of its own
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # an empty network: at once for root; for others as root of a world of their own, where the system lets them
        if libc.unshare(_CLONE_NEWNET) and os.geteuid():
            libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


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
