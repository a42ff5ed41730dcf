"""The light reads: what they say is what the whole analysis says, and the heavy parts of a film stay where they are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sqlalchemy import text

from engine.errors import DramatisError
from engine.store.corrections import CorrectionLog
from engine.store.films import FilmRepository, TrackFace, TrackOutline
from engine.timeline import Interval, Timeline

FILM = "f" * 64


@pytest.fixture
def films(store):
    return FilmRepository(store)


def test_an_outline_says_what_the_analysis_says(films, make_analysis, store):
    films.save_analysis(make_analysis({"old": "Greta"}))
    analysis = make_analysis({"q": "Ingrid", "p": "unknown_1", "n": "Zoë"}, n_tracks=3, gallery="Stars")
    analysis_id = films.save_analysis(analysis)
    CorrectionLog(store).append(FILM, "rename", {"person_id": "p", "name": "Charles"})
    CorrectionLog(store).append(FILM, "rename", {"person_id": "old", "name": "Greta Garbo"})
    outline, whole = films.outline(FILM), films.latest(FILM)
    listed = films.by_sha256(FILM)
    assert dataclasses.replace(outline.film, people=()) == dataclasses.replace(listed, people=())
    for mine, other in zip(outline.film.people, listed.people, strict=True):
        seconds = pytest.approx(mine.screen_time_s)  # added up here by the database, there by us
        assert dataclasses.replace(other, screen_time_s=seconds) == mine
    assert outline.analysis_id == listed.latest_analysis_id == analysis_id
    assert outline.created_at == outline.film.analysed_at
    for name in ("engine_version", "settings", "gallery", "cast", "shots", "people", "warnings", "n_frames_damaged"):
        assert getattr(outline, name) == getattr(whole, name), name
    assert (outline.gallery, outline.cast) == ("Stars", ("Ingrid", "Zoë"))
    assert outline.named_by_hand == {"p"}
    assert outline.tracks == tuple(
        TrackOutline(
            track.id,
            whole.person_of_track[track.id],
            track.start_s,
            track.end_s,
            whole.distance_of_track[track.id],
            whole.chances[track.id],
        )
        for track in whole.tracks
    )
    assert outline.tracks[0].chances == (("Zoë", 2 / 3), ("Ingrid", 0.1 + 0.2))


def test_without_a_gallery_nobody_has_chances(films, make_analysis):
    films.save_analysis(make_analysis({"p": "Ingrid"}))
    assert [track.chances for track in films.outline(FILM).tracks] == [None, None]


def test_what_is_not_there_has_no_outline(films, make_analysis):
    assert films.outline(FILM) is None
    assert films.boxes(FILM, 0, 100) == ()
    assert films.faces(FILM, [1]) == {} and films.best_faces(FILM) == {}
    films.add(make_analysis({}).video, FILM, "Gaslight")
    assert films.outline(FILM) is None
    films.save_analysis(make_analysis({}))
    outline = films.outline(FILM)
    assert (outline.people, outline.tracks, outline.named_by_hand) == ((), (), frozenset())
    assert films.boxes(FILM, 0, 100) == () and films.best_faces(FILM) == {}


def in_one_place(analysis, *times):
    """`analysis` with its first track seen at the given times, and the film's people as they were."""
    t_s = np.array(times, np.float64)
    boxes = np.arange(4 * len(t_s)).reshape(-1, 4)
    track = dataclasses.replace(
        analysis.tracks[0], start_s=t_s[0], end_s=t_s[-1] + 1, t_s=t_s, boxes_xyxy=boxes, scores=t_s
    )
    return dataclasses.replace(analysis, tracks=(track, *analysis.tracks[1:]))


@pytest.mark.parametrize(
    ("window", "seen"),
    [
        ((0, 10), [1, 2, 3, 4]),
        ((2, 3), [2, 3]),  # at 2 exactly: nothing before is needed; 3 is the next one after the window
        ((2.5, 2.6), [2, 3]),
        ((2.5, 3.5), [2, 3, 4]),
        ((4.2, 9), [4]),  # still visible after the last box
        ((0, 1), None),
        ((0, 1.1), [1, 2]),
        ((5, 9), None),
    ],
)
def test_boxes_in_a_window_and_one_on_either_side(films, make_analysis, window, seen):
    analysis = in_one_place(make_analysis({"p": "Ingrid"}, n_tracks=1), 1, 2, 3, 4)
    films.save_analysis(analysis)
    found = films.boxes(FILM, *window)
    if seen is None:
        assert found == ()
        return
    (track,) = found
    assert (track.id, track.person_id) == (100, "p")
    assert track.t_s.tolist() == seen and (track.t_s.dtype, track.boxes_xyxy.dtype) == (np.float64, np.float32)
    assert track.boxes_xyxy.tolist() == [[4 * t - 4, 4 * t - 3, 4 * t - 2, 4 * t - 1] for t in seen]


