"""A job while it runs: where its runner tells how far it is, and hears that it should stop."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine import config
from engine.errors import Cancelled, StorageError
from engine.jobs.pace import Pace
from engine.store.database import Store
from engine.store.jobs import JobRecord, JobRepository

MOST_ATTEMPTS = 3
"""How often a job is begun that never gets on, because its process ends without a word."""

BEAT_S = 0.5
_PATIENCE_S = 0.4  # how long a wish to stop may wait for the next word of progress before the work is interrupted

_log = logging.getLogger(__name__)


class Task:
    """One running job. As a context manager it tells the queue twice a second how far it is, from a thread of its
    own, so that a long step without a word of progress is no silence.

    When the job is to stop, `progress` raises Cancelled at its next call; work that does not call it meanwhile is
    interrupted as by Ctrl-C. `is_wanted` then says whether the job is still ours to end.
    """

    def __init__(self, store: Store, job: JobRecord, worker_pid: int) -> None:
        self.store, self.job = store, job
        self.folder: Path = config.jobs_dir(job.id)
        self._jobs, self._worker_pid = JobRepository(store), worker_pid
        self._lock = threading.Lock()
        self._pace = Pace({}, time.monotonic())
        self._stop, self._heard, self._over = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)

    @property
    def is_last_attempt(self) -> bool:
        """Whether the job is given up if its process ends once more without a word."""
        return self.job.n_attempts >= MOST_ATTEMPTS

    def plan(self, weights: Mapping[str, float]) -> None:
        """The phases to come, in their order, with the time each takes in any unit; said again, it adds phases."""
        with self._lock:
            for phase, weight in weights.items():
                self._pace.plan(phase, weight)

    def progress(self, phase: str, fraction: float) -> None:
        """An `engine.types.Progress`. Raises Cancelled once the job is to stop."""
        with self._lock:
            self._pace.hear(phase, fraction, time.monotonic())
        if self._stop.is_set():
            self._heard.set()
            raise Cancelled("The job was stopped; nothing was written.")

    def note(self, result: dict[str, Any]) -> None:
        """Shows what there is so far. A database that refuses is no reason to stop working."""
        try:
            self._jobs.note(self.job.id, result)
        except StorageError as error:
            _log.warning("%s", error)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._heard.set()
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            with self._lock:
                now_s = time.monotonic()
                news = self._pace.phase, self._pace.fraction, self._pace.left_s(now_s)
            try:
                go_on = self._jobs.beat(self.job.id, self._worker_pid, *news)
            except StorageError as error:
                _log.warning("%s", error)
                continue
            if not go_on:
                self._stop.set()
                if not self._heard.wait(_PATIENCE_S):
                    # A real signal, for it also ends a system call that waits.
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                return
