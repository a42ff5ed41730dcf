"""What people decided about a film, in order, never erased: the log that outranks what the program guessed.

A correction is a name ("rename"), or a decision about who is who (`engine.identity.decisions`), whose effect on the
film's latest analysis is written down in the same transaction. Taken back, it stays in the log and can be made to hold
again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from engine.errors import DecisionError, StorageError
from engine.identity.decisions import KINDS, Decision, contradicted, decided, new_people, with_numbers
from engine.store import schema
from engine.store.database import Store
from engine.store.decided import reapply, said_owner
from engine.store.decided_names import RENAME, decided_names
from engine.store.decision_rows import active_decisions, decisions_one_by_one, keep_tracks, payload_of, seen_of

_TABLE = schema.corrections


@dataclass(frozen=True, slots=True)
class Correction:
    """One act of a person. `kind` is `RENAME` or one of `engine.identity.decisions.KINDS`, `payload` (JSON values) what
    it says; `author` may be "". `undone_at` is None while it holds; `batch` is the same for what was decided, and is
    taken back, together in several films. Dates are UTC."""

    id: int
    video_sha256: str
    created_at: datetime
    author: str
    kind: str
    payload: dict[str, Any]
    undone_at: datetime | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Whose each track is by the analysis alone (`said`), and each correction in the order in which they were made: a
    decision, or None for a mere name, with the ids of the people whom it names."""

    said: dict[int, str]
    made: tuple[tuple[Decision | None, frozenset[str]], ...]


