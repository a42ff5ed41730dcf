"""Jittered views of a chip: seeded, small, and half of them mirrored."""

from __future__ import annotations

import numpy as np
import pytest

from engine.vision.jitter import jittered


def ramp():
    """A chip whose red grows to the right and whose green grows downwards, one step a pixel."""
    chip = np.zeros((150, 150, 3), np.uint8)
    chip[..., 0], chip[..., 1] = np.arange(150)[None, :], np.arange(150)[:, None]
    return chip


def test_views_have_the_chips_shape_and_are_those_of_the_seed():
    one, same, other = (jittered(ramp(), 4, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.shape == (4, 150, 150, 3) and one.dtype == np.uint8
    assert (one == same).all() and (one != other).any()
    assert jittered(ramp(), 0, np.random.default_rng(1)).shape == (0, 150, 150, 3)


def test_views_differ_little_and_about_half_are_mirrored():
    views = jittered(ramp(), 200, np.random.default_rng(0)).astype(float)
    inner = views[:, 20:130, 20:130]
    right = inner[:, :, -1, 0] - inner[:, :, 0, 0]  # over 109 pixels
    mirrored = right.mean(axis=1) < 0
    assert 70 < mirrored.sum() < 130
    enlarged = 109 / np.abs(right).mean(axis=1)
    # 150 px show 144 px enlarged to 145.5 up to 150, and a turn of 3 degrees shortens by a thousandth
    assert enlarged.min() > 145.5 / 144 - 0.02 and enlarged.max() < 150 / 144 + 0.02
    middle = views[:, 74:76, 74:76, :2].mean(axis=(1, 2)) - 74.5
    assert np.abs(middle).max() < 150 * 0.02 + 0.6
    down_to_the_right = (inner[:, :, -1, 1] - inner[:, :, 0, 1]).mean(axis=1) / 109
    assert np.degrees(np.arctan(np.abs(down_to_the_right))).max() == pytest.approx(3, abs=0.6)
