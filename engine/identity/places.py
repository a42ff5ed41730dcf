"""Where faces are in the picture, and whether two are in one place."""

from __future__ import annotations

import numpy as np

from engine.types import Track

SAME_IOU = 0.5
"""Boxes of one face found at two scales, or between two samples, overlap more; neighbours' do not."""


def boxes_at(track: Track, t_s: np.ndarray) -> np.ndarray:
    """(n, 4) xyxy where the track's face is at `t_s` (n,), moving straight between two sightings."""
    return np.stack([np.interp(t_s, track.t_s, side) for side in track.boxes_xyxy.T], axis=1)


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n,) intersection over union of boxes (n, 4) xyxy, pair by pair."""
    common_wh = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    common = common_wh.clip(0).prod(axis=1)
    union = (a[:, 2:] - a[:, :2]).prod(axis=1) + (b[:, 2:] - b[:, :2]).prod(axis=1) - common
    return common / np.maximum(union, 1e-9)
