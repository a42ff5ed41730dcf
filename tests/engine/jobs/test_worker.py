"""The queue at work, with real processes: jobs in turn, wishes to stop, and every way in which a process can end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import config
from engine.exports.screentime_json import screentime_record
from engine.jobs import worker as worker_module
from engine.jobs.task import MOST_ATTEMPTS
from engine.jobs.worker import Worker
from engine.store.database import Store
from engine.store.films import FilmRepository
from engine.store.jobs import JobRecord, JobRepository
from engine.types import Analysis
from tests.engine.jobs.processes import children_of, is_gone, segments_there, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

PROJECT = Path(__file__).resolve().parents[3]
START = Callable[..., subprocess.Popen[str]]
N_SEGMENTS = 5


@pytest.mark.slow
def test_a_waiting_worker_needs_little(start_worker: START, data: Path) -> None:
    code = (
        "import sys; import engine.jobs.worker;"
        "print([m for m in ('onnxruntime', 'dlib', 'av', 'scipy', 'numpy', 'cv2', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    waiting = start_worker()
    wait_for(lambda: (data / "worker.lock").exists(), "the worker's lock")
    time.sleep(1.0)
    status = Path(f"/proc/{waiting.pid}/status").read_text()
    resident_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert resident_kb < 70_000


def test_jobs_run_in_turn_and_leave_what_the_pages_show(
    start_worker: START,
    jobs: JobRepository,
    store: Store,
    submit: Callable[..., int],
    ended: Callable[[int], JobRecord],
    small_film: Path,
    demo: Path,
    tmp_path: Path,
) -> None:
    for person in ("Clara_Winther", "Mei_Kuroda"):
        folder = tmp_path / "cast" / person
        folder.mkdir(parents=True)
        (folder / "1.jpg").write_bytes((demo / "gallery" / person / "01.jpg").read_bytes())
    (tmp_path / "cast" / "Mei_Kuroda" / "2.jpg").write_bytes(b"no picture")
    first = jobs.submit("gallery", "Two", {"folder": str(tmp_path / "cast"), "name": "Two"}).id
    second = submit(small_film, gallery="two", cast=["clara winther"])
    assert (jobs.get(first).place, jobs.get(second).place) == (1, 2)
    start_worker()
    told = []

    def is_over() -> bool:
        now = jobs.get(second)
        told.append((now.phase, now.fraction, now.result))
        return now.ended_at is not None

    built = ended(first)
    assert built.state == "done", built.error
    assert built.result == {
        "name": "Two",
        "people": 2,
        "pictures": 2,
        "looked": 3,
        "left_out": [["Mei_Kuroda/2.jpg", "no picture that can be read"]],
    }
    wait_for(is_over, "the analysis")
    done = jobs.get(second)
    assert done.state == "done", done.error
    assert done.started_at >= built.ended_at
    film = FilmRepository(store).films()[0]
    assert (film.title, film.n_analyses) == ("small", 1)
    assert done.result == {
        "film": film.token,
        "analysis_id": film.latest_analysis_id,
        "people": len(film.people),
        "warnings": [],
    }
    assert [person.name for person in film.people if person.kind == "known"] == ["Clara_Winther"]
    pictures = config.pictures_dir(film.token)
    assert (pictures / "poster.jpg").is_file()
    assert len(list(pictures.glob("person_*.jpg"))) == len(film.people)

    phases = [phase for phase in dict.fromkeys(phase for phase, _, _ in told) if phase]
    order = ["reading", "shots", "faces", "names", "saving", "pictures", "preview"]
    assert phases == [phase for phase in order if phase in phases]
    assert "faces" in phases
    fractions = [fraction for _, fraction, _ in told]
    assert fractions == sorted(fractions)
    so_far = [result["so_far"] for _, _, result in told if result and "so_far" in result]
    assert so_far
    assert so_far[-1][-1][0] == "unknown"
    assert so_far[-1][-1][1] > 0
    wait_for(lambda: not any(config.jobs_dir().iterdir()), "the folders of ended jobs to go")


@pytest.mark.slow
def test_a_job_outlives_its_process_its_worker_and_a_restart(
    start_worker: START,
    jobs: JobRepository,
    store: Store,
    submit: Callable[..., int],
    small_film: Path,
    analysed: tuple[Analysis, Path],
) -> None:
    """Each time it goes on behind the last finished segment, and the answer is that of a run in one go."""
    job = submit(small_film)
    seen: dict[str, int] = {}

    def segments(n: int) -> Callable[[], bool]:
        def there() -> bool:
            for name, made_ns in segments_there(job).items():
                assert seen.setdefault(name, made_ns) == made_ns, f"{name} was worked on again"
            return len(seen) >= n

        return there

    worker = start_worker()
    wait_for(segments(1), "the first segment")
    child = children_of(worker)[0]
    os.kill(child, signal.SIGKILL)
    wait_for(lambda: is_gone(child), "the end of the killed process")

    wait_for(segments(2), "the second segment")
    child = children_of(worker)[0]
    worker.kill()
    worker.wait()
    wait_for(lambda: is_gone(child), "the end of the process without a worker")
    assert jobs.get(job).state == "running"

    n_before = len(seen)
    worker = start_worker()
    wait_for(segments(n_before + 1), "a segment of the second worker")
    child = children_of(worker)[0]
    worker.terminate()
    assert worker.wait(30) == 0
    assert is_gone(child)
    assert (jobs.get(job).state, jobs.get(job).worker_pid) == ("queued", None)
    assert 3 <= len(segments_there(job)) < N_SEGMENTS

    start_worker()
    wait_for(lambda: segments(99)() or jobs.get(job).ended_at, "the end")
    assert jobs.get(job).state == "done", jobs.get(job).error
    assert len(seen) == N_SEGMENTS
    films = FilmRepository(store)
    assert films.films()[0].n_analyses == 1
    record = screentime_record(films.latest(analysed[0].video_sha256), {})
    for part in ("shots", "people", "tracks"):
        assert record[part] == screentime_record(analysed[0], {})[part]


def test_a_job_is_stopped_and_the_next_one_begins(
    start_worker: START,
    jobs: JobRepository,
    submit: Callable[..., int],
    ended: Callable[[int], JobRecord],
    store: Store,
    small_film: Path,
    tmp_path: Path,
) -> None:
    job, waiting, last = submit(small_film), submit(small_film), submit(tmp_path / "missing.mp4")
    worker = start_worker()
    wait_for(lambda: segments_there(job), "the first segment")
    child = children_of(worker)[0]
    assert jobs.request_cancel(waiting)
    assert jobs.get(waiting).state == "cancelled"
    assert jobs.request_cancel(job)
    assert ended(job).state == "cancelled"
    wait_for(lambda: is_gone(child), "the end of the process")
    assert ended(last).state == "failed"
    wait_for(lambda: not (config.data_dir() / "jobs" / str(job)).exists(), "the folder of the stopped job to go")
    assert FilmRepository(store).films() == ()


def test_a_job_that_always_ends_its_process_is_given_up(
    start_worker: START, jobs: JobRepository, submit: Callable[..., int], small_film: Path
) -> None:
    job = submit(small_film)
    worker = start_worker()
    killed: set[int] = set()

    def kill_and_look() -> JobRecord | None:
        for child in set(children_of(worker)) - killed:
            killed.add(child)
            os.kill(child, signal.SIGKILL)
        now = jobs.get(job)
        return now if now.ended_at else None

    end = wait_for(kill_and_look, "the worker to give up")
    assert end.state == "failed"
    assert end.n_attempts == len(killed) == 3
    assert "SIGKILL" in end.error
    assert end.error.endswith(".")
    assert worker.poll() is None


@pytest.mark.slow
def test_a_gallery_that_gets_on_each_time_is_not_given_up(
    start_worker: START, jobs: JobRepository, ended: Callable[[int], JobRecord], demo: Path, tmp_path: Path
) -> None:
    person = tmp_path / "cast" / "Clara_Winther"
    person.mkdir(parents=True)
    for picture in (demo / "gallery" / person.name).iterdir():
        shutil.copy(picture, person)
    # The same faces again, as other pictures.
    for picture in [*person.iterdir()]:
        for number in range(4):
            (person / f"{number}{picture.name}").write_bytes(picture.read_bytes() + bytes(number + 1))
    job = jobs.submit("gallery", "One", {"folder": str(person.parent), "name": "One"}).id
    note = config.jobs_dir(job) / "elsewhere.piece"
    worker = start_worker()
    for _ in range(MOST_ATTEMPTS + 1):
        before_ns = note.stat().st_mtime_ns if note.exists() else 0
        wait_for(
            lambda before_ns=before_ns: note.exists() and note.stat().st_mtime_ns > before_ns, "a picture looked at"
        )
        child = children_of(worker)[0]
        os.kill(child, signal.SIGKILL)
        wait_for(lambda child=child: is_gone(child), "the end of the killed process")
    done = ended(job)
    assert (done.state, done.n_attempts) == ("done", 1), done.error
    assert done.result["pictures"] == 30
    assert 0 < done.result["looked"] < 30


@pytest.mark.slow
def test_a_second_worker_waits_for_the_first(
    start_worker: START, jobs: JobRepository, ended: Callable[[int], JobRecord], data: Path
) -> None:
    first = start_worker()
    wait_for(lambda: (data / "worker.lock").exists(), "the first worker's lock")
    time.sleep(0.5)
    second = start_worker()
    assert second.stderr is not None
    assert "Another worker" in second.stderr.readline()
    job = jobs.submit("dance", "Dance", {}).id
    assert "no job of the kind" in ended(job).error
    assert second.poll() is None
    first.terminate()
    assert first.wait(10) == 0
    after = jobs.submit("dance", "Dance", {}).id
    ended(after)


def test_a_worker_ends_with_its_parent(start_worker: START, data: Path) -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-P', '-m', 'engine.jobs.worker', '--parent', str(os.getpid())])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: (data / "worker.lock").exists(), "the worker's lock")
        time.sleep(0.5)
        assert not is_gone(child)
        parent.kill()
    wait_for(lambda: is_gone(child), "the worker's end")


@pytest.mark.slow
def test_a_process_that_does_not_stop_is_killed(
    jobs: JobRepository,
    store: Store,
    submit: Callable[..., int],
    small_film: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_module, "_STOP_WITHIN_S", 0.5)
    monkeypatch.setattr(worker_module, "_LOOK_EVERY_S", 0.1)
    job = submit(small_film)
    started: list[subprocess.Popen[bytes]] = []
    begin = worker_module._start

    def start_and_freeze(record: JobRecord) -> subprocess.Popen[bytes]:
        started.append(begin(record))
        started[0].send_signal(signal.SIGSTOP)
        jobs.request_cancel(record.id)
        return started[0]

    monkeypatch.setattr(worker_module, "_start", start_and_freeze)
    worker = Worker(store)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        wait_for(lambda: jobs.get(job).ended_at, "the frozen process to be killed")
    finally:
        worker.stop()
        thread.join(30)
    assert jobs.get(job).state == "cancelled"
    assert started[0].returncode == -signal.SIGKILL


@pytest.mark.slow
def test_what_a_failed_job_had_finished_serves_the_next_one(
    start_worker: START,
    jobs: JobRepository,
    store: Store,
    submit: Callable[..., int],
    ended: Callable[[int], JobRecord],
    small_film: Path,
    analysed: tuple[Analysis, Path],
) -> None:
    films = FilmRepository(store)
    films.add(analysed[0].video, analysed[0].video_sha256, "Small")
    failed = submit(small_film)
    assert jobs.claim(os.getpid()).id == failed
    shutil.copytree(analysed[1], config.jobs_dir(failed), dirs_exist_ok=True)
    jobs.fail(failed, "The disk is full.")
    again = submit(small_film)
    start_worker()
    wait_for(lambda: segments_there(again) or jobs.get(again).ended_at, "the end")
    assert segments_there(again) == {}
    assert ended(again).state == "done"
    assert len(segments_there(failed)) == N_SEGMENTS

    films.delete_film(analysed[0].video_sha256)
    ended(jobs.submit("dance", "Dance", {}).id)
    wait_for(lambda: not segments_there(failed), "the faces of a deleted film to go")
