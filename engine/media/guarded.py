"""Looking at a film that a stranger may have sent, in a child process that may crash, hang or run out of memory.

FFmpeg reads some forty kinds of file, written in C, and a file can be made to trip it up. The child gets little memory
and time, no network and nobody's environment (`engine.media.guarded_child`); whatever happens to it, the caller gets a
sentence.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from engine.errors import MediaError, StorageError
from engine.media.limits import environment
from engine.types import VideoInfo


def probe_guarded(path: Path, timeout_s: float = 60.0, *, called: str | None = None, whole: bool = False) -> VideoInfo:
    """What `engine.media.video.probe` says, found out in a child process, where the first frames are decoded too.

    Errors call the film `called`, else by its path. `whole`: a film that ends well before the time it states raises
    MediaError too. Raises MediaError also where the child crashes, needs too much
    memory or takes longer than `timeout_s`; StorageError if no child can be started.
    Costs 0.3 s more than `probe`.
    """
    name = called or str(path)
    try:
        child = subprocess.run(
            [
                sys.executable,
                "-P",
                "-m",
                "engine.media.guarded_child",
                os.path.abspath(path),
                str(math.ceil(timeout_s)),
                *(["whole"] if whole else []),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            env=environment(),
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MediaError(_too_long(name, timeout_s)) from error
    except OSError as error:
        raise StorageError(f"{name} cannot be looked at now ({error.strerror}); try again.") from error
    if child.returncode == -signal.SIGXCPU:
        raise MediaError(_too_long(name, timeout_s))
    try:
        told = json.loads(child.stdout)
    except ValueError:
        told = {}
    if "error" in told:
        raise MediaError(told["error"].replace(os.path.abspath(path), name))
    if child.returncode != 0 or not told:
        raise MediaError(f"{name} makes the reader of films fail, so it is damaged or no film; convert it to MP4.")
    told["fps"] = Fraction(told["fps"])
    return VideoInfo(path, **told)


def _too_long(name: str, timeout_s: float) -> str:
    return f"Opening {name} takes more than {timeout_s:g} s, so it is damaged or no film; convert it to MP4."
