from __future__ import annotations

import dataclasses
import multiprocessing
import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from engine.errors import ModelError, StorageError
from engine.store.corrections import CorrectionLog
from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.timeline import Timeline

FILM = "f" * 64


@pytest.fixture
def films(store):
    return FilmRepository(store)


def assert_same(actual, expected):
    """Equal field by field, arrays in type, shape and every bit."""
    if isinstance(expected, np.ndarray):
        assert actual.dtype == expected.dtype
        assert actual.shape == expected.shape
        assert actual.tobytes() == expected.tobytes()
    elif dataclasses.is_dataclass(expected):
        for field in dataclasses.fields(expected):
            assert_same(getattr(actual, field.name), getattr(expected, field.name))
    elif isinstance(expected, tuple):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other)
    else:
        assert actual == expected


def changed(analysis, track_number=0, **changes):
    tracks = list(analysis.tracks)
    tracks[track_number] = dataclasses.replace(tracks[track_number], **changes)
    return dataclasses.replace(analysis, tracks=tuple(tracks))


@pytest.mark.parametrize(
    ("people", "options"),
    [
        ({}, {}),
        ({"p1": "Ingrid"}, {"n_tracks": 0}),
        ({"p1": "Ingrid"}, {"n_boxes": 1, "n_faces": 0}),
        ({"p2": "Ingrid", "p1": "unknown_1", "p3": "Zoë"}, {"n_tracks": 3}),
        ({"p1": "Ingrid", "p2": "unknown_1"}, {"gallery": "Stars"}),
        ({"p1": "Ingrid"}, {"gallery": "Stars", "n_faces": 0}),
    ],
)
def test_an_analysis_comes_back_as_it_was(films, make_analysis, database, people, options):
    analysis = make_analysis(people, **options)
    analysis_id = films.save_analysis(analysis)
    again = FilmRepository(open_store(database))
    assert_same(again.load_analysis(analysis_id), analysis)
    assert_same(again.latest(FILM), analysis)


def test_some_tracks_may_have_candidates_and_others_none(films, make_analysis):
    analysis = make_analysis({"p": "Ingrid", "q": "Zoë"}, gallery="Stars")
    first, second, *_ = analysis.tracks
    candidates = {first.id: ((), (("Zoë", 0.1 + 0.2),)), second.id: ((), ())}
    analysis = dataclasses.replace(analysis, candidates=candidates, cast=())
    assert_same(films.load_analysis(films.save_analysis(analysis)), analysis)


def test_without_faces_an_analysis_is_the_same_but_for_them(films, make_analysis):
    analysis = make_analysis({"p": "Ingrid", "q": "unknown_1"}, gallery="Stars")
    light = films.load_analysis(films.save_analysis(analysis), faces=False)
    assert light.candidates == {} and all(len(track.faces) == 0 for track in light.tracks)
    tracks = tuple(
        dataclasses.replace(mine, faces=whole.faces) for mine, whole in zip(light.tracks, analysis.tracks, strict=True)
    )
    assert_same(dataclasses.replace(light, tracks=tracks, candidates=analysis.candidates), analysis)


def test_tracks_without_a_person_and_in_any_order(films, make_analysis):
    analysis = make_analysis({"p": "Ingrid"}, n_tracks=3)
    number = analysis.tracks[1].id
    person = analysis.people[0]
    analysis = dataclasses.replace(
        analysis,
        tracks=analysis.tracks[::-1],
        people=(dataclasses.replace(person, track_ids=tuple(n for n in person.track_ids if n != number)),),
        person_of_track={n: p for n, p in analysis.person_of_track.items() if n != number},
        distance_of_track={**analysis.distance_of_track, number: None},
    )
    assert_same(films.load_analysis(films.save_analysis(analysis)), analysis)


def test_nan_and_tiny_numbers_survive_in_arrays(films, make_analysis):
    analysis = make_analysis({"p": "Ingrid"}, n_boxes=3)
    odd = np.array([np.nan, -0.0, 1e-45], np.float32)
    analysis = changed(analysis, scores=odd)
    assert_same(films.load_analysis(films.save_analysis(analysis)).tracks[0].scores, odd)


