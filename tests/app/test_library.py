"""The library: cards, the form of an analysis, and what may be done to a film, over real films."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.components import film_cards, run_callbacks, setup_panel
from app.components.run_settings import NOBODY, USUAL_SURENESS, RunDefaults, part, run_settings, sureness_words
from app.services import galleries, jobs, library
from app.services.library import LibraryFilm
from engine.config import AnalysisSettings
from engine.errors import DramatisError, MediaError
from tests.app.known_films import add_film
from tests.app.test_job_views import JOB, words

NOON = datetime(2025, 5, 3, 12, tzinfo=UTC)
FILM = LibraryFilm("token", "Gaslight", 6840.0, 1280, 720, NOON, NOON, ("Anna_Lee", "Ben Roth"), 1, None)


@pytest.fixture
def token(own_data, demo) -> str:
    return add_film(demo / "trailer.mp4")


@pytest.mark.parametrize(
    ("known", "n_unknown", "said"),
    [
        ((), 0, "Nobody was found"),
        (("Anna_Lee",), 0, "Anna"),
        (("Anna Lee", "Ben Roth"), 0, "Anna and Ben"),
        (("Anna Lee", "Ben Roth", "Carl"), 1, "Anna, Ben and Carl · 1 stranger"),
        (("Anna Lee", "Ben Roth", "Carl", "Dora", "Emil"), 3, "Anna, Ben, Carl and 2 more · 3 strangers"),
        (("Anna Lee", "Anna Roth"), 0, "Anna Lee and Anna Roth"),
        ((), 2, "2 strangers"),
    ],
)
def test_who_is_in_a_film_in_words(known, n_unknown, said):
    assert film_cards.people_in_words(replace(FILM, known=known, n_unknown=n_unknown)) == said


@pytest.mark.parametrize(
    ("film", "job", "there", "absent"),
    [
        (FILM, None, ("Open", "Analyse again", "Rename", "Delete", "1:54:00", "Anna and Ben"), ("Not analysed",)),
        (replace(FILM, analysed_at=None), None, ("Not analysed yet", "Analyse", "Added"), ("Open", "Anna and Ben")),
        (FILM, JOB, ("12 % · Finding the cuts · about 2 min left", "Open"), ("Analyse again",)),
        (FILM, JOB | {"state": "queued", "place": 2}, ("Number 2 in line",), ("Analyse again",)),
        (FILM, JOB | {"state": "failed", "error": "Cut off."}, ("Failed.", "Cut off.", "Analyse again"), ()),
        (FILM, JOB | {"state": "done"}, ("Open", "Analyse again"), ("Done",)),
    ],
)
def test_a_card_in_every_state(film, job, there, absent):
    text = words(film_cards.film_card(film, job))
    for said in there:
        assert said in text
    for said in absent:
        assert said not in text


def test_the_grid_finds_draws_sixty_and_says_so():
    films = [replace(FILM, token=f"t{i}", title=f"Film {i}") for i in range(61)]
    text = words(film_cards.grid(films, []))
    assert "60 of 61 films" in text
    assert "Show all" in text
    assert "of 61" not in words(film_cards.grid(films, [], show_all=True))
    assert words(film_cards.grid(films, [], search="film 59")).count("Rename") == 1
    assert words(film_cards.grid(films[:3], [], search="anna LEE")).count("Rename") == 3
    assert "No film and nobody" in words(film_cards.grid(films, [], search="zebra"))
    assert film_cards.grid([], []) == []


def test_of_two_jobs_the_newer_one_counts():
    newest = film_cards.latest_jobs([JOB | {"id": 9}, JOB, JOB | {"id": 1, "film": None}])
    assert {token: job["id"] for token, job in newest.items()} == {"token": 9}


def test_films_to_be_set_up_are_sorted_out(token):
    chosen = setup_panel.with_film([], token)
    assert setup_panel.with_film(chosen, token) == chosen
    assert setup_panel.with_film(setup_panel.with_film(chosen, token, again=True), token)[0]["again"] is True
    waiting, known = setup_panel.sort_out(setup_panel.with_film(chosen, "no such film"))
    assert ([film.token for film in waiting], known) == ([token], [])
    assert "trailer" in words(setup_panel.heading(waiting, [replace(FILM, title="Old")]))
    assert "You analysed Old on 3 May 2025" in words(setup_panel.heading([], [replace(FILM, title="Old")]))


def test_a_film_is_renamed_and_deleted(token):
    assert library.retitle(token, "  A\nbetter\u202e title ") == "A better title"
    assert library.film(token).title == "A better title"
    with pytest.raises(MediaError, match="needs a title"):
        library.retitle(token, " \n ")
    before = library.deletion(token)
    assert before.title == "A better title"
    assert any("stays where it is" in text for text in before.stays)
    assert not any("copy" in text for text in before.removes)
    job_id = jobs.submit_analysis(token)
    for refused in (library.deletion, library.delete):
        with pytest.raises(DramatisError, match="being worked on"):
            refused(token)
    jobs.cancel(job_id)
    assert library.delete(token) == "A better title"
    assert library.films() == ()
    with pytest.raises(MediaError, match="not in Dramatis"):
        library.deletion(token)


def test_films_of_allowed_folders(own_data, demo, tmp_path, monkeypatch):
    monkeypatch.delenv("DRAMATIS_FILMS", raising=False)
    assert library.folder_films() == ()
    assert not library.has_folders()
    folder = tmp_path / "My films"
    folder.mkdir()
    (folder / "trailer.mp4").write_bytes((demo / "trailer.mp4").read_bytes())
    monkeypatch.setenv("DRAMATIS_FILMS", str(folder))
    assert library.has_folders()
    (found,) = library.folder_films()
    assert (found.name, found.folder) == ("trailer.mp4", "My films")
    token, is_new = library.add_folder_film(found.id)
    assert is_new
    assert library.add_folder_film(found.id) == (token, False)
    assert "My films" in words([option["label"] for option in setup_panel.folder_options([found])])
    with pytest.raises(MediaError, match="not in its folder"):
        library.add_folder_film("../../etc/passwd")


# The form.


def value(form, kind: str):
    (found,) = [c for c in form._traverse() if getattr(c, "id", None) == part(kind, "p")]
    return found


def cast(name: str) -> galleries.CastRecord:
    people = tuple(galleries.CastPerson(who, 3, None) for who in ("Anna Lee", "Ben"))
    return galleries.CastRecord(name, people, 6, NOON, (), None)


@pytest.mark.parametrize(
    ("casts", "defaults", "chosen"),
    [
        ((), None, NOBODY),
        ((cast("New"), cast("Old")), None, "New"),
        ((cast("New"), cast("Old")), RunDefaults(gallery="Old"), "Old"),
        ((cast("New"),), RunDefaults(gallery="Deleted since"), NOBODY),
        ((cast("New"),), RunDefaults(gallery=""), NOBODY),
    ],
)
def test_the_form_starts_with_the_likeliest_cast(casts, defaults, chosen):
    form = run_settings("p", casts, defaults, ["token"])
    assert value(form, "cast").value == chosen
    assert value(form, "films").data == ["token"]


def test_the_form_starts_with_what_was_chosen_before():
    settings = {"min_probability": 0.85, "sample_fps": 4.0, "smallest_face_px": 60, "workers": None}
    form = run_settings("p", (), RunDefaults(settings=settings, partial=True))
    shown = [value(form, kind).value for kind in ("sureness", "fps", "smallest", "partial")]
    assert shown == [0.85, 4.0, 60, True]


@pytest.mark.parametrize(
    ("settings", "least"),
    [({}, 0.6), ({"max_distance": 0.5}, 0.6), ({"min_probability": 0.05}, 0.4), ({"min_probability": 0.99}, 0.95)],
)
def test_how_sure_a_name_must_be_starts_with_the_usual(settings, least):
    assert AnalysisSettings().min_probability == USUAL_SURENESS
    slider = value(run_settings("p", (), RunDefaults(settings=settings)), "sureness")
    assert slider.value == least
    assert (slider.min, slider.max, slider.step) == (0.4, 0.95, 0.05)
    assert slider.marks == {0.4: "generous", 0.6: "usual", 0.95: "strict"}


def test_every_step_of_how_sure_has_words_that_are_settings():
    steps = [round(0.4 + 0.05 * n, 2) for n in range(12)]
    said = [sureness_words(least) for least in steps]
    assert [sentence.split(" %: ")[0] for sentence in said] == [str(round(100 * least)) for least in steps]
    for least, sentence in zip(steps, said, strict=True):
        # What is true of a name that is just sure enough.
        assert ("likely wrong than right" in sentence) == (least < 0.5)
        assert AnalysisSettings(**run_callbacks.settings_of(least, None, None)).min_probability == least


def test_what_the_form_says_becomes_settings():
    assert run_callbacks.settings_of(0.6500001, 8, None) == {"min_probability": 0.65, "sample_fps": 8.0}
    assert run_callbacks.settings_of(None, None, 40) == {"smallest_face_px": 40}


def test_starting_needs_somebody_of_the_cast(token):
    assert "Nobody is ticked" in run_callbacks.start([token], "A cast", [], 2, {}, False)
    assert jobs.job_dicts() == []
    assert run_callbacks.start([token], NOBODY, [], 0, {"sample_fps": 4.0}, False) == ""
    (job,) = jobs.job_dicts()
    assert (job["film"], job["gallery"]) == (token, None)


# The pages.


def shown(client, path: str) -> str:
    """What Dash puts into the page for `path`, as the browser asks for it."""
    body = {
        "output": ".._pages_content.children..._pages_store.data..",
        "outputs": [
            {"id": "_pages_content", "property": "children"},
            {"id": "_pages_store", "property": "data"},
        ],
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": path.split("?")[0]},
            {"id": "_pages_location", "property": "search", "value": "?" + path.partition("?")[2]},
        ],
        "changedPropIds": ["_pages_location.pathname"],
        "parsedChangedPropsIds": ["_pages_location.pathname"],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200, answer.data
    return answer.get_data(as_text=True)


def test_the_pages_from_nothing_to_a_film(own_data, client, demo):
    empty = shown(client, "/")
    for said in ("Who is on screen", "Drop a film here", "See it with the demo"):
        assert said in empty
    assert "There is no cast yet" in shown(client, "/casts")
    assert "New cast" in shown(client, "/casts?new=1")
    assert "make a new one" in shown(client, "/casts?edit=nobody")
    add_film(demo / "trailer.mp4")
    page = shown(client, "/")
    assert "Not analysed yet" in page
    assert "See it with the demo" not in page
