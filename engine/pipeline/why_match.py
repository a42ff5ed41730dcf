"""Why a face of a photo is like somebody of a gallery: the parts that make it, measured against other people there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.identity.index import FaceIndex
from engine.identity.nearest import distances
from engine.identity.why import Why, why
from engine.pipeline.lookalike import PhotoFace
from engine.vision.embed import FaceEmbedder

N_OTHERS = 64
"""People whom the match is compared with; of more the mean change differs by less than `LEAST_EFFECT`."""


def why_match(face: PhotoFace, index: FaceIndex, row: int, embedder: FaceEmbedder) -> Why:
    """Why `face`, which must have its chip, is like the face `row` of the gallery rather than like others there, evenly
    taken from all of it. Raises ValueError for a row that the gallery has not."""
    if face.chip is None:
        raise ValueError("expected a face with its chip")
    match = index.vectors_of(np.array([row], np.int64))[0]
    person = index.name_of(row)
    spread = np.unique(np.linspace(0, len(index) - 1, min(len(index), 4 * N_OTHERS)).astype(np.int64))
    others = [one for one in spread.tolist() if index.name_of(one) != person]
    others = others[:: max(1, len(others) // N_OTHERS)][:N_OTHERS]
    return why(face.chip, match, index.vectors_of(np.array(others, np.int64)), embedder)


def face_nearest_to(faces: Sequence[PhotoFace], index: FaceIndex, row: int) -> tuple[int, float]:
    """Which of `faces`, at least one, is nearest to the face `row` of the gallery, and how far it is."""
    match = index.vectors_of(np.array([row], np.int64))[0]
    apart = distances(np.stack([face.vector for face in faces]), match)
    nearest = int(apart.argmin())
    return nearest, float(apart[nearest])
