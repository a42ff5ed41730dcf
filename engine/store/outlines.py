"""A film's latest analysis in parts: each reads only the rows and columns that one page needs, never a vector."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, func, select

from engine.store import schema
from engine.store.analysis_rows import as_candidates, read_people, read_shots
from engine.store.blobs import unpack
from engine.store.decided_names import decided_names, ignored_people
from engine.store.film_records import FilmPerson, FilmRecord, film_records, latest_analysis_id
from engine.timeline import Interval
from engine.types import Candidates, Chances, Person


@dataclass(frozen=True, slots=True)
class TrackOutline:
    """A track without its boxes: whose it is (None: nobody's), when the face is visible, its distance to the person
    named (None for strangers; in older analyses that of the person's group of tracks), and who it may be (None: there
    was no gallery, or the analysis is older than this knowledge)."""

    id: int
    person_id: str | None
    start_s: float
    end_s: float
    distance: float | None
    chances: Chances | None
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """The latest analysis of a film without boxes and vectors. `people` have their decided names; `named_by_hand` are
    the ids of those whose name a person chose. `gallery` and `cast` are who was expected: None and () where nobody
    was, or where the analysis is older than this knowledge. `tracks` are in the order of the analysis. `ignored`
    are the ids of people who are not to be asked about."""

    film: FilmRecord
    analysis_id: int
    created_at: datetime
    engine_version: str
    settings: dict[str, Any]
    gallery: str | None
    cast: tuple[str, ...]
    shots: tuple[Interval, ...]
    people: tuple[Person, ...]
    named_by_hand: frozenset[str]
    tracks: tuple[TrackOutline, ...]
    warnings: tuple[str, ...]
    n_frames_damaged: int
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TrackBoxes:
    """Where a track's face was seen: `t_s` (n,) float64, rising, and `boxes_xyxy` (n, 4) float32; n >= 1."""

    id: int
    person_id: str | None
    t_s: np.ndarray
    boxes_xyxy: np.ndarray


@dataclass(frozen=True, slots=True)
class TrackFace:
    """One of a track's best faces: when, where, how good (0..1), and whom it is like, nearest first (None: there was
    no gallery)."""

    t_s: float
    box_xyxy: tuple[float, float, float, float]
    quality: float
    candidates: Candidates | None


def read_outline(connection: Connection, video_sha256: str) -> Outline | None:
    """None for a film that is unknown or was never analysed."""
    film = next(iter(film_records(connection, schema.films.c.sha256 == video_sha256, people=False)), None)
    if film is None or film.latest_analysis_id is None:
        return None
    query = select(*schema.ANALYSIS_FACTS).where(schema.analyses.c.id == film.latest_analysis_id)
    row = connection.execute(query).one()
    names = decided_names(connection, row.film_id)
    tracks = _tracks(connection, row.id)
    people = tuple(read_people(connection, row.id, (track[:3] for track in tracks), names))
    in_film = [FilmPerson(p.id, p.name, p.kind, p.screen_time_s, named_by_hand=p.id in names) for p in people]
    return Outline(
        film=replace(film, people=tuple(sorted(in_film, key=lambda person: -person.screen_time_s))),
        analysis_id=row.id,
        created_at=row.created_at,
        engine_version=row.engine_version,
        settings=row.settings,
        gallery=row.gallery,
        cast=tuple(row.cast_names or ()),
        shots=read_shots(connection, row.id),
        people=people,
        named_by_hand=frozenset(person.id for person in people if person.id in names),
        tracks=tuple(TrackOutline(*track[2:-2], as_candidates(track[-2]), track[-1]) for track in tracks),
        warnings=tuple(row.warnings),
        n_frames_damaged=row.n_frames_damaged,
        ignored=ignored_people(connection, row.film_id),
    )


def read_boxes(connection: Connection, video_sha256: str, start_s: float, end_s: float) -> Iterator[TrackBoxes]:
    """The tracks visible in ``[start_s, end_s)``, by their start, each with its boxes in that window and the nearest
    one before and after it, so that the face's way can be drawn to the window's edges."""
    tracks, people = schema.tracks, schema.people
    query = (
        select(tracks.c.number, people.c.id.label("person_id"), tracks.c.times, tracks.c.boxes)
        .outerjoin(people, people.c.row_id == tracks.c.person_row_id)
        .where(
            tracks.c.analysis_id == latest_analysis_id(video_sha256).scalar_subquery(),
            tracks.c.start_s < end_s,
            tracks.c.end_s > start_s,
        )
        .order_by(tracks.c.start_s, tracks.c.position)
    )
    for row in connection.execute(query):
        t_s = unpack(row.times, np.float64, (None,))
        first = max(0, bisect_right(t_s, start_s) - 1)
        last = min(len(t_s), bisect_left(t_s, end_s) + 1)
        boxes = unpack(row.boxes, np.float32, (len(t_s), 4))
        yield TrackBoxes(row.number, row.person_id, t_s[first:last], boxes[first:last])


def read_faces(connection: Connection, video_sha256: str, track_ids: Iterable[int]) -> dict[int, tuple[TrackFace, ...]]:
    """Track id -> its faces in the order of the analysis, () for a track without; unknown tracks are absent."""
    tracks, faces = schema.tracks, schema.track_faces
    query = (
        select(tracks.c.number, faces.c.t_s, faces.c.box, faces.c.quality, faces.c.candidates)
        .select_from(tracks)
        .outerjoin(faces, faces.c.track_id == tracks.c.id)
        .where(
            tracks.c.analysis_id == latest_analysis_id(video_sha256).scalar_subquery(),
            tracks.c.number.in_(set(track_ids)),
        )
        .order_by(tracks.c.position, faces.c.position)
    )
    rows = connection.execute(query)
    return {
        number: tuple(_face(row) for row in of_track if row.box is not None)
        for number, of_track in groupby(rows, key=lambda row: row.number)
    }


def read_best_faces(connection: Connection, video_sha256: str) -> dict[str, tuple[int, int]]:
    """Person id -> (track id, index in the track's faces) of the face with the best quality, the earliest of equal
    ones; people without a face are absent."""
    tracks, faces, people = schema.tracks, schema.track_faces, schema.people
    rank = func.row_number().over(
        partition_by=people.c.row_id, order_by=(faces.c.quality.desc(), faces.c.t_s, tracks.c.position)
    )
    ranked = (
        select(people.c.id, tracks.c.number, faces.c.position, rank.label("rank"))
        .select_from(tracks)
        .join(people, people.c.row_id == tracks.c.person_row_id)
        .join(faces, faces.c.track_id == tracks.c.id)
        .where(tracks.c.analysis_id == latest_analysis_id(video_sha256).scalar_subquery())
        .subquery()
    )
    best = select(ranked.c.id, ranked.c.number, ranked.c.position).where(ranked.c.rank == 1)
    return {person_id: (number, position) for person_id, number, position in connection.execute(best)}


def _tracks(connection: Connection, analysis_id: int) -> Sequence[Row]:
    """Of each track what `read_people` asks for (the first three columns) and the fields of `TrackOutline` (the third
    and all that follow)."""
    tracks, people = schema.tracks, schema.people
    query = (
        select(
            tracks.c.person_row_id,
            tracks.c.person_position,
            tracks.c.number,
            people.c.id,
            tracks.c.start_s,
            tracks.c.end_s,
            tracks.c.distance,
            tracks.c.chances,
            tracks.c.decided,
        )
        .outerjoin(people, people.c.row_id == tracks.c.person_row_id)
        .where(tracks.c.analysis_id == analysis_id)
        .order_by(tracks.c.position)
    )
    return connection.execute(query).all()


def _face(row: Row) -> TrackFace:
    left, top, right, bottom = unpack(row.box, np.float32, (4,)).tolist()
    return TrackFace(row.t_s, (left, top, right, bottom), row.quality, as_candidates(row.candidates))
