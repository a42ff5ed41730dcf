"""The queue of long work: one row a job, from the moment it is asked for until a person has seen how it ended.

Imports neither numpy nor anything of the rooms that compute, for a worker that waits should cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select, update

from engine.store import schema
from engine.store.database import Store

State = Literal["queued", "running", "done", "failed", "cancelled"]
ACTIVE: tuple[State, ...] = ("queued", "running")
"""The states of a job that has not ended."""
SHOWN_FOR = timedelta(days=7)
"""How long a job that ended is listed unless it is dismissed before."""

_JOBS = schema.jobs
_QUEUED, _RUNNING = _JOBS.c.state == "queued", _JOBS.c.state == "running"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as it stood when it was read. `spec` is what to do and `result` what came of it (JSON values; while the
    job runs, what there is so far); `fraction` in 0..1 and `left_s`, the seconds left if known, are the worker's own
    estimates; `error` is a sentence; dates are UTC. `worker_pid` is None unless the job runs. `place` is 1 for the
    next job in line, 2 for the one after it, and 0 for jobs that do not wait."""

    id: int
    kind: str
    title: str
    owner: str
    spec: dict[str, Any]
    state: State
    phase: str
    fraction: float
    left_s: float | None
    error: str | None
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    beat_at: datetime | None
    worker_pid: int | None
    n_attempts: int
    cancel_requested: bool
    dismissed: bool
    place: int


