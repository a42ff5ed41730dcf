"""``python -P -m engine.jobs.worker [--parent PID]``: takes jobs from the queue in turn, each in a child process.

Waits for jobs in little memory: it imports nothing that computes. One worker at a time works for a data folder; a
second one waits until the first has ended. SIGTERM, SIGINT and SIGHUP end it within seconds; the job it was at goes
back into line with everything it has finished. With ``--parent`` it also ends when that process, its parent, does.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from engine import config
from engine.errors import DramatisError, StorageError
from engine.jobs.parent import end_with
from engine.jobs.task import MOST_ATTEMPTS
from engine.pipeline.pieces import newest_piece_s
from engine.store.database import Store, open_store
from engine.store.film_records import film_records
from engine.store.jobs import ACTIVE, JobRecord, JobRepository

POLL_S = 0.3
_ASK_EVERY_S = 3.0  # how often the queue is asked when nothing seems to have changed
_CHILD_POLL_S = 0.1
_LOOK_EVERY_S = 1.0  # how often the queue is asked whether the running job should stop
_STOP_WITHIN_S = 15.0  # a child that was asked to stop and is still there after this is killed
_END_WITHIN_S = 1.5  # the same when the worker itself must end
_TIDY_EVERY_S = 60.0
_AFTER_FAILURE_S = 5.0

_log = logging.getLogger(__name__)


class Worker:
    """The loop. `stop` may be called from a signal handler."""

    def __init__(self, store: Store) -> None:
        self._store, self._jobs = store, JobRepository(store)
        self._changes = _Changes(config.database_path())
        self._stopping = False
        self._tidied_s = float("-inf")

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self._stopping = True

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    def run(self) -> None:
        """Works until `stop` is called. The caller holds the lock of the data folder: jobs that look as if they ran
        lost their worker, and go back into line first."""
        orphans_are_back = False
        while not self._stopping:
            try:
                if not orphans_are_back:
                    self._take_back_orphans()
                    orphans_are_back = True
                self._tidy()
                job = self._jobs.claim(os.getpid()) if self._changes.are_likely() else None
                if job is None:
                    time.sleep(POLL_S)
                else:
                    self._work(job)
                    self._tidied_s = float("-inf")
            except (StorageError, OSError) as error:
                _log.error("%s", error)
                orphans_are_back = False  # the job at hand may have been left as running
                self._rest(_AFTER_FAILURE_S)

    def _rest(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until_s:
            time.sleep(POLL_S)

    def _take_back_orphans(self) -> None:
        for job in self._jobs.running():
            _log.warning("Job %d lost its worker and goes back into line.", job.id)
            self._after_crash(job, "")

    def _work(self, job: JobRecord) -> None:
        """Sees one job through to its end, whatever that is."""
        child = _start(job)
        killed_why = ""
        try:
            killed_why = self._watch(job, child)
        finally:
            _end(child)
        now = self._jobs.get(job.id)
        if now is None or now.state != "running" or now.worker_pid != os.getpid():
            return
        if self._stopping:
            self._jobs.requeue(job.id, fresh=True)
        else:
            self._after_crash(now, killed_why or _how_it_ended(child.returncode))

    def _watch(self, job: JobRecord, child: subprocess.Popen[bytes]) -> str:
        """Returns when the child has ended or must be ended, with the reason in the second case."""
        looked_s = asked_s = None
        while child.poll() is None and not self._stopping:
            now_s = time.monotonic()
            if looked_s is None or now_s - looked_s >= _LOOK_EVERY_S:
                looked_s = now_s
                record = self._jobs.get(job.id)
                if record is None or record.cancel_requested:
                    asked_s = asked_s or now_s
                    if now_s - asked_s >= _STOP_WITHIN_S:
                        return "it did not stop when asked to"
            time.sleep(_CHILD_POLL_S)
        return ""

    def _after_crash(self, job: JobRecord, how: str) -> None:
        """A job whose process is gone without a word: once more, unless it never gets on."""
        began_s = job.started_at.timestamp() if job.started_at else 0.0
        got_on = newest_piece_s(config.jobs_dir(job.id)) > began_s
        if got_on or job.cancel_requested or job.n_attempts < MOST_ATTEMPTS:
            self._jobs.requeue(job.id, fresh=got_on)
            return
        how = f" ({how})" if how else ""
        self._jobs.fail(
            job.id,
            f"This job was begun {job.n_attempts} times and each time its process ended before it got on{how}; close "
            "other programs in case memory ran out, or try another copy of the file.",
        )

    def _tidy(self) -> None:
        """Removes what ended jobs left. A failed one keeps its pieces as long as it is listed, for the next job of
        the same film goes on from there; but of a film that was deleted nothing may stay."""
        if time.monotonic() - self._tidied_s < _TIDY_EVERY_S:
            return
        self._tidied_s = time.monotonic()
        jobs = self._jobs.visible()
        kept = {str(job.id) for job in jobs if job.state in ACTIVE}
        if failed := [job for job in jobs if job.state == "failed"]:
            with self._store.read() as connection:
                films = {film.sha256 for film in film_records(connection)}
            kept |= {str(job.id) for job in failed if job.spec.get("video_sha256") in films}
        for folder in config.jobs_dir().iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


class _Changes:
    """Whether the database was written to, by the size and time of its files: a look costs a hundredth of a query, and
    a waiting worker takes several a second for hours. Now and then it is asked anyway, for clocks tick coarsely."""

    def __init__(self, database: Path) -> None:
        self._files = (database, database.with_name(f"{database.name}-wal"))
        self._seen: list[tuple[int, int] | None] = []
        self._asked_s = float("-inf")

    def are_likely(self) -> bool:
        now_s, before = time.monotonic(), self._seen
        self._seen = [_size_and_time(file) for file in self._files]
        if self._seen == before and now_s - self._asked_s < _ASK_EVERY_S:
            return False
        self._asked_s = now_s
        return True


def _size_and_time(file: Path) -> tuple[int, int] | None:
    try:
        of = file.stat()
    except OSError:
        return None
    return of.st_size, of.st_mtime_ns


def _start(job: JobRecord) -> subprocess.Popen[bytes]:
    """The child in a session of its own, so that Ctrl-C in a terminal reaches the worker alone."""
    log = config.jobs_dir(job.id) / "log.txt"
    with open(os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab") as output:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.jobs.run_one", str(job.id)],
            env={**os.environ, "PYTHONPATH": str(config.PROJECT_DIR)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ends a child that still runs. It has no work to lose: pieces and transactions are whole at any moment."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"the last time with status {status}"
    try:
        return f"the last time by {signal.Signals(-status).name}"
    except ValueError:
        return f"the last time by signal {-status}"


def take_lock(path: Path, worker: Worker) -> int | None:
    """Waits until this is the only worker; the open lock file, or None if the worker was stopped meanwhile. The lock
    ends with the process, however that ends."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    told = False
    while not worker.is_stopping:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            if not told:
                _log.warning("Another worker serves this data folder; waiting for it to end.")
                told = True
            time.sleep(POLL_S)
    os.close(handle)
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """0: it was told to end; 1: the data folder or the database cannot be used; 2: usage."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    match list(sys.argv[1:] if arguments is None else arguments):
        case []:
            pass
        case ["--parent", number] if number.isdigit():
            end_with(int(number), signal.SIGTERM)
        case _:
            _log.error("usage: python -P -m engine.jobs.worker [--parent PID]")
            return 2
    try:
        worker = Worker(open_store(config.database_path()))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, worker.stop)
        if take_lock(config.data_dir() / "worker.lock", worker) is not None:
            worker.run()
    except DramatisError as error:
        _log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
