"""Keeps the two halves of Dramatis running side by side, the pages and the worker of the jobs, and ends both.

Each half is a process group of its own, so that Ctrl-C reaches this process alone and what a half has started ends with
it. The halves notice by themselves when this process is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# How long the halves may take to end before they are killed: the pages' own ten seconds for requests under way, and a
# little; with somebody waiting at the terminal, what the worker needs to put its job aside, and a little.
GRACE_S = 12.0
QUICK_GRACE_S = 5.0

# A half that dies at once is not started again at once: after half a second, then after twice as long each time.
FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
# One that ran this long was well, and its next death is the first one again.
_WELL_S = 20.0
# Pages that die this often in a row do not come up. The worker is tried for ever: the pages are of use without it.
_MOST_DEATHS = 5

_LOOK_S = 0.2


@dataclass
class Half:
    """One of the processes that are kept running: `name` for messages, the command and the file numbers it inherits."""

    name: str
    command: Sequence[str]
    pass_fds: Sequence[int] = ()
    # Whether Dramatis is of no use without it.
    vital: bool = False
    process: subprocess.Popen[bytes] | None = None
    n_deaths: int = 0
    started_at: float = 0.0
    start_at: float = 0.0

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(
            self.command, pass_fds=self.pass_fds, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started_at = now

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: int) -> None:
        """The signal to the process itself; to its whole group for SIGKILL, which it cannot hand on."""
        if self.process is None:
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            elif self.is_running:
                os.kill(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            # Nothing of it is left (macOS answers EPERM for a group of zombies).
            pass


class Supervisor:
    """Runs the halves until it is told to end. `say` takes what happens, one line each."""

    def __init__(
        self,
        halves: Sequence[Half],
        say: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True),
        grace_s: float = GRACE_S,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._halves = halves
        self._say = say
        self._grace_s = grace_s
        self._first_pause_s = first_pause_s
        self._ended = threading.Event()

    def end(self, number: int = signal.SIGTERM, _frame: object = None) -> None:
        """Has `run` end; may be used as the handler of a signal. A second time: without waiting for anybody."""
        if self._ended.is_set():
            self._grace_s = 0.0
        elif number != signal.SIGTERM:
            # Ctrl-C, or a terminal that was closed.
            self._grace_s = min(self._grace_s, QUICK_GRACE_S)
        self._ended.set()

    def run(self) -> int:
        """The exit status: 0 when told to end, 1 when the pages do not stay up."""
        status = 0
        try:
            while not self._ended.is_set():
                for half in self._halves:
                    if not self._look_after(half):
                        status = 1
                        self._ended.set()
                self._ended.wait(_LOOK_S)
        finally:
            self._end_all()
        return status

    def _look_after(self, half: Half) -> bool:
        """Starts `half` when it is due; False if that has been tried often enough."""
        now = time.monotonic()
        if half.process is None:
            if now >= half.start_at:
                half.start(now)
            return True
        status = half.process.poll()
        if status is None:
            return True
        half.send(signal.SIGKILL)
        half.process = None
        half.n_deaths = 1 if now - half.started_at >= _WELL_S else half.n_deaths + 1
        how = f"signal {-status}" if status < 0 else f"status {status}"
        if half.vital and half.n_deaths >= _MOST_DEATHS:
            self._say(f"{half.name} ended again and again ({how}); see above for why, and start Dramatis again.")
            return False
        pause_s = min(self._first_pause_s * 2 ** (half.n_deaths - 1), _LONGEST_PAUSE_S)
        half.start_at = now + pause_s
        self._say(f"{half.name} ended without being asked ({how}); starting it again.")
        return True

    def _end_all(self) -> None:
        for half in self._halves:
            half.send(signal.SIGTERM)
        asked_at = time.monotonic()
        for half in self._halves:
            # The grace is looked at anew each time: a second Ctrl-C takes it away.
            while half.is_running and time.monotonic() - asked_at < self._grace_s:
                time.sleep(0.02)
        for half in self._halves:
            half.send(signal.SIGKILL)
            if half.process is not None:
                half.process.wait()
