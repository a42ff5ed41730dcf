"""Moments in which a face is hard to see, from the store to pages and files: counted, or left out everywhere alike."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from app.components import film_charts, film_people, film_question, film_report, film_stage
from app.components.film_data import columns, names
from app.components.film_ids import Film
from app.services import films, media, questions, screen_time
from app.services.store import store
from bench.big_film import N_PEOPLE, big_analysis
from engine.identity.visibility import hard_of_people
from engine.store.films import FilmRepository
from engine.timeline import Timeline
from engine.types import FaceSamples, Person, Track
from tests.app.test_film_page import call, ids_of, text_of

ANNA, BEA, STRANGER, BLURRED = "known:anna lee", "known:bea", "unknown:1", "unknown:2"
GOOD, POOR = 0.8, 0.05

SEEN = {
    # Longest where every moment counts, and for four seconds clearly: from 0 to 4 and, too poorly, to 10.
    ANNA: ("Anna_Lee", [(0.0, 10.0, ((2.0, GOOD), (6.0, POOR)))]),
    BEA: ("Bea", [(2.0, 8.0, ((3.0, GOOD),)), (20.0, 20.5, ((20.1, POOR),))]),
    STRANGER: ("unknown_1", [(30.0, 34.0, ((30.5, GOOD), (33.5, POOR)))]),
    BLURRED: ("unknown_2", [(40.0, 43.0, ((41.0, POOR),))]),
}


def track(number: int, start_s: float, end_s: float, views) -> Track:
    """Seen ten times a second in boxes of 100 px; `views` are (moment, quality) of its sampled faces."""
    t_s = np.arange(start_s, end_s, 0.1) + 0.05
    moments, quality = np.array(views).T
    boxes = np.tile([0.0, 0.0, 100.0, 100.0], (len(t_s), 1))
    faces = FaceSamples(moments, np.zeros((len(moments), 4)), quality, np.zeros((len(moments), 128)), "made-up")
    return Track(number, start_s, end_s, t_s, boxes, np.ones(len(t_s)), faces)


def film_of(seen) -> str:
    """The token of a film in which these people were seen."""
    people, tracks, of_track = [], [], {}
    for person_id, (name, of_person) in seen.items():
        mine = [track(len(tracks) + n, *one) for n, one in enumerate(of_person, start=1)]
        tracks += mine
        of_track |= {one.id: person_id for one in mine}
        timeline = Timeline(one.interval for one in mine)
        kind = "known" if person_id.startswith("known:") else "unknown"
        seconds = timeline.duration_s
        ids = tuple(one.id for one in mine)
        people.append(Person(person_id, name, kind, timeline, 0.9, ids, seconds - 2, seconds + 2))
    analysis = replace(
        big_analysis(),
        people=tuple(people),
        tracks=tuple(tracks),
        person_of_track=of_track,
        distance_of_track=dict.fromkeys(of_track),
        candidates={},
        chances={},
    )
    FilmRepository(store()).save_analysis(analysis)
    return FilmRepository(store()).by_sha256(analysis.video_sha256).token


@pytest.fixture
def token(own_data) -> str:
    return film_of(SEEN)


@pytest.fixture
def view(token) -> films.FilmView:
    return films.film_view(token)


def total(moments) -> float:
    return sum(end - start for start, end in moments)


# The store knows what the analysis knew.


@pytest.mark.slow
def test_the_store_finds_the_moments_of_the_analysis(own_data):
    large = big_analysis()
    repository = FilmRepository(store())
    found = repository.hard_moments(repository.save_analysis(large))
    assert found == hard_of_people(large)
    assert len(found) > 30


# Views.


def test_every_moment_counts_and_those_hard_to_see_are_marked(view):
    assert [one.id for one in view.people] == [ANNA, BEA, STRANGER, BLURRED]
    anna = view.person(ANNA)
    assert anna.intervals == ((0.0, 10.0),)
    assert anna.hard == ((pytest.approx(4.0, abs=0.06), 10.0),)
    assert view.person(BLURRED).hard == ((40.0, 43.0),)
    assert anna.bounds == (8.0, 12.0)


def test_without_them_seconds_order_and_appearances_are_those_of_the_clear_moments(view):
    clear = view.clear
    assert [one.id for one in clear.people] == [BEA, ANNA, STRANGER]
    assert [one.place for one in clear.people] == [1, 0, 2]
    anna, bea = clear.person(ANNA), clear.person(BEA)
    assert anna.seconds == pytest.approx(4.0, abs=0.06) and anna.share == anna.seconds / view.duration_s
    assert bea.intervals == ((2.0, 8.0),)
    assert bea.role.reason == "6.0 s, longest of all"
    for one in clear.people:
        whole = view.person(one.id)
        assert one.seconds + one.hard_s == pytest.approx(whole.seconds)
        assert one.bounds is None
    assert view.counted(False) is view and view.counted(True) is clear


def test_where_nothing_is_hard_to_see_there_is_nothing_to_choose(own_data):
    view = films.film_view(film_of({BEA: ("Bea", [(0.0, 5.0, ((2.0, GOOD),))])}))
    assert view.clear is None
    assert view.counted(True) is view
    assert columns(view)["clear"] is None
    frames = [part for part in film_people.filters(view).children if Film.HARD in ids_of(part)]
    assert [part.hidden for part in frames] == [True]
    assert "hard to see" not in text_of(film_stage.timeline(False, view.clear is not None))


def test_a_film_seen_poorly_throughout_has_nobody_left(own_data):
    view = films.film_view(film_of({BLURRED: SEEN[BLURRED]}))
    assert view.clear.people == ()
    assert columns(view)["clear"]["order"] == []
    for kind in film_charts.KINDS:
        film_charts.chart(view.clear, kind, "light")
        film_charts.words(view.clear, kind)
    assert "Nobody is clearly seen" in text_of(film_report.report(view.clear))


# What the browser gets.


def test_columns_hold_both_counts(view):
    data = columns(view)
    assert data["hard"][0] == [pytest.approx(4.0, abs=0.06), 10.0]
    assert data["clear"]["order"] == [1, 0, 2]
    assert data["clear"]["seconds"] == [pytest.approx(4.0, abs=0.06), 6.0, pytest.approx(2.0, abs=0.06), 0]
    assert data["clear"]["main"] == [1, 1, 1, 0]
    assert data["clear_reasons"][1] == "6.0 s, longest of all"
    assert data["clear_reasons"][3] == ""
    assert "hard to see" in text_of(film_stage.timeline(False, True))


def test_a_new_name_is_in_the_reasons_of_both_counts(token, view):
    films.rename(token, BEA, "Beatrice")
    assert "Beatrice's 6.0 s" in names(films.film_view(token))["clear_reasons"][0]


@pytest.mark.slow
def test_the_large_film_stays_small(own_data):
    large = big_analysis()
    FilmRepository(store()).save_analysis(large)
    view = films.film_view(FilmRepository(store()).by_sha256(large.video_sha256).token)
    data = columns(view)
    assert sum(map(len, data["hard"])) > 1000
    assert len(json.dumps({key: data[key] for key in ("hard", "clear", "clear_reasons")})) < 40_000
    assert len(view.people) == N_PEOPLE


@pytest.mark.parametrize("kind", film_charts.KINDS)
def test_charts_follow_and_point_to_the_people_of_the_page(view, kind):
    figure = film_charts.chart(view.clear, kind, "light")
    places = [place for trace in figure["data"] for place in trace["meta"]["people"]]
    assert places == [1, 0, 2]
    assert "6.0" in text_of(film_charts.words(view.clear, "seconds"))


def test_together_counts_what_both_show_clearly(view):
    assert screen_time.together(view).seconds[0][1] == pytest.approx(6.0)
    assert screen_time.together(view.clear).seconds[0][1] == pytest.approx(2.0, abs=0.06)
    assert film_charts.words(view.clear, "together")["film-pair"].to_plotly_json()["props"]["data-pair"] == "1,0"


def test_the_panel_says_how_much_of_an_appearance_is_hard_to_see(token):
    asked = questions.question(token, ANNA, 1.0)
    assert asked.hard_s == pytest.approx(6.0, abs=0.06)
    assert "10.0 s · 1 shot · 6.0 s of it hard to see" in text_of(film_question.answer(asked))
    assert "hard to see" not in text_of(film_question.answer(questions.question(token, BEA, 3.0)))


# Report and files.


def test_the_report_says_what_counts(view):
    whole, clear = text_of(film_report.report(view)), text_of(film_report.report(view.clear))
    assert "Hard to see" in whole and film_report.CLEAR_ONLY not in whole
    assert film_report.CLEAR_ONLY in clear and "Hard to see" not in clear and "Least to most" not in clear
    assert "unknown_2" in whole and "unknown_2" not in clear


def test_files_count_as_the_page_does(token, view):
    films.rename(token, STRANGER, "Nora Vale")
    for clear_only in (False, True):
        seen = films.film_view(token).counted(clear_only)
        record = json.loads(media.export(token, "json", clear_only).text)
        assert record["counted"] == ("clear" if clear_only else "all")
        rows = list(csv.DictReader(io.StringIO(media.export(token, "csv", clear_only).text.removeprefix("\ufeff"))))
        assert [one["id"] for one in record["people"]] == [one.id for one in seen.people]
        for one, person in zip(seen.people, record["people"], strict=True):
            assert person["screen_time_s"] == pytest.approx(one.seconds, abs=1e-3)
            assert person["hard_s"] == pytest.approx(one.hard_s, abs=1e-3)
            lines = [row for row in rows if row["person"] in (one.name, one.name.replace(" ", "_"))]
            assert sum(float(row["duration_s"]) for row in lines) == pytest.approx(one.seconds, abs=1e-3)
            assert {row["role"] for row in lines} == {one.role.kind}
            hard = "person_hard_left_out_s" if clear_only else "person_hard_s"
            assert [float(row[hard]) for row in lines] == pytest.approx([one.hard_s] * len(lines), abs=1e-3)
            assert (lines[0]["person_low_s"] == "") == clear_only
        assert sum(len(one.intervals) for one in seen.people) == len(rows)
        assert "Nora Vale" in {row["person"] for row in rows}
        assert not {row["person"] for row in rows} & {"unknown_1"}


# The page.


def test_the_address_says_what_counts(client, token):
    from app.pages import film, report

    assert film.layout(token)[Film.HARD].value is True
    assert film.layout(token, count="clear")[Film.HARD].value is False
    assert "unknown_2" in text_of(report.layout(token))
    paper = report.layout(token, count="clear")
    assert "unknown_2" not in text_of(paper)
    links = [part.href for part in paper._traverse() if getattr(part, "href", None)]
    assert links == [f"/film?id={token}&count=clear"]
    for kind in ("csv", "json"):
        path = f"/media/{token}/screentime.{kind}"
        whole, clear = client.get(path).text, client.get(f"{path}?count=clear").text
        assert "unknown_2" in whole and "unknown_2" not in clear


@pytest.mark.parametrize(("hard", "said"), [(True, "Anna Lee is on screen longest"), (False, "Bea is on screen long")])
def test_the_chart_that_is_asked_for_counts_as_the_switch_says(client, token, hard, said):
    values = {"film-chart-kind.value": "seconds", "film-token.data": token, "film-chart-wanted.data": True}
    answer = call(client, "film-hard.value", {**values, "film-hard.value": hard}, "film-chart-source")
    assert said in json.dumps(answer["response"]["film-chart-words"]["children"])
