"""Names, candidates and numbers: what a film's tracks become, and what of it outlives the next analysis."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.config import AnalysisSettings
from engine.identity.evidence import CALIBRATED_FOR
from engine.pipeline.people import keep_strangers, name_people
from engine.store.corrections import CorrectionLog
from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.timeline import Interval
from engine.types import Analysis, FaceSamples, Gallery, Track, VideoInfo

FACE = {name: np.eye(128)[i] for i, name in enumerate(("Ana", "Bo", "Cleo", "Dora"))}
"""Four people who are 1.4 from one another."""


def make_track(number, name, start_s, end_s):
    t_s = np.arange(start_s, end_s, 0.5)
    vectors = FACE[name] + 0.01 * np.eye(128)[[50, 51]]
    boxes = np.tile([100.0, 100, 200, 200], (len(t_s), 1))
    faces = FaceSamples(t_s[:2], boxes[:2], np.ones(2), vectors, CALIBRATED_FOR)
    return Track(number, start_s, end_s, t_s, boxes, np.ones(len(t_s)), faces)


def gallery_of(*names):
    n = len(names)
    paths = tuple(f"{name}.jpg" for name in names)
    vectors = np.stack([FACE[n] for n in names[:n]])
    return Gallery("Stars", CALIBRATED_FOR, names, paths, tuple("0" * 64 for _ in names), vectors)


FILM = [make_track(1, "Ana", 0, 10), make_track(2, "Bo", 20, 26), make_track(3, "Cleo", 30, 34)]


def analyse(gallery=None, tracks=FILM):
    people = name_people(tracks, gallery, AnalysisSettings(), (Interval(0, 60),))
    return Analysis(
        video=VideoInfo(Path("/films/film.mp4"), 60.0, Fraction(24), 640, 360, "h264"),
        video_sha256="f" * 64,
        engine_version="0",
        model_ids=(CALIBRATED_FOR,),
        settings={},
        shots=(),
        people=people.people,
        tracks=tuple(tracks),
        person_of_track=people.person_of_track,
        distance_of_track=people.distance_of_track,
        candidates=people.candidates,
        chances=people.chances,
        gallery=gallery.name if gallery else None,
        cast=gallery.people if gallery else (),
    )


def test_the_most_of_a_quick_look_reaches_a_whole_step_of_it_beyond():
    def most(**settings):
        (ana, *_) = name_people(FILM[:1], None, AnalysisSettings(**settings), (Interval(0, 60),)).people
        return ana.high_s

    assert most(sample_fps=6, quick=True) == most(sample_fps=2) > most(sample_fps=4)


@pytest.fixture
def films(tmp_path):
    return FilmRepository(open_store(tmp_path / "dramatis.sqlite3"))


@pytest.fixture
def save(films):
    def save(analysis):
        films.save_analysis(keep_strangers(analysis, films))
        return {number: films.latest("f" * 64).person_of_track[number] for number in (1, 2, 3)}

    return save


def test_known_people_and_strangers_alike_have_candidates():
    analysis = analyse(gallery_of("Ana", "Dora", "Bo"))
    assert analysis.person_of_track == {1: "known:ana", 2: "known:bo", 3: "unknown:1"}
    assert analysis.candidates.keys() == {1, 2, 3}
    for number, nearest in ((1, "Ana"), (2, "Bo")):
        for of_face in analysis.candidates[number]:
            assert of_face[0] == (nearest, pytest.approx(0.01, abs=1e-4)) and len(of_face) == 3
            assert [d for _, d in of_face[1:]] == pytest.approx([2**0.5] * 2, abs=1e-3)
    assert [len(of_face) for of_face in analysis.candidates[3]] == [3, 3]
    assert min(d for of_face in analysis.candidates[3] for _, d in of_face) > 1.4
    assert analyse().candidates == {}


def test_strangers_keep_their_numbers_whoever_gets_a_name(save):
    assert save(analyse()) == {1: "unknown:1", 2: "unknown:2", 3: "unknown:3"}
    assert save(analyse(gallery_of("Ana"))) == {1: "known:ana", 2: "unknown:2", 3: "unknown:3"}
    assert save(analyse(gallery_of("Bo"))) == {1: "unknown:1", 2: "known:bo", 3: "unknown:3"}
    assert save(analyse(gallery_of("Ana", "Bo", "Cleo"))) == {1: "known:ana", 2: "known:bo", 3: "known:cleo"}
    assert save(analyse()) == {1: "unknown:1", 2: "unknown:2", 3: "unknown:3"}


def test_a_stranger_who_is_new_gets_a_number_never_used_before(save, films):
    save(analyse())
    elsewhere = replace(FILM[1], boxes_xyxy=FILM[1].boxes_xyxy + 300)
    assert save(analyse(tracks=[FILM[0], elsewhere, FILM[2]])) == {1: "unknown:1", 2: "unknown:4", 3: "unknown:3"}
    assert save(analyse()) == {1: "unknown:1", 2: "unknown:2", 3: "unknown:3"}
    assert films.highest_unknown_number("f" * 64) == 4


def test_a_name_given_by_hand_outlives_every_analysis_that_finds_the_stranger_again(save, films, tmp_path):
    save(analyse())
    log = CorrectionLog(open_store(tmp_path / "dramatis.sqlite3"))
    rename = log.append("f" * 64, "rename", {"person_id": "unknown:2", "name": "Ingrid"})

    def name_of_second():
        analysis = films.latest("f" * 64)
        return {p.id: p.name for p in analysis.people}[analysis.person_of_track[2]]

    rerun = [make_track(1, "Bo", 20.5, 25), make_track(2, "Ana", 1, 10), make_track(3, "Cleo", 30, 34)]
    assert save(analyse(tracks=rerun)) == {1: "unknown:2", 2: "unknown:1", 3: "unknown:3"}
    save(analyse())
    assert name_of_second() == "Ingrid"
    save(analyse(gallery_of("Bo")))
    assert name_of_second() == "Bo"
    save(analyse(gallery_of("Ana")))
    assert name_of_second() == "Ingrid"
    log.undo(rename)
    assert name_of_second() == "unknown_2"
