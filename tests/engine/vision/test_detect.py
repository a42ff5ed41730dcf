"""Promises of the detector on parts and copies of a picture: the same faces as on the whole, each once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.types import Detections
from engine.vision import detect
from engine.vision.detect import MmodDetector, _pieces, _whole_in_piece, merge

GROUP, ALBUM = "selfies/user_4_group.jpg", "album/IMG_1223.jpg"


# Faces of a smaller or larger copy.


@pytest.mark.parametrize(("name", "side"), [(GROUP, 200), (ALBUM, 200), ("gallery/Mei_Kuroda/02.jpg", 140)])
def test_small_faces_are_found_in_an_enlarged_copy(detector, demo, same_faces, name, side):
    image = demo(name, side)
    large = demo(name)
    in_large = detector.detect_scaled(large, 640 / max(large.shape[:2])).boxes_xyxy
    expected = in_large * (side / max(large.shape[:2]))
    assert len(detector.detect(image)) < len(expected)
    assert same_faces(detector.detect_scaled(image, 3.0).boxes_xyxy, expected)


def test_boxes_are_in_pixels_of_the_given_picture(detector, demo, same_faces):
    image = demo(GROUP, 600)
    whole = detector.detect(image)
    assert len(whole) == 3
    for scale in (0.77, 1.2):
        assert same_faces(detector.detect_scaled(image, scale).boxes_xyxy, whole.boxes_xyxy)


def test_at_its_own_size_a_picture_is_searched_as_by_dlib(detector, demo):
    image = demo(GROUP, 400)
    plain, scaled = detector.detect(image), detector.detect_scaled(image, 1.0)
    assert len(plain) == 3
    assert np.array_equal(plain.boxes_xyxy, scaled.boxes_xyxy) and np.array_equal(plain.scores, scaled.scores)


def test_single_levels_find_what_the_tile_finds(detector, demo, same_faces):
    for name in (GROUP, ALBUM):
        image = demo(name, 640)
        tile, levels = detector.detect_scaled(image, 1.0), detector.detect_scaled(image, 1.0, n_levels=12)
        assert len(tile) == 3
        assert same_faces(tile.boxes_xyxy, levels.boxes_xyxy)
        assert np.abs(np.sort(tile.scores) - np.sort(levels.scores)).max() < 0.05


def test_levels_limit_the_size_of_faces(detector, demo):
    image = demo("gallery/Clara_Winther/01.jpg", 400)  # its face is about 125 px high
    assert len(detector.detect_scaled(image, 1.0, n_levels=1)) == 0
    assert len(detector.detect_scaled(image, 1.0, n_levels=5)) == 1


def test_the_threshold_is_free(detector, demo):
    image = demo(ALBUM, 640)
    strict, plain, loose = (detector.detect_scaled(image, 1.0, threshold=t) for t in (1.05, 0.0, -1.0))
    assert len(strict) < len(plain) <= len(loose)
    assert strict.scores.min(initial=2) > 1.05 and loose.scores.min() > -1
    assert np.array_equal(loose.scores[: len(plain)], plain.scores)


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (4, 400), (400, 4), (7, 7), (16, 16)])
def test_pictures_of_any_size_can_be_scaled(detector, shape):
    image = np.full((*shape, 3), 90, np.uint8)
    for scale in (0.1, 1.0, 3.0):
        assert len(detector.detect_scaled(image, scale)) == 0
        assert len(detector.detect_scaled(image, scale, n_levels=4)) == 0


@pytest.mark.parametrize("shape", [(1, 1), (4, 40), (5, 5), (5, 60), (7, 3), (40, 2), (8, 8)])
def test_a_picture_too_small_for_any_face_is_no_surprise(detector, shape):
    try:
        n_faces = len(detector.detect(np.full((*shape, 3), 90, np.uint8)))
    except ValueError as error:
        assert "too small for the detector" in str(error)
    else:
        assert n_faces == 0


# Pieces of a large picture.


@given(st.integers(16, 9000), st.integers(16, 9000))
def test_pieces_cover_the_picture_and_stay_small(height, width):
    assume(height * width > 1_500_000)
    pieces = np.array(_pieces(height, width))
    tops, lefts, bottoms, rights = pieces.T
    assert ((bottoms - tops) * (rights - lefts)).max() <= 1_500_000
    assert tops.min() == lefts.min() == 0 and bottoms.max() == height and rights.max() == width
    for low, high in ((tops, bottoms), (lefts, rights)):
        edges = sorted(set(zip(low.tolist(), high.tolist(), strict=True)))
        assert all(start - end <= -200 for (_, end), (start, _) in zip(edges, edges[1:], strict=False))


@given(st.integers(300, 6000), st.integers(300, 6000), st.integers(40, 168), st.floats(0, 1), st.floats(0, 1))
def test_every_face_is_whole_in_a_piece(height, width, side, x, y):
    assume(height * width > 1_500_000)
    left, top = x * (width - side), y * (height - side)
    box = np.array([[left, top, left + side, top + side]])
    whole = []
    for piece in _pieces(height, width):
        in_piece = box - np.array([piece[1], piece[0]] * 2)
        whole.append(bool(_whole_in_piece(in_piece, piece, (height, width))[0]))
    assert any(whole)


def test_a_cut_face_is_left_to_the_neighbour():
    piece, whole_hw = (0, 500, 400, 1000), (400, 2000)
    boxes = np.array(
        [[0, 100, 80, 180], [11, 100, 91, 180], [420, 100, 499, 180], [100, -20, 180, 60], [100, 330, 180, 410]]
    )
    assert _whole_in_piece(boxes, piece, whole_hw).tolist() == [False, True, False, True, True]


def test_what_a_seam_cuts_is_not_reported(monkeypatch):
    monkeypatch.setattr(detect, "_LARGEST_PIECE_PX", 200_000)
    detector = MmodDetector()

    def at_the_right_edge(images, *_, **__):
        width = images.shape[2]
        return [(np.array([[width - 60, 100, width - 1, 160]]), np.array([1.0]))]

    monkeypatch.setattr(detector, "_run", at_the_right_edge)
    assert len(_pieces(300, 1100)) > 1
    found = detector.detect_scaled(np.zeros((300, 1100, 3), np.uint8), 1.0)
    assert found.boxes_xyxy.tolist() == [[1040, 100, 1099, 160]]


@pytest.fixture(scope="module")
def crowd(demo, people, scaled):
    """A picture of 1.65 megapixels with ten faces of 75 to 115 px, and the squares (10, 4) that hold them."""
    image = np.full((1100, 1500, 3), 96, np.uint8)
    rng = np.random.default_rng(8)
    squares = []
    for i, person in enumerate(people):
        head = scaled(demo(f"gallery/{person}/01.jpg")[80:400, 80:400], 0.58)
        side = len(head)
        left = 290 * (i % 5) + int(rng.integers(0, 290 - side))
        top = 100 + 520 * (i // 5) + int(rng.integers(0, 520 - side))
        image[top : top + side, left : left + side] = head
        squares.append((left, top, left + side, top + side))
    return image, np.array(squares)


@pytest.fixture(scope="module")
def crowd_as_one(detector, crowd):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detect, "_LARGEST_PIECE_PX", 10_000_000)
        return detector.detect_scaled(crowd[0], 1.0, n_levels=5)


@pytest.mark.parametrize("largest_px", [1_500_000, 350_000])
def test_pieces_find_the_faces_of_the_whole(detector, crowd, crowd_as_one, same_faces, monkeypatch, largest_px):
    image, squares = crowd
    monkeypatch.setattr(detect, "_LARGEST_PIECE_PX", largest_px)
    assert len(_pieces(*image.shape[:2])) > 1
    found = detector.detect_scaled(image, 1.0)
    assert same_faces(found.boxes_xyxy, crowd_as_one.boxes_xyxy)
    middle = (found.boxes_xyxy[:, None, :2] + found.boxes_xyxy[:, None, 2:]) / 2
    inside = ((middle > squares[:, :2]) & (middle < squares[:, 2:])).all(axis=-1)
    assert inside.sum(axis=0).tolist() == [1] * 10
    assert (np.diff(found.scores) <= 0).all()


def test_faces_on_every_seam_are_found_once(detector, demo, scaled, monkeypatch):
    monkeypatch.setattr(detect, "_LARGEST_PIECE_PX", 200_000)
    head = scaled(demo("gallery/Clara_Winther/01.jpg")[80:400, 80:400], 0.58)
    side = len(head)
    height, width = 300, 1100
    lefts = sorted({left for _, left, _, _ in _pieces(height, width)} - {0})
    assert len(lefts) >= 1
    for seam in lefts:
        for offset in (-side + 40, -side // 2, -40, 0):
            image = np.full((height, width, 3), 96, np.uint8)
            image[60 : 60 + side, seam + offset : seam + offset + side] = head
            found = detector.detect_scaled(image, 1.0)
            assert len(found) == 1, (seam, offset)
            assert abs(found.boxes_xyxy[0, [0, 2]].mean() - (seam + offset + side / 2)) < 20


# Looks around expected places.


@pytest.fixture(scope="module")
def group(demo, detector):
    image = demo(GROUP)
    return image, detector.detect(image).boxes_xyxy


@pytest.mark.parametrize("shift", [(0, 0), (0.15, 0), (-0.15, 0), (0, 0.15), (0, -0.15)])
@pytest.mark.parametrize("size", [0.9, 1.0, 1.1])
def test_a_face_is_found_near_where_it_is_expected(detector, group, iou, shift, size):
    image, boxes = group
    for box in boxes:
        side = box[2] - box[0]
        centre = (box[:2] + box[2:]) / 2 + side * np.array(shift)
        expected = np.concatenate([centre - side * size / 2, centre + side * size / 2])
        found = detector.detect_around(image, expected[None])
        assert (iou(found.boxes_xyxy, box[None]) >= 0.6).sum() == 1


def test_all_expected_faces_are_found_each_once(detector, group, same_faces):
    image, boxes = group
    assert same_faces(detector.detect_around(image, boxes).boxes_xyxy, boxes)
    assert same_faces(detector.detect_around(image, np.concatenate([boxes, boxes + 5])).boxes_xyxy, boxes)


def test_what_the_edge_of_a_part_cuts_is_left_out(detector, group):
    image, boxes = group
    x1, y1, x2, y2 = (int(v) for v in boxes[0])
    cut = detector.propose(image, [(max(0, y1 - 40), max(0, x1 - 40), y2 + 40, x2 - 12)], 1.0, -1.0)
    assert not [box for box in cut.boxes_xyxy if abs(box[2] - x2) < 12 and abs(box[1] - y1) < 12]


def test_nowhere_to_look(detector, group):
    found = detector.detect_around(group[0], np.empty((0, 4)))
    assert found.boxes_xyxy.shape == (0, 4) and len(found) == 0


@pytest.mark.parametrize(
    "box",
    [
        (-500, -500, -400, -400),
        (5000, 10, 5100, 110),
        (10, 10, 9, 9),
        (100, 100, 100, 100),
        (-3000, -3000, 6000, 6000),
        (-40, 20, 40, 100),
    ],
)
def test_places_where_no_face_can_be(detector, group, box):
    image = np.ascontiguousarray(group[0][:300])  # above the faces
    assert len(detector.detect_around(image, np.array([box], float))) == 0


def test_a_face_at_the_edge_of_the_picture(detector, group, same_faces):
    image, boxes = group
    box = boxes[np.argmin(boxes[:, 0])]
    cut = round(float(box[0])) + 15
    found = detector.detect_around(np.ascontiguousarray(image[:, cut:]), box[None] - np.array([cut, 0, cut, 0]))
    assert same_faces(found.boxes_xyxy, box[None] - np.array([cut, 0, cut, 0]), 0.5)


# Several looks as one.


def test_no_looks_merge_to_nothing():
    assert len(merge([])) == 0
    assert len(merge([Detections.none(), Detections.none()])) == 0


def test_merging_keeps_the_better_box_of_a_face():
    a = Detections(np.array([[0, 0, 99, 99], [300, 0, 399, 99]]), np.array([0.9, 0.2]))
    b = Detections(np.array([[302, 1, 401, 100], [5, 5, 104, 104]]), np.array([0.7, 0.4]))
    merged = merge([a, b])
    assert merged.scores.tolist() == pytest.approx([0.9, 0.7])
    assert merged.boxes_xyxy[:, 0].tolist() == [0, 302]


# Threads and memory.


def test_threads_share_a_detector(demo, monkeypatch):
    monkeypatch.setattr(detect, "_SESSIONS_KEPT", 1)  # so that sessions are dropped while others use them
    detector = MmodDetector()
    images = [demo(GROUP, side) for side in (200, 220, 320)]
    alone = [detector.detect(image) for image in images]
    assert len(alone[2]) == 2
    barrier = threading.Barrier(4)

    def work(worker):
        barrier.wait(timeout=30)
        order = [(worker + i) % 3 for i in range(3)]
        return [(i, detector.detect(images[i])) for i in order]

    with ThreadPoolExecutor(4) as pool:
        for i, found in [result for results in pool.map(work, range(4)) for result in results]:
            assert np.array_equal(found.boxes_xyxy, alone[i].boxes_xyxy)
            assert np.array_equal(found.scores, alone[i].scores)


def test_the_number_of_open_sessions_is_bounded():
    detector = MmodDetector()
    for width in range(20, 50):
        detector.detect(np.zeros((24, width, 3), np.uint8))
        detector.detect_scaled(np.zeros((24, width, 3), np.uint8), 1.0, n_levels=3)
        assert len(detector._of_size) <= 24 and len(detector._of_levels) == 1
    assert list(detector._of_size)[-1] == (24, 49)


def test_the_session_used_longest_ago_is_dropped(monkeypatch):
    monkeypatch.setattr(detect, "_SESSIONS_KEPT", 3)
    detector = MmodDetector()
    for width in (20, 21, 22, 20, 23):
        detector.detect(np.zeros((24, width, 3), np.uint8))
    assert sorted(width for _, width in detector._of_size) == [20, 22, 23]
