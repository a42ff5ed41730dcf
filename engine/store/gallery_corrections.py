"""What people decided about the pictures of a gallery, in order, never erased while the gallery is there.

What building gave is put aside while any decision holds, and the gallery's own rows are the outcome of replaying those
that hold over it (`engine.identity.gallery_decisions`), written in the transaction that adds a decision or takes one
back. So whoever reads a gallery reads the corrected one. A gallery that is built again is corrected as it is saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from engine.errors import GalleryError, StorageError
from engine.identity.gallery_decisions import CorrectedGallery, GalleryDecision, corrected
from engine.store import schema
from engine.store.database import Store
from engine.store.gallery_rows import (
    find_gallery,
    forget_built,
    load_built,
    load_gallery,
    put_built,
    put_gallery,
    rows_of,
    stored_rows,
)
from engine.store.index_folders import forget_index
from engine.types import Gallery

_LOG = schema.gallery_corrections
_NOBODY = "That leaves nobody in {}; leave a picture in it, or delete it whole."


@dataclass(frozen=True, slots=True)
class GalleryCorrection:
    """One act of a person; `author` may be "", `undone_at` is None while it holds. Dates are UTC."""

    id: int
    created_at: datetime
    author: str
    decision: GalleryDecision
    undone_at: datetime | None


class GalleryLog:
    """The corrections of every gallery of a store. All calls raise GalleryError if there is no gallery of that name,
    and StorageError; nothing is changed then."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def decide(self, name: str, decision: GalleryDecision, author: str = "") -> int:
        """Adds a decision after all others, puts all over the gallery, and returns its id. Raises GalleryError if the
        gallery lacks a picture or a person that it is about, or nobody would be left in it."""
        with self._store.write() as connection:
            row = _known(connection, name)
            there = load_gallery(connection, row)
            if not set(decision.pictures) <= set(there.sha256) or not set(decision.people) <= set(there.names):
                raise GalleryError("Some of these are not in the cast any more; reload the page.")
            new = {
                "gallery_id": row.id,
                "created_at": schema.now(),
                "author": author,
                "kind": decision.kind,
                "payload": {
                    "pictures": list(decision.pictures),
                    "to": decision.to,
                    "people": list(decision.people),
                    "before": list(decision.before),
                },
            }
            correction_id = connection.execute(insert(_LOG).values(**new)).inserted_primary_key[0]
            shrinks = _put(connection, row)
        if shrinks:
            forget_index(name)  # and of one that another process built meanwhile of what was there before
        return correction_id

    def has(self, name: str) -> bool:
        """Whether there is a gallery of the store's own with this name, which can be corrected."""
        with self._store.read() as connection:
            return find_gallery(connection, name) is not None

    def history(self, name: str) -> tuple[GalleryCorrection, ...]:
        """Every correction in the order in which they were made."""
        with self._store.read() as connection:
            return _corrections(connection, _known(connection, name).id)

    def last_undoable(self, name: str) -> GalleryCorrection | None:
        """The one that was made last and holds, None if none does."""
        return next((one for one in reversed(self.history(name)) if one.undone_at is None), None)

    def last_redoable(self, name: str) -> GalleryCorrection | None:
        """The one that was taken back last, as long as none was made after that; None if there is none."""
        history = self.history(name)
        undone = [one for one in history if one.undone_at is not None]
        if not undone:
            return None
        last = max(undone, key=lambda one: (one.undone_at, -one.id))
        return None if any(one.created_at > last.undone_at for one in history) else last

    def undo(self, name: str, correction_id: int) -> None:
        """Takes a correction back, also from the middle of the log; what is undone already stays so."""
        self._set_undone_at(name, correction_id, schema.now())

    def redo(self, name: str, correction_id: int) -> None:
        """Makes an undone correction hold again, in its old place."""
        self._set_undone_at(name, correction_id, None)

    def by_hand(self, name: str) -> frozenset[str]:
        """The SHA-256 of the pictures of which a person said whose they are."""
        with self._store.read() as connection:
            row = _known(connection, name)
            built = load_built(connection, row)
            return frozenset() if built is None else _corrected(connection, row.id, built).by_hand

    def _set_undone_at(self, name: str, correction_id: int, undone_at: datetime | None) -> None:
        with self._store.write() as connection:
            row = _known(connection, name)
            of_gallery = (_LOG.c.id == correction_id, _LOG.c.gallery_id == row.id)
            if connection.scalar(select(_LOG.c.id).where(*of_gallery)) is None:
                raise StorageError(
                    f"There is no correction {correction_id}; reload the page to see the corrections that are left."
                )
            changes = _LOG.c.undone_at.is_(None) if undone_at else _LOG.c.undone_at.is_not(None)
            connection.execute(update(_LOG).where(*of_gallery, changes).values(undone_at=undone_at))
            shrinks = _put(connection, row)
        if shrinks:
            forget_index(name)


def save_built(connection: Connection, gallery_id: int, built: Gallery) -> Gallery:
    """Writes the rows of a gallery as it was built, corrected by the decisions that hold; what they made of it. Raises
    GalleryError if nobody is left in it."""
    if not _holds(connection, gallery_id):
        forget_built(connection, gallery_id)
        put_gallery(connection, gallery_id, built)
        return built
    now = _corrected(connection, gallery_id, built).gallery
    if built.names and not now.names:
        raise GalleryError(
            f"All pictures of {built.name} were taken out in the inspector; take that back there, or add others."
        )
    put_built(connection, gallery_id, built)
    put_gallery(connection, gallery_id, now)
    return now


def _put(connection: Connection, row: Row) -> bool:
    """Writes the gallery of `row` as the decisions that hold have it; whether it lost or changed faces."""
    before = stored_rows(connection, row.name)
    built = load_built(connection, row) or load_gallery(connection, row)
    now = _corrected(connection, row.id, built).gallery
    if not now.names:
        raise GalleryError(_NOBODY.format(row.name))
    if _holds(connection, row.id):
        put_built(connection, row.id, built)
    else:
        forget_built(connection, row.id)
    put_gallery(connection, row.id, now)
    of_gallery = schema.galleries.c.id == row.id
    connection.execute(update(schema.galleries).where(of_gallery).values(n_changes=row.n_changes + 1))
    shrinks = not before <= rows_of(now)
    if shrinks:
        forget_index(row.name)  # before it counts: nothing is left if this process is killed then
    return shrinks


def _corrected(connection: Connection, gallery_id: int, built: Gallery) -> CorrectedGallery:
    log = _corrections(connection, gallery_id)
    return corrected(built, (one.decision for one in log if one.undone_at is None))


def _holds(connection: Connection, gallery_id: int) -> bool:
    """Whether any decision about the gallery holds."""
    query = select(_LOG.c.id).where(_LOG.c.gallery_id == gallery_id, _LOG.c.undone_at.is_(None))
    return connection.scalar(query.limit(1)) is not None


def _corrections(connection: Connection, gallery_id: int) -> tuple[GalleryCorrection, ...]:
    rows = connection.execute(select(_LOG).where(_LOG.c.gallery_id == gallery_id).order_by(_LOG.c.id))
    return tuple(GalleryCorrection(one.id, one.created_at, one.author, _decision(one), one.undone_at) for one in rows)


def _decision(row: Row) -> GalleryDecision:
    said = row.payload
    lists = {field: tuple(said[field]) for field in ("pictures", "people", "before")}
    return GalleryDecision(row.kind, to=said["to"], **lists)


def _known(connection: Connection, name: str) -> Row:
    row = find_gallery(connection, name)
    if row is None:
        raise GalleryError(f"There is no gallery called {name!r} any more; choose another one.")
    return row