def test_every_analysis_stays_and_the_last_is_the_latest(films, make_analysis):
    first = make_analysis({"p": "Ingrid"}, n_tracks=1)
    second = dataclasses.replace(make_analysis({"p": "Ingrid", "q": "Charles"}), engine_version="0.2")
    ids = [films.save_analysis(first), films.save_analysis(second)]
    assert_same(films.load_analysis(ids[0]), first)
    assert_same(films.load_analysis(ids[1]), second)
    assert films.latest(FILM).engine_version == "0.2"


def test_people_keep_the_order_of_each_analysis(films, make_analysis):
    orders = ["abc", "cab", "bca"]
    ids = [films.save_analysis(make_analysis({one: one.upper() for one in order})) for order in orders]
    assert ["".join(person.id for person in films.load_analysis(i).people) for i in ids] == orders


def test_what_is_not_there(films):
    assert films.latest(FILM) is None
    assert films.films() == ()
    assert films.unknown_numbers(FILM) == {}
    assert films.highest_unknown_number(FILM) == 0
    films.delete_film(FILM)
    with pytest.raises(StorageError, match="no analysis 7"):
        films.load_analysis(7)


def test_a_film_is_its_content(films, make_analysis):
    films.save_analysis(make_analysis({}, path="/films/Gaslight.mp4"))
    films.save_analysis(make_analysis({}, sha256="e" * 64, path="/films/Notorious.mkv"))
    films.save_analysis(make_analysis({}, path="/elsewhere/renamed.mp4"))
    notorious, gaslight = films.films()
    assert (gaslight.sha256, gaslight.title, gaslight.path) == (FILM, "Gaslight", Path("/elsewhere/renamed.mp4"))
    assert (gaslight.n_analyses, notorious.n_analyses) == (2, 1)
    video = make_analysis({}).video
    for name in ("duration_s", "fps", "width", "height", "codec"):
        assert getattr(gaslight, name) == getattr(video, name)
    assert timedelta(0) <= datetime.now(UTC) - gaslight.added_at < timedelta(minutes=1)


def test_a_film_can_be_there_before_it_is_analysed(films, make_analysis):
    video = make_analysis({}).video
    film = films.add(video, FILM, "Gaslight (1944)")
    assert films.films() == (film,) and films.by_sha256(FILM) == film and films.by_token(film.token) == film
    assert (film.title, film.path, film.n_analyses, film.people) == ("Gaslight (1944)", video.path, 0, ())
    assert film.analysed_at is film.latest_analysis_id is films.outline(FILM) is films.latest(FILM) is None
    for name in ("duration_s", "fps", "width", "height", "codec"):
        assert getattr(film, name) == getattr(video, name)
    analysis_id = films.save_analysis(make_analysis({"p": "Ingrid"}))
    again = films.by_token(film.token)
    assert (again.title, again.n_analyses, again.latest_analysis_id) == ("Gaslight (1944)", 1, analysis_id)
    assert timedelta(0) <= datetime.now(UTC) - again.analysed_at < timedelta(minutes=1)


def test_adding_a_film_again_moves_it_and_changes_nothing_else(films, make_analysis):
    films.save_analysis(make_analysis({"p": "Ingrid"}))
    before = films.by_sha256(FILM)
    video = dataclasses.replace(before_video := make_analysis({}).video, path=Path("/new/x.mp4"), duration_s=1.0)
    assert before_video.duration_s != 1.0
    assert films.add(video, FILM, "Another") == dataclasses.replace(before, path=Path("/new/x.mp4"))


def test_tokens_are_ones_own_and_tell_nothing(films, make_analysis):
    for sha256 in (FILM, "e" * 64):
        films.save_analysis(make_analysis({}, sha256=sha256))
    one, other = films.films()
    assert one.token != other.token
    assert films.by_token("") is films.by_token("nobody") is films.by_token(FILM) is films.by_sha256("0" * 64) is None
    films.delete_film(FILM)
    assert films.by_token(other.token) is None


