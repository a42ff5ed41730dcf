"""Promises of chips and of their quality: chips equal face_recognition's, and quality falls with what spoils a view."""

from __future__ import annotations

import dlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from engine.vision.quality import face_quality
from engine.vision.weights import EMBEDDER_FILE, LANDMARKS_FILE, weights_path

FRONTAL = "gallery/Clara_Winther/01.jpg"


@pytest.fixture(scope="module")
def frontal(demo, detector):
    image = demo(FRONTAL)
    found = detector.detect_scaled(image, 0.6)
    assert len(found) == 1
    return image, found.boxes_xyxy, found.scores


# Chips.


def test_vectors_of_chips_are_those_of_face_recognition(demo, detector, aligner, embedder):
    """face_recognition lets dlib find five points, cut the chip and embed it, all in one."""
    predictor = dlib.shape_predictor(str(weights_path(LANDMARKS_FILE)))
    network = dlib.face_recognition_model_v1(str(weights_path(EMBEDDER_FILE)))
    for name in ("selfies/user_4_group.jpg", "gallery/Naomi_Okafor/04.jpg"):
        image = demo(name)
        boxes = detector.detect_scaled(image, 0.6).boxes_xyxy.round()
        chips, landmarks = aligner.align(image, boxes)
        assert len(boxes) >= 1
        for box, points, vector in zip(boxes, landmarks, embedder.embed(chips), strict=True):
            shape = predictor(image, dlib.rectangle(*map(int, box)))
            assert points.tolist() == [[p.x, p.y] for p in shape.parts()]
            theirs = np.array(network.compute_face_descriptor(image, shape))
            assert np.abs(vector - theirs).max() < 1e-5


def test_chips_and_points_have_their_shapes(frontal, aligner):
    image, boxes, _ = frontal
    chips, landmarks = aligner.align(image, np.concatenate([boxes, boxes + 4, boxes]))
    assert chips.shape == (3, 150, 150, 3) and chips.dtype == np.uint8
    assert landmarks.shape == (3, 5, 2) and landmarks.dtype == np.float32
    assert np.array_equal(chips[0], chips[2]) and not np.array_equal(chips[0], chips[1])


def test_points_are_those_of_the_person(frontal, aligner):
    image, boxes, _ = frontal
    (left_outer, left_inner, right_outer, right_inner, nose) = aligner.align(image, boxes)[1][0]
    assert left_outer[0] > left_inner[0] > nose[0] > right_inner[0] > right_outer[0]
    assert max(left_outer[1], right_outer[1]) < nose[1]
    x1, y1, x2, y2 = boxes[0]
    for x, y in (left_outer, left_inner, right_outer, right_inner, nose):
        assert x1 < x < x2 and y1 < y < y2


def test_no_boxes_give_no_chips(frontal, aligner):
    chips, landmarks = aligner.align(frontal[0], np.empty((0, 4), np.float32))
    assert chips.shape == (0, 150, 150, 3) and landmarks.shape == (0, 5, 2)


def test_boxes_between_pixels_are_rounded(frontal, aligner):
    image, boxes, _ = frontal
    whole = aligner.align(image, boxes.round())[0]
    assert np.array_equal(aligner.align(image, boxes.round() + 0.3)[0], whole)


@pytest.mark.parametrize("view", [lambda image: image[:, 1:], lambda image: image[::-1], np.asfortranarray])
def test_a_view_of_a_picture_is_refused_or_seen_aright(frontal, aligner, view):
    """Never a silent wrong chip: dlib itself refuses what is not contiguous."""
    image, boxes, _ = frontal
    image = view(image)
    assert not image.flags.c_contiguous
    try:
        chips = aligner.align(image, boxes)[0]
    except (TypeError, ValueError) as error:
        assert "incompatible" in str(error) or "contiguous" in str(error)
    else:
        assert np.array_equal(chips, aligner.align(np.ascontiguousarray(image), boxes)[0])


@pytest.mark.parametrize(
    "box", [(-60, -60, 40, 40), (450, 450, 600, 600), (5000, 5000, 5100, 5100), (100, 100, 100, 100)]
)
def test_boxes_that_leave_the_picture_give_a_chip(frontal, aligner, box):
    chips, landmarks = aligner.align(frontal[0], np.array([box], float))
    assert chips.shape == (1, 150, 150, 3) and np.isfinite(landmarks).all()


# Quality.


@pytest.fixture(scope="module")
def quality_of(aligner):
    """quality_of(image, boxes, scores) -> FaceQuality of these faces of the picture."""

    def quality(image, boxes, scores):
        chips, landmarks = aligner.align(image, boxes)
        return face_quality(boxes, scores, landmarks, chips, image.shape[1::-1])

    return quality


def assert_falling(values):
    assert len(values) >= 3
    assert all(0 <= v <= 1 for v in values)
    assert all(a > b for a, b in zip(values, values[1:], strict=False)), values


def test_a_clear_frontal_face_is_nearly_perfect(frontal, quality_of):
    quality = quality_of(*frontal)
    assert quality.overall[0] > 0.95
    assert quality.yaw[0] < 0.1 and abs(quality.roll_deg[0]) < 5
    assert quality.height_px[0] == pytest.approx(frontal[1][0, 3] - frontal[1][0, 1] + 1)


def test_blur_lowers_quality(frontal, quality_of):
    image, boxes, scores = frontal
    blurred = [np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(px))) for px in (0, 3, 5, 8)]
    qualities = [quality_of(b, boxes, scores) for b in blurred]
    assert_falling([float(q.sharpness[0]) for q in qualities])
    sharp, *others = [float(q.overall[0]) for q in qualities]
    assert all(0 < other < sharp / 2 for other in others)


