"""The queue: each job to one worker, in order, whatever happens to the worker; and what a person sees of it."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engine.store.database import open_store
from engine.store.jobs import JobRepository

FORK = multiprocessing.get_context("fork")
WORKER = 4711


@pytest.fixture
def jobs(store):
    return JobRepository(store)


def submit(jobs, n=1):
    return [jobs.submit("analyse", f"Film {i}", {"video_sha256": "f" * 64, "cast": None}).id for i in range(n)]


def states(jobs):
    return {job.id: (job.state, job.place) for job in jobs.visible()}


def test_a_job_comes_back_as_it_was_submitted(jobs, database):
    spec = {"path": "/films/Gaslight.mp4", "cast": ["Zoë", None], "settings": {"sample_fps": 1 / 3}}
    job = jobs.submit("analyse", "Gaslight", spec, owner="Ana")
    assert JobRepository(open_store(database)).get(job.id) == job
    assert (job.kind, job.title, job.owner, job.spec) == ("analyse", "Gaslight", "Ana", spec)
    assert (job.state, job.phase, job.fraction, job.n_attempts, job.place) == ("queued", "", 0.0, 0, 1)
    assert not job.cancel_requested and not job.dismissed
    for name in ("left_s", "error", "result", "started_at", "ended_at", "beat_at", "worker_pid"):
        assert getattr(job, name) is None, name
    assert timedelta(0) <= datetime.now(UTC) - job.created_at < timedelta(minutes=1)
    assert jobs.get(job.id + 1) is None


def test_the_oldest_is_next_and_places_count_from_it(jobs):
    first, second, third = submit(jobs, 3)
    assert states(jobs) == {first: ("queued", 1), second: ("queued", 2), third: ("queued", 3)}
    assert [job.id for job in jobs.visible()] == [third, second, first]
    claimed = jobs.claim(WORKER)
    assert (claimed.id, claimed.state, claimed.worker_pid, claimed.n_attempts) == (first, "running", WORKER, 1)
    assert claimed.started_at is not None and claimed.beat_at is not None
    assert states(jobs) == {first: ("running", 0), second: ("queued", 1), third: ("queued", 2)}
    assert [job.id for job in jobs.running()] == [first]
    assert [jobs.claim(WORKER).id, jobs.claim(WORKER).id, jobs.claim(WORKER)] == [second, third, None]


def test_two_workers_never_get_the_same_job(jobs, database):
    ids = submit(jobs, 40)
    start, claimed = FORK.Barrier(4), FORK.SimpleQueue()

    def work(number):
        mine = JobRepository(open_store(database))
        start.wait()
        while job := mine.claim(number):
            claimed.put((job.id, job.worker_pid == number))
        claimed.put(None)

    workers = [FORK.Process(target=work, args=(number,)) for number in range(1, 5)]
    for worker in workers:
        worker.start()
    got, n_idle = [], 0
    while n_idle < len(workers):
        answer = claimed.get()
        n_idle += answer is None
        got += [answer] if answer else []
    for worker in workers:
        worker.join(30)
    assert sorted(got) == [(job_id, True) for job_id in ids]


def test_a_beat_tells_how_far_it_is_and_hears_whether_to_go_on(jobs):
    (job_id,) = submit(jobs)
    assert not jobs.beat(job_id, WORKER, "faces", 0.1)
    jobs.claim(WORKER)
    assert jobs.beat(job_id, WORKER, "faces", 0.25, 12.5)
    job = jobs.get(job_id)
    assert (job.phase, job.fraction, job.left_s) == ("faces", 0.25, 12.5)
    assert not jobs.beat(job_id, WORKER + 1, "names", 0.9)
    assert jobs.get(job_id) == job
    assert jobs.request_cancel(job_id)
    assert not jobs.beat(job_id, WORKER, "faces", 0.3)
    assert jobs.get(job_id).state == "running" and jobs.get(job_id).cancel_requested
    assert jobs.cancelled(job_id)
    assert not jobs.beat(job_id, WORKER, "faces", 0.4)
    assert jobs.get(job_id).fraction == 0.3


@pytest.mark.parametrize(
    ("end", "state", "error", "result"),
    [
        (lambda jobs, job_id: jobs.finish(job_id, {"film": "abc"}), "done", None, {"film": "abc"}),
        (lambda jobs, job_id: jobs.fail(job_id, "The disk is full."), "failed", "The disk is full.", {"so_far": []}),
        (lambda jobs, job_id: jobs.cancelled(job_id), "cancelled", None, {"so_far": []}),
    ],
)
def test_the_end_of_a_job_is_its_last_word(jobs, end, state, error, result):
    (job_id,) = submit(jobs)
    jobs.claim(WORKER)
    jobs.beat(job_id, WORKER, "faces", 0.25, 12.5)
    assert jobs.note(job_id, {"so_far": []})
    assert end(jobs, job_id)
    job = jobs.get(job_id)
    assert (job.state, job.error, job.result, job.worker_pid, job.left_s) == (state, error, result, None, None)
    assert job.fraction == (1.0 if state == "done" else 0.25)
    assert job.ended_at >= job.started_at
    assert not jobs.finish(job_id, {"film": "other"}) and not jobs.fail(job_id, "No.") and not jobs.cancelled(job_id)
    assert not jobs.note(job_id, {}) and not jobs.requeue(job_id) and not jobs.request_cancel(job_id)
    assert jobs.get(job_id) == job
    assert jobs.claim(WORKER) is None


def test_a_job_that_waits_is_cancelled_at_once(jobs):
    first, second = submit(jobs, 2)
    assert jobs.request_cancel(first)
    assert jobs.get(first).state == "cancelled" and jobs.get(first).ended_at is not None
    assert states(jobs)[second] == ("queued", 1)
    assert jobs.claim(WORKER).id == second


def test_a_job_whose_worker_died_goes_back_to_its_place(jobs):
    first, second = submit(jobs, 2)
    assert not jobs.requeue(first)
    jobs.claim(WORKER)
    jobs.beat(first, WORKER, "faces", 0.5, 9.0)
    assert jobs.requeue(first)
    job = jobs.get(first)
    assert (job.state, job.place, job.worker_pid, job.left_s, job.n_attempts) == ("queued", 1, None, None, 1)
    assert not jobs.beat(first, WORKER, "faces", 0.6)
    assert jobs.claim(WORKER + 1).n_attempts == 2
    assert jobs.requeue(first, fresh=True)
    assert jobs.claim(WORKER + 2).n_attempts == 1
    jobs.request_cancel(first)
    assert jobs.requeue(first)
    assert jobs.get(first).state == "cancelled"
    assert jobs.claim(WORKER).id == second


def test_what_ended_is_seen_until_it_is_dismissed_or_old(jobs, store):
    seen, dismissed, old, running = submit(jobs, 4)
    for job_id in (seen, dismissed, old):
        jobs.claim(WORKER)
        jobs.finish(job_id, {})
    jobs.claim(WORKER)
    assert jobs.dismiss(dismissed) and not jobs.dismiss(running) and not jobs.dismiss(999)
    with store.write() as connection:
        before = (datetime.now(UTC) - timedelta(days=7, minutes=1)).replace(tzinfo=None)
        connection.execute(text("UPDATE jobs SET ended_at = :t WHERE id = :id"), {"t": str(before), "id": old})
    assert states(jobs).keys() == {seen, running}
    assert jobs.get(dismissed).dismissed and jobs.get(old).state == "done"


def test_numbers_of_jobs_are_not_used_again(jobs, store):
    (first,) = submit(jobs)
    with store.write() as connection:
        connection.execute(text("DELETE FROM jobs"))
    assert submit(jobs)[0] > first


def test_an_idle_worker_holds_up_nobody(jobs, store):
    with store.write():
        assert jobs.claim(WORKER) is None


def test_the_queue_comes_without_the_rooms_that_compute():
    code = (
        "import sys; import engine.store.jobs;"
        "print([m for m in ('numpy', 'scipy', 'av', 'onnxruntime', 'dlib', 'alembic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_forgetting_a_film_leaves_its_waiting_job_and_other_films_jobs(jobs):
    ended, waiting = submit(jobs, 2)
    other = jobs.submit("analyse", "Another", {"video_sha256": "e" * 64}).id
    cast = jobs.submit("gallery", "Cast", {"folder": "x"}).id
    for job_id in (ended, other, cast):
        jobs.request_cancel(job_id)
    jobs.forget_film("f" * 64)
    assert jobs.get(ended) is None
    assert [jobs.get(job_id) is not None for job_id in (waiting, other, cast)] == [True, True, True]
