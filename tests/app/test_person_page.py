"""What a person's page is put together from, and what it does with an act, without a browser."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import flask
import pytest

from app import factory
from app.access import Access, Tokens
from app.components import album_views, person_dialogs, person_head, person_views
from app.components.person_data import columns
from app.components.person_ids import Ids, person_address
from app.figures.points import person_points
from app.figures.theme import DARK, LIGHT
from app.ids import Shell
from app.services import DramatisError, history, person
from app.services import albums as albums_of_app
from app.services.store import store
from engine.store.albums import AlbumRepository, SeenPicture
from engine.store.films import FilmRepository
from tests.mixed_film import ADA, BRIEF, HARD, MIXED, MIXED_TRACKS, OTHER, SECOND, mixed_analysis, save_mixed_film

ASSETS = Path(factory.__file__).parent.parent / "assets"


@pytest.fixture
def token(own_data) -> str:
    return save_mixed_film(store())


@pytest.fixture
def act(token, monkeypatch):
    """act({...}) -> what the page's callback makes of it, as if Ann had signed in; `.set` is what it sets elsewhere and
    `.said` the sentences of its notices."""
    server = factory.create_app(Access("a key for tests", Tokens())).server
    page = importlib.import_module("app.pages.person")

    class Acting:
        set: dict[str, Any] = {}
        said: list[str] = []

        def __call__(self, asked: dict[str, Any], person_id: str = MIXED) -> bool:
            self.set, self.said = {}, []
            with server.test_request_context():
                flask.g.user = "Ann"
                return page.do(asked, token, person_id)

    acting = Acting()
    monkeypatch.setattr(page.dash, "set_props", lambda part, props: acting.set.update({str(part): props}))
    monkeypatch.setattr(page, "say", lambda sentence, *_, **__: acting.said.append(sentence))
    return acting


def test_an_act_is_signed_by_who_is_signed_in(act, token):
    assert act({"act": "split", "tracks": list(SECOND)})
    (step,) = history.history(token).steps
    assert (step.author, step.words) == ("Ann", "4 faces of unknown_1 split off as unknown_4")
    assert act.said == ["4 faces split off: unknown_4."]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"act": "not", "tracks": SECOND}, "4 faces split off: unknown_4."),
        ({"act": "move", "tracks": SECOND, "to": ADA}, "4 faces moved to Ada Byron."),
        ({"act": "no-face", "tracks": SECOND}, "4 faces left out: said to be no face."),
        ({"act": "delete", "tracks": SECOND}, "4 faces deleted."),
        ({"act": "ignore"}, "unknown_1 is not asked about any more."),
        ({"act": "rename", "name": "Zoë"}, "unknown_1 is now Zoë."),
    ],
)
def test_each_act_is_one_step_back_and_forth(act, token, asked, said):
    before = person.known_person(token, MIXED)
    assert act(asked)
    assert act.said == [said]
    (step,) = history.history(token).steps
    assert act({"act": "undo"})
    assert act.said == [f"Taken back: {step.words}."]
    assert person.known_person(token, MIXED) == before
    assert act({"act": "redo"})
    assert act({"act": "take-back", "step": str(step.id)})
    assert person.known_person(token, MIXED) == before
    assert act({"act": "hold-again", "step": str(step.id)})
    assert [one.holds for one in history.history(token).steps] == [True]


def test_who_is_meant_by_a_name_that_somebody_has_is_asked_first(act, token):
    assert not act({"act": "rename", "name": "ada byron"}, OTHER)
    assert act.set[Ids.NAMESAKE] == {"is_open": True}
    assert act.set[Ids.SUBJECT]["data"]["other"] == ADA
    assert history.history(token).steps == ()
    assert act({"act": "rename", "name": "ada byron", "other": ADA, "meant": "another"}, OTHER)
    assert act({"act": "undo"}, OTHER)
    assert not act({"act": "rename", "name": "ada byron", "other": ADA, "meant": "same"}, OTHER)
    assert act.set[Shell.LOCATION] == {"href": person_address(token, ADA)}


def test_somebody_of_the_cast_is_joined_with_whom_the_name_means(act, token):
    assert act({"act": "rename", "name": "Zoë"}, OTHER)
    assert act({"act": "rename", "name": "Zoë", "other": OTHER, "meant": "same"}, ADA)
    assert person.person_page(token, OTHER).person is None
    assert len(person.known_person(token, ADA).faces) == 9


def test_two_are_looked_at_before_they_are_one(act, token):
    assert not act({"act": "same-ask", "other": OTHER})
    assert "Together 0:30.0 on screen." in json.dumps(act.set[Ids.SAME_BODY]["children"].to_plotly_json(), default=str)
    assert history.history(token).steps == ()
    assert act({"act": "same", "other": OTHER})
    assert act.said == ["unknown_2 and unknown_1 are one person now."]


def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(act, token):
    for asked in ({"act": "split", "tracks": MIXED_TRACKS}, {"act": "move", "tracks": (), "to": ADA},
                  {"act": "rename", "name": "unknown_9"}, {"act": "take-back", "step": "99"}):  # fmt: skip
        with pytest.raises(DramatisError):
            act(asked)
    assert not act({"act": "undo"})
    assert act.said == ["There is nothing to take back."]
    assert not act({"act": "dance"})
    assert history.history(token).steps == ()


def test_columns_are_small_and_whole(token):
    found = columns(person.person_page(token, MIXED))
    assert found["tracks"] == list(MIXED_TRACKS)
    assert found["hard"][MIXED_TRACKS.index(HARD)] == 1
    assert {len(found[name]) for name in ("index", "start", "seconds", "hand", "hard", "doubt", "far")} == {
        len(MIXED_TRACKS)
    }
    assert found["others"][0] == [ADA, "Ada Byron", 12.0, 6, ""]
    assert columns(person.person_page(token, "unknown:99")) is None


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_map_has_a_point_for_each_face(token, colours):
    one = person.known_person(token, MIXED)
    found = person_points(one, colours)
    assert found["ids"] == list(MIXED_TRACKS)
    assert found["diamond"].count(1) == 1
    assert found["colours"] == [colours.unknown] and set(found["colour"]) == {0}
    assert [len(point) for point in found["points"]] == [2] * len(MIXED_TRACKS)
    assert person_points(person.known_person(token, BRIEF), colours)["points"] == [[0, 0]]
    assert person_points(person.known_person(token, ADA), colours)["colours"] == [colours.known]


def test_an_album_has_pictures_in_the_place_of_moments(own_data, tmp_path):
    albums = AlbumRepository(store())
    album = albums.add(tmp_path, "Lake")
    names = [f"lake/{n:03}.jpg" for n in range(3 * mixed_analysis().tracks[-1].id + 1)]
    albums.put_pictures(album.sha256, [SeenPicture(name, name, 1280, 720) for name in names])
    FilmRepository(store()).save_analysis(mixed_analysis(tmp_path, album.sha256))
    page = person.person_page(album.token, MIXED)
    assert page.in_album and page.pictures
    first = MIXED_TRACKS[0]
    assert columns(page)["paths"][0] == f"lake/{3 * first:03}.jpg"
    assert columns(page)["others"][0][4].startswith(f"/media/{album.token}/crop/")
    assert person_head.facts(page.person, in_album=True) == ["12 faces", "in 24 pictures"]
    assert person_head.home(page) == "/albums"
    words = json.dumps(
        person_dialogs.side_by_side(page, person.together(album.token, MIXED, ADA)).to_plotly_json(), default=str
    )
    assert "Together in 36 pictures." in words
    (card,) = album_views.album_list(albums_of_app.albums(), [])
    assert person_address(album.token, MIXED) in json.dumps(card.to_plotly_json(), default=str)


def test_somebody_who_is_gone_leaves_the_film_and_undo(token):
    page = person.person_page(token, "unknown:99")
    parts = json.dumps([part.to_plotly_json() for part in person_head.head(page, history.history(token))], default=str)
    assert f"/film?id={token}" in parts
    assert "Nothing to take back" in parts
    assert person_views.kept_words(person.known_person(token, BRIEF)).startswith("With one face")


def test_what_scripts_and_styles_name_is_there(token):
    page = person.person_page(token, MIXED)
    parts = [*person_head.head(page, history.history(token)), *person_views.work()]
    written = json.dumps([part.to_plotly_json() for part in parts], default=str)
    scripts = "".join(path.read_text("utf-8") for path in sorted(ASSETS.glob("person*.js")))
    named = set(re.findall(r'"(person-[a-z-]+)"', scripts))
    made_by_scripts = {"person-halves-yes", "person-halves-no", "person-pick-list"}
    assert {one for one in named - made_by_scripts if one not in written} <= {str(one) for one in Ids}
    sheet = (ASSETS / "person.css").read_text("utf-8")
    icons = re.findall(r'url\("(icons/[^"]+)"\)', sheet)
    assert icons and all((ASSETS / icon).is_file() for icon in icons)
    assert not re.search(r"https?://|#[0-9a-f]{3,6}\b", sheet), "colours are those of the design"
