"""Promises of the scales: small faces reach the detector's window, and no more looks are paid for than needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.types import BOX_TO_FACE, Detections
from engine.vision.scales import (
    _QUICK_PX,
    BETWEEN_LEVELS,
    FilmScales,
    find_faces,
    smallest_face_of,
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
        smallest = smallest_face_of(min(width, height))
    assert smallest * BOX_TO_FACE * BETWEEN_LEVELS * scales[-1] == pytest.approx(WINDOW_PX)
    assert np.array(scales[1:]) == pytest.approx(2 * np.array(scales[:-1]))
    assert width * height * scales[0] ** 2 <= _QUICK_PX
    assert len(scales) == 1 or width * height * scales[1] ** 2 > _QUICK_PX


@pytest.mark.parametrize(
    ("width", "height", "n_scales", "smallest_px"),
    [
        (240, 180, 1, 25),
        (426, 240, 2, 25),
        (640, 360, 3, 25),
        (854, 480, 3, 25),
        (1280, 720, 3, 36),
        (720, 1280, 3, 36),
        (1920, 1080, 3, 45),
    ],
)
def test_scales_of_common_films(width, height, n_scales, smallest_px):
    scales = FilmScales.of(width, height).scales
    assert len(scales) == n_scales
    assert scales[-1] == pytest.approx(80 / (0.88 * 1.2 * smallest_px))


def test_a_quick_analysis_looks_for_faces_twice_as_large_unless_a_size_is_asked_for():
    finest, quick = (FilmScales.of(640, 360, quick=quick).scales[-1] for quick in (False, True))
    assert quick == pytest.approx(finest / 2)
    assert FilmScales.of(640, 360, 40, quick=True).scales == FilmScales.of(640, 360, 40).scales


def test_a_film_on_its_side_is_searched_alike():
    assert FilmScales.of(1280, 720) == FilmScales.of(720, 1280)


def test_the_looks_leave_no_size_out():
    """Each look proposes places from its smallest box up to where the look before begins."""
    looks = FilmScales.of(1280, 720).looks
    assert looks[0].n_levels is None
    for look, finer in zip(looks, looks[1:], strict=False):
        assert 96 / finer.scale * 1.44 ** (finer.n_levels - 1) * 1.2 >= look.smallest_box_px
        assert finer.smallest_box_px == pytest.approx(look.smallest_box_px / 2)


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
