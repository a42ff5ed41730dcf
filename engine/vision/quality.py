"""How well a face can be recognised from one view of it: its size, sharpness, pose, detector score, and how much of
it is inside the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.types import checked
from engine.vision.pyramid import WINDOW_PX

SHARP = 0.016  # median of `sharpness` over LFW faces; anything sharper counts as fully sharp
_WHOLLY_SURE_SCORE = 1.0  # MMOD scores of clear frontal faces gather between 0.9 and 1.1
_UNSURE_SCORE = -1.0  # below lies mostly noise


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """Per face: `height_px` of its box, `sharpness` (share of the picture's variance in its finest detail),
    `yaw` in 0 (frontal) .. 1 (profile), `roll_deg` of the eye line, detector `score`, and `overall` in 0..1, the
    product of what each allows. All (n,) float32; n may be 0."""

    height_px: np.ndarray
    sharpness: np.ndarray
    yaw: np.ndarray
    roll_deg: np.ndarray
    score: np.ndarray
    overall: np.ndarray

    def __post_init__(self) -> None:
        n = len(self.height_px)
        for name in self.__slots__:
            object.__setattr__(self, name, checked(name, getattr(self, name), (n,), np.float32))


def face_quality(
    boxes_xyxy: np.ndarray, scores: np.ndarray, landmarks: np.ndarray, chips: np.ndarray, picture_wh: tuple[int, int]
) -> FaceQuality:
    """Quality of n faces of a picture from their boxes (n, 4), scores (n,), landmarks (n, 5, 2) and chips
    (n, 150, 150, 3)."""
    height = boxes_xyxy[:, 3] - boxes_xyxy[:, 1] + 1
    yaw, roll = _pose(landmarks)
    sharpness = np.array([_sharpness(chip) for chip in chips], np.float32)
    overall = (
        np.clip(height / WINDOW_PX, 0.05, 1)
        * np.clip(sharpness / SHARP, 0.2, 1)
        * (1 - 0.8 * yaw)
        * _inside_share(boxes_xyxy, picture_wh) ** 2
        * np.clip((scores - _UNSURE_SCORE) / (_WHOLLY_SURE_SCORE - _UNSURE_SCORE), 0.05, 1)
    )
    return FaceQuality(height, sharpness, yaw, roll, scores, overall)


def _inside_share(boxes_xyxy: np.ndarray, picture_wh: tuple[int, int]) -> np.ndarray:
    """How much of each box lies inside the picture, 0..1."""
    low = np.maximum(boxes_xyxy[:, :2], 0)
    high = np.minimum(boxes_xyxy[:, 2:], np.array(picture_wh, np.float32))
    area = np.prod(np.maximum(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], 1), axis=1)
    return np.clip(np.prod(np.maximum(high - low, 0), axis=1) / area, 0, 1)


def _pose(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Yaw 0..1 and roll in degrees from five points: turned aside, the nose leaves the middle between the eyes and
    reaches one of them in profile."""
    points = np.asarray(landmarks, np.float64)
    left, right, nose = points[:, 0:2].mean(axis=1), points[:, 2:4].mean(axis=1), points[:, 4]
    axis = left - right
    length = np.maximum(np.linalg.norm(axis, axis=1), 1e-6)
    along = ((nose - (left + right) / 2) * axis).sum(axis=1) / length**2
    roll = np.degrees(np.arctan2(axis[:, 1], axis[:, 0]))
    return np.clip(np.abs(along) * 2, 0, 1), roll


def _sharpness(chip: np.ndarray) -> float:
    """Variance of the 4-neighbour Laplacian over the variance of the brightness; 0.0 for a flat chip."""
    grey = chip.mean(axis=2)
    laplacian = grey[1:-1, 1:-1] * 4 - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    variance = float(grey.var())
    return float(laplacian.var()) / variance if variance > 1 else 0.0
