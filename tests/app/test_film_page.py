"""The film page over a real store with a film as large as any: its services, figures and components, and its callbacks
through Flask's test client."""

from __future__ import annotations

import doctest
import importlib
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import plotly.graph_objects as go
import pytest
from dash.development.base_component import Component

from app import factory
from app.access import Access, Tokens
from app.components import film_charts, film_question, film_report
from app.components.film_data import columns, names
from app.figures.screen_time import MOST_WITH_TEXT
from app.figures.theme import DARK, LIGHT, palette
from app.services import DramatisError, films, questions, screen_time
from app.services.store import store
from bench.big_film import LONGEST_NAME, N_APPEARANCES, N_PEOPLE, N_UNKNOWN, TITLE, big_analysis, save_big_film
from engine.config import AnalysisSettings
from engine.pipeline import correct
from engine.store.films import FilmRepository
from engine.store.jobs import JobRepository
from engine.store.outlines import TrackFace
from engine.timeline import Interval, Timeline
from engine.types import VideoInfo

ASSETS = Path(factory.__file__).parent.parent / "assets"
SCRIPTS = (
    *("film.js", "people.js", "player.js", "charts.js", "question.js"),
    *("timeline.js", "timeline_picture.js", "timeline_pointer.js"),
)
BOX = (0.0, 0.0, 10.0, 10.0)


