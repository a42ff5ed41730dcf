"""What a job's process does with the queue, called in this process: ends that are sentences, and wishes to stop."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import config
from engine.errors import StorageError
from engine.jobs import analyse, run_one
from engine.jobs.task import MOST_ATTEMPTS, Task
from engine.pipeline.pieces import FolderPieces
from engine.store.database import Store
from engine.store.films import FilmRepository
from engine.store.jobs import JobRecord, JobRepository
from engine.types import Analysis


@pytest.fixture(autouse=True)
def interrupts_arrive() -> Iterator[None]:
    """As `run_one.main` makes sure of for its own process."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def work(jobs: JobRepository) -> Callable[[int], JobRecord]:
    """work(job id) does what the worker and its child do with the next job, and says how that ended."""

    def work(job_id: int) -> JobRecord:
        claimed = jobs.claim(os.getpid())
        assert claimed is not None
        assert claimed.id == job_id
        assert run_one.run_job(job_id, os.getpid()) == 0
        return jobs.get(job_id)

    return work


@pytest.fixture
def submit_known(submit: Callable[..., int], small_film: Path, analysed: tuple[Analysis, Path]) -> Callable[..., int]:
    """submit_known(settings=...) -> a job whose shots and faces have been found already."""

    def submit_known(**spec: Any) -> int:
        job_id = submit(small_film, **spec)
        shutil.copytree(analysed[1], config.jobs_dir(job_id), dirs_exist_ok=True)
        return job_id

    return submit_known


@pytest.mark.parametrize(
    ("content", "spec", "says"),
    [
        (None, {}, "is not at"),
        ("text", {}, "not a film"),
        ("film", {"video_sha256": "1" * 64}, "was changed since"),
        ("film", {"gallery": "Nobody's"}, "no gallery called"),
        ("film", {"settings": {"sample_fps": 0}}, "sample_fps is 0"),
        ("film", {"settings": {"speed": "great"}}, "speed"),
    ],
    ids=["missing", "text", "another film", "gallery", "bad setting", "unknown setting"],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    content: str | None,
    spec: dict[str, Any],
    says: str,
    submit: Callable[..., int],
    work: Callable[[int], JobRecord],
    small_film: Path,
    store: Store,
    tmp_path: Path,
) -> None:
    film = small_film if content == "film" else tmp_path / "film.mp4"
    if content == "text":
        film.write_text("not a film\n" * 50)
    end = work(submit(film, **spec))
    assert end.state == "failed"
    assert says in end.error
    assert is_sentence(end.error)
    assert FilmRepository(store).films() == ()


