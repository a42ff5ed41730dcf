"""When the people of an analysis are hard to see, read from its boxes and the quality of its faces, without vectors."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from sqlalchemy import Connection, select

from engine.identity.visibility import Sights, hard_moments
from engine.store import schema
from engine.store.blobs import unpack
from engine.timeline import Timeline

_NONE = np.empty(0)


def read_hard_moments(connection: Connection, analysis_id: int) -> dict[str, Timeline]:
    """Person id -> when that one is hard to see; absent who never is. About 0.3 s for 5,000 tracks."""
    tracks, people, faces = schema.tracks, schema.people, schema.track_faces
    face_rows = connection.execute(
        select(faces.c.track_id, faces.c.t_s, faces.c.quality)
        .join(tracks)
        .where(tracks.c.analysis_id == analysis_id)
        .order_by(faces.c.track_id, faces.c.position)
    ).all()
    faces_of = {
        track_id: np.array([(t_s, quality) for _, t_s, quality in rows]).T
        for track_id, rows in groupby(face_rows, key=lambda row: row[0])
    }
    track_rows = connection.execute(
        select(tracks.c.id, people.c.id, tracks.c.start_s, tracks.c.end_s, tracks.c.times, tracks.c.boxes)
        .join(people, people.c.row_id == tracks.c.person_row_id)
        .where(tracks.c.analysis_id == analysis_id)
    ).all()
    sights: dict[str, list[Sights]] = {}
    for track_id, person_id, start_s, end_s, times, boxes in track_rows:
        boxes_xyxy = unpack(boxes, np.float32, (None, 4))
        faces_t_s, quality = faces_of.get(track_id, (_NONE, _NONE))
        seen = Sights(
            start_s,
            end_s,
            unpack(times, np.float64, (None,)),
            boxes_xyxy[:, 3] - boxes_xyxy[:, 1],
            faces_t_s,
            quality.astype(np.float32),  # as it was when the film was analysed
        )
        sights.setdefault(person_id, []).append(seen)
    found = {person_id: hard_moments(of_person) for person_id, of_person in sights.items()}
    return {person_id: hard for person_id, hard in found.items() if hard}