@pytest.fixture(scope="module")
def film_data(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("film")


@pytest.fixture(autouse=True)
def data_of_these_tests(own_data_folder, film_data, monkeypatch) -> None:
    monkeypatch.setenv("DRAMATIS_DATA", str(film_data))


@pytest.fixture(scope="module")
def client():
    """A browser that was let in; one for all tests here."""
    tokens = Tokens()
    browser = factory.create_app(Access("a key for tests", tokens)).server.test_client()
    assert browser.get(f"/?token={tokens.current}").status_code == 303
    return browser


@pytest.fixture
def token() -> str:
    """The large film, saved once for all tests here; names given in one test are taken back by it."""
    found = FilmRepository(store()).by_sha256("b" * 64)
    return found.token if found else save_big_film(store())


@pytest.fixture
def view(token) -> films.FilmView:
    return films.film_view(token)


@pytest.fixture
def other_film(demo):
    """A second film, whose file is there, not analysed; gone after the test."""
    films_of_store = FilmRepository(store())
    video = VideoInfo(demo / "trailer.mp4", 42.7, Fraction(24), 1280, 720, "h264")
    yield films_of_store.add(video, "c" * 64, "Another film")
    films_of_store.delete_film("c" * 64)


def analysis_of(film, n_people: int):
    """A small analysis of a film: the large one's last people alone."""
    large = big_analysis()
    people = large.people[len(large.people) - n_people :]
    tracks = [track for track in large.tracks if large.person_of_track[track.id] in {person.id for person in people}]
    return replace(
        large,
        video=replace(large.video, path=film.path),
        video_sha256=film.sha256,
        people=people,
        tracks=tuple(tracks),
        person_of_track={track.id: large.person_of_track[track.id] for track in tracks},
        distance_of_track={track.id: large.distance_of_track[track.id] for track in tracks},
        candidates={track.id: large.candidates[track.id] for track in tracks},
        chances={track.id: large.chances[track.id] for track in tracks},
    )


def text_of(part) -> str:
    """All words of a component."""
    if isinstance(part, Component):
        return text_of(getattr(part, "children", None))
    if isinstance(part, list | tuple):
        return " ".join(map(text_of, part))
    return "" if part is None else str(part)


def ids_of(part) -> set[str]:
    if isinstance(part, list | tuple):
        return {found for each in part for found in ids_of(each)}
    if not isinstance(part, Component):
        return set()
    own = {part.id} if isinstance(getattr(part, "id", None), str) else set()
    return own | ids_of(getattr(part, "children", None))


# Services.


def test_a_view_holds_everybody_longest_first(view):
    assert view.title == TITLE
    assert len(view.people) == N_PEOPLE
    assert sum(len(person.intervals) for person in view.people) == N_APPEARANCES
    seconds = [person.seconds for person in view.people]
    assert seconds == sorted(seconds, reverse=True)
    for person in view.people:
        assert person.seconds == pytest.approx(sum(end - start for start, end in person.intervals))
        assert person.first_s < person.last_s <= view.duration_s
        assert person.share == pytest.approx(person.seconds / view.duration_s)


def test_no_view_without_an_analysis(other_film):
    assert films.film_view("nonsense") is None
    assert films.film_view(other_film.token) is None
    state = films.film_state(other_film.token)
    assert (state.title, state.view, state.file_there, state.playable) == ("Another film", None, True, True)
    assert films.film_state("nonsense") is None


def test_a_film_without_its_file_still_has_a_page(token):
    state = films.film_state(token)
    assert not state.file_there
    assert not state.playable
    assert not state.pictures


def test_a_view_is_made_once_and_kept(token):
    assert films.film_view(token) is films.film_view(token)


def test_a_name_given_holds_until_it_is_undone(token, view):
    stranger = next(person for person in view.people if person.kind == "unknown")
    done = films.rename(token, stranger.id, "  Ada\n Lovelace ")
    assert (done.before, done.name, done.shared) == (stranger.name, "Ada Lovelace", False)
    found = films.film_view(token).person(stranger.id)
    assert (found.name, found.named_by_hand, found.kind) == ("Ada Lovelace", True, "unknown")
    known = next(person for person in view.people if person.kind == "known")
    assert films.rename(token, known.id, "ada lovelace").shared
    assert films.undo(token).before == "ada lovelace"
    undone = films.undo(token)
    assert (undone.before, undone.name) == ("Ada Lovelace", stranger.name)
    assert films.film_view(token) == view
    assert films.undo(token) is None


@pytest.mark.parametrize("name", ["", "   ", "!?", "\u202e", "unknown_7", "Unknown_x"])
def test_what_is_no_name_is_refused(token, view, name):
    with pytest.raises(DramatisError):
        films.rename(token, view.people[0].id, name)
    assert films.film_view(token) == view


def test_nobody_and_nothing_cannot_be_renamed(token):
    with pytest.raises(DramatisError):
        films.rename(token, "known:nobody", "Anna")
    with pytest.raises(DramatisError):
        films.rename("nonsense", "known:anna", "Anna")
    with pytest.raises(DramatisError):
        films.undo("nonsense")


def test_a_name_is_at_most_so_long():
    assert len(correct.clean_name("x" * 5000)) == correct.MAX_NAME_LENGTH


def test_together_is_what_the_timelines_share(view):
    found = screen_time.together(view, 5)
    assert found.n_left_out == N_PEOPLE - 5
    lines = [Timeline(Interval(*interval) for interval in person.intervals) for person in view.people[:5]]
    for i, one in enumerate(lines):
        for j, other in enumerate(lines):
            assert found.seconds[i][j] == pytest.approx((one & other).duration_s)
    i, j = found.most
    assert found.seconds[i][j] == max(found.seconds[a][b] for a in range(5) for b in range(a + 1, 5))


def test_nobody_is_together_alone(view):
    alone = replace(view, people=view.people[:1])
    assert screen_time.together(alone).most is None
    assert screen_time.shares(replace(view, people=())).nobody_s == pytest.approx(view.duration_s)


def test_shares_are_the_whole_film(view):
    found = screen_time.shares(view)
    assert found.somebody_s + found.nobody_s == pytest.approx(view.duration_s)
    assert found.named_s + found.strangers_s == pytest.approx(found.somebody_s)
    assert found.most >= 2
    assert found.longest_nobody[1] > found.longest_nobody[0]


def test_presence_holds_every_second(view):
    found = screen_time.presence(view)
    for person, seconds in zip(view.people, found.seconds, strict=True):
        assert sum(seconds) == pytest.approx(person.seconds)
        assert max(seconds) <= found.length_s + 1e-6


def test_a_question_is_about_the_appearance_that_holds_the_moment(token, view):
    person = next(person for person in view.people if person.kind == "known")
    start_s, end_s = person.intervals[4]
    asked = questions.question(token, person.id, (start_s + end_s) / 2)
    assert (asked.start_s, asked.end_s, asked.n_tracks) == (start_s, end_s, 1)
    assert asked.compared
    assert asked.limit == AnalysisSettings().max_distance
    assert 0.3 <= asked.distance <= 0.55
    assert len(asked.crops) == 2
    for crop in asked.crops:
        assert crop.url == ""  # the film's file is not there
        assert crop.distance < crop.next_distance
        assert crop.next_name not in (None, person.name)
    assert person.name not in dict(asked.nearest)
    assert questions.question(token, person.id, -50.0).start_s == person.first_s
    assert questions.question(token, person.id, end_s).start_s in (start_s, person.intervals[5][0])


def test_a_stranger_has_neighbours_and_no_distance(token, view):
    stranger = next(person for person in view.people if person.kind == "unknown")
    asked = questions.question(token, stranger.id, stranger.first_s)
    assert asked.distance is None
    assert all(crop.distance is None for crop in asked.crops)
    assert [distance for _, distance in asked.nearest] == sorted(distance for _, distance in asked.nearest)


@pytest.mark.parametrize(("film", "person"), [("nonsense", "known:bo"), (None, "known:nobody"), (None, "")])
def test_a_question_about_nobody_is_refused(token, film, person):
    with pytest.raises(DramatisError):
        questions.question(film or token, person, 1.0)


def test_the_nearest_are_those_that_most_faces_are_like():
    def face(*candidates):
        return TrackFace(0.0, BOX, 0.9, candidates)

    faces = [
        face(("Anna_Lee", 0.4), ("Bea", 0.6), ("Cy", 0.7)),
        face(("Anna_Lee", 0.5), ("Bea", 0.8), ("Di", 0.61)),
        face(("Bea", 0.7), ("Cy", 0.9)),
    ]
    found = questions.nearest(faces, "anna lee", {"bea": "Beatrice"})
    assert found == (("Beatrice", pytest.approx(0.7)), ("Cy", pytest.approx(0.8)))
    assert questions.nearest([], None, {}) == ()
    assert questions.nearest([TrackFace(0.0, BOX, 0.9, None)], None, {}) == ()


# What the browser gets.


def test_columns_are_small_and_complete(view):
    data = columns(view)
    assert len(json.dumps(data)) < 250_000
    for key in ("ids", "names", "hand", "known", "seconds", "bars", "doubts", "perhaps", "faces"):
        assert len(data[key]) == N_PEOPLE
    for person, bars in zip(view.people, data["bars"], strict=True):
        assert len(bars) == 2 * len(person.intervals)
        assert bars == sorted(bars)
    assert sum(data["known"]) == N_PEOPLE - N_UNKNOWN
    assert set(columns(view, pictures=False)["faces"]) == {""}
    assert names(view)["names"] == data["names"]


@pytest.mark.parametrize("kind", film_charts.KINDS)
@pytest.mark.parametrize("theme", ["light", "dark", None])
def test_figures_are_ones_that_plotly_knows(view, kind, theme):
    figure = film_charts.chart(view, kind, theme)
    known = go.Figure(figure)
    assert len(known.data) == (N_PEOPLE if kind == "presence" else 1)
    assert known.layout.template.layout.paper_bgcolor == palette(theme).raised
    assert json.loads(json.dumps(figure)) == figure


def test_bars_are_people_by_position(view):
    trace = film_charts.chart(view, "seconds", "light")["data"][0]
    assert trace["meta"]["people"] == list(range(N_PEOPLE))
    assert trace["x"] == [round(person.seconds, 3) for person in view.people]
    for person, shape, colour in zip(
        view.people, trace["marker"]["pattern"]["shape"], trace["marker"]["color"], strict=True
    ):
        assert (shape, colour) == (("", LIGHT.known) if person.kind == "known" else ("/", LIGHT.unknown))


def test_browser_and_server_agree_when_bars_say_their_time(view):
    assert film_charts.chart(view, "seconds", "light")["data"][0]["textposition"] == "none"
    few = replace(view, people=view.people[:MOST_WITH_TEXT])
    assert film_charts.chart(few, "seconds", "light")["data"][0]["textposition"] == "outside"
    assert f"MOST_WITH_TEXT = {MOST_WITH_TEXT};" in (ASSETS / "charts.js").read_text("utf-8")


def test_the_table_of_pairs_is_for_thirty_and_leaves_the_diagonal_empty(view):
    trace = film_charts.chart(view, "together", "dark")["data"][0]
    assert len(trace["z"]) == screen_time.MAX_TOGETHER
    assert all(trace["z"][i][i] is None for i in range(screen_time.MAX_TOGETHER))
    assert "the 30 people seen longest" in text_of(film_charts.words(view, "together"))


def test_names_are_no_markup_for_plotly(view):
    named = replace(view, people=(replace(view.people[0], name="<b>Zed</b> & Co"), *view.people[1:]))
    for kind in film_charts.KINDS:
        text = json.dumps(film_charts.chart(named, kind, "light"))
        assert "<b>Zed" not in text
        assert "&lt;b&gt;Zed&lt;/b&gt; &amp; Co" in text


def test_a_film_of_one_person_has_charts(view):
    alone = replace(view, people=view.people[:1])
    for kind in film_charts.KINDS:
        go.Figure(film_charts.chart(alone, kind, "light"))
        assert alone.people[0].name in text_of(film_charts.words(alone, kind)) or kind not in ("seconds",)


def test_palettes_tell_eight_people_apart():
    for colours in (LIGHT, DARK):
        assert len(set(colours.people)) == 8
        assert colours.others not in colours.people


QUESTION = questions.Question(
    person_id="known:anna",
    name="Anna",
    kind="known",
    named_by_hand=False,
    start_s=1.0,
    end_s=3.0,
    n_tracks=1,
    crops=(),
    distance=0.41,
    nearest=(("Bea", 0.63),),
    compared=True,
    gallery="The cast",
    limit=0.565,
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "0.41 from Anna's pictures; next is Bea at 0.63; names are given up to 0.565."),
        ({"name": "Klaus"}, "0.41 from Klaus' pictures; "),
        ({"nearest": ()}, "nobody else of the cast is near; "),
        ({"named_by_hand": True}, "You gave this name. 0.41 from"),
        (
            {"kind": "unknown", "distance": None, "nearest": (("Bea", 0.7), ("Cy", 0.8))},
            "Nearest of the cast is Bea at 0.70, then Cy at 0.80; names are given up to 0.565. That is too far",
        ),
        ({"kind": "unknown", "distance": None, "nearest": (("Bea", 0.5),)}, "stands elsewhere in the same picture"),
        ({"kind": "unknown", "distance": None, "nearest": ()}, "near to nobody of the cast"),
        ({"kind": "unknown", "gallery": None, "compared": False}, "analysed without a cast"),
        ({"compared": False}, "older than the comparison"),
    ],
)
def test_an_answer_says_what_speaks_for_it(change, words):
    question = replace(QUESTION, **change)
    assert words in film_question.reason(question)
    assert question.name in text_of(film_question.answer(question))


