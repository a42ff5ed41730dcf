"""What somebody wears, as a histogram of colours: a second witness to who a turned, dark or tiny face is.

It holds within a film only, and for a while: people change, and others wear the same. `engine.identity.pairs` weighs
it by how well it tells people of the film apart.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

_BINS = (6, 7, 7)  # of lightness, green to red, blue to yellow
CLOTHES_LENGTH = 6 * 7 * 7
_ABOVE, _BELOW = 0.15, 1.65  # the patch, in heights of the face's box under its lower edge: collar to chest ...
_HALF_WIDTH = 0.6  # ... and in widths to each side of its middle: what is wider is often background
_PATCH_WH = (14, 18)
_SEEN_SHARE = 0.4  # of the patch must be inside the picture, or nothing is known

_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # sRGB, IEC 61966-2-1
_WHITE = np.array([0.9505, 1.0, 1.089])  # D65


def clothes_histogram(image: np.ndarray, box_xyxy: np.ndarray) -> np.ndarray:
    """Colours below the face `box_xyxy` (4,) of `image` (h, w, 3) RGB uint8: (CLOTHES_LENGTH,) float32 that sums to 1,
    or all 0 where too little of the chest is in the picture."""
    x1, y1, x2, y2 = (float(v) for v in box_xyxy)
    middle, width, height = (x1 + x2) / 2, x2 - x1, y2 - y1
    left, right = middle - _HALF_WIDTH * width, middle + _HALF_WIDTH * width
    top, bottom = y2 + _ABOVE * height, y2 + _BELOW * height
    inside = (max(left, 0), max(top, 0), min(right, image.shape[1]), min(bottom, image.shape[0]))
    seen = max(0.0, inside[2] - inside[0]) * max(0.0, inside[3] - inside[1])
    if seen < _SEEN_SHARE * (right - left) * (bottom - top) or seen < 1:
        return np.zeros(CLOTHES_LENGTH, np.float32)
    # Only the rows and columns needed: turning a whole frame into a Pillow image costs more than all the rest.
    x0, y0 = int(inside[0]), int(inside[1])
    part = Image.fromarray(np.ascontiguousarray(image[y0 : int(inside[3]) + 1, x0 : int(inside[2]) + 1]))
    patch = np.asarray(part.resize(_PATCH_WH, Image.Resampling.BOX))
    return _soft_histogram(_lab(patch).reshape(-1, 3))


def joined_clothes(histograms: np.ndarray) -> np.ndarray:
    """The mean of those of `histograms` (n, CLOTHES_LENGTH) that are known, as one histogram; all 0 if none is."""
    total = histograms.sum(axis=0, dtype=np.float64)
    return (total / max(total.sum(), 1e-12)).astype(np.float32)


def _lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of sRGB colours (..., 3) uint8: distances in it are about as large as they look."""
    linear = rgb / 255.0
    linear = np.where(linear > 0.04045, ((linear + 0.055) / 1.055) ** 2.4, linear / 12.92)
    xyz = linear @ _TO_XYZ.T / _WHITE
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _soft_histogram(lab: np.ndarray) -> np.ndarray:
    """Each colour (n, 3) is shared among the eight bins around it, so that a slight change of light moves little."""
    place = np.stack([lab[:, 0] / 20, (lab[:, 1] + 36) / 12, (lab[:, 2] + 36) / 12], axis=1)
    place = np.clip(place, 0, np.array(_BINS) - 1.001)
    low = place.astype(int)
    share = place - low
    histogram = np.zeros(CLOTHES_LENGTH)
    for corner in np.ndindex(2, 2, 2):
        weights = np.prod(np.where(corner, share, 1 - share), axis=1)
        bins = np.ravel_multi_index(tuple((low + corner).T), _BINS)
        histogram += np.bincount(bins, weights, minlength=CLOTHES_LENGTH)
    return (histogram / histogram.sum()).astype(np.float32)
