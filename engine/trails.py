"""Tracks in the making: what the tracker knows of one face of a shot, and when two of them are one face."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

NEAR_SIDES, NEAR_RATIO = 0.6, 1.5  # second chance: centres this many faces apart, sizes within this factor
LINK_GAP_S, LINK_DISTANCE = 2.0, 0.45  # tracks of one shot are one face: gap between them, mean of embeddings
_FASTEST_SIDES_PER_S = 6.0  # a face moving faster than this many of its own widths a second is a mismatch


@dataclass(slots=True)
class View:
    """One candidate face of a trail."""

    t_s: float
    box: np.ndarray
    quality: float
    chip: np.ndarray
    clothes: np.ndarray


@dataclass(slots=True, eq=False)
class Trail:
    """A track in the making; observations in the order of time."""

    t_s: deque[float] = field(default_factory=deque)
    boxes: deque[np.ndarray] = field(default_factory=deque)
    scores: deque[float] = field(default_factory=deque)
    views: dict[int, View] = field(default_factory=dict)

    def add(self, t_s: float, box: np.ndarray, score: float, *, first: bool = False) -> None:
        for values, value in ((self.t_s, t_s), (self.boxes, box), (self.scores, score)):
            values.appendleft(value) if first else values.append(value)

    def predict(self, t_s: float) -> np.ndarray:
        """Where constant motion puts the box at `t_s`, after the last or before the first observation."""
        forward = t_s >= self.t_s[-1]
        order = range(-1, -4, -1) if forward else range(3)
        order = [i for i in order if -len(self.t_s) <= i < len(self.t_s)]
        near, far = order[0], order[-1]
        box, elapsed = self.boxes[near], t_s - self.t_s[near]
        if near == far or self.t_s[near] == self.t_s[far]:
            return box
        centre_moved = (self.boxes[near] - self.boxes[far]).reshape(2, 2).mean(axis=0)
        velocity = centre_moved / (self.t_s[near] - self.t_s[far])
        limit = _FASTEST_SIDES_PER_S * (box[2] - box[0])
        velocity = np.clip(velocity, -limit, limit)
        horizon = np.clip(elapsed, -0.3, 0.3)  # a lost face is sought near where it left, not far along its way
        return box + np.tile(velocity * horizon, 2)

    def box_at(self, t_s: float) -> np.ndarray | None:
        """The observed box at exactly this sample, if there is one."""
        for seen, box in zip(self.t_s, self.boxes, strict=True):
            if seen == t_s:
                return box
        return None


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (n, 4) and (m, 4), as (n, m) float64; n and m may be 0."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inner = np.clip(high - low, 0, None).prod(axis=2)
    area_a, area_b = (np.clip(x[:, 2:] - x[:, :2], 0, None).prod(axis=1) for x in (a, b))
    return inner / np.maximum(area_a[:, None] + area_b[None, :] - inner, 1e-9)


def is_near(expected: np.ndarray, box: np.ndarray) -> bool:
    side_a, side_b = expected[2] - expected[0], box[2] - box[0]
    apart = np.abs((expected - box).reshape(2, 2).mean(axis=0)).max()
    return apart < NEAR_SIDES * max(side_a, side_b) and max(side_a, side_b) < NEAR_RATIO * min(side_a, side_b)


def link_trails(trails: Sequence[Trail], vectors: Sequence[np.ndarray]) -> list[list[int]]:
    """Groups of trails that are one face of the shot: apart in time by a short gap, alike in embedding. Nearest
    pairs first; a group never holds two trails that are visible together."""
    group_of = {i: [i] for i in range(len(trails))}
    pairs = []
    for i in range(len(trails)):
        for j in range(i + 1, len(trails)):
            gap = max(trails[i].t_s[0], trails[j].t_s[0]) - min(trails[i].t_s[-1], trails[j].t_s[-1])
            distance = np.linalg.norm(vectors[i][:, None] - vectors[j][None], axis=2).mean()
            if 0 < gap <= LINK_GAP_S and distance < LINK_DISTANCE:
                pairs.append((float(distance), i, j))
    for _, i, j in sorted(pairs):
        a, b = group_of[i], group_of[j]
        if a is not b and not any(_together(trails[x], trails[y]) for x in a for y in b):
            a += b
            for k in b:
                group_of[k] = a
    return list({id(group): group for group in group_of.values()}.values())


def _together(a: Trail, b: Trail) -> bool:
    return a.t_s[0] <= b.t_s[-1] and b.t_s[0] <= a.t_s[-1]
