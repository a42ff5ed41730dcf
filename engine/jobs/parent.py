"""Ending with the process that started us, also when that one was killed and could not say anything."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LOOK_EVERY_S = 0.5


def end_with(parent_pid: int, with_signal: signal.Signals = signal.SIGKILL) -> None:
    """From now on this process gets `with_signal` when its parent `parent_pid` has ended, or at once if that has
    happened already. At the same moment where the system can do that (Linux), within half a second elsewhere."""
    if sys.platform == "linux":
        # Without it the look below still does its work.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    threading.Thread(target=_watch, args=(parent_pid, with_signal), name="parent", daemon=True).start()


def _watch(parent_pid: int, with_signal: signal.Signals) -> None:
    while os.getppid() == parent_pid:
        time.sleep(_LOOK_EVERY_S)
    os.kill(os.getpid(), with_signal)