def test_a_film_is_given_another_title(films, make_analysis):
    films.save_analysis(make_analysis({}))
    films.retitle(FILM, "  Gaslight,\n the film ")
    assert films.by_sha256(FILM).title == "Gaslight, the film"
    films.save_analysis(make_analysis({}, path="/elsewhere/other.mp4"))
    assert films.by_sha256(FILM).title == "Gaslight, the film"
    with pytest.raises(StorageError, match="needs a title"):
        films.retitle(FILM, " \t")
    with pytest.raises(StorageError, match="not in the database"):
        films.retitle("0" * 64, "Laura")
    assert films.by_sha256(FILM).title == "Gaslight, the film"


def test_a_list_of_films_says_who_is_in_each(films, make_analysis, store):
    films.save_analysis(make_analysis({"gone": "Joseph"}, n_tracks=9))
    films.save_analysis(make_analysis({"p": "Ingrid", "q": "unknown_1"}, n_tracks=3))
    films.save_analysis(make_analysis({"p": "unknown_1"}, sha256="e" * 64))
    CorrectionLog(store).append(FILM, "rename", {"person_id": "q", "name": "Charles"})
    other, film = films.films()
    assert [(p.id, p.name, p.kind, p.named_by_hand) for p in film.people] == [
        ("p", "Ingrid", "known", False),
        ("q", "Charles", "unknown", True),
    ]
    assert [p.screen_time_s for p in film.people] == pytest.approx([6.0, 6.0])
    assert [(p.name, p.named_by_hand) for p in other.people] == [("unknown_1", False)]


def test_where_strangers_were_seen_last(films, make_analysis):
    assert films.strangers_last_seen(FILM) == ()
    saved = [{"a": "unknown_1", "b": "unknown_2"}, {"k": "Ingrid"}, {"a": "unknown_1", "c": "unknown_3"}, {"k": "Ann"}]
    ids = [films.save_analysis(make_analysis(people)) for people in saved]
    films.save_analysis(make_analysis({"a": "unknown_1"}, sha256="e" * 64))
    assert films.strangers_last_seen(FILM) == (ids[2], ids[0])


def test_deleting_a_film_leaves_nothing_of_it(films, make_analysis, store, row_counts):
    films.save_analysis(make_analysis({"p": "Ingrid"}, sha256="e" * 64))
    before = row_counts()
    for people in ({"p": "Ingrid", "q": "unknown_1"}, {"q": "Charles"}):
        films.save_analysis(make_analysis(people))
    CorrectionLog(store).append(FILM, "rename", {"person_id": "q", "name": "Charles"})
    assert len(row_counts()) == 9
    films.delete_film(FILM)
    assert row_counts() == before
    films.delete_film("e" * 64)
    assert row_counts() == {}


def test_analysis_ids_are_not_used_again(films, make_analysis):
    first = films.save_analysis(make_analysis({}))
    films.delete_film(FILM)
    assert films.save_analysis(make_analysis({})) > first


def test_the_latest_analysis_names_people(films, make_analysis):
    first = films.save_analysis(make_analysis({"p": "unknown_1"}))
    films.save_analysis(make_analysis({"p": "Ingrid"}))
    person = films.load_analysis(first).people[0]
    assert (person.id, person.name, person.kind) == ("p", "Ingrid", "known")


def test_a_rename_survives_another_analysis_and_ends_with_undo(films, make_analysis, store):
    log = CorrectionLog(store)
    films.save_analysis(make_analysis({"p": "unknown_1", "q": "Charles"}))
    log.append(FILM, "rename", {"person_id": "p", "name": "Ingird"})
    last = log.append(FILM, "rename", {"person_id": "p", "name": "Ingrid"})

    def names():
        return [person.name for person in films.latest(FILM).people]

    assert names() == ["Ingrid", "Charles"]
    films.save_analysis(make_analysis({"p": "Greta", "q": "Joseph"}))
    assert names() == ["Ingrid", "Joseph"]
    log.undo(last)
    assert names() == ["Ingird", "Joseph"]
    films.save_analysis(make_analysis({"p": "Greta", "q": "Joseph"}))
    assert names() == ["Ingird", "Joseph"]
    log.redo(last)
    assert names() == ["Ingrid", "Joseph"]


