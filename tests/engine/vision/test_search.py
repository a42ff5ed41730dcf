"""Promises of the search within a shot: each scale where it is worth its cost, changed parts only, nothing twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.timeline import Interval
from engine.types import Detections, Frame
from engine.vision.scales import LARGEST_RATIO, QUICK_FINER_AGAIN_S, FilmScales
from engine.vision.search import AGAIN_MPX_PER_S, CANDIDATE_SCORE, ShotSearch

WIDTH, HEIGHT = 640, 360
SCALES = FilmScales.of(WIDTH, HEIGHT)
NOBODY = np.empty((0, 4))
WHOLE = (0, 0, HEIGHT, WIDTH)
LONG = Interval(0, 60)


class FakeDetector:
    """Finds at each look what it was told, and notes scale, parts and threshold of each; a closer look says the same
    again."""

    def __init__(self, *found: Detections) -> None:
        self.found, self.looks, self.last, self.n_closer = list(found), [], Detections.none(), 0

    def propose(self, image, parts, scale, threshold, n_levels=None):
        self.looks.append((scale, list(parts), threshold))
        self.last = self.found.pop(0) if self.found else Detections.none()
        return self.last

    def detect_around(self, image, boxes_xyxy, threshold=0.0):
        here = {tuple(box) for box in boxes_xyxy.tolist()}
        keep = np.array([tuple(box) in here for box in self.last.boxes_xyxy.tolist()], bool)
        keep &= self.last.scores > threshold
        self.n_closer += len(here)
        return Detections(self.last.boxes_xyxy[keep], self.last.scores[keep])

    def scales(self):
        return tuple(scale for scale, parts, _ in self.looks if parts)


def face(height_px, score=1.0, left=0):
    return Detections(np.array([[left, 0, left + height_px, height_px]]), np.array([score]))


@pytest.fixture
def picture():
    return np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def test_the_first_picture_is_searched_whole_at_every_scale(picture):
    detector = FakeDetector()
    assert len(ShotSearch(SCALES, LONG, detector).search(Frame(picture, 0.0), NOBODY, -0.8)) == 0
    assert detector.scales() == SCALES.scales
    assert [parts for _, parts, _ in detector.looks] == [[WHOLE]] * 3
    assert {threshold for _, _, threshold in detector.looks} == {CANDIDATE_SCORE}


def test_what_did_not_change_is_not_searched_again(picture):
    detector = FakeDetector()
    search = ShotSearch(SCALES, LONG, detector)
    for t_s in range(20):
        search.search(Frame(picture, float(t_s)), NOBODY, -0.8)
    assert len(detector.scales()) == 3


def test_only_what_changed_is_searched_again(picture):
    detector = FakeDetector()
    search = ShotSearch(SCALES, LONG, detector)
    search.search(Frame(picture, 0.0), NOBODY, -0.8)
    detector.looks.clear()
    changed = picture.copy()
    changed[100:140, 200:240] = np.roll(picture, 50, axis=1)[100:140, 200:240]
    search.search(Frame(changed, 30.0), NOBODY, -0.8)
    assert detector.scales() == SCALES.scales
    for _, parts, _ in detector.looks[1:]:
        (part,) = parts
        assert part[0] <= 100 and part[1] <= 200 and part[2] >= 140 and part[3] >= 240
        assert (part[2] - part[0]) * (part[3] - part[1]) < WIDTH * HEIGHT / 3


def test_where_a_face_is_followed_nothing_is_searched(picture):
    detector = FakeDetector()
    search = ShotSearch(SCALES, LONG, detector)
    search.search(Frame(picture, 0.0), NOBODY, -0.8)
    detector.looks.clear()
    changed = picture.copy()
    changed[100:140, 200:240] = 255 - changed[100:140, 200:240]
    search.search(Frame(changed, 30.0), np.array([[198, 98, 242, 142]]), -0.8)
    assert detector.scales() == ()
    search.search(Frame(changed, 60.0), NOBODY, -0.8)
    assert detector.scales() == SCALES.scales, "the face is lost, and the place was never searched"


def test_a_fine_scale_is_searched_the_less_often_the_more_it_costs():
    detector, rng = FakeDetector(), np.random.default_rng(7)
    search = ShotSearch(SCALES, LONG, detector)
    for t_s in range(40):
        search.search(Frame(rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8), float(t_s)), NOBODY, -0.8)
    n_looks = [detector.scales().count(scale) for scale in SCALES.scales]
    whole_mpx = WIDTH * HEIGHT * SCALES.scales[-1] ** 2 / 1e6
    assert n_looks[:2] == [40, 40]
    assert n_looks[2] <= np.ceil(40 / (whole_mpx / AGAIN_MPX_PER_S))


def test_in_haste_finer_scales_are_searched_every_other_second():
    detector, rng = FakeDetector(), np.random.default_rng(7)
    search = ShotSearch(replace(SCALES, finer_again_s=QUICK_FINER_AGAIN_S), LONG, detector)
    for t_s in (0.0, 1.0, 1.96, 3.0, 4.04, 5.0):
        search.search(Frame(rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8), t_s), NOBODY, -0.8)
    assert [detector.scales().count(scale) for scale in SCALES.scales[:2]] == [6, 3]


def test_a_short_shot_is_not_worth_the_finest_scale(picture):
    detector = FakeDetector()
    ShotSearch(SCALES, Interval(0, 0.3), detector).search(Frame(picture, 0.0), NOBODY, -0.8)
    assert detector.scales() == SCALES.scales[:2]


@pytest.mark.parametrize("n_looks", [1, 2])
def test_a_search_stops_at_a_large_face(picture, n_looks):
    limit_px = LARGEST_RATIO * 2 * SCALES.looks[n_looks].smallest_box_px
    looks = [Detections.none()] * (n_looks - 1)
    for height_px, n_expected in ((limit_px + 1, n_looks), (limit_px - 1, n_looks + 1)):
        detector = FakeDetector(*looks, face(height_px))
        assert len(ShotSearch(SCALES, LONG, detector).search(Frame(picture, 0.0), NOBODY, -0.8)) == 1
        assert len(detector.looks) >= n_expected and (height_px < limit_px or len(detector.looks) == n_expected)
        detector = FakeDetector()
        followed = np.array([[0, 0, height_px, height_px]])
        ShotSearch(SCALES, LONG, detector).search(Frame(picture, 0.0), followed, -0.8)
        assert (len(detector.looks) == n_looks) == (height_px > limit_px)


def test_a_candidate_that_is_followed_already_is_not_looked_at_again(picture):
    detector = FakeDetector(face(100), face(102))
    search = ShotSearch(SCALES, LONG, detector)
    search.search(Frame(picture, 0.0), NOBODY, -0.8)
    assert detector.n_closer == 1
    search = ShotSearch(SCALES, LONG, FakeDetector(face(100)))
    assert len(search.search(Frame(picture, 0.0), np.array([[1, 1, 100, 100]]), -0.8)) == 0


def test_a_large_face_that_is_not_sure_stops_nothing(picture):
    detector = FakeDetector(face(350, score=-0.1))
    ShotSearch(SCALES, LONG, detector).search(Frame(picture, 0.0), NOBODY, -0.8)
    assert len(detector.looks) == 3


def test_a_flat_picture_is_searched_at_the_first_scale_alone():
    detector = FakeDetector()
    ShotSearch(SCALES, LONG, detector).search(Frame(np.full((HEIGHT, WIDTH, 3), 90, np.uint8), 0.0), NOBODY, -0.8)
    assert detector.scales() == SCALES.scales[:1]


@pytest.mark.parametrize("height_px", [26, 38, 50, 72, 90, 125, 155, 190])
def test_a_face_of_any_size_is_found_in_a_small_film(detector, demo, scaled, height_px):
    width, height = 426, 240
    person = scaled(demo("gallery/Clara_Winther/01.jpg"), height_px / 166)  # the face's box in that picture
    top = max(0, (len(person) - height) // 2)  # its face is in the middle
    person = person[top : top + height, :width]
    image = np.full((height, width, 3), 90, np.uint8)
    image[: person.shape[0], : person.shape[1]] = person
    found = ShotSearch(FilmScales.of(width, height), LONG, detector).search(Frame(image, 0.0), NOBODY, 0.0)
    assert len(found) == 1
    assert found.boxes_xyxy[0, 3] - found.boxes_xyxy[0, 1] == pytest.approx(height_px, rel=0.35)
