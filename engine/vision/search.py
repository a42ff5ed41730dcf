"""What of each picture of a shot is searched for faces that are not followed yet, and at which scales.

The first picture is searched at every scale that is worth its cost in a shot of that length; later ones only where they
changed since they were searched, the less often the more that is, and never where a face is followed already. At the
finer scales parts without detail are left out: no small face is in them. Every other level of the pyramid is enough to
tell where a face may be; there a closer look tells whether it is one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.timeline import Interval
from engine.types import BOX_TO_FACE, Detections, Frame
from engine.vision.changes import (
    Part,
    blocks_within,
    changed_blocks,
    dense_blocks,
    detailed_blocks,
    grey_points,
    parts_around,
)
from engine.vision.detect import FACE_THRESHOLD, MmodDetector, merge
from engine.vision.scales import LARGEST_RATIO, FilmScales

CANDIDATE_SCORE = -1.0  # proposes .99 of what MMOD scores above 0, .97 above -0.8, and up to six other places
MARGIN_PX = 60  # searched around what changed, in the searched scale: half a window, and what a crop shows around it
AGAIN_MPX_PER_S = 1.5  # a finer scale is searched so much later again that no more megapixels a second are
FIRST_MPX_PER_S = 6.0  # nor are shots searched at scales that cost more, for their length, than this
_BLOCKS_PER_FACE = 3  # the smallest face is this many blocks high
_TAKEN_SIDES = np.array([-0.5, -0.4, 0.5, 0.8])  # a followed face moves hair, neck and shoulders too; in its own sides


class ShotSearch:
    """Searches pictures of one shot, in order. Keeps a small grey copy for each scale; not safe to share."""

    def __init__(self, scales: FilmScales, shot: Interval, detector: MmodDetector) -> None:
        self._scales, self._shot, self._detector = scales, shot, detector
        self._block_px = max(4, round(scales.looks[-1].smallest_box_px / BOX_TO_FACE / _BLOCKS_PER_FACE))
        self._searched: list[np.ndarray | None] = [None] * len(scales.scales)
        self._due_s = [float("-inf")] * len(scales.scales)

    def search(self, frame: Frame, followed: np.ndarray, threshold: float) -> Detections:
        """Faces above `threshold` in `frame` that are not among the `followed` ones (n, 4).

        By the first scale, and by each further one that is due, while no face is so much larger that the ones it could
        add are extras.
        """
        points = grey_points(frame.image, self._block_px)
        found = Detections.none()
        for i, look in enumerate(self._scales.looks):
            sure = np.concatenate([found.boxes_xyxy[found.scores > FACE_THRESHOLD], followed.reshape(-1, 4)])
            if i and (sure[:, 3] - sure[:, 1]).max(initial=0) > LARGEST_RATIO * 2 * look.smallest_box_px:
                break
            if frame.t_s < self._due_s[i] or not self._is_worth_it(i, frame.image.shape[:2]):
                continue
            parts = self._parts(i, points, sure, frame.image.shape[:2])
            maybe = self._detector.propose(frame.image, parts, look.scale, CANDIDATE_SCORE, look.n_levels)
            places = _besides(maybe, sure)
            found = merge([found, self._detector.detect_around(frame.image, places, threshold)])
            self._due_s[i] = frame.t_s + self._pause_s(i, parts)
        return found

    def _pause_s(self, i: int, parts: Sequence[Part]) -> float:
        """How long the look number `i` is not taken after one at these `parts`."""
        budget_s = _megapixels(parts, self._scales.looks[i].scale) / AGAIN_MPX_PER_S
        return max(self._scales.finer_again_s if i else 0.0, budget_s)

    def _is_worth_it(self, i: int, picture_hw: tuple[int, int]) -> bool:
        whole = _megapixels([(0, 0, *picture_hw)], self._scales.looks[i].scale)
        return not i or whole <= FIRST_MPX_PER_S * self._shot.duration_s

    def _parts(self, i: int, points: np.ndarray, sure: np.ndarray, picture_hw: tuple[int, int]) -> list[Part]:
        """What is to be searched by the look number `i`; remembered as searched."""
        before = self._searched[i]
        if before is None:
            before = self._searched[i] = np.full_like(points, np.nan)
        wanted = changed_blocks(points, before)
        wanted &= ~blocks_within(_taken(sure), wanted.shape, picture_hw)
        if i:
            wanted = dense_blocks(wanted & detailed_blocks(points))
        parts = parts_around(wanted, MARGIN_PX / self._scales.looks[i].scale, picture_hw)
        known = wanted.repeat(len(points) // len(wanted), axis=0).repeat(len(points[0]) // len(wanted[0]), axis=1)
        before[known] = points[known]
        return parts


def _besides(candidates: Detections, known: np.ndarray) -> np.ndarray:
    """Boxes (n, 4) of the candidates that are none of the `known` faces (m, 4)."""
    found = merge([Detections(known, np.full(len(known), np.inf)), candidates])
    return found.boxes_xyxy[np.isfinite(found.scores)]


def _megapixels(parts: Sequence[Part], scale: float) -> float:
    return sum((bottom - top) * (right - left) for top, left, bottom, right in parts) * scale**2 / 1e6


def _taken(boxes_xyxy: np.ndarray) -> np.ndarray:
    """Where a face and what moves with it is, for boxes (n, 4)."""
    sides = (boxes_xyxy[:, 2:3] - boxes_xyxy[:, :1]) if len(boxes_xyxy) else np.empty((0, 1))
    return boxes_xyxy + sides * _TAKEN_SIDES
