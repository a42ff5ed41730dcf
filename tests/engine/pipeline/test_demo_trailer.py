"""The main job on the demo: who is on screen in the trailer, for how long, and who is a stranger."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from engine.config import AnalysisSettings
from engine.evaluate.screentime import Score, read_truth, score_analysis
from engine.exports.screentime_json import screentime_record
from engine.identity.gallery import build_gallery
from engine.names import name_key
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.trails import iou
from engine.types import Analysis

STRANGERS = {"stranger a", "stranger b"}
FPS = 24  # the trailer's


@pytest.fixture(scope="module")
def heard() -> list[tuple[str, float]]:
    """What the analysis said of its progress."""
    return []


@pytest.fixture(scope="module")
def errors_logged() -> list[logging.LogRecord]:
    return []


@pytest.fixture(scope="module")
def analysis(
    demo: Path, session_data: Path, heard: list[tuple[str, float]], errors_logged: list[logging.LogRecord]
) -> Analysis:
    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            errors_logged.append(record)

    handler = Keep(logging.ERROR)
    logging.getLogger().addHandler(handler)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAMATIS_DATA", str(session_data))
        models = Models()
        gallery = build_gallery(demo / "gallery", "demo", models.detector, models.aligner, models.embedder)
        found = analyse_video(
            demo / "trailer.mp4",
            gallery,
            AnalysisSettings(),
            models,
            lambda phase, fraction: heard.append((phase, fraction)),
        )
    logging.getLogger().removeHandler(handler)
    return found


def test_the_cast_is_found(analysis: Analysis, demo: Path) -> None:
    cast = [folder.name for folder in (demo / "gallery").iterdir()]
    score = score_analysis(analysis, read_truth(demo / "trailer_truth.csv"), cast)
    assert len(cast) == 10
    assert score.clear.f1 >= 0.95
    assert {p.name for p in analysis.people if p.kind == "known"} == set(cast)
    for person in score.people:
        assert abs(person.said_s - person.visible_s) < 1.0, person.name


def test_strangers_stay_strangers(analysis: Analysis, demo: Path) -> None:
    truth = read_truth(demo / "trailer_truth.csv")
    unknown = [p for p in analysis.people if p.kind == "unknown"]
    assert [p.name for p in unknown] == ["unknown_1", "unknown_2"]
    for stranger in STRANGERS:
        alone = truth[stranger]["clear"]
        named = sum((p.timeline & alone).duration_s for p in analysis.people if p.kind == "known")
        assert named < 0.1, f"{stranger} was given a name"
        best = max((p.timeline & alone).duration_s for p in unknown)
        assert best > 0.95 * alone.duration_s, f"{stranger} is not one unknown"


def test_strangers_are_numbered_by_their_screen_time(analysis: Analysis) -> None:
    seconds = [p.screen_time_s for p in sorted(analysis.people, key=lambda p: p.name) if p.kind == "unknown"]
    assert len(seconds) == 2
    assert seconds == sorted(seconds, reverse=True)


def test_a_track_never_crosses_a_cut(analysis: Analysis) -> None:
    for track in analysis.tracks:
        shots = [s for s in analysis.shots if s.overlap_s(track.interval) > 0]
        assert len(shots) == 1
        assert all(shots[0].start_s <= t < shots[0].end_s for t in track.t_s)


def test_the_shots_are_those_of_the_trailer(analysis: Analysis, demo: Path) -> None:
    truth = json.loads((demo / "trailer_truth.json").read_text())
    for shot in truth["shots"]:
        slack_s = 0.5 if shot["transition_in"].startswith("dissolve") else 0.09
        assert min(abs(s.start_s - shot["start"]) for s in analysis.shots) <= slack_s, shot["label"]
    assert len(analysis.shots) == len(truth["shots"]) + 2  # the title and the end card


def test_boxes_lie_on_the_faces(analysis: Analysis, demo: Path) -> None:
    """Against the rendered faces' own boxes, which reach from the brow to the chin and from ear to ear."""
    truth = {name_key(p["name"]): p["frames"] for p in json.loads((demo / "trailer_truth.json").read_text())["people"]}
    tracks = {track.id: track for track in analysis.tracks}
    overlaps, n_on_face = [], 0
    for person in analysis.people:
        faces = {f["frame"]: f for f in truth.get(name_key(person.name), ()) if f["visible"]}
        for track in (tracks[i] for i in person.track_ids):
            for t_s, box in zip(track.t_s, track.boxes_xyxy.astype(float), strict=True):
                face = faces.get(round(t_s * FPS))
                if face is None:
                    continue
                true_box = np.array([face["x1"], face["y1"], face["x2"], face["y2"]])
                overlaps.append(float(iou(true_box[None], box[None])[0, 0]))
                x, y = box.reshape(2, 2).mean(axis=0)
                n_on_face += true_box[0] < x < true_box[2] and true_box[1] < y < true_box[3]
    assert len(overlaps) > 300
    assert n_on_face >= 0.99 * len(overlaps)
    assert np.median(overlaps) > 0.55


def test_two_people_at_once_never_share_a_name(analysis: Analysis) -> None:
    by_id = {t.id: t for t in analysis.tracks}
    for person in analysis.people:
        tracks = [by_id[i] for i in person.track_ids]
        for i, a in enumerate(tracks):
            assert all(a.interval.overlap_s(b.interval) <= 0.2 for b in tracks[i + 1 :])


def test_few_faces_of_a_track_are_embedded(analysis: Analysis) -> None:
    assert all(1 <= len(track.faces) <= 8 for track in analysis.tracks)
    assert any(len(track.t_s) > 2 * len(track.faces) for track in analysis.tracks)


def test_progress_is_told_in_order_and_nothing_is_logged_as_an_error(
    analysis: Analysis, heard: list[tuple[str, float]], errors_logged: list[logging.LogRecord]
) -> None:
    assert errors_logged == []
    phases = list(dict.fromkeys(phase for phase, _ in heard))
    assert phases == ["reading", "shots", "faces", "names"]
    for phase in phases:
        fractions = [f for p, f in heard if p == phase]
        assert fractions == sorted(fractions)
        assert 0 <= fractions[0]
        assert fractions[-1] == 1.0


def test_the_record_adds_up(analysis: Analysis) -> None:
    record = screentime_record(analysis, {})
    assert record["schema"] == "dramatis.screentime/1"
    for person in record["people"]:
        total = sum(i["end_s"] - i["start_s"] for i in person["intervals"])
        assert person["screen_time_s"] == pytest.approx(total, abs=1e-3)


def test_the_store_gives_back_what_it_was_given(analysis: Analysis, tmp_path: Path) -> None:
    films = FilmRepository(open_store(tmp_path / "films.sqlite3"))
    films.save_analysis(analysis)
    again = films.latest(analysis.video_sha256)
    assert again is not None
    assert [(p.id, p.name, p.timeline) for p in again.people] == [(p.id, p.name, p.timeline) for p in analysis.people]
    assert screentime_record(again, {})["tracks"] == screentime_record(analysis, {})["tracks"]


def test_a_score_counts_a_stranger_with_a_name_as_false(analysis: Analysis, demo: Path) -> None:
    """The check above can fail: giving unknown_1's seconds to a cast member lowers the score."""
    truth = read_truth(demo / "trailer_truth.csv")
    stranger = next(p for p in analysis.people if p.name == "unknown_1")
    cast = [p.name for p in analysis.people if p.kind == "known"]
    honest = score_analysis(analysis, truth, cast).clear
    worse = honest + Score(0, 0, stranger.screen_time_s)
    assert worse.f1 < honest.f1
