"""Promises of the search: small faces reach the detector's window, and no more looks are paid for than needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.types import Detections
from engine.vision.scales import (
    _QUICK_PX,
    BOX_TO_FACE,
    LARGEST_RATIO,
    SMALLEST_FACE_PX,
    SMALLEST_FACE_SHARE,
    FilmScales,
    find_faces,
)

WINDOW_PX = 80


class FakeDetector:
    """Finds at each look what it was told, and notes the scale, threshold and number of levels of each."""

    def __init__(self, *found: Detections) -> None:
        self.found, self.looks = list(found), []

    def detect_scaled(self, image, scale, threshold=0.0, n_levels=None):
        self.looks.append((scale, threshold, n_levels))
        return self.found.pop(0) if self.found else Detections.none()

    @property
    def scales(self):
        return tuple(scale for scale, _, _ in self.looks)


def face(height_px, score=1.0, left=0):
    return Detections(np.array([[left, 0, left + height_px, height_px]]), np.array([score]))


def frame(width, height):
    return np.zeros((height, width, 3), np.uint8)


# Which scales.


sizes = st.integers(64, 4096)


@given(sizes, sizes, st.none() | st.integers(20, 400))
def test_scales_double_from_a_quick_look_to_the_smallest_face(width, height, smallest):
    scales = FilmScales.of(width, height, smallest).scales
    if smallest is None:
        smallest = max(SMALLEST_FACE_PX, round(min(width, height) * SMALLEST_FACE_SHARE))
    assert smallest * BOX_TO_FACE * scales[-1] == pytest.approx(WINDOW_PX)
    assert np.array(scales[1:]) == pytest.approx(2 * np.array(scales[:-1]))
    assert width * height * scales[0] ** 2 <= _QUICK_PX
    assert len(scales) == 1 or width * height * scales[1] ** 2 > _QUICK_PX


@pytest.mark.parametrize(
    ("width", "height", "n_scales", "smallest_px"),
    [
        (240, 180, 1, 36),
        (426, 240, 2, 36),
        (640, 360, 2, 36),
        (1280, 720, 3, 36),
        (720, 1280, 3, 36),
        (1920, 1080, 4, 45),
    ],
)
def test_scales_of_common_films(width, height, n_scales, smallest_px):
    scales = FilmScales.of(width, height).scales
    assert len(scales) == n_scales
    assert scales[-1] == pytest.approx(80 / (0.88 * smallest_px))


def test_a_film_on_its_side_is_searched_alike():
    assert FilmScales.of(1280, 720) == FilmScales.of(720, 1280)


# The search of a frame.

HD = FilmScales.of(1280, 720)


def test_a_quick_search_looks_once():
    detector = FakeDetector(face(40))
    found = HD.search(detector, frame(1280, 720), thorough=False, threshold=-0.5)
    assert detector.scales == HD.scales[:1]
    assert detector.looks[0][1] == -0.5
    assert len(found) == 1


def test_the_first_look_finds_faces_of_every_size():
    for width, height in ((1280, 720), (426, 240), (200, 1200), (64, 64)):
        detector = FakeDetector()
        FilmScales.of(width, height).search(detector, frame(width, height), thorough=False, threshold=0)
        ((_, _, n_levels),) = detector.looks
        assert n_levels is None


def test_a_thorough_search_looks_at_every_scale_while_nothing_is_found():
    detector = FakeDetector()
    assert len(HD.search(detector, frame(1280, 720), thorough=True, threshold=-0.25)) == 0
    assert detector.scales == HD.scales
    assert {threshold for _, threshold, _ in detector.looks} == {-0.25}


def test_the_looks_leave_no_size_out():
    """Each further look finds faces from its window up to where the look before begins, a tenth aside."""
    detector = FakeDetector()
    HD.search(detector, frame(1280, 720), thorough=True, threshold=0)
    for (scale, _, _), (finer, _, n_levels) in zip(detector.looks, detector.looks[1:], strict=False):
        assert 1.1 * WINDOW_PX * 1.2 ** (n_levels - 1) / finer >= 0.9 * WINDOW_PX / scale


@pytest.mark.parametrize("n_looks", [1, 2])
def test_a_thorough_search_stops_at_a_large_face(n_looks):
    # The next scale adds faces of up to twice its window: over three times as large is enough.
    limit_px = LARGEST_RATIO * 2 * WINDOW_PX / HD.scales[n_looks]
    looks = [Detections.none()] * (n_looks - 1)
    detector = FakeDetector(*looks, face(limit_px + 1))
    assert len(HD.search(detector, frame(1280, 720), thorough=True, threshold=0)) == 1
    assert detector.scales == HD.scales[:n_looks]
    detector = FakeDetector(*looks, face(limit_px - 1))
    HD.search(detector, frame(1280, 720), thorough=True, threshold=0)
    assert detector.scales[: n_looks + 1] == HD.scales[: n_looks + 1]


def test_a_large_face_that_is_not_sure_stops_nothing():
    detector = FakeDetector(face(700, score=-0.1))
    HD.search(detector, frame(1280, 720), thorough=True, threshold=-0.5)
    assert detector.scales == HD.scales


def test_faces_of_all_looks_come_together_each_once():
    detector = FakeDetector(face(100, 0.5), face(102, 0.9), face(50, 0.7, left=600), face(50, 0.6, left=601))
    found = HD.search(detector, frame(1280, 720), thorough=True, threshold=0)
    assert found.scores.tolist() == pytest.approx([0.9, 0.7])
    assert found.boxes_xyxy[:, 0].tolist() == [0, 600]


@pytest.mark.parametrize("height_px", [38, 50, 72, 90, 125, 155, 190])
def test_a_face_of_any_size_is_found_in_a_small_film(detector, demo, scaled, height_px):
    width, height = 426, 240
    person = demo("gallery/Clara_Winther/01.jpg")
    box_px = 166  # of the face in that picture
    person = scaled(person, height_px / box_px)
    top = max(0, (len(person) - height) // 2)  # its face is in the middle
    person = person[top : top + height, :width]
    image = np.full((height, width, 3), 90, np.uint8)
    image[: person.shape[0], : person.shape[1]] = person
    found = FilmScales.of(width, height).search(detector, image, thorough=True, threshold=0)
    assert len(found) == 1
    assert found.boxes_xyxy[0, 3] - found.boxes_xyxy[0, 1] == pytest.approx(height_px, rel=0.35)


# The search of a still picture.


def test_a_still_picture_is_looked_at_larger_until_a_face_is_found():
    image = frame(2400, 1800)
    for n_looks in (1, 2, 3):
        detector = FakeDetector(*[Detections.none()] * (n_looks - 1), face(80))
        assert len(find_faces(detector, image)) == 1
        assert detector.scales == pytest.approx((0.2, 0.4, 2 / 3)[:n_looks])
    detector = FakeDetector()
    assert len(find_faces(detector, image, threshold=-0.5)) == 0
    assert detector.scales == pytest.approx((0.2, 0.4, 2 / 3))
    assert {threshold for _, threshold, _ in detector.looks} == {-0.5}


@pytest.mark.parametrize(
    ("side", "scales"), [(100, [3.0]), (160, [3.0]), (200, [2.4, 3.0]), (480, [1.0, 2.0, 3.0]), (1600, [0.3, 0.6, 1.0])]
)
def test_a_small_picture_grows_no_more_than_three_times(side, scales):
    detector = FakeDetector()
    find_faces(detector, frame(side, side // 2))
    assert detector.scales == pytest.approx(scales)


@pytest.mark.parametrize(("scale", "n_faces"), [(1.0, 3), (0.25, 3), (0.12, 3)])
def test_faces_of_a_group_are_found_at_any_size(detector, demo, scaled, same_faces, scale, n_faces):
    group = demo("selfies/user_4_group.jpg")
    found = find_faces(detector, scaled(group, scale))
    assert len(found) == n_faces
    assert same_faces(found.boxes_xyxy / scale, detector.detect_scaled(group, 0.75).boxes_xyxy, 0.5)


@pytest.mark.parametrize(
    ("shape", "value"),
    [((1, 1), 0), ((4, 400), 128), ((400, 3), 255), ((200, 320), 0), ((200, 320), 128), ((320, 200), 255)],
)
def test_nothing_is_found_where_nothing_is(detector, shape, value):
    assert len(find_faces(detector, np.full((*shape, 3), value, np.uint8))) == 0
