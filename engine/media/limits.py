"""The limits of child processes that read strangers' files: little memory and time, no network, nobody's environment.
Imports little, for it is part of every such child's start."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

from engine.config import PROJECT_DIR

MEMORY_BYTES = 2 * 2**30
"""Address space of a child: an 8K film in H.265 needs half of it on one thread, the libraries 0.4 GB; a photo of 100
megapixels needs as much."""

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def environment() -> dict[str, str]:
    """What Python needs, one thread for numpy, and few of the memory pools that glibc reserves for each thread."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": str(PROJECT_DIR), "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


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
