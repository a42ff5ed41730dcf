"""``python -P -m engine.jobs.run_one ID``: works on one job that the worker, our parent, has claimed.

A process of its own, so that what a film does to the decoder or to memory ends this one job and not the queue. How it
ended is written into the queue; a process that ends without that has crashed, and the worker decides what follows.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from engine import config
from engine.errors import Cancelled, DramatisError
from engine.jobs.parent import end_with
from engine.jobs.task import Task
from engine.store.database import open_store
from engine.store.jobs import JobRepository

_NICENESS = 5  # the pages stay quick while all processors work
_OOM_SCORE = 500  # where memory runs out, the system ends this process before the queue and the pages

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """0: how the job ended is written into the queue, or it is not ours; 1: that could not be written."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    job_id = int((sys.argv[1:] if arguments is None else arguments)[0])
    worker_pid = os.getppid()
    end_with(worker_pid)
    # Also where our parent ignores it: this is how a step that says nothing for long is stopped.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _be_modest()
    try:
        return run_job(job_id, worker_pid)
    except DramatisError as error:
        _log.error("%s", error)
        return 1


def run_job(job_id: int, worker_pid: int) -> int:
    """Works on the job, if it is running for the worker `worker_pid`; 0, also where it failed and that was said.
    Raises StorageError if the queue cannot be read or written."""
    store = open_store(config.database_path())
    jobs = JobRepository(store)
    job = jobs.get(job_id)
    if job is None or job.state != "running" or job.worker_pid != worker_pid:
        return 0
    _log.info("Job %d begins (attempt %d).", job_id, job.n_attempts)
    try:
        with Task(store, job, worker_pid) as task:
            result = _runner(job.kind)(task)
    except (Cancelled, KeyboardInterrupt):
        now = jobs.get(job_id)
        if now and now.worker_pid == worker_pid and now.cancel_requested:
            jobs.cancelled(job_id)
        _log.info("Job %d was stopped.", job_id)
    except Exception as error:
        _log.exception("Job %d failed.", job_id)
        jobs.fail(job_id, _sentence(error))
    else:
        jobs.finish(job_id, result)
        _log.info("Job %d is done.", job_id)
    return 0


def _runner(kind: str) -> Callable[[Task], dict[str, Any]]:
    if kind == "analyse":
        from engine.jobs.analyse import run
    elif kind == "gallery":
        from engine.jobs.gallery import run
    elif kind == "album":
        from engine.jobs.album import run
    elif kind == "inspect":
        from engine.jobs.inspect import run
    else:
        raise DramatisError(f"This version of Dramatis knows no job of the kind {kind!r}; start the newest one.")
    return run


def _sentence(error: Exception) -> str:
    if isinstance(error, DramatisError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this; close other programs and try again."
    if isinstance(error, OSError):
        return f"The system refused ({error.strerror or error}); see that disk and permissions allow it."
    return "Something went wrong inside Dramatis; the log in the job's folder says what, so try again or report it."


def _be_modest() -> None:
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(str(_OOM_SCORE))


if __name__ == "__main__":
    sys.exit(main())
