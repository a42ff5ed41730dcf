"""How sure names are, from the store to the words on the page: what is doubtful, who a stranger may be, and why."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.components import film_question, film_report, film_stage
from app.components.film_data import columns
from app.services import films, questions
from app.services.store import store
from bench.big_film import big_analysis
from engine.config import AnalysisSettings
from engine.identity import sureness
from engine.store.films import FilmRepository
from engine.store.outlines import TrackOutline
from engine.timeline import Interval, Timeline
from engine.types import Person
from tests.app.test_film_page import QUESTION, text_of

ANNA, BEA, STRANGER, OTHER = "known:anna lee", "known:bea", "unknown:1", "unknown:2"


def outline(person_id, start_s, end_s, chances):
    return TrackOutline(1, person_id, start_s, end_s, None, chances)


# Pure.


def test_chances_are_weighted_by_seconds():
    tracks = [
        outline(ANNA, 0, 3, (("Anna_Lee", 0.9), ("Bea", 0.1))),
        outline(ANNA, 5, 6, (("Bea", 0.5), ("Cy", 0.3))),
        outline(ANNA, 7, 9, None),
    ]
    found = sureness.mean_chances(tracks)
    assert [one.name for one in found] == ["Anna_Lee", "Bea", "Cy"]
    assert [one.chance for one in found] == pytest.approx([0.675, 0.2, 0.075])
    assert sureness.nobody_of_cast(found) == pytest.approx(0.05)
    assert found[0].person_id == ANNA


@pytest.mark.parametrize("tracks", [[], [outline(ANNA, 0, 1, None)]])
def test_what_is_not_known_is_not_doubtful(tracks):
    assert sureness.mean_chances(tracks) is None
    assert sureness.perhaps(tracks, 0.6) is None
    assert sureness.doubtful_times(tracks) == ()


@pytest.mark.parametrize(
    ("chance", "least", "said"),
    [(0.25, 0.6, True), (0.24, 0.6, False), (0.59, 0.6, True), (0.6, 0.6, False), (0.6, 0.9, True), (0.5, None, False)],
)
def test_perhaps_is_worth_saying_and_not_enough_for_a_name(chance, least, said):
    found = sureness.perhaps([outline(STRANGER, 0, 1, (("Bea", chance),))], least)
    assert (found == sureness.Likely("Bea", chance)) if said else (found is None)


@pytest.mark.parametrize(
    ("person_id", "chances", "doubtful"),
    [
        (ANNA, (("Anna_Lee", 0.75), ("Bea", 0.2)), False),
        (ANNA, (("Anna_Lee", 0.74), ("Bea", 0.2)), True),
        (ANNA, (("Bea", 0.9),), True),
        (STRANGER, (("Anna_Lee", 0.2), ("Bea", 0.04)), False),
        (STRANGER, (("Anna_Lee", 0.2), ("Bea", 0.06)), True),
        (STRANGER, (), False),
        (None, (("Bea", 0.5),), False),
    ],
)
def test_less_than_three_quarters_sure_is_doubtful(person_id, chances, doubtful):
    assert sureness.doubtful_times([outline(person_id, 2, 4, chances)]) == (((2, 4),) if doubtful else ())


def test_a_moment_that_one_track_is_sure_of_is_not_doubtful():
    tracks = [
        outline(BEA, 0, 4, (("Bea", 0.6),)),
        outline(BEA, 3, 5, (("Bea", 0.99),)),
        outline(BEA, 5, 6, (("Bea", 0.7),)),
        outline(BEA, 6, 7, (("Bea", 0.65),)),
    ]
    assert sureness.doubtful_times(tracks) == ((0, 3), (5, 7))


# Over a store.


def film_of(chances_of, settings=None, gallery="The cast"):
    """The token of a film in which each person of `chances_of` has a track for each of its entries, one after the other
    within ten seconds of their own: {person id: [(seconds, chances), ...]}."""
    large = big_analysis()
    tracks, people, person_of, distance_of, chances = [], [], {}, {}, {}
    for n, (person_id, of_person) in enumerate(chances_of.items()):
        start_s, mine = 10.0 * n, []
        for seconds, of_track in of_person:
            number = len(tracks) + 1
            tracks.append(replace(large.tracks[number], id=number, start_s=start_s, end_s=start_s + seconds))
            start_s += seconds
            mine.append(tracks[-1])
            person_of[number] = person_id
            distance_of[number] = 0.1 * number if person_id.startswith("known:") else None
            if of_track is not None:
                chances[number] = of_track
        kind = "known" if person_id.startswith("known:") else "unknown"
        name = {ANNA: "Anna_Lee", BEA: "Bea"}.get(person_id, f"unknown_{person_id[-1]}")
        timeline = Timeline(Interval(track.start_s, track.end_s) for track in mine)
        people.append(Person(person_id, name, kind, timeline, 0.5, tuple(track.id for track in mine)))
    analysis = replace(
        large,
        settings=AnalysisSettings().as_dict() if settings is None else settings,
        tracks=tuple(tracks),
        people=tuple(people),
        person_of_track=person_of,
        distance_of_track=distance_of,
        candidates={track.id: tuple((("Bea", 0.5),) for _ in range(len(track.faces))) for track in tracks}
        if gallery
        else {},
        chances=chances,
        gallery=gallery,
        cast=("Anna_Lee", "Bea", "Cy_Twombly") if gallery else (),
    )
    repository = FilmRepository(store())
    repository.save_analysis(analysis)
    return repository.by_sha256(analysis.video_sha256).token


@pytest.fixture
def token(own_data):
    return film_of(
        {
            ANNA: [(4.0, (("Anna_Lee", 0.95), ("Bea", 0.03))), (2.0, (("Anna_Lee", 0.65), ("Bea", 0.2)))],
            BEA: [(3.0, (("Bea", 0.99),))],
            STRANGER: [(1.0, (("Bea", 0.5), ("Cy_Twombly", 0.1))), (3.0, (("Bea", 0.3), ("Anna_Lee", 0.1)))],
            OTHER: [(2.0, (("Cy_Twombly", 0.4), ("Anna_Lee", 0.02)))],
        }
    )


def test_a_view_says_what_is_doubtful(token):
    view = films.film_view(token)
    assert view.least == 0.6
    assert view.person(ANNA).doubts == ((4.0, 6.0),)
    assert view.person(BEA).doubts == ()
    assert view.person(STRANGER).doubts == ((20.0, 24.0),)
    assert view.person(STRANGER).perhaps == sureness.Likely("Bea", pytest.approx(0.35))
    assert view.person(ANNA).perhaps is None
    assert view.person(OTHER).perhaps == sureness.Likely("Cy_Twombly", pytest.approx(0.4))


def test_columns_say_it_by_position_where_the_name_may_change(token):
    view = films.film_view(token)
    data = columns(view)
    place = {person_id: i for i, person_id in enumerate(data["ids"])}
    assert data["doubts"][place[ANNA]] == [4.0, 6.0]
    assert data["doubts"][place[BEA]] == []
    assert data["perhaps"][place[STRANGER]] == [place[BEA], 0.35]
    assert data["perhaps"][place[OTHER]] == ["Cy Twombly", 0.4]  # of the cast, and not in the film
    assert data["perhaps"][place[ANNA]] == data["perhaps"][place[BEA]] == 0
    assert (data["sure"], data["least"]) == (0.75, 0.6)


@pytest.mark.slow
def test_the_large_film_stays_small(own_data):
    large = big_analysis()
    FilmRepository(store()).save_analysis(large)
    view = films.film_view(FilmRepository(store()).by_sha256(large.video_sha256).token)
    data = columns(view)
    assert sum(len(doubts) for doubts in data["doubts"]) > 500
    assert any(data["perhaps"])
    for person in view.people:
        doubtful = Timeline(Interval(*part) for part in person.doubts)
        assert doubtful & Timeline(Interval(*part) for part in person.intervals) == doubtful
    extra = {key: data[key] for key in ("doubts", "perhaps", "sure", "least")}
    assert len(json.dumps(extra)) < 25_000


def test_a_question_tells_the_chances_of_the_appearance(token):
    asked = questions.question(token, ANNA, 1.0)
    assert asked.chances == (("Anna Lee", pytest.approx(0.85)), ("Bea", pytest.approx(0.52 / 6)))
    assert asked.nobody == pytest.approx(1 - 0.85 - 0.52 / 6)
    assert asked.least == 0.6
    assert asked.distance == pytest.approx((4 * 0.1 + 2 * 0.2) / 6)
    films.rename(token, BEA, "Beatrice")
    stranger = questions.question(token, STRANGER, 21.0)
    assert [name for name, _ in stranger.chances] == ["Beatrice", "Anna Lee", "Cy Twombly"]
    assert stranger.nobody == pytest.approx(1 - 0.35 - 0.075 - 0.025)
    assert film_question.reason(stranger).startswith("Perhaps Beatrice (35 %), but names need 60 %.")


def test_who_is_named_comes_first_even_where_another_is_likelier(own_data):
    token = film_of({ANNA: [(1.0, (("Bea", 0.6), ("Cy_Twombly", 0.2), ("Anna_Lee", 0.15), ("Di", 0.01)))]})
    asked = questions.question(token, ANNA, 0.5)
    assert [name for name, _ in asked.chances] == ["Anna Lee", "Bea", "Cy Twombly"]
    assert asked.nobody == pytest.approx(0.04)


@pytest.mark.parametrize("gallery", ["The cast", None])
def test_an_older_analysis_is_shown_as_before(own_data, gallery):
    older = {"sample_fps": 8.0, "max_distance": 0.565, "stranger_distance": 0.5, "smallest_face_px": None}
    token = film_of({ANNA: [(4.0, None)], STRANGER: [(2.0, None)]}, older, gallery)
    view = films.film_view(token)
    assert view.least is None
    assert all(person.doubts == () and person.perhaps is None for person in view.people)
    data = columns(view)
    assert (data["doubts"], data["perhaps"], data["least"]) == ([[], []], [0, 0], None)
    for person_id, said in ((ANNA, "names are given up to 0.565"), (STRANGER, "names are given up to 0.565")):
        asked = questions.question(token, person_id, 1.0)
        assert (asked.chances, asked.nobody, asked.least) == (None, None, None)
        assert (said if gallery else "analysed without a cast") in film_question.reason(asked)
    report = text_of(film_report.report(view))
    assert "How sure a name must be" not in report
    assert "Farthest distance that gets a name 0.565" in report
    assert "near enough to the pictures" in report
    assert "pale" not in text_of(film_stage.timeline(any(person.doubts for person in view.people)))


def test_a_new_analysis_without_a_cast_has_nothing_to_doubt(own_data):
    view = films.film_view(film_of({STRANGER: [(2.0, None)]}, gallery=None))
    assert view.least is None
    asked = questions.question(view.token, STRANGER, 1.0)
    assert asked.chances is None
    assert "analysed without a cast" in film_question.reason(asked)


# Words.

SURE = replace(QUESTION, chances=(("Anna", 0.83), ("Bea", 0.09), ("Cy", 0.02)), nobody=0.06, least=0.6)
PERHAPS = replace(
    SURE, name="unknown_1", kind="unknown", distance=None, chances=(("Bea", 0.41), ("Cy", 0.22)), nobody=0.37
)


@pytest.mark.parametrize(
    ("question", "change", "words"),
    [
        (SURE, {}, "83 % sure it is Anna; Bea 9 %, Cy 2 %, nobody of the cast 6 %. Names need 60 %."),
        (
            SURE,
            {"named_by_hand": True},
            "You gave this name. 83 % sure it is Anna; Bea 9 %, Cy 2 %, nobody of the cast 6",
        ),
        (
            SURE,
            {"chances": (("Anna", 0.998), ("Bea", 0.001)), "nobody": 0.001},
            "Over 99 % sure it is Anna. Names need",
        ),
        (
            SURE,
            {"chances": (("Anna", 1.0),), "nobody": 0.0, "least": 0.95},
            "Over 99 % sure it is Anna. Names need 95 %.",
        ),
        (PERHAPS, {}, "Perhaps Bea (41 %), but names need 60 %. Cy 22 %, nobody of the cast 37 %."),
        (
            PERHAPS,
            {"chances": (("Bea", 0.599),), "nobody": 0.401},
            "Perhaps Bea (59 %), but names need 60 %. Nobody of the cast 40 %.",
        ),
        (
            PERHAPS,
            {"chances": (("Bea", 0.07), ("Cy", 0.0001)), "nobody": 0.9299},
            "92 % sure it is nobody of the cast; Bea 7 %. Names need 60 %.",
        ),
        (
            PERHAPS,
            {"chances": (("Bea", 0.0001),), "nobody": 0.9999},
            "Over 99 % sure it is nobody of the cast. Names need 60 %.",
        ),
        (
            PERHAPS,
            {"chances": (("Klaus", 0.8),), "nobody": 0.2},
            "Likely Klaus (80 %), but another face in the same picture is Klaus more surely, or these are too far from "
            "Klaus' pictures. Nobody of the cast 20 %.",
        ),
    ],
)
def test_the_panel_says_how_sure_it_is(question, change, words):
    changed = replace(question, **change)
    assert film_question.reason(changed).startswith(words)
    assert words in text_of(film_question.answer(changed)).replace("\N{NO-BREAK SPACE}", " ")


def test_the_scale_has_the_limit_only_where_names_were_given_by_it():
    for question, limit in ((QUESTION, True), (SURE, False)):
        scale = film_question.scale(question)
        assert ("scale-limit" in str(scale)) == limit
        assert "0.41" in text_of(scale)
        assert "small is near" in text_of(scale)


def test_the_report_says_how_sure_a_name_must_be(token):
    words = text_of(film_report.report(films.film_view(token)))
    assert "How sure a name must be 60 %" in words
    assert "sure enough by the pictures of the cast" in words


def test_the_timeline_explains_pale_bars_where_there_are_some():
    assert "pale: less than 75 % sure" in text_of(film_stage.timeline(True))
    assert "pale" not in text_of(film_stage.timeline())
