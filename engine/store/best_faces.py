"""The best face of each track of an analysis, with its vector: what people are shown and compared by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, func, select

from engine.store import schema
from engine.store.blobs import unpack


@dataclass(frozen=True, slots=True)
class BestFace:
    """A track's best face: its index among the track's faces, its quality in 0..1, and its vector (d,) float32."""

    index: int
    quality: float
    vector: np.ndarray


def read_best_face_of_tracks(connection: Connection, analysis_id: int) -> dict[int, BestFace]:
    """Track id -> the face of the best quality, the earliest of equal ones; tracks without a face are absent. An
    analysis' faces never change. About 0.1 s for 20,000 faces."""
    tracks, faces = schema.tracks, schema.track_faces
    place = func.row_number().over(partition_by=faces.c.track_id, order_by=(faces.c.quality.desc(), faces.c.t_s))
    ranked = (
        select(faces.c.id, tracks.c.number, place.label("place"))
        .join(tracks, tracks.c.id == faces.c.track_id)
        .where(tracks.c.analysis_id == analysis_id)
        .subquery()
    )
    query = (
        select(ranked.c.number, faces.c.position, faces.c.quality, faces.c.vector)
        .join(faces, faces.c.id == ranked.c.id)
        .where(ranked.c.place == 1)
    )
    return {
        number: BestFace(position, quality, unpack(vector, np.float32, (None,)))
        for number, position, quality, vector in connection.execute(query)
    }
