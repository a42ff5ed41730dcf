"""Promises of the detector's geometry: dlib's layout, boxes of scores, suppression, and the doubling of pictures."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import dlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.vision.pyramid import (
    SUPPRESSION_OVERLAP,
    WINDOW_PX,
    boxes_from_levels,
    boxes_from_tile,
    enlarge_twice,
    level_sizes,
    levels_up_to,
    pyramid,
    round_half_away,
    shrink_boxes_twice,
    suppress,
)

# The layout.


@pytest.mark.parametrize(
    ("width", "height", "tile_wh", "n_levels"),
    [(1280, 720, (1302, 2644), 26), (640, 360, (662, 1353), 22)],
)
def test_layouts_measured_in_dlib(width, height, tile_wh, n_levels):
    layout = pyramid(height, width)
    assert layout.tile_hw == tile_wh[::-1]
    assert len(layout.rects) == len(layout.levels_hw) == n_levels
    assert layout.levels_hw[:2] == ((height, width), (height * 5 // 6, width * 5 // 6))
    assert layout.rects[0].tolist() == [11, 11, 10 + width, 10 + height]
    assert layout.rects[1].tolist() == [11, 21 + height, 10 + width * 5 // 6, 20 + height + height * 5 // 6]


@settings(max_examples=200, deadline=None)
@given(height=st.integers(5, 3000), width=st.integers(1, 3000))
def test_levels_lie_apart_inside_the_tile(height, width):
    layout = pyramid(height, width)
    rects = layout.rects
    n = len(rects)
    assert 1 <= layout.n_left <= n == len(layout.levels_hw)
    assert layout.levels_hw == level_sizes(height, width)[:n]
    assert np.array_equal(rects[:, [3, 2]] - rects[:, [1, 0]] + 1, layout.levels_hw)
    assert rects[:, :2].min() >= 0
    assert (rects[:, [3, 2]] < layout.tile_hw).all()
    overlap = (
        np.minimum(rects[:, None, 2:], rects[None, :, 2:]) - np.maximum(rects[:, None, :2], rects[None, :, :2]) + 1
    )
    together = (overlap > 0).all(axis=-1)
    assert np.array_equal(together, np.eye(n, dtype=bool))


@given(height=st.integers(5, 3000), width=st.integers(1, 3000), n=st.integers(1, 30))
def test_each_level_is_five_sixths_of_the_one_before(height, width, n):
    sizes = level_sizes(height, width)
    assert sizes[0] == (height, width)
    for (h, w), (next_h, next_w) in zip(sizes, sizes[1:], strict=False):
        assert (next_h, next_w) == (5 * h // 6, 5 * w // 6)
    last_h, last_w = sizes[-1]
    assert min(h for h, _ in sizes) >= 5 and min(w for _, w in sizes) >= 1
    assert 5 * last_h // 6 < 5 or 5 * last_w // 6 == 0
    assert level_sizes(height, width, n) == sizes[:n]


@pytest.mark.parametrize(("height", "width"), [(0, 0), (4, 4), (4, 900), (5, 0), (900, 0)])
def test_pictures_without_any_level(height, width):
    for function in (pyramid, level_sizes):
        with pytest.raises(ValueError, match=f"{width} x {height} pixels is too small"):
            function(height, width)


# Scores to boxes.


def score_map(layout, cells):
    rows, columns = (side // 8 - 3 for side in layout.tile_hw)
    scores = np.full((rows, columns), -1.0, np.float32)
    for (row, column), score in cells.items():
        scores[row, column] = score
    return scores


def test_cells_of_a_tile_by_hand():
    layout = pyramid(720, 1280)
    # (20, 10): tile pixel (94, 174), picture pixel (83, 163) of level 0. (101, 11): tile (102, 822), level 1 starts at
    # (11, 741), so (91, 81) there, edges 51.5 .. 130.5 and 41.5 .. 120.5, times 1.2 plus 0.3. (0, 0): pixel (3, 3).
    cells = {(20, 10): 0.5, (101, 11): 0.9, (0, 0): 0.25, (5, 5): 0.1}
    boxes, scores = boxes_from_tile(score_map(layout, cells), layout, 0.1)
    assert boxes.tolist() == [[62, 50, 157, 145], [44, 124, 123, 203], [-37, -37, 43, 43]]
    assert scores.tolist() == pytest.approx([0.9, 0.5, 0.25])


def test_a_cell_between_levels_belongs_to_the_nearest():
    layout = pyramid(720, 1280)
    left = layout.rects[1, 2]
    column = (left + 20) // 8 - 1  # a few pixels to the right of level 1, far from the right column
    boxes, _ = boxes_from_tile(score_map(layout, {(110, column): 1.0}), layout, 0)
    assert boxes[0, 2] - boxes[0, 0] == 95
    assert boxes[0, 0] < 1280 < boxes[0, 2]


def test_no_cell_over_the_threshold():
    layout = pyramid(360, 640)
    boxes, scores = boxes_from_tile(score_map(layout, {}), layout, 0)
    assert boxes.shape == (0, 4) and scores.shape == (0,)
    boxes, scores = boxes_from_levels([np.zeros((3, 4), np.float32), np.zeros((2, 3), np.float32)], 0)
    assert boxes.shape == (0, 4) and scores.shape == (0,)


def test_cells_of_single_levels_by_hand():
    first, second = np.zeros((30, 30), np.float32), np.zeros((25, 25), np.float32)
    first[20, 10], second[10, 11] = 0.5, 0.75  # pixels (83, 163) and (91, 83)
    boxes, scores = boxes_from_levels([first, second], 0)
    # Edges of the second, 51.5, 43.5, 130.5 and 122.5, times 1.2 plus 0.3: 62.1, 52.5 (in double a hair less,
    # as in dlib), 156.9 and 147.3.
    assert boxes.tolist() == [[62, 52, 157, 147], [44, 124, 123, 203]]
    assert scores.tolist() == [0.75, 0.5]


@given(st.integers(0, 12), st.integers(0, 40), st.integers(0, 40))
def test_each_level_stands_for_faces_a_fifth_larger(level, row, column):
    maps = [np.zeros((41, 41), np.float32) for _ in range(level + 1)]
    maps[level][row, column] = 1
    boxes, _ = boxes_from_levels(maps, 0)
    left, top, right, bottom = boxes[0]
    assert right - left == pytest.approx(79 * 1.2**level, abs=1)
    assert bottom - top == pytest.approx(79 * 1.2**level, abs=1)


@given(st.integers(0, 89), st.integers(0, 158))
def test_single_levels_and_the_tile_agree_about_the_picture_itself(row, column):
    layout = pyramid(720, 1280)
    single = np.zeros((90, 160), np.float32)
    single[row, column] = 1
    from_tile, _ = boxes_from_tile(score_map(layout, {(row, column): 1}), layout, 0)
    from_level, _ = boxes_from_levels([single], 0)
    assert np.array_equal(from_tile, from_level)


# Suppression.


@pytest.mark.parametrize(
    ("boxes", "kept"),
    [
        ([], []),
        ([(0, 0, 9, 9)], [0]),
        ([(0, 0, 9, 9), (0, 0, 9, 9)], [0]),
        ([(0, 0, 9, 9), (30, 0, 39, 9)], [0, 1]),
        ([(0, 0, 9, 9), (5, 0, 14, 9)], [0, 1]),  # 50 of 150 is a third
        ([(0, 0, 9, 9), (4, 0, 13, 9)], [0]),  # 60 of 140
        ([(0, 0, 2, 2), (1, 0, 3, 2)], [0]),  # corners belong to the box: 6 of 12, not 2 of 6
        ([(0, 0, 99, 99), (27, 27, 126, 126)], [0, 1]),  # 0.363 of the union, 0.330 of the enclosing rectangle
        ([(0, 0, 99, 99), (26, 26, 125, 125)], [0]),  # 0.345
        ([(0, 0, 9, 9), (4, 0, 13, 9), (8, 0, 17, 9)], [0, 2]),  # what is gone suppresses nothing
        ([(0, 0, 99, 99), (40, 40, 59, 59)], [0, 1]),  # a small one inside a large one stays
        ([(-20, -20, -11, -11), (-19, -20, -10, -11)], [0]),
    ],
)
def test_suppression_by_hand(boxes, kept):
    boxes = np.array(boxes, np.int64).reshape(-1, 4)
    scores = np.linspace(1, 0.5, len(boxes))
    assert suppress(boxes, scores).tolist() == kept


def test_the_limit_itself_is_allowed():
    boxes = np.array([(0, 0, 2, 2), (1, 0, 3, 2)])  # exactly a half
    assert suppress(boxes, np.array([2.0, 1.0]), 0.5).tolist() == [0, 1]
    assert suppress(boxes, np.array([2.0, 1.0]), 0.499).tolist() == [0]


corners = st.tuples(st.integers(-30, 60), st.integers(-30, 60), st.integers(1, 50), st.integers(1, 50))


@given(st.lists(corners, max_size=25), st.sampled_from([0.1, SUPPRESSION_OVERLAP, 0.7]))
def test_suppression_keeps_the_best_of_what_overlaps(rectangles, limit):
    boxes = np.array([(x, y, x + w - 1, y + h - 1) for x, y, w, h in rectangles], np.int64).reshape(-1, 4)
    scores = np.linspace(1, 0, len(boxes))

    def overlap(a, b):
        covered = [set(range(p, q + 1)) & set(range(r, s + 1)) for p, q, r, s in axes(a, b)]
        enclosing = [max(q, s) - min(p, r) + 1 for p, q, r, s in axes(a, b)]
        return Fraction(len(covered[0]) * len(covered[1]), enclosing[0] * enclosing[1])

    def axes(a, b):
        return [(a[0], a[2], b[0], b[2]), (a[1], a[3], b[1], b[3])]

    kept = suppress(boxes, scores, limit).tolist()
    assert kept == sorted(set(kept))
    assert kept[:1] == [0] * bool(rectangles)
    listed = boxes.tolist()
    for i in range(len(boxes)):
        rivals = [k for k in kept if k < i and overlap(listed[k], listed[i]) > limit]
        assert (i in kept) == (not rivals)
    again = suppress(boxes[kept], scores[kept], limit)
    assert again.tolist() == list(range(len(kept)))


# Rounding.


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.0, 0), (0.5, 1), (-0.5, -1), (1.5, 2), (2.5, 3), (-2.5, -3), (2.4, 2), (-2.6, -3), (-0.4, 0)],
)
def test_rounding_by_hand(value, rounded):
    result = round_half_away(np.array([value]))
    assert result.tolist() == [rounded] and result.dtype == np.int64


@given(st.integers(-(10**6), 10**6))
def test_halves_go_away_from_zero(quarters):
    exact = int((Decimal(quarters) / 4).quantize(Decimal(1), ROUND_HALF_UP))
    assert round_half_away(np.array(quarters / 4)) == exact


# The doubling of pictures.


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 1000))
def test_enlarging_interpolates_between_aligned_corners(height, width, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    large = enlarge_twice(image)
    assert large.shape == (2 * height + 1, 2 * width + 2, 3) and large.dtype == np.uint8
    source = image.astype(int).tolist()

    def position(i, n_in, n_out):
        exact = Fraction(i * (n_in - 1), n_out - 1)
        below = int(exact)
        return below, min(below + 1, n_in - 1), exact - below

    for i in range(len(large)):
        y, y_next, fy = position(i, height, 2 * height + 1)
        for j in range(large.shape[1]):
            x, x_next, fx = position(j, width, 2 * width + 2)
            for c in range(3):
                top = source[y][x][c] * (1 - fx) + source[y][x_next][c] * fx
                bottom = source[y_next][x][c] * (1 - fx) + source[y_next][x_next][c] * fx
                exact = top * (1 - fy) + bottom * fy
                # Fractions are cut off; where there is none, floating point may land just below.
                just_below = exact == int(exact) and large[i, j, c] == int(exact) - 1
                assert large[i, j, c] == int(exact) or just_below


@pytest.mark.parametrize("value", [0, 1, 77, 254, 255])
def test_an_even_picture_stays_even(value):
    image = np.full((13, 8, 3), value, np.uint8)
    assert np.abs(enlarge_twice(image).astype(int) - value).max() <= 1


@pytest.fixture(scope="module")
def hog():
    return dlib.get_frontal_face_detector()


@pytest.mark.parametrize(
    ("name", "side", "n_faces"), [("gallery/Clara_Winther/01.jpg", 140, 1), ("selfies/user_4_group.jpg", 320, 3)]
)
def test_dlib_enlarges_alike(demo, hog, name, side, n_faces):
    image = demo(name, side)
    ours = np.ascontiguousarray(enlarge_twice(image))
    theirs = dlib.resize_image(image, 2 * image.shape[0] + 1, 2 * image.shape[1] + 2)
    difference = np.abs(ours.astype(int) - theirs)
    assert difference.max() <= 1 and difference.mean() < 0.01  # where the exact value is a whole number

    # That dlib's detectors enlarge just so: its HOG detector finds the same faces with and without its own doubling.
    doubled, doubled_scores, _ = hog.run(image, 1, 0.0)
    found, scores, _ = hog.run(theirs, 0, 0.0)
    assert len(found) == n_faces
    assert list(scores) == list(doubled_scores)
    boxes = np.array([(r.left(), r.top(), r.right(), r.bottom()) for r in found])
    assert shrink_boxes_twice(boxes).tolist() == [[r.left(), r.top(), r.right(), r.bottom()] for r in doubled]


def test_an_enlarged_picture_is_contiguous():
    """As every picture in the engine: dlib takes others for something else, without a word."""
    assert enlarge_twice(np.zeros((5, 7, 3), np.uint8)).flags.c_contiguous


def test_shrinking_boxes_by_hand():
    boxes = np.array([[101, 101, 180, 180], [0, 0, 79, 79], [-7, 3, 72, 82]])
    expected = [[49, 50, 89, 89], [-1, -1, 38, 39], [-5, 1, 35, 40]]
    assert shrink_boxes_twice(boxes).tolist() == expected


@given(st.lists(st.integers(-2000, 4000), min_size=4, max_size=4))
def test_a_shrunk_box_is_half_as_large(box):
    small = shrink_boxes_twice(np.array([box]))[0]
    assert np.abs(small - np.array(box) / 2 + [1.25, 0.75, 1.25, 0.75]).max() <= 0.5


def test_no_boxes_shrink_to_no_boxes():
    assert shrink_boxes_twice(np.empty((0, 4), np.int64)).shape == (0, 4)


def test_levels_reach_faces_of_every_size():
    assert levels_up_to(10) == levels_up_to(80) == 1
    for face_px in (81, 96, 138, 400, 3000):
        n_levels = levels_up_to(face_px)
        assert WINDOW_PX * 1.2 ** (n_levels - 1) >= face_px * 0.999999
        assert WINDOW_PX * 1.2 ** (n_levels - 2) < face_px