def test_a_rename_holds_in_its_own_film_only(films, make_analysis, store):
    for sha256 in (FILM, "e" * 64):
        films.save_analysis(make_analysis({"p": "unknown_1"}, sha256=sha256))
    CorrectionLog(store).append(FILM, "rename", {"person_id": "p", "name": "Ingrid"})
    assert [films.latest(sha256).people[0].name for sha256 in (FILM, "e" * 64)] == ["Ingrid", "unknown_1"]


def test_unknown_numbers_stay_with_their_people(films, make_analysis):
    films.save_analysis(make_analysis({"b": "unknown_2", "a": "unknown_1", "k": "Ingrid"}))
    assert films.unknown_numbers(FILM) == {"a": 1, "b": 2}
    assert films.highest_unknown_number(FILM) == 2
    films.save_analysis(make_analysis({"a": "Charles", "c": "unknown_3"}))
    assert films.unknown_numbers(FILM) == {"a": 1, "b": 2, "c": 3}
    films.save_analysis(make_analysis({"a": "unknown_1"}))
    assert films.latest(FILM).people[0].kind == "unknown"


def test_the_highest_number_outlives_the_people(films, make_analysis, store):
    films.save_analysis(make_analysis({"a": "unknown_1", "b": "unknown_7"}))
    with store.write() as connection:
        connection.execute(text("DELETE FROM people"))
    assert films.unknown_numbers(FILM) == {}
    assert films.highest_unknown_number(FILM) == 7
    films.save_analysis(make_analysis({"k": "Ingrid"}))
    assert films.highest_unknown_number(FILM) == 7
    films.save_analysis(make_analysis({"c": "unknown_8"}))
    assert films.highest_unknown_number(FILM) == 8


@pytest.mark.parametrize("people", [{"c": "unknown_1"}, {"c": "unknown_2"}, {"a": "unknown_3"}, {"a": "unknown_2"}])
def test_a_number_is_never_given_to_somebody_else(films, make_analysis, row_counts, people):
    films.save_analysis(make_analysis({"a": "unknown_1", "b": "unknown_3"}))
    before = row_counts()
    with pytest.raises(StorageError, match="somebody else by now"):
        films.save_analysis(make_analysis(people))
    assert row_counts() == before


@pytest.mark.parametrize("name", ["unknown_0", "unknown_01", "unknown_x", "unknown", "unknown_-1", "unknown_1 "])
def test_only_unknown_n_is_a_number(films, make_analysis, name):
    films.save_analysis(make_analysis({"a": name}))
    assert films.unknown_numbers(FILM) == {}


def test_a_known_person_called_unknown_1_has_no_number(films, make_analysis):
    analysis = make_analysis({"a": "unknown_1"})
    person = dataclasses.replace(analysis.people[0], kind="known")
    films.save_analysis(dataclasses.replace(analysis, people=(person,)))
    assert films.highest_unknown_number(FILM) == 0


def contradictions(analysis):
    first, second = analysis.people
    owners, distances = analysis.person_of_track, analysis.distance_of_track
    yield "same id", {"people": (first, dataclasses.replace(second, id=first.id))}
    yield "same id", {"tracks": (*analysis.tracks, analysis.tracks[0])}
    yield "differ", {"person_of_track": dict.fromkeys(owners, first.id)}
    yield "differ", {"people": (first,)}
    yield "differ", {"people": (first, dataclasses.replace(second, track_ids=(*first.track_ids, *second.track_ids)))}
    yield "not there", {"tracks": analysis.tracks[1:]}
    yield "not there", {"distance_of_track": {**distances, 999: 0.5}}
    yield "one entry for each", {"candidates": {999: ()}}
    yield "one entry for each", {"candidates": {analysis.tracks[0].id: ((),)}}
    yield "not there", {"chances": {999: ()}}
    yield "same number", {"people": (first, dataclasses.replace(second, name="unknown_1"))}


