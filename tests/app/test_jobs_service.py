"""Jobs as the pages see them, over a real queue: what is shown of each state, and that one film has one job."""

from __future__ import annotations

import os
import threading

import pytest

from app.services import demo, galleries, jobs
from app.services.store import store
from engine.errors import MediaError, SettingsError
from engine.store.films import FilmRepository
from engine.store.galleries import GalleryRepository
from engine.store.jobs import JobRepository
from tests.app.known_films import add_film

pytestmark = pytest.mark.usefixtures("own_data")


@pytest.fixture
def token(own_data, demo) -> str:
    return add_film(demo / "trailer.mp4")


def only_job() -> dict:
    (job,) = jobs.job_dicts()
    return job


def test_nothing_runs():
    assert jobs.job_dicts() == []
    assert jobs.active_job("no such film") is None


def test_a_job_from_asked_for_to_done(token):
    job_id = jobs.submit_analysis(token, "A cast", ["Anna"], {"sample_fps": 4.0, "min_probability": 0.6}, partial=True)
    queue = JobRepository(store())
    spec = queue.get(job_id).spec
    assert spec["settings"] == {"sample_fps": 4.0}, "only what differs from the defaults"
    assert (spec["gallery"], spec["cast"], spec["partial"], spec["film"]) == ("A cast", ["Anna"], True, token)
    waiting = only_job()
    assert (waiting["state"], waiting["place"], waiting["percent"], waiting["phase"]) == ("queued", 1, 0, "")
    assert (waiting["film"], waiting["can_cancel"], waiting["title"]) == (token, True, "trailer")
    queue.claim(os.getpid())
    queue.beat(job_id, os.getpid(), "faces", 0.437, 200.0)
    queue.note(job_id, {"so_far": [["Anna", 12.5]]})
    running = only_job()
    assert (running["state"], running["place"], running["percent"]) == ("running", 0, 43)
    assert (running["phase"], running["left"]) == ("Finding and following faces", "about 3 min left")
    assert running["so_far"] == [["Anna", 12.5]]
    assert jobs.active_job(token) == running
    jobs.cancel(job_id)
    stopping = only_job()
    assert (stopping["state"], stopping["can_cancel"], stopping["stopping"]) == ("running", False, True)
    queue.finish(job_id, {"film": token, "analysis_id": 1, "people": 7})
    done = only_job()
    assert (done["state"], done["percent"], done["people"], done["left"]) == ("done", 100, 7, "")
    assert jobs.active_job(token) is None
    jobs.dismiss(job_id)
    assert jobs.job_dicts() == []


def test_a_failed_job_says_why_and_the_film_can_be_tried_again(token):
    first = jobs.submit_analysis(token)
    queue = JobRepository(store())
    queue.claim(os.getpid())
    queue.fail(first, "The film is cut off; copy it again.")
    assert only_job()["error"] == "The film is cut off; copy it again."
    second = jobs.submit_analysis(token)
    assert second != first
    assert [job["state"] for job in jobs.job_dicts()] == ["queued", "failed"]


def test_a_film_in_line_keeps_its_one_job(token):
    asked: list[int] = []
    threads = [threading.Thread(target=lambda: asked.append(jobs.submit_analysis(token))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 6
    assert len(set(asked)) == 1
    jobs.cancel(asked[0])
    assert only_job()["state"] == "cancelled"


def test_a_job_without_a_token_in_it_is_still_its_films(token):
    sha256 = FilmRepository(store()).by_token(token).sha256
    JobRepository(store()).submit("analyse", "From elsewhere", {"video_sha256": sha256, "path": "x", "title": "x"})
    assert only_job()["film"] == token
    assert jobs.active_job(token) is not None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sample_fps": 0}, "sample_fps"),
        ({"min_probability": 9}, "min_probability"),
        ({"max_distance": 9}, "max_distance"),
        ({"speed": 1}, "no setting called"),
    ],
)
def test_settings_that_make_no_sense_start_nothing(token, settings, said):
    with pytest.raises(SettingsError, match=said):
        jobs.submit_analysis(token, settings=settings)
    assert jobs.job_dicts() == []


def test_films_that_are_gone_start_nothing(tmp_path):
    copy = tmp_path / "gone.mp4"
    token = add_film(copy)
    with pytest.raises(MediaError, match="is gone from this machine"):
        jobs.submit_analysis(token)
    with pytest.raises(MediaError, match="not in Dramatis"):
        jobs.submit_analysis("no such film")


def test_a_cast_being_built_keeps_its_one_job(tmp_path):
    first = jobs.submit_gallery(tmp_path, "Anna_Lee's film")
    assert jobs.submit_gallery(tmp_path, "anna lee's FILM") == first
    assert (only_job()["gallery"], only_job()["film"]) == ("Anna_Lee's film", None)


def test_the_demo_is_a_film_a_cast_an_album_and_three_jobs_once(own_data):
    assert demo.is_there()
    token = demo.submit()
    assert demo.submit() == token
    cast, analysis, album = sorted(jobs.job_dicts(), key=lambda job: job["place"])
    assert (analysis["kind"], analysis["film"], analysis["gallery"]) == ("analyse", token, demo.CAST)
    assert (album["kind"], album["title"]) == ("album", demo.ALBUM_TITLE)
    assert (cast["kind"], cast["title"], cast["place"]) == ("gallery", demo.CAST, 1)
    assert {cast["ahead"], analysis["ahead"]} == {None}
    JobRepository(store()).claim(os.getpid())
    assert jobs.active_job(token)["ahead"] == ("gallery", demo.CAST), "what the film waits for can be said"
    assert GalleryRepository(store()).names() == ()
    (draft,) = galleries.drafts()
    assert (draft.name, len(draft.people), draft.n_pictures) == (demo.CAST, 10, 60)