def test_the_report_names_everybody_and_how_they_were_found(view):
    words = text_of(film_report.report(view))
    for person in view.people:
        assert person.name in words
    assert LONGEST_NAME in words
    assert view.warnings[0] in words
    assert "Aurelian: 38 people" in words
    text_of(film_report.report(replace(view, people=())))


@pytest.mark.parametrize(
    "module",
    [
        *("app.words", "app.figures.theme", "app.figures.together"),
        *("app.components.film_question", "app.components.run_settings", "app.services.film_views"),
    ],
)
def test_examples(module):
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted
    assert found.failed == 0


# The page.


def call(client, changed: str, values: dict[str, object], output: str = "") -> dict:
    """The answer of the callback that `changed` ("id.property") sets off and that has `output` among its outputs, given
    the values of its inputs and states; what is not given is None."""
    found = [
        entry
        for entry in client.get("/_dash-dependencies").json
        if changed in {f"{part['id']}.{part['property']}" for part in entry["inputs"]}
        and not entry["clientside_function"]
        and output in entry["output"]
    ]
    entry = found[0]

    def filled(parts):
        return [{**part, "value": values.get(f"{part['id']}.{part['property']}")} for part in parts]

    plain = entry["output"].strip(".")
    outputs = [
        {"id": part.rpartition(".")[0], "property": part.rpartition(".")[2]} for part in plain.split("...") if part
    ]
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": entry["output"],
            "outputs": outputs if entry["output"].startswith("..") else outputs[0],
            "inputs": filled(entry["inputs"]),
            "state": filled(entry["state"]),
            "changedPropIds": [changed],
        },
    )
    assert answer.status_code in (200, 204), answer.get_data(as_text=True)
    return answer.json if answer.status_code == 200 else {}


