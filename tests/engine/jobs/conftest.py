"""A data folder with a queue, and workers that are never left behind."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import config
from engine.store.database import Store, open_store
from engine.store.jobs import JobRecord, JobRepository
from tests.engine.conftest import SMALL_FILM_SETTINGS
from tests.engine.jobs.processes import wait_for

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def data(tmp_path: Path, session_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own that shares the networks of the session's, whose making takes long."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("DRAMATIS_DATA", str(session_data))
    (folder / "models").symlink_to(config.models_dir())
    monkeypatch.setenv("DRAMATIS_DATA", str(folder))
    return folder


@pytest.fixture
def store(data: Path) -> Store:
    return open_store(config.database_path())


@pytest.fixture
def jobs(store: Store) -> JobRepository:
    return JobRepository(store)


@pytest.fixture
def submit(jobs: JobRepository) -> Callable[..., int]:
    """submit(film, settings=..., ...) -> the id of a job that analyses it, one segment after the other."""

    def submit(film: Path, **spec: Any) -> int:
        whole = {
            "video_sha256": hashlib.sha256(film.read_bytes()).hexdigest() if film.is_file() else "0" * 64,
            "path": str(film),
            "title": film.stem,
            "gallery": None,
            "cast": None,
            "settings": dict(SMALL_FILM_SETTINGS),
            "partial": False,
        }
        return jobs.submit("analyse", film.stem, whole | spec).id

    return submit


@pytest.fixture
def start_worker(data: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.jobs.worker", *arguments],
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


@pytest.fixture
def ended(jobs: JobRepository) -> Callable[[int], JobRecord]:
    """ended(job id) waits until the job has ended, however that is."""

    def ended(job_id: int) -> JobRecord:
        return wait_for(lambda: job if (job := jobs.get(job_id)) and job.ended_at else None, "the job's end")

    return ended
