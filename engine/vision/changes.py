"""Which parts of a picture changed since it was last looked at, and which hold any detail: both on a grid of blocks
small enough that a face is several of them. The maths of `engine.vision.search`; knows nothing of faces."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

Part = tuple[int, int, int, int]
"""Top, left, bottom, right in pixels of the picture, half-open."""

POINTS = 4  # a block is told apart by this many grey values across and down ...
CHANGED = 8.0  # ... that differ by this much in the mean: codecs and grain stay under 3, a turning head is over 10
DETAIL = 8.0  # grey values of a block differ by this (standard deviation); annotated faces of 20 to 36 px hold over 19
_DENSE = 4  # blocks of three by three that a face of their size fills in part
WHOLE_SHARE = 0.7  # parts that cover this much of the picture cost as much as the whole, for their margins


def grey_points(image: np.ndarray, block_px: int) -> np.ndarray:
    """`image` (h, w, 3) uint8 as (rows * POINTS, columns * POINTS) float32 grey values, where rows x columns blocks of
    about `block_px` cover the picture; at least one block."""
    height, width = image.shape[:2]
    rows, columns = (max(1, round(side / block_px)) for side in (height, width))
    grey = Image.fromarray(image).convert("L")
    return np.asarray(grey.resize((columns * POINTS, rows * POINTS), Image.Resampling.BOX), np.float32)


def changed_blocks(points: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Which blocks differ between two results of `grey_points`, (rows, columns) bool; `before` may hold NaN where
    nothing is known, which counts as changed."""
    return ~(_by_block(np.abs(points - before)).mean(axis=(1, 3)) < CHANGED)


def detailed_blocks(points: np.ndarray) -> np.ndarray:
    """Which blocks hold enough detail for a part of a small face, (rows, columns) bool."""
    return _by_block(points).std(axis=(1, 3)) >= DETAIL


def dense_blocks(mask: np.ndarray) -> np.ndarray:
    """Those of `mask` (rows, columns) that are not alone: among the nine around each are at least `_DENSE`."""
    n_around = ndimage.uniform_filter(mask.astype(np.float32), 3, mode="constant") * 9
    return mask & (n_around >= _DENSE - 0.5)


def blocks_within(boxes_xyxy: np.ndarray, shape: tuple[int, int], picture_hw: tuple[int, int]) -> np.ndarray:
    """Which of `shape` (rows, columns) blocks have their middle in one of the boxes (n, 4), in the picture's pixels."""
    rows, columns = ((np.arange(n) + 0.5) * side / n for n, side in zip(shape, picture_hw, strict=True))
    within = np.zeros(shape, bool)
    for x1, y1, x2, y2 in boxes_xyxy:
        within |= ((rows >= y1) & (rows <= y2))[:, None] & ((columns >= x1) & (columns <= x2))[None]
    return within


def parts_around(mask: np.ndarray, margin_px: float, picture_hw: tuple[int, int]) -> list[Part]:
    """Rectangles of the picture that together hold every block of `mask` (rows, columns) and `margin_px` around it.

    Rectangles are joined where one costs no more than the two; where they would cover most of the picture, it is the
    whole one. Empty for an empty mask.
    """
    height, width = picture_hw
    block_h, block_w = height / mask.shape[0], width / mask.shape[1]
    reach = np.ceil([margin_px / block_h, margin_px / block_w]).astype(int)
    grown = ndimage.maximum_filter(mask, size=tuple(2 * reach + 1), mode="constant", cval=False)
    labels, _ = ndimage.label(grown, structure=np.ones((3, 3)))
    found = []
    for rows, columns in ndimage.find_objects(labels):
        top, bottom = int(rows.start * block_h), min(height, int(np.ceil(rows.stop * block_h)))
        left, right = int(columns.start * block_w), min(width, int(np.ceil(columns.stop * block_w)))
        found.append((top, left, bottom, right))
    found = _joined(found)
    if sum(_area(part) for part in found) >= WHOLE_SHARE * height * width:
        return [(0, 0, height, width)]
    return found


def _by_block(points: np.ndarray) -> np.ndarray:
    return points.reshape(points.shape[0] // POINTS, POINTS, points.shape[1] // POINTS, POINTS)


def _joined(parts: list[Part]) -> list[Part]:
    parts = list(parts)
    i = 0
    while i < len(parts):
        for j in range(len(parts)):
            both = _around(parts[i], parts[j])
            if i != j and _area(both) <= _area(parts[i]) + _area(parts[j]):
                parts = [part for k, part in enumerate(parts) if k not in (i, j)] + [both]
                i = -1
                break
        i += 1
    return parts


def _around(a: Part, b: Part) -> Part:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _area(part: Part) -> int:
    return (part[2] - part[0]) * (part[3] - part[1])