@pytest.mark.parametrize("case", range(11))
def test_a_contradiction_is_refused(films, make_analysis, row_counts, case):
    analysis = make_analysis({"a": "unknown_1", "b": "unknown_2"})
    message, changes = list(contradictions(analysis))[case]
    with pytest.raises(ValueError, match=message):
        films.save_analysis(dataclasses.replace(analysis, **changes))
    assert row_counts() == {}


def test_mixed_models_are_refused_on_the_way_in_and_out(films, make_analysis, store, row_counts):
    analysis = make_analysis({"p": "Ingrid"})
    other = dataclasses.replace(analysis.tracks[0].faces, model_id="arcface")
    with pytest.raises(ModelError, match="arcface and dlib-resnet-1"):
        films.save_analysis(changed(analysis, faces=other))
    assert row_counts() == {}
    analysis_id = films.save_analysis(analysis)
    with store.write() as connection:
        connection.execute(text("UPDATE track_faces SET model_id = 'arcface' WHERE position = 1"))
    with pytest.raises(ModelError, match="arcface"):
        films.load_analysis(analysis_id)


def test_a_full_disk_keeps_the_previous_state(films, make_analysis, full_disk, row_counts):
    old = make_analysis({"p": "Ingrid"})
    films.save_analysis(old)
    before = row_counts()
    full_disk()
    with pytest.raises(StorageError, match="disk is full.*free some space"):
        films.save_analysis(make_analysis({"p": "Greta", "q": "unknown_1"}, n_faces=500, path="/elsewhere.mp4"))
    assert row_counts() == before
    assert_same(films.latest(FILM), old)
    assert films.highest_unknown_number(FILM) == 0


def test_a_write_error_keeps_the_previous_state(films, make_analysis, row_counts):
    old = make_analysis({"p": "Ingrid"})
    films.save_analysis(old)
    before = row_counts()
    failures = multiprocessing.get_context("fork").SimpleQueue()

    def work():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        try:
            films.save_analysis(make_analysis({"p": "Greta"}, n_faces=2000))
        except Exception as error:
            failures.put(f"{type(error).__name__}: {error}")
        else:
            failures.put("no failure")

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    message = failures.get()
    child.join(30)
    assert message.startswith("StorageError: Reading or writing")
    assert row_counts() == before
    assert_same(films.latest(FILM), old)


def test_a_defect_in_the_middle_of_a_save_keeps_the_previous_state(films, make_analysis, row_counts, monkeypatch):
    films.save_analysis(make_analysis({"p": "Ingrid"}))
    before = row_counts()

    def explode(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("engine.store.analysis_rows._face_rows", explode)
    with pytest.raises(ZeroDivisionError):
        films.save_analysis(make_analysis({"p": "Greta", "q": "Joseph"}))
    assert row_counts() == before
    monkeypatch.undo()
    assert films.latest(FILM).people[0].name == "Ingrid"


def test_a_long_film_is_saved_by_as_few_statements_as_a_short_one(films, make_analysis, statements):
    people = {f"p{i}": f"Name {i}" for i in range(40)}
    films.save_analysis(make_analysis(people, sha256="a" * 64, n_tracks=1, n_boxes=2, n_faces=1))
    n_of_short = len(statements)
    statements.clear()
    analysis = make_analysis(people, n_tracks=50, n_boxes=150, n_faces=8)
    assert len(analysis.tracks) == 2000
    analysis_id = films.save_analysis(analysis)
    assert len(statements) == n_of_short
    assert_same(films.load_analysis(analysis_id), analysis)


def test_a_person_who_is_never_visible(films, make_analysis):
    analysis = make_analysis({"p": "Ingrid"})
    person = dataclasses.replace(analysis.people[0], timeline=Timeline())
    analysis = dataclasses.replace(analysis, people=(person,))
    assert films.load_analysis(films.save_analysis(analysis)).people[0].timeline == Timeline()


def test_the_pages_films_come_without_the_networks():
    code = (
        "import sys; import engine.store.films;"
        "print([m for m in ('onnxruntime', 'onnx', 'dlib', 'av', 'cv2', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
