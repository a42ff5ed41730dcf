"""A quick look: asked for in plain sight, said on page and report, and run thoroughly at one press."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from app.components import film_head, film_report, film_states, run_callbacks
from app.components.film_ids import Film
from app.components.run_settings import RunDefaults, part, run_settings
from app.services import films, galleries, jobs, reruns
from app.services.store import store
from bench.big_film import big_analysis
from engine.config import AnalysisSettings
from engine.pipeline.people import keep_strangers
from engine.store.films import FilmRepository
from engine.store.galleries import GalleryRepository
from engine.store.jobs import JobRepository
from engine.types import Gallery
from tests.app.test_film_page import call, text_of

CAST = ("Ana", "Bo", "Cy")


@pytest.fixture
def film_path(own_data, demo):
    return demo / "trailer.mp4"


def saved(path, gallery: str | None = None, cast: tuple[str, ...] = (), **settings) -> films.FilmView:
    """The film of an analysis with these settings whose file is there."""
    analysis = big_analysis(path)
    chosen = AnalysisSettings(**settings).as_dict()
    repository = FilmRepository(store())
    repository.save_analysis(replace(analysis, settings=chosen, gallery=gallery, cast=cast, warnings=()))
    return films.film_view(repository.by_sha256(analysis.video_sha256).token)


def save_cast(name: str) -> None:
    paths, hashes = tuple(f"{who}.jpg" for who in CAST), tuple("0" * 64 for _ in CAST)
    GalleryRepository(store()).save(Gallery(name, "made-up", CAST, paths, hashes, np.eye(3, 128)))


def checkbox(form):
    return next(one for one in form._traverse() if getattr(one, "id", None) == part("quick", "p"))


@pytest.mark.parametrize("quick", [False, True])
def test_the_form_offers_it_beside_the_cast_and_starts_with_what_was_chosen_before(quick):
    form = run_settings("p", (), RunDefaults(settings={"quick": quick}))
    found = checkbox(form)
    assert found.label == "Quick look: about twice as fast, may miss small faces"
    assert found.value is quick
    advanced = next(one for one in form.children if "Advanced" in text_of(one))
    assert found not in list(advanced._traverse())


def test_what_the_form_says_is_a_setting_of_the_job():
    assert run_callbacks.settings_of(None, None, None, True) == {"quick": True}
    assert run_callbacks.settings_of(None, None, None, False) == {}


@pytest.mark.slow
def test_page_and_report_say_that_it_was_quick(film_path):
    thorough = saved(film_path)
    assert not thorough.quick and film_head.QUICK not in text_of(film_head.head(thorough))
    assert film_head.QUICK not in text_of(film_report.report(thorough))
    quick = saved(film_path, quick=True, sample_fps=6.0)
    head = film_head.head(quick)
    assert film_head.QUICK in text_of(head)
    assert text_of(head[Film.THOROUGH]) == "Run it thoroughly"
    report = text_of(film_report.report(quick))
    assert film_head.QUICK in report
    assert "Pictures looked at in a second 3 " in report


@pytest.mark.slow
def test_one_press_runs_it_thoroughly_with_all_else_as_it_was(client, film_path):
    save_cast("Friends")
    view = saved(film_path, "Friends", ("Ana", "Cy"), quick=True, min_probability=0.7)
    values = {"film-thorough.n_clicks": 1, "film-token.data": view.token}
    answer = call(client, "film-thorough.n_clicks", values)
    assert "film-again" not in answer.get("response", {})
    (job,) = jobs.job_dicts()
    spec = JobRepository(store()).get(job["id"]).spec
    assert (spec["gallery"], spec["cast"], spec["settings"]) == ("Friends", ["Ana", "Cy"], {"min_probability": 0.7})


@pytest.mark.slow
@pytest.mark.parametrize(("cast", "expected"), [(CAST, None), ((), None), (("Bo",), ["Bo"])])
def test_a_whole_cast_is_expected_whole(film_path, cast, expected):
    save_cast("Friends")
    assert reruns.thoroughly(saved(film_path, "Friends", cast, quick=True))
    assert JobRepository(store()).get(jobs.job_dicts()[0]["id"]).spec["cast"] == expected


@pytest.mark.slow
@pytest.mark.parametrize(("gallery", "cast"), [("Gone since", CAST), ("Friends", ("Ana", "Somebody Else"))])
def test_without_its_cast_the_form_asks(client, film_path, gallery, cast):
    save_cast("Friends")
    view = saved(film_path, gallery, cast, quick=True)
    answer = call(client, "film-thorough.n_clicks", {"film-thorough.n_clicks": 1, "film-token.data": view.token})
    assert jobs.job_dicts() == []
    assert list(answer["response"].values())[0]["is_open"] is True
    assert f"The cast {gallery}, or somebody of it" in json.dumps(answer["sideUpdate"])
    assert checkbox(run_settings("p", galleries.casts(), RunDefaults(settings={"quick": False}))).value is False
    form = film_states.again(view, galleries.casts(), quick=False)
    quick = [one for one in form._traverse() if getattr(one, "id", None) == part("quick", film_states.FORM)]
    assert [one.value for one in quick] == [False]


@pytest.mark.slow
def test_names_given_after_a_quick_look_are_those_of_the_thorough_run(film_path):
    """The thorough run sees a stranger in twice as many pictures, and gives out its numbers anew."""
    quick = saved(film_path, quick=True)
    stranger = next(one for one in quick.people if one.kind == "unknown")
    films.rename(quick.token, stranger.id, "Ada Lovelace")

    large = big_analysis(film_path)
    strangers = [one for one in large.people if one.kind == "unknown"]
    ids = {one.id: f"unknown:{n}" for n, one in enumerate(reversed(strangers), start=1)}
    people = tuple(
        replace(one, id=ids[one.id], name=ids[one.id].replace(":", "_")) if one.id in ids else one
        for one in large.people
    )
    tracks = tuple(seen_twice_as_often(track) for track in large.tracks)
    of_track = {number: ids.get(person_id, person_id) for number, person_id in large.person_of_track.items()}
    thorough = replace(large, people=people, tracks=tracks, person_of_track=of_track)
    repository = FilmRepository(store())
    repository.save_analysis(keep_strangers(thorough, repository))

    view = films.film_view(quick.token)
    assert not view.quick
    named = [one for one in view.people if one.name == "Ada Lovelace"]
    assert [one.intervals for one in named] == [stranger.intervals]


def seen_twice_as_often(track):
    between = (track.t_s[:-1] + track.t_s[1:]) / 2
    t_s = np.sort(np.concatenate([track.t_s, between]))
    boxes = np.stack([np.interp(t_s, track.t_s, side) for side in track.boxes_xyxy.T], axis=1)
    return replace(track, t_s=t_s, boxes_xyxy=boxes, scores=np.full(len(t_s), 0.9))
