"""What people decided about a film, in order, never erased: the log that outranks what the program guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from engine.errors import StorageError
from engine.store import schema
from engine.store.database import Store

RENAME = "rename"
"""The one kind that the store itself understands; payload ``{"person_id": str, "name": str}``."""


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
        table = schema.corrections
        query = (
            select(table.c.id, schema.films.c.sha256, table.c.created_at, table.c.author, table.c.kind, table.c.payload)
            .join(schema.films)
            .where(schema.films.c.sha256 == video_sha256, table.c.undone_at.is_(None))
            .order_by(table.c.id)
        )
        with self._store.read() as connection:
            return tuple(Correction(*row) for row in connection.execute(query))

    def undo(self, correction_id: int) -> None:
        """Takes a correction back; one that is undone already stays so. Raises StorageError for an unknown id."""
        self._set_undone_at(correction_id, schema.now())

    def redo(self, correction_id: int) -> None:
        """Makes an undone correction hold again, in its old place. Raises StorageError for an unknown id."""
        self._set_undone_at(correction_id, None)

    def _set_undone_at(self, correction_id: int, undone_at: datetime | None) -> None:
        table = schema.corrections
        with self._store.write() as connection:
            change = update(table).where(table.c.id == correction_id).values(undone_at=undone_at)
            if connection.execute(change).rowcount == 0:
                raise StorageError(
                    f"There is no correction {correction_id}; reload the page to see the corrections that are left."
                )


def decided_names(connection: Connection, film_id: int) -> dict[str, str]:
    """Person id -> the name of the last rename of that person that is not undone."""
    table = schema.corrections
    renames = (
        select(table.c.payload)
        .where(table.c.film_id == film_id, table.c.kind == RENAME, table.c.undone_at.is_(None))
        .order_by(table.c.id)
    )
    return {payload["person_id"]: payload["name"] for payload in connection.scalars(renames)}