def shown(client, path: str, query: str) -> str:
    values = {"_pages_location.pathname": path, "_pages_location.search": query}
    return json.dumps(call(client, "_pages_location.pathname", values)["response"], ensure_ascii=False)


def test_the_page_of_a_film(client, token, view):
    page = shown(client, "/film", f"?id={token}")
    assert TITLE in page
    for part in ("film-timeline", "film-people-rows", "film-question", "film-chart-kind", "film-video"):
        assert f'"id": "{part}"' in page
    assert "is not where it was" in page
    assert len(page) < 300_000


def test_a_page_looks_its_film_up_once(client, token, monkeypatch):
    from app.pages import film, report

    asked = []
    by_token = FilmRepository.by_token
    monkeypatch.setattr(FilmRepository, "by_token", lambda films, of: asked.append(of) or by_token(films, of))
    for page in (film, report):
        page.layout(token)
        assert asked == [token]
        asked.clear()


def test_the_report_of_a_film(client, token):
    assert LONGEST_NAME in shown(client, "/report", f"?id={token}")
    assert "This film is not here" in shown(client, "/report", "?id=nonsense")


@pytest.mark.parametrize("query", ["", "?id=", "?id=nonsense", "?id=../../etc/passwd", "?x=1"])
def test_a_film_that_is_not_here(client, query):
    assert "This film is not here" in shown(client, "/film", query)


