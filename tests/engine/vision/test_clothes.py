"""Colours worn: equal ones are near in any light alike, others far, and what is outside the picture is not known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.vision.clothes import CLOTHES_LENGTH, clothes_histogram, joined_clothes

FACE = np.array([140.0, 40.0, 180.0, 80.0])
RED, DARK_RED, YELLOW, BLUE, BLACK = (180, 30, 40), (150, 25, 33), (220, 200, 90), (60, 70, 150), (15, 15, 18)


def picture(colour, height=240, width=320, background=(90, 120, 90)):
    image = np.empty((height, width, 3), np.uint8)
    image[:] = background
    image[80:160, 100:220] = colour
    noise = np.random.default_rng(1).normal(0, 4, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def apart(a, b):
    return float(np.sqrt(max(0.0, 1 - np.sqrt(a.astype(float) * b).sum())))


def test_it_is_a_histogram():
    histogram = clothes_histogram(picture(RED), FACE)
    assert histogram.shape == (CLOTHES_LENGTH,) and histogram.dtype == np.float32
    assert histogram.min() >= 0 and histogram.sum() == pytest.approx(1, abs=1e-5)


def test_a_change_of_light_moves_it_less_than_another_colour():
    red = clothes_histogram(picture(RED), FACE)
    in_shade = apart(red, clothes_histogram(picture(DARK_RED), FACE))
    for other in (YELLOW, BLUE, BLACK):
        assert in_shade < 0.6 < apart(red, clothes_histogram(picture(other), FACE))


def test_the_background_beside_it_does_not_count():
    here, there = (clothes_histogram(picture(RED, background=b), FACE) for b in ((90, 120, 90), (20, 20, 200)))
    assert apart(here, there) < 0.05


@pytest.mark.parametrize(
    ("box", "known"),
    [
        ((140, 40, 180, 80), True),
        ((140, 140, 220, 220), False),  # the picture ends at the chin
        ((20, 0, 300, 235), False),  # a close-up
        ((-30, 40, 10, 80), False),  # at the edge
        ((400, 40, 440, 80), False),  # outside altogether
        ((140, -30, 180, 10), True),  # the face is cut, the chest is not
    ],
)
def test_what_the_picture_does_not_show_is_not_known(box, known):
    histogram = clothes_histogram(picture(RED), np.array(box, np.float32))
    assert histogram.any() == known


def test_views_that_do_not_know_are_left_out_of_the_mean():
    one, other = np.zeros((2, CLOTHES_LENGTH), np.float32)
    one[3] = other[5] = 1
    mean = joined_clothes(np.stack([one, np.zeros_like(one), other]))
    assert mean[[3, 5]] == pytest.approx([0.5, 0.5]) and mean.sum() == pytest.approx(1)
    assert not joined_clothes(np.zeros((2, CLOTHES_LENGTH), np.float32)).any()