def test_smallness_lowers_quality(frontal, quality_of, scaled):
    image, boxes, scores = frontal
    qualities = [quality_of(scaled(image, k), boxes * k, scores) for k in (1, 0.4, 0.25, 0.12)]
    assert_falling([float(q.overall[0]) for q in qualities])


def test_turning_aside_lowers_quality(demo, people, detector, quality_of):
    """Of each person the first picture is frontal, the third and fourth are turned by 24 degrees."""
    turned_px = []
    for person in people[::2]:
        qualities = []
        for number in (1, 3, 4):
            image = demo(f"gallery/{person}/0{number}.jpg", 320)
            found = detector.detect_scaled(image, 0.8)
            qualities.append(quality_of(image, found.boxes_xyxy, found.scores))
        frontal, *turned = qualities
        turned_px += [(float(frontal.yaw[0]), float(q.yaw[0])) for q in turned]
        assert all(q.overall[0] < frontal.overall[0] for q in turned)
    assert all(straight < aside for straight, aside in turned_px)


def test_leaving_the_picture_lowers_quality(frontal, quality_of):
    image, boxes, scores = frontal
    chips_of = [np.ascontiguousarray(image[:, cut:]) for cut in (0, 200, 245)]
    qualities = [
        quality_of(part, boxes - np.array([cut, 0, cut, 0]), scores)
        for part, cut in zip(chips_of, (0, 200, 245), strict=True)
    ]
    assert_falling([float(q.overall[0]) for q in qualities])


LANDMARKS = np.array([[[90, 60], [75, 60], [40, 60], [55, 60], [65, 85]]], np.float32)
TEXTURE = np.random.default_rng(2).integers(0, 256, (1, 150, 150, 3), np.uint8)


def plain_quality(box=(100, 100, 219, 219), score=1.0, landmarks=LANDMARKS, chips=TEXTURE):
    boxes, scores = np.array([box], np.float32), np.array([score], np.float32)
    return face_quality(boxes, scores, landmarks, chips, (640, 360))


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((100, 100, 219, 219), 1.0),
        ((-60, 100, 60, 220), 0.25),  # half outside, squared
        ((580, 100, 700, 220), 0.25),
        ((100, -60, 220, 60), 0.25),
        ((-60, -60, 60, 60), 0.0625),
        ((700, 100, 800, 200), 0.0),
    ],
)
def test_the_share_inside_the_picture_counts_twice(box, share):
    assert plain_quality(box).overall[0] == pytest.approx(share, abs=0.01)


def test_a_lower_score_lowers_quality():
    assert_falling([float(plain_quality(score=score).overall[0]) for score in (1.0, 0.5, 0.0, -0.5)])
    assert plain_quality(score=5.0).overall[0] == plain_quality(score=1.0).overall[0]
    assert 0 < plain_quality(score=-50.0).overall[0] < 0.1


@given(st.floats(-80, 80), st.floats(0.3, 4))
def test_a_tilted_head_keeps_its_yaw(degrees, size):
    turned = LANDMARKS.copy()
    turned[0, 4, 0] += 9  # the nose leaves the middle
    before = plain_quality(landmarks=turned)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    tilted = plain_quality(landmarks=(turned @ np.array([[c, s], [-s, c]]) * size).astype(np.float32))
    assert before.yaw[0] > 0.3
    assert tilted.yaw[0] == pytest.approx(float(before.yaw[0]), abs=1e-3)
    assert tilted.roll_deg[0] == pytest.approx(degrees, abs=0.01)


@given(st.floats(-60, 60))
def test_yaw_grows_alike_to_both_sides(shift):
    sides = []
    for sign in (1, -1):
        turned = LANDMARKS.copy()
        turned[0, 4, 0] += sign * shift
        sides.append(float(plain_quality(landmarks=turned).yaw[0]))
    assert sides[0] == pytest.approx(sides[1], abs=1e-6)
    assert sides[0] == pytest.approx(min(1, abs(shift) * 2 / 35), abs=1e-3)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_chip_is_blurred_not_an_error(value):
    quality = plain_quality(chips=np.full((1, 150, 150, 3), value, np.uint8))
    assert quality.sharpness[0] == 0
    assert quality.overall[0] == pytest.approx(0.2)


@pytest.mark.filterwarnings("error")
def test_points_in_one_place_are_no_error():
    quality = plain_quality(landmarks=np.full((1, 5, 2), 7, np.float32))
    assert np.isfinite(quality.overall).all() and np.isfinite(quality.yaw).all()


unit = st.floats(-300, 900, width=32)


@given(st.tuples(unit, unit, unit, unit), st.floats(-9, 9), st.lists(unit, min_size=10, max_size=10))
def test_quality_stays_between_0_and_1(box, score, points):
    quality = plain_quality(box, score, np.array(points, np.float32).reshape(1, 5, 2))
    assert 0 <= quality.overall[0] <= 1
    assert 0 <= quality.yaw[0] <= 1


def test_no_faces_have_no_quality():
    quality = face_quality(
        np.empty((0, 4), np.float32),
        np.empty(0, np.float32),
        np.empty((0, 5, 2), np.float32),
        np.empty((0, 150, 150, 3), np.uint8),
        (640, 360),
    )
    for name in ("height_px", "sharpness", "yaw", "roll_deg", "score", "overall"):
        values = getattr(quality, name)
        assert values.shape == (0,) and values.dtype == np.float32


def test_each_face_has_its_own_quality(frontal, quality_of):
    image, boxes, scores = frontal
    both = quality_of(image, np.concatenate([boxes, boxes - 200]), np.concatenate([scores, scores]))
    assert both.overall[0] == quality_of(image, boxes, scores).overall[0]
    assert both.overall[1] < both.overall[0] / 2
