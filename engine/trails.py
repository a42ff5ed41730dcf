"""Tracks in the making: what the tracker knows of one face of a shot, and when two of them are one face."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

NEAR_SIDES, NEAR_RATIO = 0.6, 1.5  # second chance: centres this many faces apart, sizes within this factor
LINK_GAP_S, LINK_DISTANCE = 2.25, 0.45  # tracks of one shot are one face: gap between them, mean of embeddings
REST_S = 0.5  # a slow face is looked at this often; between, it is where the looks before and after say
_REST_SIDES, _REST_SIDES_NEAR = 0.3, 0.12  # ... or as often as it moves this far, in its own widths; near another face
_JITTER_SIDES = 0.1  # the detector places its windows in steps of a tenth of their width
_NEAR_OTHERS_SIDES = 0.5  # faces with less than this between them may be taken for each other
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
    """A track in the making; observations in the order of time. `due_s` is when its face is to be looked at next,
    `missed` that it was looked for in vain since it was last seen."""

    t_s: deque[float] = field(default_factory=deque)
    boxes: deque[np.ndarray] = field(default_factory=deque)
    scores: deque[float] = field(default_factory=deque)
    views: dict[int, View] = field(default_factory=dict)
    due_s: float = float("-inf")
    missed: bool = False

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

    def fill(self, times_s: Sequence[float]) -> None:
        """Adds where the face was at `times_s` (rising) between the last two observations: on a straight way."""
        (t0, t1), (box0, box1) = list(self.t_s)[-2:], list(self.boxes)[-2:]
        between = [t for t in times_s if t0 < t < t1]
        score = min(self.scores[-2], self.scores[-1])
        last = self.t_s.pop(), self.boxes.pop(), self.scores.pop()
        for t in between:
            self.add(t, box0 + (box1 - box0) * ((t - t0) / (t1 - t0)), score)
        self.add(*last)

    def rest_s(self, others: np.ndarray) -> float:
        """How long this face may be left alone after its last observation, while `others` (n, 4) are where they are:
        at most `REST_S`, less the faster it moves and the nearer another one is."""
        if len(self.t_s) < 3 or self.missed:
            return 0.0
        box = self.boxes[-1]
        side = box[2] - box[0]
        n = next(
            (i for i in range(2, len(self.t_s) + 1) if self.t_s[-1] - self.t_s[-i] >= REST_S - 1e-6), len(self.t_s)
        )
        moved = np.abs(box - self.boxes[-n]).max() / side
        sides_per_s = max(0.0, moved - _JITTER_SIDES) / (self.t_s[-1] - self.t_s[-n])
        reach = box + np.array([-1, -1, 1, 1]) * _NEAR_OTHERS_SIDES * side
        near = ((others[:, :2] < reach[2:]) & (others[:, 2:] > reach[:2])).all(axis=1).any()
        return min(REST_S, (_REST_SIDES_NEAR if near else _REST_SIDES) / max(sides_per_s, 1e-9))

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
