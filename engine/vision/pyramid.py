"""The geometry of dlib's tiled image pyramid: where each level lies in the tile, and which box a score stands for.

dlib lays all levels of the pyramid into one picture and runs its detector once over it. Keeping that tile exactly
is what makes boxes and scores equal to dlib's. Running a few levels singly spares the empty parts of the tile, a
third of the work, at the price of scores that differ by up to 0.04. Source: dlib's
``create_tiled_pyramid`` (image_pyramid.h), ``input_rgb_image_pyramid`` (dnn/input.h) and ``loss_mmod_``
(dnn/loss.h).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import dlib
import numpy as np

PADDING_PX = 10  # between levels; the stored input layer is the older kind, whose paddings are fixed
OUTER_PADDING_PX = 11
SHRINK_NUMERATOR, SHRINK_DENOMINATOR = 5, 6  # pyramid_down<6>: each level is 5/6 of the one before
LEVEL_RATIO = SHRINK_DENOMINATOR / SHRINK_NUMERATOR
SMALLEST_LEVEL_ROWS = 5
STRIDE_PX = 8  # three convolutions of stride 2
CELL_OFFSET_PX = 14  # a cell's centre in the tile: x = 8 c + 14, from strides, paddings and half kernels
WINDOW_PX = 80  # the detector's one window, 80 x 80
SUPPRESSION_OVERLAP = 0.3382761351109955  # stored in the network's loss layer


@dataclass(frozen=True)
class Pyramid:
    """The tile of a picture of `height` x `width` pixels: its own `tile_hw`, the levels' sizes `levels_hw`, and
    their rectangles in the tile, `rects` (n, 4) int64, left, top, right, bottom inclusive. The first `n_left`
    levels stand in the left column from top to bottom, the others on the right from bottom to top."""

    height: int
    width: int
    tile_hw: tuple[int, int]
    levels_hw: tuple[tuple[int, int], ...]
    rects: np.ndarray
    n_left: int


def level_sizes(height: int, width: int, n_levels: int | None = None) -> tuple[tuple[int, int], ...]:
    """(rows, columns) of each level of a picture, itself first; at most `n_levels`. Raises ValueError if the picture
    is too small to hold any level."""
    sizes: list[tuple[int, int]] = []
    h, w = height, width
    while h >= SMALLEST_LEVEL_ROWS and h * w > 0 and len(sizes) != n_levels:
        sizes.append((h, w))
        h, w = SHRINK_NUMERATOR * h // SHRINK_DENOMINATOR, SHRINK_NUMERATOR * w // SHRINK_DENOMINATOR
    if not sizes:
        raise ValueError(f"a picture of {width} x {height} pixels is too small for the detector")
    return tuple(sizes)


def levels_up_to(face_px: float) -> int:
    """How many levels of the pyramid it takes to find faces up to this high."""
    return 1 + max(0, math.ceil(math.log(max(face_px, 1) / WINDOW_PX, LEVEL_RATIO)))


@lru_cache(maxsize=64)
def pyramid(height: int, width: int) -> Pyramid:
    """dlib's layout for a picture of this size. Raises ValueError if it is too small to hold any level."""
    sizes = level_sizes(height, width)
    p, o = PADDING_PX, OUTER_PADDING_PX

    total = sum(h + p for h, _ in sizes) - 2 * p
    column, n_left = 0, 0
    previous_width = None
    for h, w in sizes:
        fits_beside = previous_width is not None and w <= width - previous_width - p
        if fits_beside and (column - height) * 2 >= total - height:
            break
        column += h + p
        previous_width = w
        n_left += 1
    column -= p

    rects, y = [], o
    for h, w in sizes[:n_left]:
        rects.append((o, y, o + w - 1, y + h - 1))
        y += h + p
    y -= p
    right = o + width - 1
    for h, w in sizes[n_left:]:
        top, left = y - h, right - w + 1
        first = rects[0]
        if top <= first[3] and left <= first[2]:
            break  # it would touch the largest level: dlib drops this level and all smaller ones
        rects.append((left, top, right, y - 1))
        y -= h + p
    return Pyramid(
        height, width, (column + 2 * o, width + 2 * o), sizes[: len(rects)], np.array(rects, np.int64), n_left
    )