def test_a_film_not_analysed_offers_to(client, other_film):
    page = shown(client, "/film", f"?id={other_film.token}")
    assert "This film was not analysed yet" in page
    assert "run-start" in page


def test_a_film_with_nobody_in_it_says_so(client, other_film):
    nobody = analysis_of(other_film, 0)
    FilmRepository(store()).save_analysis(nobody)
    page = shown(client, "/film", f"?id={other_film.token}")
    assert "Nobody was found in this film" in page
    assert "film-timeline" not in page


def test_the_page_follows_its_job_and_turns_into_the_result(client, other_film):
    from app.services import jobs

    queue = JobRepository(store())
    number = jobs.submit_analysis(other_film.token)
    state = {"film-token.data": other_film.token, "film-job.data": None}

    def follow(followed):
        values = {**state, "film-job.data": followed, "shell-jobs.data": jobs.job_dicts()}
        return call(client, "shell-jobs.data", values, "film-body")["response"]

    waiting = follow(None)
    assert waiting["film-job"]["data"] == number
    assert "Another film" in json.dumps(waiting["film-progress"])
    assert "The result is shown here as soon as it is there" in json.dumps(waiting["film-body"])
    queue.claim(1)
    running = follow(number)
    assert "film-body" not in running  # drawn once, not each second
    FilmRepository(store()).save_analysis(analysis_of(other_film, 3))
    queue.finish(number, {"film": other_film.token})
    done = follow(number)
    assert done["film-progress"]["children"] == []
    assert len(done["film-data"]["data"]["ids"]) == 3
    assert "film-timeline" in json.dumps(done["film-body"])
    quiet = follow(None)
    assert "film-body" not in quiet


