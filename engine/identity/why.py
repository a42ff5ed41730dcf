"""Which parts of a face make it like another one: each part is hidden in turn, and the distance measured again.

Hiding anything moves a face away from everybody, so a part counts by how much farther it moves from the match than from
other people. The parts stand where dlib's alignment puts them: eye corners at (37, 46), (58, 48), (90, 48), (111, 46)
and the base of the nose at (74, 88) of the chip of 150 px (`dlib::get_face_chip_details`, five points, padding 0.25).
Of 180 faces with a part that was exchanged with another rendered person's, for 130 that part was the one named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from engine.identity.nearest import distances
from engine.vision.embed import FaceEmbedder
from engine.vision.networks import CHIP_SIDE_PX

PARTS: dict[str, tuple[tuple[int, int, int, int], ...]] = {
    "brows": ((26, 26, 124, 41),),
    "eyes": ((28, 41, 122, 58),),
    "nose": ((56, 58, 94, 95),),
    "mouth": ((44, 97, 106, 121),),
    "chin": ((40, 123, 110, 150),),
    "outline": ((0, 0, 24, 150), (126, 0, 150, 150), (0, 0, 150, 18)),
}
"""Boxes, left, top, right, bottom, of each part on the aligned chip. Outline: hair, ears and cheeks at the edges."""

LEAST_EFFECT = 0.01
"""Distances of one face to itself, aligned again from a box a pixel aside, differ by about as much."""

_BLUR_PX = 14.0  # nothing of an eye or a mouth is left, and no edge is added that the network could see
_SOFT_PX = 2.0  # edge of what is hidden


@dataclass(frozen=True, slots=True)
class PartEffect:
    """What hiding a part does: `change` of the distance to the match, and `effect`, the same less the mean change of
    the distances to other people. Positive: the part makes the likeness; negative: it speaks against it."""

    part: str
    change: float
    effect: float


@dataclass(frozen=True, slots=True)
class Why:
    """`distance` with nothing hidden, the parts by their effect, the strongest first, and a sentence for a reader."""

    distance: float
    parts: tuple[PartEffect, ...]
    sentence: str


def hidden(chip: np.ndarray) -> np.ndarray:
    """The chip (150, 150, 3) RGB uint8 with each of `PARTS` hidden in turn, (parts, 150, 150, 3): blurred until nothing
    of it can be seen. Deterministic. Raises ValueError for another shape."""
    if chip.shape != (CHIP_SIDE_PX, CHIP_SIDE_PX, 3) or chip.dtype != np.uint8:
        raise ValueError(f"chip: expected (150, 150, 3) uint8, got {chip.shape} {chip.dtype}")
    image = Image.fromarray(chip)
    blurred = image.filter(ImageFilter.GaussianBlur(_BLUR_PX))
    views = []
    for boxes in PARTS.values():
        mask = Image.new("L", image.size, 0)
        for left, top, right, bottom in boxes:
            ImageDraw.Draw(mask).rectangle((left, top, right - 1, bottom - 1), fill=255)
        views.append(np.asarray(Image.composite(blurred, image, mask.filter(ImageFilter.GaussianBlur(_SOFT_PX)))))
    return np.stack(views)


def why(chip: np.ndarray, match: np.ndarray, others: np.ndarray, embedder: FaceEmbedder) -> Why:
    """Why the face on `chip` (150, 150, 3) RGB uint8 is like the one with the vector `match` (128,) float32 rather than
    `others` (n, 128) of other people, of the same network; n may be 0, then nothing is taken off. All views are
    embedded in one batch, 60 ms."""
    vectors = embedder.embed(np.concatenate([chip[None], hidden(chip)]))
    to_match = distances(vectors, match).astype(np.float64)
    change = to_match[1:] - to_match[0]
    usual = np.zeros(len(change))
    if len(others):
        to_others = np.stack([distances(others, vector) for vector in vectors]).astype(np.float64)
        usual = (to_others[1:] - to_others[0]).mean(axis=1)
    parts = [
        PartEffect(name, float(one), float(one - general))
        for name, one, general in zip(PARTS, change, usual, strict=True)
    ]
    parts.sort(key=lambda part: -part.effect)
    return Why(float(to_match[0]), tuple(parts), sentence(parts))


def sentence(parts: list[PartEffect]) -> str:
    """What the effects, the strongest first, say in one sentence.

    >>> sentence([PartEffect("eyes", 0.1, 0.08), PartEffect("chin", 0.0, -0.03)])
    'Above all the eyes make the likeness; the chin speaks against it.'
    """
    best = [part.part for part in parts if part.effect >= max(LEAST_EFFECT, parts[0].effect / 2)]
    worst = parts[-1].part if parts[-1].effect <= -LEAST_EFFECT else None
    if not best:
        made = "No part by itself makes the likeness, the face as a whole does"
    else:
        named = best[0] if len(best) == 1 else f"{', '.join(best[:-1])} and {best[-1]}"
        many = len(best) > 1 or best[0] in ("eyes", "brows")
        made = f"Above all the {named} {'make' if many else 'makes'} the likeness"
    if worst is None:
        return f"{made}."
    return f"{made}; the {worst} {'speak' if worst in ('eyes', 'brows') else 'speaks'} against it."
