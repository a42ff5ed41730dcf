"""Puts what people decided over a film's latest analysis, so that every reader of its people and tracks sees it.

What the analysis said by itself is kept once, before the first decision, and every change replays all decisions over
that: rows are the outcome, never the source.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Table, Text, bindparam, delete, func, select, type_coerce, update

from engine.identity.decisions import Decided, decided
from engine.names import name_key
from engine.store import schema
from engine.store.database import insert_all
from engine.store.decision_rows import active_decisions
from engine.timeline import Interval, Timeline
from engine.types import Person

_LEAST_S = 1e-6  # a track counts for something, however short

_KNOWN, _UNKNOWN = "known:", "unknown:"


def reapply(connection: Connection, film_id: int) -> tuple[tuple[int, str], ...]:
    """Brings the rows of the film's latest analysis up to date with the decisions that hold; nothing happens in a film
    without either. Answers what the decisions break of themselves, as `Decided.broken`."""
    analyses = schema.analyses
    analysis_id = connection.scalar(select(func.max(analyses.c.id)).where(analyses.c.film_id == film_id))
    if analysis_id is None:
        return ()
    decisions = active_decisions(connection, film_id, analysis_id)
    said = said_people(connection, analysis_id)
    if said is None:
        if not decisions:
            return ()
        said = _keep_as_it_stands(connection, analysis_id)
    owner = {track: person.id for person in said for track in person.track_ids}
    now = decided(owner, decisions)
    _write(connection, film_id, analysis_id, said, now)
    return now.broken


def said_people(connection: Connection, analysis_id: int) -> tuple[Person, ...] | None:
    """The people of an analysis as it said by itself, longest on screen first; None where nobody decided anything, so
    that its people are those it said."""
    analyses = schema.analyses
    # As text: what was read once need not be taken apart again, at every correction several times.
    kept = connection.scalar(select(type_coerce(analyses.c.said, Text)).where(analyses.c.id == analysis_id))
    return None if kept is None else _people_in(kept)


def said_owner(connection: Connection, analysis_id: int) -> dict[int, str]:
    """Track id -> person id as the analysis said by itself."""
    said = said_people(connection, analysis_id)
    if said is not None:
        return {track: person.id for person in said for track in person.track_ids}
    tracks, people = schema.tracks, schema.people
    query = (
        select(tracks.c.number, people.c.id)
        .join(people, people.c.row_id == tracks.c.person_row_id)
        .where(tracks.c.analysis_id == analysis_id)
    )
    return {number: person_id for number, person_id in connection.execute(query)}


@lru_cache(maxsize=4)
def _people_in(kept: str) -> tuple[Person, ...]:
    return tuple(
        Person(
            id=one["id"],
            name=one["name"],
            kind=one["kind"],
            timeline=Timeline(Interval(start_s, end_s) for start_s, end_s in one["intervals"]),
            confidence=one["confidence"],
            track_ids=tuple(one["tracks"]),
            low_s=one["low_s"],
            high_s=one["high_s"],
        )
        for one in json.loads(kept)
    )


def _keep_as_it_stands(connection: Connection, analysis_id: int) -> tuple[Person, ...]:
    """Keeps what the analysis said by itself, before anything is decided."""
    said = _as_it_stands(connection, analysis_id)
    connection.execute(update(schema.analyses).where(schema.analyses.c.id == analysis_id).values(said=said))
    return said_people(connection, analysis_id)


def _as_it_stands(connection: Connection, analysis_id: int) -> list[dict[str, Any]]:
    told, people, tracks, seen = schema.analysis_people, schema.people, schema.tracks, schema.appearances
    rows = connection.execute(
        select(
            told.c.person_row_id,
            people.c.id,
            people.c.name,
            people.c.kind,
            told.c.confidence,
            told.c.low_s,
            told.c.high_s,
        )
        .join(people, people.c.row_id == told.c.person_row_id)
        .where(told.c.analysis_id == analysis_id)
        .order_by(told.c.position)
    ).all()
    of_person: dict[int, list[int]] = {}
    query = select(tracks.c.person_row_id, tracks.c.number).where(
        tracks.c.analysis_id == analysis_id, tracks.c.person_row_id.is_not(None)
    )
    for person_row_id, number in connection.execute(query.order_by(tracks.c.person_position)):
        of_person.setdefault(person_row_id, []).append(number)
    intervals: dict[int, list[list[float]]] = {}
    query = select(seen.c.person_row_id, seen.c.start_s, seen.c.end_s).where(seen.c.analysis_id == analysis_id)
    for person_row_id, start_s, end_s in connection.execute(query.order_by(seen.c.start_s)):
        intervals.setdefault(person_row_id, []).append([start_s, end_s])
    return [
        {
            "id": row.id,
            "name": row.name,
            "kind": row.kind,
            "confidence": row.confidence,
            "low_s": row.low_s,
            "high_s": row.high_s,
            "tracks": of_person.get(row.person_row_id, []),
            "intervals": intervals.get(row.person_row_id, []),
        }
        for row in rows
    ]


def _write(
    connection: Connection,
    film_id: int,
    analysis_id: int,
    said: Sequence[Person],
    now: Decided,
) -> None:
    tracks = schema.tracks
    rows = connection.execute(
        select(
            tracks.c.id,
            tracks.c.number,
            tracks.c.start_s,
            tracks.c.end_s,
            tracks.c.chances,
            tracks.c.person_row_id,
            tracks.c.person_position,
            tracks.c.decided,
        )
        .where(tracks.c.analysis_id == analysis_id)
        .order_by(tracks.c.position)
    ).all()
    row_of_person = _rows_of_people(connection, film_id, set(now.person_of_track.values()))
    own: dict[str, list[Row]] = {}
    for row in rows:
        if row.number in now.person_of_track:
            own.setdefault(now.person_of_track[row.number], []).append(row)
    said_of = {person.id: person for person in said}
    by_tracks = {frozenset(person.track_ids): person for person in said if person.track_ids}
    people = []
    for person_id, of_person in own.items():
        numbers = frozenset(row.number for row in of_person)
        # Whoever has just the tracks that the analysis put together is as sure, and as long on screen, as it said.
        people.append((person_id, by_tracks.get(numbers), of_person))
    # The analysis may know people whom it never saw.
    people += [(one.id, one, []) for one in said if not one.track_ids]
    order = {person.id: place for place, person in enumerate(said)}
    written = [_person(person_id, same, of_person, said_of, now.pinned) for person_id, same, of_person in people]
    written.sort(key=lambda one: (-one["timeline"].duration_s, order.get(one["id"], len(order)), one["id"]))

    people_rows = [
        {"person_row_id": row_of_person[one["id"]], "position": place, **one["told"]}
        for place, one in enumerate(written)
    ]
    seen_rows = [
        {"person_row_id": row_of_person[one["id"]], "start_s": part.start_s, "end_s": part.end_s}
        for one in written
        for part in one["timeline"]
    ]
    _bring_to(connection, schema.analysis_people, analysis_id, people_rows)
    _bring_to(connection, schema.appearances, analysis_id, seen_rows)
    place_of = {number: place for one in written for place, number in enumerate(one["tracks"])}
    changed = []
    for row in rows:
        person_id = now.person_of_track.get(row.number)
        wanted = (
            None if person_id is None else row_of_person[person_id],
            place_of.get(row.number),
            row.number in now.pinned,
        )
        if wanted != (row.person_row_id, row.person_position, row.decided):
            changed.append(dict(zip(("row_id", "person", "place", "pinned"), (row.id, *wanted), strict=True)))
    if changed:
        change = (
            update(tracks)
            .where(tracks.c.id == bindparam("row_id"))
            .values(person_row_id=bindparam("person"), person_position=bindparam("place"), decided=bindparam("pinned"))
        )
        connection.execute(change, changed)


def _bring_to(connection: Connection, table: Table, analysis_id: int, wanted: list[dict[str, Any]]) -> None:
    """Makes `wanted` the rows that the analysis has in a table of its people; only people with other rows are
    written."""
    if not wanted:
        connection.execute(delete(table).where(table.c.analysis_id == analysis_id))
        return
    columns = list(wanted[0])
    query = select(*(table.c[name] for name in columns)).where(table.c.analysis_id == analysis_id)
    there, then = defaultdict(set), defaultdict(set)
    for row in connection.execute(query):
        there[row.person_row_id].add(tuple(row))
    for row in wanted:
        then[row["person_row_id"]].add(tuple(row.values()))
    other = [person for person in there.keys() | then.keys() if there[person] != then[person]]
    gone = delete(table).where(table.c.analysis_id == analysis_id, table.c.person_row_id == bindparam("person"))
    if other:
        connection.execute(gone, [{"person": person} for person in other])
    changed = set(other)
    new = [{"analysis_id": analysis_id, **row} for row in wanted if row["person_row_id"] in changed]
    insert_all(connection, table, new)


def _person(
    person_id: str, same: Person | None, rows: list[Row], said_of: dict[str, Person], pinned: frozenset[int]
) -> dict[str, Any]:
    """What is written of somebody: id, timeline, tracks, and the columns told. Bounds are not known of people
    whose tracks were put together by hand."""
    if same is not None:
        timeline, tracks = same.timeline, same.track_ids
        confidence = 1.0 if tracks and all(number in pinned for number in tracks) else same.confidence
        told = {"confidence": confidence, "low_s": same.low_s, "high_s": same.high_s}
    else:
        timeline = Timeline(Interval(row.start_s, row.end_s) for row in rows)
        tracks = tuple(row.number for row in rows)
        seconds = [row.end_s - row.start_s + _LEAST_S for row in rows]
        fallback = said_of[person_id].confidence if person_id in said_of else 1.0
        sure = [1.0 if row.number in pinned else _chance(row, person_id, fallback) for row in rows]
        mean = sum(a * b for a, b in zip(sure, seconds, strict=True)) / sum(seconds)
        told = {"confidence": mean, "low_s": None, "high_s": None}
    return {
        "id": person_id,
        "timeline": timeline,
        "tracks": tracks,
        "told": told,
    }


def _chance(row: Row, person_id: str, fallback: float) -> float:
    """How likely a track that nobody decided about shows this person."""
    if row.chances is None:
        return fallback
    if person_id.startswith(_KNOWN):
        key = person_id.removeprefix(_KNOWN)
        return sum(chance for name, chance in row.chances if name_key(name) == key)
    return 1.0 - sum(chance for _, chance in row.chances)


def _rows_of_people(connection: Connection, film_id: int, wanted: Iterable[str]) -> dict[str, int]:
    """Person id -> row id of everybody in the film; strangers whom a decision brought in are added."""
    table = schema.people
    query = select(table.c.id, table.c.row_id).where(table.c.film_id == film_id)
    rows = {person_id: row_id for person_id, row_id in connection.execute(query)}
    missing = sorted(set(wanted) - rows.keys())
    if not missing:
        return rows
    added = []
    for person_id in missing:
        number = int(person_id.removeprefix(_UNKNOWN))
        stranger = {"name": f"unknown_{number}", "kind": "unknown", "unknown_number": number}
        added.append({"film_id": film_id, "id": person_id, "created_at": schema.now(), **stranger})
    insert_all(connection, table, added)
    return {person_id: row_id for person_id, row_id in connection.execute(query)}
