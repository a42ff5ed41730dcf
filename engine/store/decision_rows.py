"""Decisions as payloads of corrections and back, and the tracks that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, insert, select

from engine.identity.decisions import KINDS, Decision, Move
from engine.identity.sightings import Sighting, seen_again, sightings
from engine.store import schema
from engine.store.blobs import unpack
from engine.types import Track

_LOG, _FOUND = schema.corrections, schema.decided_tracks
_MOST_AT_ONCE = 500  # of a query's parameters, well below SQLite's limit


def active_decisions(connection: Connection, film_id: int, analysis_id: int) -> list[Decision]:
    """The film's decisions that hold, in the order in which they were made, with their tracks in this analysis."""
    rows = connection.execute(_active(film_id, _LOG.c.id, _LOG.c.kind, _LOG.c.payload)).all()
    if not rows:
        return []
    tracks = _found_tracks(connection, analysis_id)
    return [_stored(row_id, kind, payload, tracks) for row_id, kind, payload in rows]


def decisions_one_by_one(
    connection: Connection, film_id: int, analysis_id: int, rename: str
) -> list[tuple[Decision | None, frozenset[str]]]:
    """The film's corrections that hold, in the order in which they were made, each as a decision (None for a mere
    `rename`) and the ids of the people whom it gives a name."""
    tracks = _found_tracks(connection, analysis_id)
    query = select(_LOG.c.id, _LOG.c.kind, _LOG.c.payload).where(
        _LOG.c.film_id == film_id, _LOG.c.kind.in_((rename, *KINDS)), _LOG.c.undone_at.is_(None)
    )
    return [
        (None, frozenset({payload["person_id"]}))
        if kind == rename
        else (_stored(row_id, kind, payload, tracks), frozenset(person for person, _ in payload["names"]))
        for row_id, kind, payload in connection.execute(query.order_by(_LOG.c.id))
    ]


def _found_tracks(connection: Connection, analysis_id: int) -> dict[tuple[int, int], list[int]]:
    """(correction, step) -> its tracks in this analysis; absent where there are none."""
    tracks: dict[tuple[int, int], list[int]] = defaultdict(list)
    found = (
        select(_FOUND.c.correction_id, _FOUND.c.step, schema.tracks.c.number)
        .join(schema.tracks, schema.tracks.c.id == _FOUND.c.track_row_id)
        .where(schema.tracks.c.analysis_id == analysis_id)
        .order_by(schema.tracks.c.position)
    )
    for correction_id, step, number in connection.execute(found):
        tracks[correction_id, step].append(number)
    return tracks


def _stored(row_id: int, kind: str, payload: dict[str, Any], tracks: dict[tuple[int, int], list[int]]) -> Decision:
    return _decision(kind, payload, [tracks.get((row_id, step), []) for step in range(len(payload["moves"]))])


def decisions_about(connection: Connection, film_id: int, tracks: Sequence[Track]) -> list[Decision]:
    """The film's decisions that hold, in the order in which they were made, with those of `tracks` that they are about:
    for an analysis that is not saved yet."""
    rows = connection.execute(_active(film_id, _LOG.c.kind, _LOG.c.payload, _LOG.c.seen)).all()
    return [_decision(kind, payload, seen_again(tracks, seen)) for kind, payload, seen in rows]


def _active(film_id: int, *columns: ColumnElement) -> Select:
    holds = _LOG.c.film_id == film_id, _LOG.c.kind.in_(KINDS), _LOG.c.undone_at.is_(None)
    return select(*columns).where(*holds).order_by(_LOG.c.id)


def payload_of(decision: Decision) -> dict[str, Any]:
    """What is kept of a decision but for its tracks."""
    return {
        "moves": [{"to": move.to, "apart": list(move.apart)} for move in decision.moves],
        "joined": [list(pair) for pair in decision.joined],
        "known_as": [list(pair) for pair in decision.known_as],
        "names": [list(pair) for pair in decision.names],
        "ignored": [list(pair) for pair in decision.ignored],
    }


def seen_of(connection: Connection, analysis_id: int, decision: Decision) -> list[list[Sighting]]:
    """Where the faces of each of its moves are seen, by their tracks in this analysis. Raises ValueError for a track
    that the analysis lacks."""
    of_track = _sightings(connection, analysis_id, {track for move in decision.moves for track in move.tracks})
    return [[one for track in move.tracks for one in of_track[track]] for move in decision.moves]


def keep_tracks(connection: Connection, analysis_id: int, correction_id: int, decision: Decision) -> None:
    """Keeps which tracks of the analysis the decision, which is the correction of this id, is about."""
    row_of = _rows_of_tracks(connection, analysis_id)
    _insert(
        connection,
        (
            {"correction_id": correction_id, "step": step, "track_row_id": row_of[track]}
            for step, move in enumerate(decision.moves)
            for track in move.tracks
        ),
    )


def find_again(connection: Connection, film_id: int, analysis_id: int, tracks: Sequence[Track]) -> None:
    """Finds the tracks of all the film's decisions, also those taken back, among the `tracks` of a new analysis."""
    query = select(_LOG.c.id, _LOG.c.seen).where(_LOG.c.film_id == film_id, _LOG.c.kind.in_(KINDS))
    corrections = connection.execute(query).all()
    if not corrections:
        return
    row_of = _rows_of_tracks(connection, analysis_id)
    for correction_id, seen in corrections:
        of_steps = seen_again(tracks, seen)
        _insert(
            connection,
            (
                {"correction_id": correction_id, "step": step, "track_row_id": row_of[track]}
                for step, found in enumerate(of_steps)
                for track in found
            ),
        )


def _insert(connection: Connection, rows: Iterable[dict[str, int]]) -> None:
    rows = list(rows)
    if rows:
        connection.execute(insert(_FOUND), rows)


def _decision(kind: str, payload: dict[str, Any], tracks: Sequence[Sequence[int]]) -> Decision:
    return Decision(
        kind,
        tuple(
            Move(tuple(of_move), move["to"], tuple(move["apart"]))
            for of_move, move in zip(tracks, payload["moves"], strict=True)
        ),
        tuple((a, b) for a, b in payload["joined"]),
        tuple((a, b) for a, b in payload["known_as"]),
        tuple((person, name) for person, name in payload["names"]),
        tuple((person, bool(ignored)) for person, ignored in payload["ignored"]),
    )


def _rows_of_tracks(connection: Connection, analysis_id: int) -> dict[int, int]:
    query = select(schema.tracks.c.number, schema.tracks.c.id).where(schema.tracks.c.analysis_id == analysis_id)
    return {number: row_id for number, row_id in connection.execute(query)}


def _sightings(connection: Connection, analysis_id: int, numbers: set[int]) -> dict[int, list[Sighting]]:
    table, wanted = schema.tracks, sorted(numbers)
    found = {}
    for first in range(0, len(wanted), _MOST_AT_ONCE):
        query = select(table.c.number, table.c.times, table.c.boxes).where(
            table.c.analysis_id == analysis_id, table.c.number.in_(wanted[first : first + _MOST_AT_ONCE])
        )
        for number, times, boxes in connection.execute(query):
            t_s = unpack(times, np.float64, (None,))
            found[number] = sightings(t_s, unpack(boxes, np.float32, (len(t_s), 4)))
    if missing := numbers - found.keys():
        raise ValueError(f"decision: the analysis has no track {min(missing)}")
    return found