class JobRepository:
    """The jobs of a store, worked on oldest first. Every call is one transaction; all raise StorageError. A change
    that does not fit the state a job is in by now (a running job dismissed, an ended one failed) does nothing and
    answers False, for the person who asked may have looked at an older state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def submit(self, kind: str, title: str, spec: dict[str, Any], owner: str = "") -> JobRecord:
        """Adds a job at the end of the line; `spec` holds JSON values."""
        row = {
            "kind": kind,
            "title": title,
            "owner": owner,
            "spec": spec,
            "state": "queued",
            "phase": "",
            "fraction": 0.0,
            "created_at": schema.now(),
            "n_attempts": 0,
            "cancel_requested": False,
            "dismissed": False,
        }
        with self._store.write() as connection:
            job_id = connection.execute(insert(_JOBS).values(**row)).inserted_primary_key[0]
            return _one(connection, job_id)

    def get(self, job_id: int) -> JobRecord | None:
        with self._store.read() as connection:
            return _one(connection, job_id)

    def visible(self) -> tuple[JobRecord, ...]:
        """The jobs a person should see, newest first: those that wait or run, and those that ended in the last
        `SHOWN_FOR` and were not dismissed."""
        recent = and_(_JOBS.c.ended_at > schema.now() - SHOWN_FOR, _JOBS.c.dismissed.is_(False))
        with self._store.read() as connection:
            return _records(connection, or_(_QUEUED, _RUNNING, recent))

    def running(self) -> tuple[JobRecord, ...]:
        """The jobs that some worker has claimed, newest first."""
        with self._store.read() as connection:
            return _records(connection, _RUNNING)

    def claim(self, worker_pid: int) -> JobRecord | None:
        """Gives the oldest waiting job to the worker `worker_pid`, None if none waits. Two workers never get the
        same one."""
        oldest = select(func.min(_JOBS.c.id)).where(_QUEUED)
        with self._store.read() as connection:  # an idle worker asks often and should hold up nobody who writes
            if connection.scalar(oldest) is None:
                return None
        with self._store.write() as connection:
            job_id = connection.scalar(oldest)
            if job_id is None:
                return None
            now = schema.now()
            _change(
                connection,
                job_id,
                _QUEUED,
                state="running",
                worker_pid=worker_pid,
                n_attempts=_JOBS.c.n_attempts + 1,
                started_at=now,
                beat_at=now,
            )
            return _one(connection, job_id)

    def beat(self, job_id: int, worker_pid: int, phase: str, fraction: float, left_s: float | None = None) -> bool:
        """Notes how far a running job is. True: go on; False: stop, for a person wants it, or because the job is not
        this worker's any more (nothing is noted then)."""
        mine = and_(_RUNNING, _JOBS.c.worker_pid == worker_pid)
        news = {"phase": phase, "fraction": float(fraction), "left_s": left_s, "beat_at": schema.now()}
        with self._store.write() as connection:
            if not _change(connection, job_id, mine, **news):
                return False
            return not connection.scalar(select(_JOBS.c.cancel_requested).where(_JOBS.c.id == job_id))

    def note(self, job_id: int, result: dict[str, Any]) -> bool:
        """Keeps what a running job has found so far."""
        with self._store.write() as connection:
            return _change(connection, job_id, _RUNNING, result=result)

    def finish(self, job_id: int, result: dict[str, Any]) -> bool:
        """Ends a running job well."""
        return self._end(job_id, _RUNNING, state="done", fraction=1.0, result=result)

    def fail(self, job_id: int, sentence: str) -> bool:
        """Ends a running job with what went wrong, in a user's words."""
        return self._end(job_id, _RUNNING, state="failed", error=sentence)

    def cancelled(self, job_id: int) -> bool:
        """Ends a waiting or running job because a person wanted it."""
        return self._end(job_id, or_(_QUEUED, _RUNNING), state="cancelled")

    def requeue(self, job_id: int, *, fresh: bool = False) -> bool:
        """Puts a running job, whose worker is gone, back into line at its old place. One that a person wanted to stop
        is cancelled instead. `fresh` forgets the attempts so far, for a job that got on."""
        changes = {"state": "queued", "worker_pid": None, "left_s": None} | ({"n_attempts": 0} if fresh else {})
        with self._store.write() as connection:
            if _change(connection, job_id, and_(_RUNNING, _JOBS.c.cancel_requested.is_(True)), **_ended("cancelled")):
                return True
            return _change(connection, job_id, _RUNNING, **changes)

    def request_cancel(self, job_id: int) -> bool:
        """Cancels a waiting job at once and asks the worker of a running one to stop: its next `beat` is False."""
        with self._store.write() as connection:
            if _change(connection, job_id, _QUEUED, **_ended("cancelled"), cancel_requested=True):
                return True
            return _change(connection, job_id, _RUNNING, cancel_requested=True)

    def dismiss(self, job_id: int) -> bool:
        """Takes a job that ended off the list."""
        with self._store.write() as connection:
            return _change(connection, job_id, _JOBS.c.ended_at.is_not(None), dismissed=True)

    def forget_film(self, video_sha256: str) -> None:
        """Deletes what is kept of the jobs of a film that ended."""
        of_film = _JOBS.c.spec["video_sha256"].as_string() == video_sha256
        with self._store.write() as connection:
            connection.execute(delete(_JOBS).where(of_film, _JOBS.c.ended_at.is_not(None)))

    def _end(self, job_id: int, where: ColumnElement[bool], state: State, **changes: Any) -> bool:
        with self._store.write() as connection:
            return _change(connection, job_id, where, **_ended(state), **changes)


def _ended(state: State) -> dict[str, Any]:
    return {"state": state, "ended_at": schema.now(), "worker_pid": None, "left_s": None}


def _change(connection: Connection, job_id: int, where: ColumnElement[bool], **values: Any) -> bool:
    """Whether the job `job_id` was there and as `where` says; only then it was changed."""
    return connection.execute(update(_JOBS).where(_JOBS.c.id == job_id, where).values(**values)).rowcount > 0


def _one(connection: Connection, job_id: int) -> JobRecord | None:
    return next(iter(_records(connection, _JOBS.c.id == job_id)), None)


def _records(connection: Connection, where: ColumnElement[bool]) -> tuple[JobRecord, ...]:
    """Newest first."""
    rows: Iterable[Row] = connection.execute(select(_JOBS).where(where).order_by(_JOBS.c.id.desc())).all()
    waiting = connection.scalars(select(_JOBS.c.id).where(_QUEUED).order_by(_JOBS.c.id))
    place = {job_id: i for i, job_id in enumerate(waiting, start=1)}
    return tuple(JobRecord(**row._mapping, place=place.get(row.id, 0)) for row in rows)
