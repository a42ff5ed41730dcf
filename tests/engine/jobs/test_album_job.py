"""Albums in the queue: done, stopped, killed and gone on with."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from engine import config
from engine.jobs import run_one
from engine.pipeline.pieces import newest_piece_s
from engine.store.albums import AlbumRepository, album_sha256
from engine.store.films import FilmRepository
from engine.store.jobs import JobRepository
from tests.engine.jobs.processes import wait_for


@pytest.fixture
def pictures(demo, tmp_path):
    """Eight pictures of the demo's album, and one that is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for path in sorted((demo / "album").iterdir())[:8]:
        shutil.copy(path, folder)
    (folder / "notes.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture
def album_job(store, jobs):
    """album_job(folder) -> the id of a job that looks at it."""

    def submit(folder):
        album = AlbumRepository(store).add(folder, folder.name)
        spec = {"video_sha256": album.sha256, "film": album.token, "folder": str(folder), "title": album.title}
        return jobs.submit("album", album.title, spec | {"gallery": None}).id

    return submit


@pytest.mark.slow
def test_an_album_is_looked_at_and_its_faces_are_cut_out(store, jobs: JobRepository, album_job, pictures):
    job_id = album_job(pictures)
    jobs.claim(os.getpid())
    run_one.run_job(job_id, os.getpid())
    end = jobs.get(job_id)
    (album,) = AlbumRepository(store).albums()
    assert end.state == "done", end.error
    assert (end.result["film"], end.result["pictures"], end.result["looked"]) == (album.token, 8, 9)
    assert newest_piece_s(config.jobs_dir(job_id)) > 0  # it got on, should it be killed
    assert [path for path, _ in end.result["left_out"]] == ["notes.jpg"] and end.result["warnings"] == []
    assert end.result["people"] == len(album.people) >= 3
    cut_out = sorted(path.name for path in config.pictures_dir(album.token).glob("*.jpg"))
    assert len(cut_out) == len(album.people) + 1 and "poster.jpg" in cut_out


def test_an_album_that_is_gone_or_a_gallery_that_is_not_there_is_said(store, jobs, album_job, pictures, tmp_path):
    job_id = album_job(pictures)
    shutil.rmtree(pictures)
    jobs.claim(os.getpid())
    run_one.run_job(job_id, os.getpid())
    assert "cannot be read" in jobs.get(job_id).error
    spec = jobs.get(job_id).spec | {"gallery": "Nobody's"}
    job_id = jobs.submit("album", "x", spec).id
    jobs.claim(os.getpid())
    run_one.run_job(job_id, os.getpid())
    assert "Nobody's" in jobs.get(job_id).error


@pytest.mark.slow
def test_a_killed_worker_goes_on_where_it_was_and_a_cancelled_job_keeps_what_it_saw(
    store, jobs: JobRepository, album_job, pictures, start_worker
):
    job_id = album_job(pictures)
    worker = start_worker()
    wait_for(lambda: jobs.get(job_id).fraction > 0.3, "some pictures")
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker = start_worker()
    wait_for(lambda: jobs.get(job_id).state == "done", "the end")
    assert 0 < jobs.get(job_id).result["looked"] < 9
    assert jobs.get(job_id).result["pictures"] == 8
    before = FilmRepository(store).by_sha256(album_sha256(pictures))
    for path in pictures.iterdir():
        path.write_bytes(path.read_bytes() + b"another picture by its bytes")
    again = album_job(pictures)
    wait_for(lambda: jobs.get(again).fraction > 0.2, "some pictures more")
    jobs.request_cancel(again)
    wait_for(lambda: jobs.get(again).state == "cancelled", "the job to stop")
    assert FilmRepository(store).by_sha256(album_sha256(pictures)) == before
