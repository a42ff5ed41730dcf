"""Promises of the maths of changes: whatever is wanted is searched, and nothing is paid for where nothing changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.vision.changes import (
    CHANGED,
    POINTS,
    blocks_within,
    changed_blocks,
    dense_blocks,
    detailed_blocks,
    grey_points,
    parts_around,
)

masks = arrays.arrays(bool, st.tuples(st.integers(1, 20), st.integers(1, 20)))


@settings(deadline=None, max_examples=150)
@given(masks, st.integers(4, 20), st.floats(0, 60))
def test_parts_hold_every_wanted_block_and_its_margin(mask, block_px, margin_px):
    height, width = mask.shape[0] * block_px, mask.shape[1] * block_px
    parts = parts_around(mask, margin_px, (height, width))
    covered = np.zeros((height, width), bool)
    for top, left, bottom, right in parts:
        assert 0 <= top < bottom <= height and 0 <= left < right <= width
        covered[top:bottom, left:right] = True
    reach = int(margin_px)
    for row, column in np.argwhere(mask):
        top, left = max(0, row * block_px - reach), max(0, column * block_px - reach)
        assert covered[top : (row + 1) * block_px + reach, left : (column + 1) * block_px + reach].all()
    assert bool(parts) == mask.any()


@settings(deadline=None, max_examples=100)
@given(masks, st.integers(4, 20), st.floats(0, 60))
def test_parts_cost_no_more_than_the_whole_picture(mask, block_px, margin_px):
    height, width = mask.shape[0] * block_px, mask.shape[1] * block_px
    parts = parts_around(mask, margin_px, (height, width))
    assert sum((b - t) * (r - x) for t, x, b, r in parts) <= height * width


def test_two_places_far_apart_are_two_parts():
    mask = np.zeros((20, 40), bool)
    mask[2, 2] = mask[17, 37] = True
    assert len(parts_around(mask, 8, (160, 320))) == 2


@settings(deadline=None, max_examples=50)
@given(st.integers(16, 90), st.integers(16, 90), st.integers(0, 99))
def test_a_picture_has_not_changed_against_itself_and_has_against_nothing(height, width, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    points = grey_points(image, 8)
    assert not changed_blocks(points, points).any()
    assert changed_blocks(points, np.full_like(points, np.nan)).all()
    assert points.shape[0] % POINTS == 0 and points.shape[1] % POINTS == 0


def test_noise_is_no_change_and_a_face_that_moves_is():
    rng = np.random.default_rng(3)
    image = rng.integers(60, 180, (120, 160, 3)).astype(np.int16)
    noisy = np.clip(image + rng.normal(0, 3, image.shape), 0, 255)
    before = grey_points(image.astype(np.uint8), 8)
    assert not changed_blocks(grey_points(noisy.astype(np.uint8), 8), before).any()
    moved = image.copy()
    moved[40:64, 80:104] += int(2 * CHANGED)
    changed = changed_blocks(grey_points(moved.astype(np.uint8), 8), before)
    assert changed[5:8, 10:13].all() and changed.sum() == 9


def test_flat_blocks_hold_no_detail_and_edges_do():
    image = np.full((80, 80, 3), 120, np.uint8)
    assert not detailed_blocks(grey_points(image, 8)).any()
    image[20:44, 20:44] = np.random.default_rng(1).integers(60, 190, (24, 24, 1))
    assert detailed_blocks(grey_points(image, 8))[3:5, 3:5].all()


@pytest.mark.parametrize(("rows", "columns", "stays"), [(1, 1, 0), (1, 5, 0), (2, 2, 4), (3, 3, 9)])
def test_lone_blocks_are_no_face(rows, columns, stays):
    mask = np.zeros((12, 12), bool)
    mask[4 : 4 + rows, 4 : 4 + columns] = True
    assert dense_blocks(mask).sum() == stays


def test_blocks_are_within_a_box_by_their_middle():
    within = blocks_within(np.array([[16, 8, 32, 24]]), (10, 10), (80, 80))
    assert np.argwhere(within).tolist() == [[1, 2], [1, 3], [2, 2], [2, 3]]
    assert not blocks_within(np.empty((0, 4)), (10, 10), (80, 80)).any()
