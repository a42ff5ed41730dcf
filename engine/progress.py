"""Progress on a terminal: one line on stderr that says the phase, how far it is and how long it still takes."""

from __future__ import annotations

import sys
import time
from typing import Self

_EVERY_S = 0.2
_PHASE_NAMES = {
    "album": "Looking at the album's pictures",
    "gallery": "Reading the cast's pictures",
    "index": "Building the index",
    "reading": "Reading the film",
    "steadying": "Looking again where there are few pictures",
    "shots": "Finding the shots",
    "faces": "Finding and following faces",
    "names": "Naming people",
    "saving": "Saving",
}


class ProgressLine:
    """A progress callback. On a terminal it rewrites one line; elsewhere it writes a line a phase and each tenth.

    Use as a context manager, so that the line is ended before anything else is written.
    """

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._began_s = time.monotonic()
        self._phase, self._phase_began_s = "", self._began_s
        self._told, self._told_s = -1.0, float("-inf")

    @property
    def elapsed_s(self) -> float:
        """Seconds since this was made."""
        return time.monotonic() - self._began_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._is_terminal and self._phase:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, phase: str, fraction: float) -> None:
        now_s = time.monotonic()
        if phase != self._phase:
            self._phase, self._phase_began_s, self._told, self._told_s = phase, now_s, -1.0, float("-inf")
        if self._is_terminal:
            if now_s - self._told_s >= _EVERY_S or fraction >= 1:
                print(f"\r\033[K{self._line(fraction, now_s)}", end="", file=sys.stderr, flush=True)
                self._told_s = now_s
        elif fraction - self._told >= 0.1 or (fraction >= 1 and self._told < 1):
            print(self._line(fraction, now_s), file=sys.stderr, flush=True)
            self._told = fraction

    def _line(self, fraction: float, now_s: float) -> str:
        line = f"{_PHASE_NAMES.get(self._phase, self._phase)}: {fraction:4.0%}"
        spent_s = now_s - self._phase_began_s
        if 0.02 < fraction < 1 and spent_s > 2:
            line += f", {clock(spent_s / fraction - spent_s)} left"
        return line


def clock(seconds: float) -> str:
    """Minutes and seconds, hours where needed.

    >>> clock(75), clock(3675)
    ('1:15', '1:01:15')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
