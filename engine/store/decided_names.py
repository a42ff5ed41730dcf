"""The names that people gave, and whom they would not be asked about, read from the log of corrections alone: lists
need no more, and load no arrays."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from engine.identity.decisions import KINDS
from engine.store import schema

RENAME = "rename"
"""A name for a person of the film; payload ``{"person_id": str, "name": str}``."""

_TABLE = schema.corrections
_IGNORING = ("ignore", "regard")


def decided_names(connection: Connection, film_id: int) -> dict[str, str]:
    """Person id -> the name that a person gave them last, as far as that is not undone."""
    return names_of_films(connection, [film_id]).get(film_id, {})


def names_of_films(connection: Connection, film_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """The `decided_names` of several films by film id; films in which nobody was named are absent."""
    log = _TABLE.c
    query = (
        select(log.film_id, log.kind, log.payload)
        .where(log.film_id.in_(set(film_ids)), log.kind.in_((RENAME, *KINDS)), log.undone_at.is_(None))
        .order_by(log.id)
    )
    names: dict[int, dict[str, str]] = {}
    for film_id, kind, payload in connection.execute(query):
        given = [(payload["person_id"], payload["name"])] if kind == RENAME else payload["names"]
        if given:
            names.setdefault(film_id, {}).update((person_id, name) for person_id, name in given)
    return names


def ignored_people(connection: Connection, film_id: int) -> frozenset[str]:
    """Ids of the people of the film who are not to be asked about."""
    log = _TABLE.c
    query = select(log.payload).where(log.film_id == film_id, log.kind.in_(_IGNORING), log.undone_at.is_(None))
    last = {person: on for payload in connection.scalars(query.order_by(log.id)) for person, on in payload["ignored"]}
    return frozenset(person for person, is_ignored in last.items() if is_ignored)
