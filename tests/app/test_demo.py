"""The demo goes in and out as one, and says how well its analysis did."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import plotly.utils
import pytest

from app.components import demo_views
from app.services import demo, demo_verdict, films, galleries, library
from app.services.store import store
from engine.config import cast_dir
from engine.evaluate.screentime import read_truth, visible
from engine.store.albums import AlbumRepository
from engine.store.films import FilmRepository
from engine.store.jobs import JobRepository
from engine.types import Analysis, Person, VideoInfo

pytestmark = pytest.mark.usefixtures("own_data")


def said(component: object) -> str:
    return json.dumps(component, cls=plotly.utils.PlotlyJSONEncoder)


def in_line() -> list[tuple[str, str]]:
    return [(job.kind, job.state) for job in JobRepository(store()).visible()]


def test_it_comes_whole_once_and_goes_whole():
    assert not demo.parts().any
    token = demo.submit()
    assert demo.submit() == token
    assert sorted(in_line()) == [("album", "queued"), ("analyse", "queued"), ("gallery", "queued")]
    found = demo.parts()
    assert (found.film.token, found.album.title, found.cast) == (token, "Demo album", True)
    demo.remove()
    assert not demo.parts().any
    assert (library.films(), AlbumRepository(store()).albums(), galleries.drafts()) == ((), (), ())
    assert [state for _, state in in_line() if state in ("queued", "running")] == []
    assert not any(path.is_file() for path in cast_dir().rglob("*"))
    # What came with the installation is still there, and comes back.
    assert demo.is_there()
    assert demo.submit() != ""


def test_other_films_stay_when_it_goes(demo_film_of_another):
    demo.submit()
    demo.remove()
    assert [film.token for film in library.films()] == [demo_film_of_another]


@pytest.fixture
def demo_film_of_another() -> str:
    video = VideoInfo(Path("/films/Other.mp4"), 10.0, 25, 640, 360, "h264")
    return FilmRepository(store()).add(video, "9" * 64, "Other").token


def judged(people: tuple[Person, ...]) -> demo_verdict.Verdict | None:
    """The verdict over an analysis of the demo's film that says just this."""
    token = demo.submit()
    film = FilmRepository(store()).by_token(token)
    FilmRepository(store()).save_analysis(
        Analysis(
            video=VideoInfo(film.path, film.duration_s, film.fps, film.width, film.height, film.codec),
            video_sha256=film.sha256,
            engine_version="1",
            model_ids=("m",),
            settings={},
            shots=(),
            people=people,
            tracks=(),
            person_of_track={},
            distance_of_track={},
        )
    )
    return films.film_state(token).verdict


def true_people() -> tuple[Person, ...]:
    truth = read_truth(demo_verdict.TRUTH)
    people = []
    for key, kinds in truth.items():
        known = not key.startswith("stranger")
        number = sum(person.kind == "unknown" for person in people) + 1
        id, name = (f"known:{key}", key.title()) if known else (f"unknown:{number}", f"unknown_{number}")
        people.append(Person(id, name, "known" if known else "unknown", visible(kinds), 1.0, ()))
    return tuple(sorted(people, key=lambda person: -person.screen_time_s))


def test_the_truth_itself_is_judged_right_and_less_is_judged_less():
    people = true_people()
    verdict = judged(people)
    assert (verdict.f1, verdict.error_s, verdict.purity) == (1.0, 0.0, 1.0)
    assert (verdict.n_strangers, verdict.n_found, verdict.n_said, len(verdict.people)) == (2, 2, 2, 10)
    card = said(demo_views.card(verdict))
    assert "100.0 % of the cast's seconds right (F1), both strangers found." in card
    assert "Clara Winther" in card

    named = next(person for person in people if person.kind == "unknown")
    wrong = [
        replace(named, id="known:x", name="Somebody", kind="known") if person is named else person for person in people
    ]
    assert judged(tuple(wrong)).n_found == 1
    clara = next(person for person in people if person.name.startswith("Clara"))
    assert judged(tuple(person for person in people if person is not clara)).f1 < 0.97
    # Nobody named: there is nothing to be right about.
    assert judged(tuple(person for person in people if person.kind == "unknown")) is None


def test_other_films_are_not_judged(demo_film_of_another):
    assert films.film_state(demo_film_of_another).verdict is None


def test_the_library_offers_it_and_leads_out_of_it(own_data, client):
    from tests.app.test_library import shown

    assert "See it with the demo" in shown(client, "/")
    assert "Start with my own" in shown(client, "/")
    token = demo.submit()
    assert "Remove everything of it" in shown(client, "/")
    FilmRepository(store()).delete_film(FilmRepository(store()).by_token(token).sha256)
    assert "Remove everything of it" in shown(client, "/")
