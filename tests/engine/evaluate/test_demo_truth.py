"""The demo's exact truth: faces by height and yaw."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import EvaluationError
from engine.evaluate.demo import FOLDER, TRUTH, recall_by_yaw, true_faces
from engine.types import FaceSamples, Track


def truth(path: Path, **changed: object) -> Path:
    face = {"frame": 10, "x1": 100.0, "y1": 100.0, "x2": 200.0, "y2": 230.0, "yaw": -70.0, "visible": True}
    frames = [face, {**face, "frame": 11}, {**face, "frame": 12, "visible": False}, {**face, "frame": 14, "yaw": 5.0}]
    path.write_text(json.dumps({"fps": 24, "people": [{"name": "Ann_Lee", "frames": frames}], **changed}))
    return path


def track(start_s: float, end_s: float, box: tuple[float, ...]) -> Track:
    t_s = np.array([start_s, end_s])
    boxes = np.array([box, box])
    return Track(
        1, start_s, end_s, t_s, boxes, np.ones(2), FaceSamples(t_s[:1], boxes[:1], np.ones(1), np.zeros((1, 128)), "m")
    )


def test_rendered_and_visible_faces_are_read(tmp_path):
    faces = true_faces(truth(tmp_path / "truth.json"))
    assert [(round(face.t_s * 24 - 0.5), yaw) for face, yaw in faces] == [(10, 70.0), (14, 5.0)]
    assert faces[0][0].person == "ann lee"


def test_a_face_is_found_under_a_box_at_its_moment(tmp_path):
    faces = true_faces(truth(tmp_path / "truth.json"))
    over = (95.0, 105.0, 205.0, 215.0)
    frontal, profile = recall_by_yaw(faces, [track(0.4, 0.7, over)])
    assert (frontal.low_deg, frontal.n_found, frontal.n_true) == (0, 1, 1)
    assert (profile.low_deg, profile.low_px, profile.n_found, profile.n_true) == (60, 120, 1, 1)
    assert [row.n_found for row in recall_by_yaw(faces, [track(0.4, 0.7, (300.0, 0.0, 400.0, 100.0))])] == [0, 0]
    assert [row.n_found for row in recall_by_yaw(faces, [track(0.4, 0.5, over)])] == [0, 1]


def test_the_demo_has_faces_of_every_yaw():
    yaws = [yaw for _, yaw in true_faces(FOLDER / TRUTH)]
    assert len(yaws) > 500
    assert min(yaws) < 10
    assert max(yaws) > 80


@pytest.mark.parametrize("text", ["", "[]", '{"fps": 24, "people": [{"name": 1}]}'])
def test_what_is_no_truth_is_said(tmp_path, text):
    path = tmp_path / "truth.json"
    path.write_text(text)
    with pytest.raises(EvaluationError, match="not the exact truth"):
        true_faces(path)