def boxes_from_tile(scores: np.ndarray, layout: Pyramid, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Every cell of a tile's score map (rows, columns) above `threshold`, as boxes (n, 4) int64 with inclusive
    corners in the picture, and their scores (n,), best first, before suppression. Boxes may stick out of it."""
    rows, columns = np.nonzero(scores > threshold)
    centre = np.stack([columns, rows], axis=1) * STRIDE_PX + CELL_OFFSET_PX
    level = _level_of(centre, layout.rects)
    return _boxes(centre - layout.rects[level, :2], level, scores[rows, columns])


def boxes_from_levels(
    scores: Sequence[np.ndarray], threshold: float, border: int = OUTER_PADDING_PX
) -> tuple[np.ndarray, np.ndarray]:
    """The same for levels run singly, each with a `border`: one score map a level, in order."""
    centres, levels, values = [], [], []
    for level, level_scores in enumerate(scores):
        rows, columns = np.nonzero(level_scores > threshold)
        centres.append(np.stack([columns, rows], axis=1) * STRIDE_PX + CELL_OFFSET_PX - border)
        levels.append(np.full(len(rows), level))
        values.append(level_scores[rows, columns])
    return _boxes(np.concatenate(centres), np.concatenate(levels), np.concatenate(values))


def _boxes(centre: np.ndarray, level: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows around `centre` (n, 2), in pixels of their `level` (n,), as boxes of the picture, best score first."""
    best_first = np.argsort(-scores, kind="stable")
    centre, level, scores = centre[best_first], level[best_first], scores[best_first]
    half = (WINDOW_PX - 1) / 2
    box = np.concatenate([centre - half, centre + half], axis=1)
    for step in range(1, int(level.max(initial=0)) + 1):
        deeper = level >= step
        box[deeper] = box[deeper] * LEVEL_RATIO + 0.3
    return round_half_away(box), scores


def _level_of(points_xy: np.ndarray, rects: np.ndarray) -> np.ndarray:
    """The level whose rectangle holds each point, else the nearest one; (n,) int64."""
    x, y = points_xy[:, :1], points_xy[:, 1:]
    dx = np.maximum(np.maximum(rects[:, 0] - x, x - rects[:, 2]), 0)
    dy = np.maximum(np.maximum(rects[:, 1] - y, y - rects[:, 3]), 0)
    return np.argmin(dx * dx + dy * dy, axis=1)


def suppress(boxes: np.ndarray, scores: np.ndarray, overlap: float = SUPPRESSION_OVERLAP) -> np.ndarray:
    """Indices of the boxes that stay, best first, by dlib's greedy rule: a box goes if its overlap with a better
    one, divided by the area of the rectangle that encloses both (not of their union), exceeds `overlap`.

    `boxes` (n, 4) with inclusive integer corners, `scores` (n,) descending; n may be 0.
    """
    alive = np.ones(len(boxes), bool)
    kept = []
    for i in range(len(scores)):
        if not alive[i]:
            continue
        kept.append(i)
        rest = np.nonzero(alive[i + 1 :])[0] + i + 1
        low = np.maximum(boxes[rest, :2], boxes[i, :2])
        high = np.minimum(boxes[rest, 2:], boxes[i, 2:])
        inner = np.prod(np.maximum(high - low + 1, 0), axis=1)
        outer = np.prod(
            np.maximum(boxes[rest, 2:], boxes[i, 2:]) - np.minimum(boxes[rest, :2], boxes[i, :2]) + 1, axis=1
        )
        alive[rest[inner > overlap * outer]] = False
    return np.array(kept, np.int64)


Coordinates = tuple[np.ndarray, np.ndarray, np.ndarray]
"""For each pixel of a resized row or column: the pixel before it, the one behind (int64), and the share of the one
behind (0..1), all (n,)."""


def row_coordinates(n_in: int, n_out: int) -> Coordinates:
    """Where dlib's resize_image looks for each of `n_out` rows among `n_in`: double, summed up row by row."""
    step = (n_in - 1) / max(n_out - 1, 1)
    position = np.cumsum(np.concatenate([[-step], np.full(n_out, step)]))[1:]
    before = np.floor(position).astype(np.int64)
    return np.clip(before, 0, n_in - 1), np.clip(before + 1, 0, n_in - 1), position - before


def column_coordinates(n_in: int, n_out: int) -> Coordinates:
    """The same for columns, which dlib takes four at a time in single precision, summing up, until the last of four
    would leave the picture, and from there one by one in double."""
    step = (n_in - 1) / max(n_out - 1, 1)
    n_fours = n_out // 4 + 2
    four = np.array([-4 * step + i * step for i in range(4)], np.float32)
    steps = np.full((n_fours, 4), np.float32(4 * step), np.float32)
    position = np.cumsum(np.concatenate([four[None], steps]), axis=0, dtype=np.float32)[1:]
    inside = position[:, 3].astype(np.int64) + 1 < n_in
    n_single = min(4 * int(np.argmin(inside)) if not inside.all() else n_out, n_out)
    single = position.ravel()[:n_single]
    rest = np.cumsum(np.concatenate([[-step + n_single * step], np.full(n_out - n_single, step)]))[1:]
    before = np.floor(np.concatenate([single.astype(np.float64), rest])).astype(np.int64)
    share = np.concatenate([single - single.astype(np.int64).astype(np.float32), rest - np.floor(rest)])
    return np.clip(before, 0, n_in - 1), np.clip(before + 1, 0, n_in - 1), share


def enlarge_twice(image: np.ndarray) -> np.ndarray:
    """dlib's ``pyramid_up``: (h, w, 3) uint8 to (2 h + 1, 2 w + 2, 3), bilinear with aligned corners, fractions cut
    off. By dlib itself: where a fraction is nearly whole, the last bit of its arithmetic decides a grey level."""
    height, width = image.shape[:2]
    return dlib.resize_image(np.ascontiguousarray(image), 2 * height + 1, 2 * width + 2)


def shrink_boxes_twice(boxes: np.ndarray) -> np.ndarray:
    """Boxes of an enlarged picture (see `enlarge_twice`) in the picture before, dlib's ``rect_down``."""
    return round_half_away(boxes / 2 - np.array([1.25, 0.75, 1.25, 0.75]))


def round_half_away(values: np.ndarray) -> np.ndarray:
    """To the nearest integer, halves away from zero (C's rule, not numpy's); int64."""
    return (np.sign(values) * np.floor(np.abs(values) + 0.5)).astype(np.int64)
