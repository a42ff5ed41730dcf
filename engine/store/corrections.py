"""What people decided about a film, in order, never erased: the log that outranks what the program guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from engine.errors import StorageError
from engine.store import schema
from engine.store.database import Store

RENAME = "rename"
"""The one kind that the store itself understands; payload ``{"person_id": str, "name": str}``."""

_TABLE = schema.corrections


@dataclass(frozen=True, slots=True)
class Correction:
    """One decision. `kind` and `payload` (JSON values) belong to the operation that wrote it; `author` may be ""."""

    id: int
    video_sha256: str
    created_at: datetime
    author: str
    kind: str
    payload: dict[str, Any]


class CorrectionLog:
    """The corrections of every film of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, video_sha256: str, kind: str, payload: dict[str, Any], author: str = "") -> int:
        """Adds a correction after all others and returns its id.

        Raises StorageError if the film is not in the store, ValueError for a rename without person or name.
        """
        if kind == RENAME and not (isinstance(payload.get("person_id"), str) and isinstance(payload.get("name"), str)):
            raise ValueError(f"a rename needs the texts person_id and name, got {payload}")
        row = {"created_at": schema.now(), "author": author, "kind": kind, "payload": payload}
        with self._store.write() as connection:
            film_id = connection.scalar(select(schema.films.c.id).where(schema.films.c.sha256 == video_sha256))
            if film_id is None:
                raise StorageError("The film to be corrected is not in the database; analyse it first.")
            result = connection.execute(insert(schema.corrections).values(film_id=film_id, **row))
            return result.inserted_primary_key[0]

    def active(self, video_sha256: str) -> tuple[Correction, ...]:
        """The film's corrections that are not undone, in the order they were made; () for an unknown film."""
        with self._store.read() as connection:
            return tuple(Correction(*row) for row in connection.execute(_active(video_sha256).order_by(_TABLE.c.id)))

    def last_undoable(self, video_sha256: str) -> Correction | None:
        """The correction of this film that was made last and is not undone, None if there is none."""
        with self._store.read() as connection:
            row = connection.execute(_active(video_sha256).order_by(_TABLE.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else Correction(*row)

    def undo(self, correction_id: int) -> None:
        """Takes a correction back; one that is undone already stays so. Raises StorageError for an unknown id."""
        self._set_undone_at(correction_id, schema.now())

    def redo(self, correction_id: int) -> None:
        """Makes an undone correction hold again, in its old place. Raises StorageError for an unknown id."""
        self._set_undone_at(correction_id, None)

    def _set_undone_at(self, correction_id: int, undone_at: datetime | None) -> None:
        with self._store.write() as connection:
            change = update(_TABLE).where(_TABLE.c.id == correction_id).values(undone_at=undone_at)
            if connection.execute(change).rowcount == 0:
                raise StorageError(
                    f"There is no correction {correction_id}; reload the page to see the corrections that are left."
                )


def _active(video_sha256: str) -> Select:
    """The fields of `Correction` for those of a film that are not undone."""
    fields = (_TABLE.c.id, schema.films.c.sha256, _TABLE.c.created_at, _TABLE.c.author, _TABLE.c.kind, _TABLE.c.payload)
    return select(*fields).join(schema.films).where(schema.films.c.sha256 == video_sha256, _TABLE.c.undone_at.is_(None))


def decided_names(connection: Connection, film_id: int) -> dict[str, str]:
    """Person id -> the name of the last rename of that person that is not undone."""
    return names_of_films(connection, [film_id]).get(film_id, {})


def names_of_films(connection: Connection, film_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """The `decided_names` of several films by film id; films without a rename are absent."""
    renames = (
        select(_TABLE.c.film_id, _TABLE.c.payload)
        .where(_TABLE.c.film_id.in_(set(film_ids)), _TABLE.c.kind == RENAME, _TABLE.c.undone_at.is_(None))
        .order_by(_TABLE.c.id)
    )
    names: dict[int, dict[str, str]] = {}
    for film_id, payload in connection.execute(renames):
        names.setdefault(film_id, {})[payload["person_id"]] = payload["name"]
    return names
