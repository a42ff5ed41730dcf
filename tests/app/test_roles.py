"""Who matters in a film and between which seconds, from the store to the page: main people, passers-by, bounds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.components import film_people, film_report
from app.components.film_data import columns, names
from app.components.film_ids import Film
from app.services import films
from app.services.store import store
from app.words import span
from bench.big_film import N_PASSERS_BY, big_analysis
from engine.identity.roles import PASSER_BY_S, roles
from engine.store.films import FilmRepository
from engine.timeline import Interval, Timeline
from engine.types import Person
from tests.app.test_film_page import text_of

ANNA, BEA, STRANGER, PASSING = "known:anna_lee", "known:bea", "unknown:1", "unknown:2"


def person(person_id: str, name: str, seconds: float, low_s: float | None, high_s: float | None) -> Person:
    kind = "known" if person_id.startswith("known:") else "unknown"
    return Person(person_id, name, kind, Timeline([Interval(1.0, 1.0 + seconds)]), 0.9, (), low_s, high_s)


PEOPLE = (
    person(ANNA, "Anna_Lee", 47.0, 41.26, 49.11),
    person(STRANGER, "unknown_1", 12.0, 11.8, 12.2),
    person(BEA, "Bea", 0.8, None, None),
    person(PASSING, "unknown_2", 0.6, 0.0, 1.4),
)


def saved(people) -> str:
    """The token of a film with these people."""
    nothing = {"tracks": (), "person_of_track": {}, "distance_of_track": {}, "candidates": {}, "chances": {}}
    FilmRepository(store()).save_analysis(replace(big_analysis(), people=tuple(people), **nothing))
    return FilmRepository(store()).by_sha256("b" * 64).token


@pytest.fixture
def token(own_data) -> str:
    return saved(PEOPLE)


@pytest.fixture
def view(token) -> films.FilmView:
    return films.film_view(token)


def test_bounds_are_told_where_they_say_more_than_the_seconds(view):
    assert view.person(ANNA).bounds == (41.26, 49.11)
    assert view.person(STRANGER).bounds is None  # 0.4 s apart
    assert view.person(BEA).bounds is None  # an older analysis
    assert view.person(PASSING).bounds == (0.0, 1.4)


def test_the_seconds_lie_within_their_bounds(own_data):
    view = films.film_view(saved([person(ANNA, "Anna_Lee", 47.0, 47.2, 48.0), person(BEA, "Bea", 20.0, 19.0, 19.9)]))
    assert [one.bounds for one in view.people] == [(47.0, 48.0), (19.0, 20.0)]


@pytest.mark.parametrize(
    ("low_s", "high_s", "words"),
    [
        (0.0, 0.61, ("0.0", "0.7 s")),
        (41.26, 49.11, ("41.2", "49.2 s")),
        (58.0, 59.9, ("58.0", "59.9 s")),
        (58.0, 59.95, ("0:58", "1:00")),
        (2210.0, 2260.0, ("36:50", "37:40")),
        (7265.9, 7265.95, ("2:01:05", "2:01:06")),
    ],
)
def test_the_least_is_rounded_down_and_the_most_up(low_s, high_s, words):
    assert span(low_s, high_s) == words


def test_roles_are_the_engines_and_speak_of_names_as_they_are_shown(view):
    found = {one.id: one.role for one in view.people}
    assert [found[key].kind for key in (ANNA, STRANGER, BEA)] == ["main", "main", "other"]
    assert found[ANNA].reason == "47.0 s, longest of all"
    assert "Anna Lee's 47.0 s" in found[BEA].reason
    assert [one.id for one in view.people if one.is_passer_by()] == [PASSING]
    assert view.person(STRANGER).is_passer_by(12.5)
    assert not view.person(BEA).is_passer_by(12.5)  # known people are never passers-by


@pytest.mark.slow
def test_page_and_engine_agree_about_everybody_in_a_large_film(own_data):
    large = big_analysis()
    FilmRepository(store()).save_analysis(large)
    view = films.film_view(FilmRepository(store()).by_sha256(large.video_sha256).token)
    kinds = {key: role.kind for key, role in roles(large.people).items()}
    assert {one.id: "passer-by" if one.is_passer_by() else one.role.kind for one in view.people} == kinds
    assert list(kinds.values()).count("passer-by") == N_PASSERS_BY
    data = columns(view)
    assert all(data["main"]) is False
    assert any(data["bounds"])
    extra = {key: data[key] for key in ("bounds", "main", "main_share", "passer_by", "reasons")}
    assert len(json.dumps(extra)) < 8_000


def test_a_name_given_by_hand_makes_a_person(token):
    films.rename(token, PASSING, "Nora")
    view = films.film_view(token)
    assert not view.person(PASSING).is_passer_by()
    assert "passer-by" not in text_of(film_report.people_table(view))
    films.rename(token, ANNA, "Hannah")
    place = [one.id for one in view.people].index(BEA)
    assert "Hannah's 47.0 s" in names(films.film_view(token))["reasons"][place]
    films.undo(token)
    films.undo(token)
    assert films.film_view(token).person(PASSING).is_passer_by()


def test_columns_say_it_in_words(view):
    data = columns(view)
    assert data["bounds"] == [["41.2", "49.2 s"], 0, 0, ["0.0", "1.4 s"]]
    assert data["main"] == [1, 1, 0, 0]
    assert (data["main_share"], data["passer_by"]) == (0.2, PASSER_BY_S)


def test_the_filters_begin_with_everybody_and_the_engines_limit(view):
    filters = film_people.filters(view)
    controls = {part.id: part for part in filters._traverse() if getattr(part, "id", None)}
    assert controls[Film.MAIN_ONLY].value is False
    assert controls[Film.PASSER_BY].value == PASSER_BY_S
    assert controls["film-main-all"].hidden


def test_the_report_has_a_column_of_bounds_where_there_are_some(view):
    words = text_of(film_report.report(view))
    assert "Least to most" in words
    assert "41.2 to 49.2 s" in words
    assert "unknown_2  passer-by" in words
    assert film_report.BOUNDS in words
    older = replace(view, people=tuple(replace(one, bounds=None) for one in view.people))
    words = text_of(film_report.report(older))
    assert "Least to most" not in words
    assert film_report.BOUNDS not in words
    rows = film_report.people_table(older).children
    assert {len(row.children) for row in (rows[1].children, *rows[2].children)} == {8}