def test_a_gallery_without_a_folder_and_an_unknown_kind(
    jobs: JobRepository, work: Callable[[int], JobRecord], tmp_path: Path
) -> None:
    end = work(jobs.submit("gallery", "None", {"folder": str(tmp_path / "none"), "name": "None"}).id)
    assert "cannot be read" in end.error
    assert is_sentence(end.error)
    end = work(jobs.submit("dance", "Dance", {}).id)
    assert "no job of the kind 'dance'" in end.error
    assert is_sentence(end.error)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (StorageError("The disk is full."), "The disk is full."),
        (MemoryError(), "not enough memory"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (IndexError("list index out of range"), "inside Dramatis"),
    ],
)
def test_any_error_is_a_sentence(
    error: Exception,
    says: str,
    jobs: JobRepository,
    work: Callable[[int], JobRecord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(task: Task) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(run_one, "_runner", lambda kind: fail)
    end = work(jobs.submit("any", "Any", {}).id)
    assert (end.state, is_sentence(end.error)) == ("failed", True)
    assert says in end.error


def test_a_job_of_another_worker_is_left_alone(jobs: JobRepository) -> None:
    job = jobs.submit("dance", "Dance", {}).id
    assert run_one.run_job(job, os.getpid()) == 0
    assert jobs.get(job).state == "queued"
    assert jobs.claim(os.getpid() + 1) is not None
    assert run_one.run_job(job, os.getpid()) == 0
    assert jobs.get(job).state == "running"
    assert run_one.run_job(99, os.getpid()) == 0


@pytest.mark.parametrize("talks", [True, False], ids=["between two words of progress", "in a long silence"])
def test_a_wish_to_stop_is_heard(
    talks: bool, jobs: JobRepository, work: Callable[[int], JobRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []

    def work_long(task: Task) -> dict[str, Any]:
        jobs.request_cancel(task.job.id)
        began_s = time.monotonic()
        try:
            while time.monotonic() - began_s < 60:
                if talks:
                    task.progress("faces", 0.5)
                time.sleep(0.01)
        finally:
            ended.append(time.monotonic() - began_s)
        return {}

    monkeypatch.setattr(run_one, "_runner", lambda kind: work_long)
    assert work(jobs.submit("any", "Any", {}).id).state == "cancelled"
    assert ended[0] < 60  # it was interrupted


def test_a_job_that_somebody_else_took_over_is_not_ended(jobs: JobRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(task: Task) -> dict[str, Any]:
        jobs.requeue(task.job.id)
        jobs.claim(os.getpid() + 1)
        time.sleep(60)
        return {}

    monkeypatch.setattr(run_one, "_runner", lambda kind: lose)
    job = jobs.submit("any", "Any", {}).id
    jobs.claim(os.getpid())
    began_s = time.monotonic()
    assert run_one.run_job(job, os.getpid()) == 0
    assert time.monotonic() - began_s < 60  # a system call that waits is interrupted too
    assert (jobs.get(job).state, jobs.get(job).worker_pid) == ("running", os.getpid() + 1)


def test_progress_and_what_there_is_so_far_are_seen_while_a_job_runs(
    jobs: JobRepository, work: Callable[[int], JobRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[JobRecord] = []

    def talk(task: Task) -> dict[str, Any]:
        task.plan({"one": 1.0, "two": 3.0})
        task.note({"so_far": [["unknown", 1.0]]})
        task.progress("two", 0.0)
        task.progress("two", 0.5)
        deadline_s = time.monotonic() + 60
        while time.monotonic() < deadline_s and jobs.get(task.job.id).phase != "two":
            time.sleep(0.05)
        seen.append(jobs.get(task.job.id))
        return {"answer": 42}

    monkeypatch.setattr(run_one, "_runner", lambda kind: talk)
    end = work(jobs.submit("any", "Any", {}).id)
    assert (seen[0].phase, seen[0].fraction) == ("two", pytest.approx(0.625))
    assert seen[0].result == {"so_far": [["unknown", 1.0]]}
    assert (end.state, end.fraction, end.result) == ("done", 1.0, {"answer": 42})


def test_pictures_that_cannot_be_made_are_no_reason_to_lose_the_analysis(
    submit_known: Callable[..., int],
    work: Callable[[int], JobRecord],
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*arguments: object) -> None:
        raise StorageError("The folder of the pictures cannot be written; free some space.")

    monkeypatch.setattr(analyse.FilmPictures, "write_all", refuse)
    end = work(submit_known())
    assert end.state == "done"
    assert end.result["warnings"] == ["The folder of the pictures cannot be written; free some space."]
    assert FilmRepository(store).films()[0].n_analyses == 1


def test_pictures_that_end_the_process_are_left_out_the_third_time(
    jobs: JobRepository,
    submit_known: Callable[..., int],
    work: Callable[[int], JobRecord],
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a decoder that crashes would: the analysis is saved once, and the job ends well."""
    job = submit_known()

    def crash(*arguments: object) -> None:
        raise SystemExit  # not an Exception: nothing is said of the job

    monkeypatch.setattr(analyse.FilmPictures, "write_all", crash)
    for _ in range(MOST_ATTEMPTS - 1):
        jobs.claim(os.getpid())
        with pytest.raises(SystemExit):
            run_one.run_job(job, os.getpid())
        jobs.requeue(job)
    end = work(job)
    assert (end.state, end.n_attempts) == ("done", MOST_ATTEMPTS)
    assert "pictures were not made" in end.result["warnings"][0]
    assert FilmRepository(store).films()[0].n_analyses == 1


def test_other_naming_alone_looks_at_no_frame_again(
    jobs: JobRepository,
    submit: Callable[..., int],
    submit_known: Callable[..., int],
    work: Callable[[int], JobRecord],
    small_film: Path,
    store: Store,
) -> None:
    known = submit_known()
    settings = jobs.get(known).spec["settings"]
    first = work(known)
    again = submit(small_film, settings=settings | {"stranger_distance": 0.2})
    end = work(again)
    assert (first.state, end.state) == ("done", "done")
    names = {path.name.split("-")[0] for path in config.jobs_dir(again).glob("*.piece")}
    assert names == {"saved.piece"}
    assert FolderPieces(config.jobs_dir(again)).load("saved") == str(end.result["analysis_id"]).encode()
    film = FilmRepository(store).films()[0]
    assert film.n_analyses == 2
    assert end.result["people"] > first.result["people"]  # nearer together: fewer tracks are one stranger


def is_sentence(text: str) -> bool:
    return "\n" not in text and text.endswith(".") and "Traceback" not in text
