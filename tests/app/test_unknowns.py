from __future__ import annotations

import json

import plotly.utils
import pytest

from app.components import unknown_head, unknown_rows
from app.services import unknown_acts, unknowns
from app.services.store import store
from bench.many_strangers import save_strangers, strangers_analysis
from engine.errors import DramatisError
from engine.store.films import FilmRepository

pytestmark = pytest.mark.usefixtures("own_data")


@pytest.fixture
def first(own_data) -> str:
    """A film of strangers 0 to 5."""
    return save_strangers(store(), strangers_analysis(6, 3, 4, title="First", sha256="1" * 64))


@pytest.fixture
def second(own_data) -> str:
    """A film of strangers 4 to 7: its unknown_1 and unknown_2 are the first one's unknown_5 and unknown_6."""
    return save_strangers(store(), strangers_analysis(4, 3, 4, title="Second", sha256="2" * 64, first=4))


def said(component: object) -> str:
    return json.dumps(component, cls=plotly.utils.PlotlyJSONEncoder)


def people(token: str) -> dict[str, str]:
    found = FilmRepository(store()).by_token(token)
    return {person.id: person.name for person in found.people}


def test_the_longest_seen_is_asked_first_and_naming_settles_time(first):
    found = unknowns.unknowns(first)
    assert [row.name for row in found.rows] == [f"unknown_{n}" for n in range(1, 7)]
    assert (found.named_share, found.shares, found.n_all) == (0.0, (0.0,), 6)
    assert [len(row.faces) for row in found.rows] == [3] * 6
    unknown_acts.name(first, [found.rows[0].person], "Ada")
    after = unknowns.unknowns(first)
    assert [row.name for row in after.rows] == [f"unknown_{n}" for n in range(2, 7)]
    assert after.known == ("Ada",)
    assert after.shares == (0.0, pytest.approx(after.named_share))
    assert after.named_share == pytest.approx(found.rows[0].seconds / sum(row.seconds for row in found.rows))
    assert (after.undo, after.redo) == ("the name Ada", "")


def test_the_same_stranger_in_two_films_is_offered_and_named_in_both_at_once(first, second):
    row = next(row for row in unknowns.unknowns(first).rows if row.name == "unknown_5")
    (also,) = row.also
    assert (also.film, also.name, also.title) == (second, "unknown_1", "Second")
    assert also.distance < 0.45
    assert not next(row for row in unknowns.unknowns(first).rows if row.name == "unknown_1").also
    assert "unknown_1" in people(second).values()  # an offer alone joins nobody
    done = unknown_acts.name(first, [row.person], "Ada", [(also.film, also.person)])
    assert "also in 1 other film." in done.sentence
    assert (people(first)["unknown:5"], people(second)["unknown:1"]) == ("Ada", "Ada")
    unknown_acts.undo(second)
    assert (people(first)["unknown:5"], people(second)["unknown:1"]) == ("unknown_5", "unknown_1")


def test_all_films_together_longest_first(first, second):
    rows = unknowns.unknowns().rows
    assert {row.film for row in rows} == {first, second}
    assert [row.seconds for row in rows] == sorted((row.seconds for row in rows), reverse=True)


def test_a_suggestion_is_confirmed_or_never_made_again(first):
    analysis = strangers_analysis(3, 4, 4, title="Split", sha256="3" * 64)
    # The first stranger's tracks are two people by mistake.
    one, *rest = analysis.people
    from dataclasses import replace

    from engine.timeline import Timeline

    tracks = {track.id: track for track in analysis.tracks}
    halves = [
        replace(
            one,
            id=f"unknown:{number}",
            name=f"unknown_{number}",
            track_ids=ids,
            timeline=Timeline(tracks[i].interval for i in ids),
        )
        for number, ids in ((8, one.track_ids[:2]), (9, one.track_ids[2:]))
    ]
    everybody = (*halves, *rest)
    token = save_strangers(
        store(),
        replace(
            analysis,
            people=everybody,
            person_of_track={number: person.id for person in everybody for number in person.track_ids},
        ),
    )
    row = next(row for row in unknowns.unknowns(token).rows if row.name == "unknown_8")
    (perhaps,) = row.perhaps
    assert (perhaps.name, perhaps.person) == ("unknown_9", "unknown:9")
    assert len(unknowns.unknowns(token).likely) == 2
    unknown_acts.reject(token, row.person, perhaps.person, perhaps.name)
    assert [row.perhaps for row in unknowns.unknowns(token).rows] == [()] * 4
    with pytest.raises(DramatisError, match="said not to be"):
        unknown_acts.merge(token, ["unknown:8", "unknown:9"])
    unknown_acts.undo(token)
    pending = [(row.film, row.person, one.person, one.name) for row, one in unknowns.unknowns(token).likely]
    assert unknown_acts.confirm_all(pending).sentence == "1 suggestion confirmed."
    assert len(unknowns.unknowns(token).rows) == 3
    unknown_acts.undo(token)
    assert len(unknowns.unknowns(token).rows) == 4


def test_a_gallery_may_know_who_it_is(first):
    found = unknowns.unknowns(first, "actors")
    assert "actors" in found.galleries
    assert "Adrien Brody" in found.known
    with pytest.raises(DramatisError):
        unknowns.unknowns(first, "no such gallery")


def test_ignored_and_no_faces_are_not_asked_about(first):
    unknown_acts.ignore(first, ["unknown:1", "unknown:2"])
    unknown_acts.no_faces(first, ["unknown:3"])
    found = unknowns.unknowns(first)
    assert [row.name for row in found.rows] == ["unknown_4", "unknown_5", "unknown_6"]
    assert found.n_ignored == 2
    assert "unknown:3" not in people(first)
    assert [row.name for row in unknowns.unknowns(first, ignored=True).rows] == ["unknown_1", "unknown_2"]
    unknown_acts.ignore(first, ["unknown:1"], ignored=False)
    assert unknowns.unknowns(first).rows[0].name == "unknown_1"


def test_the_page_says_what_is_left_and_what_is_not(first):
    assert "6 strangers are left" in said(unknown_head.head(unknowns.unknowns(first)))
    assert unknown_rows.below(unknowns.unknowns(first), ignored=False) == []
    assert "Show more (4 left)" in said(unknown_rows.below(unknowns.unknowns(first, n_shown=2), ignored=False))
    for n in range(1, 7):
        unknown_acts.name(first, [f"unknown:{n}"], f"Person {n}")
    assert "Everybody has a name" in said(unknown_rows.below(unknowns.unknowns(first), ignored=False))


def test_without_any_film_there_is_a_way_to_one(own_data):
    assert "No film was analysed yet" in said(unknown_rows.below(unknowns.unknowns(), ignored=False))
