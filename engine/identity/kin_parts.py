"""By which parts of the face a child looks more like one person than another: each part is hidden on the child's
aligned face (`engine.identity.why`), and the two distances are measured again.

A part counts by how much farther the face moves from the one than from the other when it is hidden: whatever hiding
does to the face as a whole moves it from both and cancels out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.identity.why import LEAST_EFFECT, PARTS


@dataclass(frozen=True, slots=True)
class PartLean:
    """Where a `part` of a child's face leans, by `effect`: positive to the first of two people, negative to the second,
    in units of distance. Within `LEAST_EFFECT` it `is_even`."""

    part: str
    effect: float

    @property
    def is_even(self) -> bool:
        return abs(self.effect) < LEAST_EFFECT


def part_leans(
    child: Sequence[np.ndarray], one: Sequence[np.ndarray], other: Sequence[np.ndarray]
) -> tuple[PartLean, ...]:
    """The leans of all `PARTS`, in their order, the mean over all pairs of pictures.

    `child` has for each picture the vectors (1 + parts, d) float32 of the face and of it with each part hidden
    (`engine.identity.why.hidden`); `one` and `other` the views (v, d) of each of their pictures, of which the first
    counts. Each has at least one picture.
    """
    moved = [np.mean([_moved(vectors, views[0]) for vectors in child for views in who], axis=0) for who in (one, other)]
    return tuple(PartLean(part, float(effect)) for part, effect in zip(PARTS, moved[0] - moved[1], strict=True))


def _moved(vectors: np.ndarray, face: np.ndarray) -> np.ndarray:
    """How much farther (parts,) float64 the face is with each part hidden."""
    apart = np.linalg.norm(vectors.astype(np.float64) - face, axis=1)
    return apart[1:] - apart[0]