def test_boxes_come_from_the_latest_analysis_by_their_start(films, make_analysis):
    films.save_analysis(make_analysis({"old": "Greta"}))
    analysis = make_analysis({"p": "Ingrid"}, n_tracks=3)
    owners = {analysis.tracks[0].id: "p", analysis.tracks[2].id: "p"}
    person = dataclasses.replace(analysis.people[0], track_ids=tuple(owners))
    films.save_analysis(
        dataclasses.replace(analysis, tracks=analysis.tracks[::-1], people=(person,), person_of_track=owners)
    )
    assert [(track.id, track.person_id) for track in films.boxes(FILM, 0, 1000)] == [
        (100, "p"),
        (101, None),
        (102, "p"),
    ]


def test_faces_without_vectors(films, make_analysis):
    analysis = make_analysis({"p": "Ingrid", "q": "Zoë"}, gallery="Stars", n_faces=3)
    films.save_analysis(analysis)
    wanted = [analysis.tracks[3].id, analysis.tracks[0].id, 999]
    found = films.faces(FILM, wanted)
    assert found.keys() == {100, 103}
    for track in (analysis.tracks[0], analysis.tracks[3]):
        faces, likely = track.faces, analysis.candidates[track.id]
        assert found[track.id] == tuple(
            TrackFace(faces.t_s[i], tuple(faces.boxes_xyxy[i].tolist()), faces.quality[i], likely[i]) for i in range(3)
        )
    assert films.faces(FILM, []) == {}


def test_faces_of_a_track_without_any_and_without_a_gallery(films, make_analysis):
    films.save_analysis(make_analysis({"p": "Ingrid"}, n_tracks=1, n_faces=0))
    assert films.faces(FILM, [100]) == {100: ()}
    assert films.best_faces(FILM) == {}
    films.save_analysis(make_analysis({"p": "Ingrid"}, n_tracks=1, n_faces=1))
    assert films.faces(FILM, [100])[100][0].candidates is None


def test_the_best_face_of_each_person(films, make_analysis):
    analysis = make_analysis({"p": "Ingrid", "q": "unknown_1"}, n_tracks=3, n_faces=4)
    films.save_analysis(make_analysis({"p": "Ingrid"}, n_tracks=1, n_faces=1))
    films.save_analysis(analysis)
    best = films.best_faces(FILM)
    assert best.keys() == {"p", "q"}
    for person_id, (track_id, index) in best.items():
        mine = [track for track in analysis.tracks if analysis.person_of_track[track.id] == person_id]
        quality = {(track.id, i): track.faces.quality[i] for track in mine for i in range(4)}
        assert quality[track_id, index] == max(quality.values())


def test_the_outline_of_a_long_film_leaves_boxes_and_faces_where_they_are(films, make_analysis, store, statements):
    n_people, n_tracks = 60, 84
    people = {f"p{i}": f"Name {i}" for i in range(n_people)}
    films.save_analysis(make_analysis(people, n_tracks=1, n_boxes=40, n_faces=1, gallery="Stars"))
    statements.clear()
    films.outline(FILM)
    n_of_short = len(statements)
    analysis = make_analysis(people, n_tracks=n_tracks, n_boxes=40, n_faces=1, gallery="Stars")
    assert sum(len(person.timeline) for person in analysis.people) == len(analysis.tracks) == 5040
    films.save_analysis(analysis)
    with store.write() as connection:  # what is read of these would be refused
        connection.execute(text("UPDATE tracks SET times = x'00', boxes = x'00', scores = x'00'"))
        connection.execute(text("UPDATE track_faces SET vector = x'00'"))
    with pytest.raises(DramatisError):
        films.latest(FILM)
    statements.clear()
    outline = films.outline(FILM)
    assert len(statements) == n_of_short
    assert len(outline.tracks) == 5040 and len(outline.people) == n_people
    assert outline.people[7].timeline == Timeline(Interval(t.start_s, t.end_s) for t in analysis.tracks[588:672])


def test_the_tracks_of_one_person_are_read_whole(store, make_analysis):
    analysis = make_analysis({"known:ada": "Ada", "unknown:1": "unknown_1"}, n_tracks=3)
    films = FilmRepository(store)
    films.save_analysis(make_analysis({"unknown:1": "unknown_1"}, sha256="e" * 64))
    films.save_analysis(analysis)
    mine = films.tracks_of(analysis.video_sha256, "unknown:1")
    wanted = [track for track in analysis.tracks if analysis.person_of_track[track.id] == "unknown:1"]
    assert [track.id for track in mine] == [track.id for track in wanted]
    for found, saved in zip(mine, wanted, strict=True):
        assert (found.interval, found.faces.model_id) == (saved.interval, saved.faces.model_id)
        for field in ("t_s", "boxes_xyxy", "clothes"):
            assert np.array_equal(getattr(found, field), getattr(saved, field))
        assert np.array_equal(found.faces.vectors, saved.faces.vectors)
    assert films.tracks_of(analysis.video_sha256, "unknown:9") == ()
    assert films.tracks_of("0" * 64, "unknown:1") == ()