def test_a_job_that_fails_says_so_and_offers_the_form_again(client, other_film):
    from app.services import jobs

    queue = JobRepository(store())
    number = jobs.submit_analysis(other_film.token)
    queue.claim(1)
    queue.fail(number, "The film cannot be read.")
    values = {
        "film-token.data": other_film.token,
        "film-job.data": number,
        "shell-jobs.data": jobs.job_dicts(),
    }
    failed = call(client, "shell-jobs.data", values, "film-body")["response"]
    assert "The film cannot be read." in json.dumps(failed["film-progress"])
    assert "run-start" in json.dumps(failed["film-body"])


def test_renaming_and_undoing_in_the_page(client, token, view):
    stranger = next(i for i, person in enumerate(view.people) if person.kind == "unknown")
    wanted = {"person": view.people[stranger].id, "name": "Ada", "n": 1}
    answer = call(client, "film-rename.data", {"film-rename.data": wanted, "film-token.data": token})
    assert answer["response"]["film-names"]["data"]["names"][stranger] == "Ada"
    notice = answer["sideUpdate"]["shell-notice"]["data"][0]
    assert notice["text"] == f"{view.people[stranger].name} is now Ada."
    assert notice["action"] == ["Undo", "film-undo"]
    undone = call(client, "film-undo.data", {"film-undo.data": 1, "film-token.data": token})
    assert list(undone["response"].values())[0]["data"]["names"] == [person.name for person in view.people]


def test_a_refused_name_is_said_and_changes_nothing(client, token, view):
    wanted = {"person": view.people[0].id, "name": "  ", "n": 1}
    answer = call(client, "film-rename.data", {"film-rename.data": wanted, "film-token.data": token})
    assert "A name needs a letter" in json.dumps(answer)
    assert "film-names" not in answer.get("response", {})


def test_asking_opens_the_panel(client, token, view):
    person = view.people[0]
    asked = {"person": person.id, "t": person.first_s, "n": 1}
    answer = call(client, "film-ask.data", {"film-ask.data": asked, "film-token.data": token})["response"]
    assert answer["film-question"]["hidden"] is False
    assert person.name in json.dumps(answer["film-question-body"], ensure_ascii=False)
    assert len(answer["film-crops"]["data"]) == 2


@pytest.mark.parametrize("kind", film_charts.KINDS)
def test_charts_come_when_they_are_wanted(client, token, kind):
    values = {"film-chart-kind.value": kind, "shell-theme.data": "dark", "film-token.data": token}
    assert "film-chart-source" not in call(client, "film-chart-kind.value", values, "film-chart-source").get(
        "response", {}
    )
    answer = call(client, "film-chart-kind.value", {**values, "film-chart-wanted.data": True}, "film-chart-source")[
        "response"
    ]
    assert answer["film-chart-source"]["data"]["data"]
    assert answer["film-chart-words"]["children"]


def test_scripts_and_page_speak_of_the_same_parts(client, token, view):
    """Every id that a script names is one of the page's, or of the words beside a chart."""
    from app.pages import film, report

    page = ids_of(film.layout(token)) | ids_of(report.layout(token))
    for kind in film_charts.KINDS:
        page |= ids_of(film_charts.words(view, kind))
    page |= ids_of(film_charts.graph())
    named = {
        found
        for script in SCRIPTS
        for found in re.findall(r'"#?((?:film|report)-[a-z-]+)"', (ASSETS / script).read_text("utf-8"))
    }
    assert len(named) > 30
    made_by_scripts = {"film-pair-play"}
    assert named - page == made_by_scripts


def test_every_stylesheet_and_script_of_the_page_names_no_other_host():
    for name in (*SCRIPTS, "film.css", "report.css"):
        assert not re.search(r"https?://", (ASSETS / name).read_text("utf-8"))


def test_icons_that_styles_name_are_there():
    for name in set(re.findall(r'url\("(icons/[^"]+)"\)', (ASSETS / "film.css").read_text("utf-8"))):
        assert (ASSETS / name).is_file()
