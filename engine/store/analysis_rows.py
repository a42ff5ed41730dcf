"""One analysis as rows and back, inside the transaction of the caller. Arrays and times come back bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select

from engine.errors import ModelError
from engine.store import schema
from engine.store.blobs import pack, unpack
from engine.store.database import insert_all
from engine.timeline import Interval, Timeline
from engine.types import Analysis, Candidates, FaceSamples, Person, Track, VideoInfo


def check(analysis: Analysis) -> None:
    """Raises ValueError if the parts of `analysis` contradict each other, so that rows could not say them both;
    ModelError if its faces come from more than one model."""
    people = {person.id: person for person in analysis.people}
    numbers = {track.id for track in analysis.tracks}
    if len(people) != len(analysis.people) or len(numbers) != len(analysis.tracks):
        raise ValueError("analysis: two people or two tracks have the same id")
    claimed = [(number, person.id) for person in analysis.people for number in person.track_ids]
    if len(claimed) != len(analysis.person_of_track) or dict(claimed) != analysis.person_of_track:
        raise ValueError("analysis: track_ids of the people and person_of_track differ")
    of_tracks = (analysis.person_of_track, analysis.distance_of_track, analysis.chances)
    if not all(numbers.issuperset(of) for of in of_tracks):
        raise ValueError("analysis: person_of_track, distance_of_track or chances names a track that is not there")
    n_faces = {track.id: len(track.faces) for track in analysis.tracks}
    if any(n_faces.get(number) != len(of_faces) for number, of_faces in analysis.candidates.items()):
        raise ValueError("analysis: candidates names a track that is not there, or not one entry for each of its faces")
    models = {track.faces.model_id for track in analysis.tracks}
    if len(models) > 1:
        raise ModelError(
            f"The analysis mixes face vectors of {' and '.join(sorted(models))}; analyse the film again with one model."
        )


def insert_analysis(connection: Connection, film_id: int, row_of_person: dict[str, int], analysis: Analysis) -> int:
    """Writes `analysis` (one that `check` let pass) and returns its id; `row_of_person` is person id -> row id."""
    row = {
        "film_id": film_id,
        "created_at": schema.now(),
        "engine_version": analysis.engine_version,
        "settings": analysis.settings,
        "model_ids": list(analysis.model_ids),
        "n_frames_damaged": analysis.n_frames_damaged,
        "warnings": list(analysis.warnings),
        "gallery": analysis.gallery,
        "cast_names": list(analysis.cast) if analysis.cast or analysis.gallery is not None else None,
    }
    analysis_id = connection.execute(insert(schema.analyses).values(**row)).inserted_primary_key[0]

    def belonging(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"analysis_id": analysis_id, **row} for row in rows]

    insert_all(
        connection,
        schema.shots,
        belonging({"number": number, **_times(shot)} for number, shot in enumerate(analysis.shots)),
    )
    insert_all(
        connection,
        schema.analysis_people,
        belonging(
            {
                "person_row_id": row_of_person[person.id],
                "confidence": float(person.confidence),
                "position": position,
                "low_s": person.low_s,
                "high_s": person.high_s,
            }
            for position, person in enumerate(analysis.people)
        ),
    )
    insert_all(
        connection,
        schema.appearances,
        belonging(
            {"person_row_id": row_of_person[person.id], **_times(interval)}
            for person in analysis.people
            for interval in person.timeline
        ),
    )
    insert_all(connection, schema.tracks, belonging(_track_rows(analysis, row_of_person)))
    stored = connection.execute(
        select(schema.tracks.c.number, schema.tracks.c.id).where(schema.tracks.c.analysis_id == analysis_id)
    )
    row_of_track = {number: row_id for number, row_id in stored}
    insert_all(connection, schema.track_faces, list(_face_rows(analysis, row_of_track)))
    return analysis_id


def read_analysis(
    connection: Connection, analysis: Row, film: Row, decided_names: dict[str, str], *, faces: bool = True
) -> Analysis:
    """The analysis whose row is `analysis`, of the film whose row is `film`, with the names that people decided on.

    Every track has an entry in `distance_of_track`, those without faces none in `candidates`. Without `faces`, which
    are most of the bytes, all tracks are read as if they had none. Raises StorageError for damaged arrays, ModelError
    for faces of another model than their track's.
    """
    track_rows = connection.execute(
        _of(schema.tracks, analysis.id)
        .add_columns(schema.people.c.id.label("person_id"))
        .outerjoin(schema.people, schema.people.c.row_id == schema.tracks.c.person_row_id)
        .order_by(schema.tracks.c.position)
    ).all()
    belongings = ((row.person_row_id, row.person_position, row.number) for row in track_rows)
    face_rows = _face_rows_of_tracks(connection, analysis.id) if faces else {}
    return Analysis(
        video=_video(film),
        video_sha256=film.sha256,
        engine_version=analysis.engine_version,
        model_ids=tuple(analysis.model_ids),
        settings=analysis.settings,
        shots=read_shots(connection, analysis.id),
        people=tuple(read_people(connection, analysis.id, belongings, decided_names)),
        tracks=tuple(_tracks(track_rows, face_rows)),
        person_of_track={row.number: row.person_id for row in track_rows if row.person_id is not None},
        distance_of_track={row.number: row.distance for row in track_rows},
        n_frames_damaged=analysis.n_frames_damaged,
        warnings=tuple(analysis.warnings),
        candidates=_candidates(track_rows, face_rows),
        chances={row.number: as_candidates(row.chances) for row in track_rows if row.chances is not None},
        gallery=analysis.gallery,
        cast=tuple(analysis.cast_names or ()),
        decided=frozenset(row.number for row in track_rows if row.decided),
    )


def read_tracks_of(connection: Connection, analysis_id: int, person_id: str) -> Iterator[Track]:
    """The tracks of one person of an analysis with their faces, in its order; none for somebody who is not in it.
    Raises as `read_analysis`."""
    tracks, people = schema.tracks, schema.people
    rows = connection.execute(
        _of(tracks, analysis_id)
        .join(people, people.c.row_id == tracks.c.person_row_id)
        .where(people.c.id == person_id)
        .order_by(tracks.c.position)
    ).all()
    whose = select(people.c.row_id).where(people.c.id == person_id)
    return _tracks(rows, _face_rows_of_tracks(connection, analysis_id, tracks.c.person_row_id.in_(whose)))


def read_shots(connection: Connection, analysis_id: int) -> tuple[Interval, ...]:
    table = schema.shots
    query = select(table.c.start_s, table.c.end_s).where(table.c.analysis_id == analysis_id).order_by(table.c.number)
    # Rows are unpacked, here and where else there are thousands: taking columns by name costs several times as much.
    return tuple(Interval(start_s, end_s) for start_s, end_s in connection.execute(query).all())


def as_candidates(pairs: list[list[Any]] | None) -> Candidates | None:
    """What the columns `candidates` and `chances` hold, as a record; None where there was no gallery."""
    return None if pairs is None else tuple((name, value) for name, value in pairs)


def _of(table: schema.Table, analysis_id: int) -> Select:
    return select(table).where(table.c.analysis_id == analysis_id)


def _times(interval: Interval) -> dict[str, float]:
    return {"start_s": float(interval.start_s), "end_s": float(interval.end_s)}


def _track_rows(analysis: Analysis, row_of_person: dict[str, int]) -> Iterator[dict[str, Any]]:
    place = {number: i for person in analysis.people for i, number in enumerate(person.track_ids)}
    for position, track in enumerate(analysis.tracks):
        person_id = analysis.person_of_track.get(track.id)
        distance = analysis.distance_of_track.get(track.id)
        chances = analysis.chances.get(track.id)
        n = len(track.t_s)
        yield {
            "number": track.id,
            "position": position,
            "person_row_id": None if person_id is None else row_of_person[person_id],
            "person_position": place.get(track.id),
            **_times(track.interval),
            "distance": None if distance is None else float(distance),
            "times": pack(track.t_s, np.float64, (n,)),
            "boxes": pack(track.boxes_xyxy, np.float32, (n, 4)),
            "scores": pack(track.scores, np.float32, (n,)),
            "clothes": pack(track.clothes, np.float32, (None,)),
            "chances": chances and [[name, float(chance)] for name, chance in chances],
            "model_id": track.faces.model_id,
            "vector_length": track.faces.vectors.shape[1],
        }


def _face_rows(analysis: Analysis, row_of_track: dict[int, int]) -> Iterator[dict[str, Any]]:
    for track in analysis.tracks:
        faces, candidates = track.faces, analysis.candidates.get(track.id)
        for position in range(len(faces)):
            yield {
                "track_id": row_of_track[track.id],
                "position": position,
                "t_s": float(faces.t_s[position]),
                "box": pack(faces.boxes_xyxy[position], np.float32, (4,)),
                "quality": float(faces.quality[position]),
                "vector": pack(faces.vectors[position], np.float32, (None,)),
                "model_id": faces.model_id,
                "candidates": candidates and [[name, float(distance)] for name, distance in candidates[position]],
            }


def _video(film: Row) -> VideoInfo:
    return VideoInfo(
        path=Path(film.path),
        duration_s=film.duration_s,
        fps=Fraction(film.fps),
        width=film.width,
        height=film.height,
        codec=film.codec,
    )


def read_people(
    connection: Connection,
    analysis_id: int,
    belongings: Iterable[tuple[int | None, int | None, int]],
    decided_names: dict[str, str],
) -> Iterator[Person]:
    """The people of an analysis in its order; `belongings` are the columns person_row_id, person_position and number
    of its tracks."""
    appearances = schema.appearances
    timelines: dict[int, list[Interval]] = {}
    query = select(appearances.c.person_row_id, appearances.c.start_s, appearances.c.end_s)
    for row_id, start_s, end_s in connection.execute(query.where(appearances.c.analysis_id == analysis_id)).all():
        timelines.setdefault(row_id, []).append(Interval(start_s, end_s))
    track_ids: dict[int, list[int]] = {}
    for row_id, _, number in sorted(belonging for belonging in belongings if belonging[0] is not None):
        track_ids.setdefault(row_id, []).append(number)
    people = connection.execute(
        _of(schema.analysis_people, analysis_id)
        .add_columns(schema.people.c.id, schema.people.c.name, schema.people.c.kind)
        .join(schema.people)
        .order_by(schema.analysis_people.c.position)
    )
    for row in people:
        yield Person(
            id=row.id,
            name=decided_names.get(row.id, row.name),
            kind=row.kind,
            timeline=Timeline(timelines.get(row.person_row_id, ())),
            confidence=row.confidence,
            track_ids=tuple(track_ids.get(row.person_row_id, ())),
            low_s=row.low_s,
            high_s=row.high_s,
        )


def _face_rows_of_tracks(connection: Connection, analysis_id: int, *where: ColumnElement[bool]) -> dict[int, list[Row]]:
    """Row id of a track -> the rows of its faces, of those tracks to which all of `where` applies; tracks without faces
    are absent."""
    face_rows = connection.execute(
        select(schema.track_faces)
        .join(schema.tracks)
        .where(schema.tracks.c.analysis_id == analysis_id, *where)
        .order_by(schema.track_faces.c.track_id, schema.track_faces.c.position)
    )
    return {track_id: list(rows) for track_id, rows in groupby(face_rows, key=lambda row: row.track_id)}


def _candidates(track_rows: Iterable[Row], face_rows: dict[int, list[Row]]) -> dict[int, tuple[Candidates, ...]]:
    return {
        track.number: tuple(as_candidates(row.candidates) or () for row in rows)
        for track in track_rows
        if (rows := face_rows.get(track.id)) and any(row.candidates is not None for row in rows)
    }


def _tracks(track_rows: Iterable[Row], face_rows: dict[int, list[Row]]) -> Iterator[Track]:
    for row in track_rows:
        yield Track(
            id=row.number,
            start_s=row.start_s,
            end_s=row.end_s,
            t_s=unpack(row.times, np.float64, (None,)),
            boxes_xyxy=unpack(row.boxes, np.float32, (None, 4)),
            scores=unpack(row.scores, np.float32, (None,)),
            faces=_face_samples(row, face_rows.get(row.id, [])),
            clothes=unpack(row.clothes or b"", np.float32, (None,)),
        )


def _face_samples(track: Row, rows: list[Row]) -> FaceSamples:
    others = {row.model_id for row in rows} - {track.model_id}
    if others:
        raise ModelError(
            f"A track mixes face vectors of {track.model_id} and {', '.join(sorted(others))}; analyse the film again."
        )
    n = len(rows)
    return FaceSamples(
        t_s=np.array([row.t_s for row in rows], np.float64),
        boxes_xyxy=unpack(b"".join(row.box for row in rows), np.float32, (n, 4)),
        quality=np.array([row.quality for row in rows], np.float32),
        vectors=unpack(b"".join(row.vector for row in rows), np.float32, (n, track.vector_length)),
        model_id=track.model_id,
    )