class CorrectionLog:
    """The corrections of every film of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, video_sha256: str, kind: str, payload: dict[str, Any], author: str = "") -> int:
        """Adds a correction that is no decision after all others and returns its id.

        Raises StorageError if the film is not in the store, ValueError for a rename without person or name.
        """
        if kind in KINDS:
            raise ValueError(f"{kind} is a decision, which `decide` adds")
        if kind == RENAME and not (isinstance(payload.get("person_id"), str) and isinstance(payload.get("name"), str)):
            raise ValueError(f"a rename needs the texts person_id and name, got {payload}")
        with self._store.write() as connection:
            film_id = _film_id(connection, video_sha256)
            return _insert(connection, film_id, {"kind": kind, "payload": payload, "author": author})

    def decide(
        self, decisions: Iterable[tuple[str, Decision]], author: str = "", batch: str | None = None
    ) -> list[int]:
        """Adds decisions, each (film, decision) with tracks of that film's latest analysis, and puts them over it: all
        of them or none. Returns their ids.

        Raises DecisionError if one contradicts an earlier one, StorageError if a film is not in the store or was never
        analysed, ValueError for a track that its analysis lacks.
        """
        with self._store.write() as connection:
            return [_decide(connection, sha256, decision, author, batch) for sha256, decision in decisions]

    def active(self, video_sha256: str) -> tuple[Correction, ...]:
        """The film's corrections that are not undone, in the order they were made; () for an unknown film."""
        return self._select(video_sha256, _TABLE.c.undone_at.is_(None))

    def history(self, video_sha256: str) -> tuple[Correction, ...]:
        """All the film's corrections in the order they were made; () for an unknown film."""
        return self._select(video_sha256)

    def last_undoable(self, video_sha256: str) -> Correction | None:
        """The correction of this film that was made last and is not undone, None if there is none."""
        with self._store.read() as connection:
            active = _corrections(video_sha256, _TABLE.c.undone_at.is_(None))
            row = connection.execute(active.order_by(_TABLE.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else Correction(*row)

    def last_redoable(self, video_sha256: str) -> Correction | None:
        """The correction of this film that was undone last, as long as none was made after that; None if there is
        none."""
        undone = [one for one in self.history(video_sha256) if one.undone_at is not None]
        if not undone:
            return None
        last = max(undone, key=lambda one: (one.undone_at, -one.id))
        newer = [one for one in self.active(video_sha256) if one.created_at > last.undone_at]
        return None if newer else last

    def last_id(self, video_sha256: str) -> int:
        """The id of the film's newest correction, whether it holds or not; 0 before the first."""
        query = select(func.max(_TABLE.c.id)).join(schema.films).where(schema.films.c.sha256 == video_sha256)
        with self._store.read() as connection:
            return connection.scalar(query) or 0

    def known_as(self, video_sha256: str) -> tuple[tuple[str, str], ...]:
        """Who of the film is somebody else where an analysis knows that one by itself: (person id, the other's id)."""
        known: dict[str, str] = {}
        for payload in (one.payload for one in self.active(video_sha256) if one.kind in KINDS):
            for person, _ in payload["names"]:
                known.pop(person, None)  # by an earlier name
            known.update((a, b) for a, b in payload["known_as"])
        return tuple(known.items())

    def kept_apart(self, video_sha256: str) -> frozenset[tuple[str, str]]:
        """Pairs of people of the film's latest analysis, one of whose tracks was said not to be the other's."""
        with self._store.read() as connection:
            film_id, analysis_id = _latest(connection, video_sha256)
            if analysis_id is None:
                return frozenset()
            said, decisions = said_owner(connection, analysis_id), active_decisions(connection, film_id, analysis_id)
            return decided(said, decisions).apart

    def steps(self, video_sha256: str) -> Steps | None:
        """What the film's latest analysis said by itself, and the corrections that hold; None without an analysis."""
        with self._store.read() as connection:
            film_id, analysis_id = _latest(connection, video_sha256)
            if analysis_id is None:
                return None
            made = decisions_one_by_one(connection, film_id, analysis_id, RENAME)
            return Steps(said_owner(connection, analysis_id), tuple(made))

    def undo(self, correction_id: int) -> None:
        """Takes a correction back, and with it all of its batch; what is undone already stays so. Raises StorageError
        for an unknown id, DecisionError if a later decision rests on it."""
        self._set_undone_at(correction_id, schema.now())

    def redo(self, correction_id: int) -> None:
        """Makes an undone correction, and all of its batch, hold again, in its old place. Raises StorageError for an
        unknown id, DecisionError if a later decision contradicts it."""
        self._set_undone_at(correction_id, None)

    def _set_undone_at(self, correction_id: int, undone_at: datetime | None) -> None:
        with self._store.write() as connection:
            row = connection.execute(select(_TABLE.c.batch).where(_TABLE.c.id == correction_id)).one_or_none()
            if row is None:
                raise StorageError(
                    f"There is no correction {correction_id}; reload the page to see the corrections that are left."
                )
            which = _TABLE.c.id == correction_id if row.batch is None else _TABLE.c.batch == row.batch
            changes = _TABLE.c.undone_at.is_(None) if undone_at else _TABLE.c.undone_at.is_not(None)
            films = connection.scalars(select(_TABLE.c.film_id).where(which).distinct()).all()
            before = {film_id: reapply(connection, film_id) for film_id in films}
            connection.execute(update(_TABLE).where(which, changes).values(undone_at=undone_at))
            for film_id in films:
                if set(reapply(connection, film_id)) - set(before[film_id]):
                    raise DecisionError(
                        "A later correction rests on this one, for it would make two people one who were said to be "
                        "different; take the later one back first."
                    )

    def _select(self, video_sha256: str, *where: ColumnElement[bool]) -> tuple[Correction, ...]:
        with self._store.read() as connection:
            query = _corrections(video_sha256, *where).order_by(_TABLE.c.id)
            return tuple(Correction(*row) for row in connection.execute(query))


def _decide(connection: Connection, video_sha256: str, decision: Decision, author: str, batch: str | None) -> int:
    film_id, analysis_id = _latest(connection, video_sha256)
    if film_id is None:
        film_id = _film_id(connection, video_sha256)
    if analysis_id is None:
        raise StorageError("The film was never analysed; analyse it before you correct it.")
    decision = with_numbers(decision, {person: _new_stranger(connection, film_id) for person in new_people(decision)})
    row = {"kind": decision.kind, "payload": payload_of(decision), "author": author, "batch": batch}
    row["seen"] = seen_of(connection, analysis_id, decision)
    earlier = active_decisions(connection, film_id, analysis_id)
    wrong = contradicted(said_owner(connection, analysis_id), earlier, decision)
    if wrong:
        name = _name_of(connection, film_id, wrong[0][1])
        raise DecisionError(
            f"Some of these faces were said not to be {name}; take that correction back first, or leave them out."
        )
    correction_id = _insert(connection, film_id, row)
    keep_tracks(connection, analysis_id, correction_id, decision)
    reapply(connection, film_id)
    return correction_id


def _insert(connection: Connection, film_id: int, row: dict[str, Any]) -> int:
    new = {"film_id": film_id, "created_at": schema.now(), **row}
    return connection.execute(insert(_TABLE).values(**new)).inserted_primary_key[0]


def _latest(connection: Connection, video_sha256: str) -> tuple[int | None, int | None]:
    """The ids of the film and of its latest analysis, None where there is none."""
    films, analyses = schema.films, schema.analyses
    query = (
        select(films.c.id, func.max(analyses.c.id))
        .outerjoin(analyses, analyses.c.film_id == films.c.id)
        .where(films.c.sha256 == video_sha256)
        .group_by(films.c.id)
    )
    row = connection.execute(query).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


def _film_id(connection: Connection, video_sha256: str) -> int:
    film_id = connection.scalar(select(schema.films.c.id).where(schema.films.c.sha256 == video_sha256))
    if film_id is None:
        raise StorageError("The film to be corrected is not in the database; analyse it first.")
    return film_id


def _new_stranger(connection: Connection, film_id: int) -> str:
    """The id of a stranger with the next number, which is used up by this."""
    films = schema.films
    number = connection.scalar(select(films.c.highest_unknown_number).where(films.c.id == film_id)) + 1
    connection.execute(update(films).where(films.c.id == film_id).values(highest_unknown_number=number))
    return f"unknown:{number}"


def _name_of(connection: Connection, film_id: int, person_id: str) -> str:
    people = schema.people
    known = connection.scalar(select(people.c.name).where(people.c.film_id == film_id, people.c.id == person_id))
    return decided_names(connection, film_id).get(person_id, known or "that person").replace("_", " ")


def _corrections(video_sha256: str, *where: ColumnElement[bool]) -> Select[Row]:
    """The fields of `Correction` for those of a film to which all of `where` applies."""
    log = _TABLE.c
    fields = (
        log.id,
        schema.films.c.sha256,
        log.created_at,
        log.author,
        log.kind,
        log.payload,
        log.undone_at,
        log.batch,
    )
    return select(*fields).join(schema.films).where(schema.films.c.sha256 == video_sha256, *where)
