"""What every face detector promises, whichever network it runs."""

from __future__ import annotations

import numpy as np
import pytest

from engine.types import Detections
from engine.vision.detect import MmodDetector
from engine.vision.reference import DlibCnnDetector, DlibHogDetector

BACKENDS = {"mmod": MmodDetector, "dlib-cnn": DlibCnnDetector, "dlib-hog": DlibHogDetector}
FRONTAL = "gallery/Kenji_Mori/01.jpg"
FRONTAL_BOX = np.array([163, 168, 354, 359]) / 512  # of the person's face, in parts of the picture's side


@pytest.fixture(scope="module", params=BACKENDS)
def detector(request):
    return BACKENDS[request.param]()


def iou(a, b):
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    inner = np.prod(np.maximum(sides, 0))
    return inner / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - inner)


def test_it_names_its_network(detector):
    assert isinstance(detector.model_id, str) and detector.model_id.startswith("dlib-")


def test_the_same_network_has_the_same_name():
    assert DlibCnnDetector.model_id == MmodDetector.model_id != DlibHogDetector.model_id


def test_it_finds_the_one_face_of_a_picture(detector, demo):
    found = detector.detect(demo(FRONTAL, 200))
    assert isinstance(found, Detections) and len(found) == 1
    assert found.boxes_xyxy.shape == (1, 4) and found.boxes_xyxy.dtype == np.float32
    assert found.scores.shape == (1,) and found.scores.dtype == np.float32
    assert found.scores[0] > 0
    assert iou(found.boxes_xyxy[0], FRONTAL_BOX * 200) > 0.5


@pytest.mark.parametrize(("shape", "value"), [((120, 90, 3), 0), ((90, 140, 3), 128), ((100, 100, 3), 255)])
def test_it_finds_nothing_on_a_blank_picture(detector, shape, value):
    found = detector.detect(np.full(shape, value, np.uint8))
    assert len(found) == 0
    assert found.boxes_xyxy.shape == (0, 4) and found.boxes_xyxy.dtype == np.float32


def test_it_finds_several_faces_best_first(detector, demo):
    image = demo("selfies/user_4_group.jpg", 360)
    assert image.shape == (360, 270, 3)
    found = detector.detect(image)
    assert len(found) == 3
    assert (np.diff(found.scores) <= 0).all()
    x1, y1, x2, y2 = found.boxes_xyxy.T
    assert ((x1 < x2) & (y1 < y2)).all()
    assert sorted((x1 + x2) / 2) == pytest.approx([68, 139, 205], abs=15)  # truth: the middle of each face

    middle = float(np.sort(found.scores)[1])
    fewer = detector.detect(image, threshold=middle - 1e-4)
    assert len(fewer) == 2
    assert np.array_equal(fewer.boxes_xyxy, found.boxes_xyxy[:2])
    assert fewer.scores == pytest.approx(found.scores[:2], abs=1e-5)


def test_a_score_no_face_reaches(detector, demo):
    assert len(detector.detect(demo(FRONTAL, 200), threshold=50.0)) == 0


def test_doubling_finds_a_smaller_face(detector, demo):
    side = 104
    image = demo(FRONTAL, side)
    assert len(detector.detect(image)) == 0
    found = detector.detect(image, upsample=1)
    assert len(found) == 1
    assert iou(found.boxes_xyxy[0], FRONTAL_BOX * side) > 0.5


def test_it_accepts_wide_and_high_pictures(detector, demo):
    face = demo(FRONTAL, 200)
    wide = np.full((200, 263, 3), 100, np.uint8)
    wide[:, 47:247] = face
    high = np.full((251, 200, 3), 100, np.uint8)
    high[30:230] = face
    for image, left, top in ((wide, 47, 0), (high, 0, 30)):
        found = detector.detect(image)
        assert len(found) == 1
        assert iou(found.boxes_xyxy[0], FRONTAL_BOX * 200 + [left, top, left, top]) > 0.5


def test_it_leaves_the_picture_alone(detector, demo):
    image = demo(FRONTAL, 150).copy()
    before = image.copy()
    first, second = detector.detect(image), detector.detect(image)
    assert np.array_equal(image, before)
    assert np.array_equal(first.boxes_xyxy, second.boxes_xyxy) and np.array_equal(first.scores, second.scores)
