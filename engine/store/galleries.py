"""Galleries as rows and back. Names are matched as people type them: neither case nor Unicode form matters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Row, delete, select, update

from engine.errors import GalleryError
from engine.names import name_key
from engine.store import schema
from engine.store.database import Store
from engine.store.gallery_corrections import save_built
from engine.store.gallery_rows import (
    FaceRow,
    check_people,
    find_gallery,
    insert_gallery,
    load_gallery,
    rows_of,
    stored_rows,
)
from engine.store.index_folders import forget_index
from engine.types import Gallery, check_note

N_NAMES_LISTED = 5
"""Galleries named in the message about one that is not there."""


class GalleryRepository:
    """The galleries of a store, each found by its name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, gallery: Gallery, licence_note: str | None = None, *, is_new: bool = False) -> Gallery:
        """Puts `gallery` (any number of rows, 0 included) in the place of the one with its name, in one transaction,
        and the corrections of that one over it; what they made of it. Without a `licence_note` that one's stays. There
        must be none if it `is_new`. Its index goes, unless it lacks faces at most.

        Raises GalleryError if two of its people have the same name but for case or Unicode form, one of its name is
        there that must not be, the note is too long, or its corrections leave nobody in it; StorageError if the
        database fails. The old gallery is untouched then.
        """
        check_note(licence_note or "")
        check_people(gallery)
        with self._store.write() as connection:
            old = find_gallery(connection, gallery.name)
            if old is not None and is_new:
                raise GalleryError(f"There is a gallery called {old.name} already; choose another name.")
            if licence_note is None:
                licence_note = old.licence_note if old is not None else ""
            before = None if old is None else stored_rows(connection, old.name)
            gallery_id = _put_row(connection, old, gallery, licence_note)
            saved = save_built(connection, gallery_id, gallery)
            has_only_grown = (
                old is not None
                and (old.name, old.licence_note) == (gallery.name, licence_note)
                and before <= rows_of(saved)
            )
            if not has_only_grown:
                forget_index(gallery.name)  # before it counts: nothing is left if this process is killed then
        if not has_only_grown:
            forget_index(gallery.name)  # and of one that another process built meanwhile of what was there before
        return saved

    def load(self, name: str) -> Gallery:
        """The gallery called `name`, its rows and left-out pictures in the order they were saved.

        Raises GalleryError if there is none, ModelError if its vectors come from more than one model, StorageError.
        """
        with self._store.read() as connection:
            return load_gallery(connection, self._find(connection, name))

    def spelling(self, name: str) -> str:
        """The name of the gallery that `name` means, as it was given. Raises GalleryError if there is none."""
        with self._store.read() as connection:
            return self._find(connection, name).name

    def licence_note(self, name: str) -> str:
        """The terms under which the pictures may be used, "" if `save` was not told. Raises GalleryError."""
        with self._store.read() as connection:
            return self._find(connection, name).licence_note

    def set_licence_note(self, name: str, note: str) -> None:
        """Gives the gallery called `name` another licence note. Its index, which tells the old one, goes. Raises
        GalleryError if there is no such gallery or the note is too long."""
        check_note(note)
        with self._store.write() as connection:
            row = self._find(connection, name)
            connection.execute(
                update(schema.galleries).where(schema.galleries.c.id == row.id).values(licence_note=note)
            )
            forget_index(name)
        forget_index(name)  # twice, as `save` does

    def version(self, name: str) -> str:
        """Another text after every `save` and every correction of the gallery called `name`. Raises GalleryError if
        there is none."""
        with self._store.read() as connection:
            gallery = self._find(connection, name)
            return f"{gallery.id} {gallery.created_at.isoformat()} {gallery.n_changes}"

    def contents(self, name: str | None = None) -> frozenset[str]:
        """The SHA-256 of every picture of the gallery called `name`, or of all galleries, those left out included.
        Raises GalleryError if there is none."""
        pictures = schema.gallery_pictures
        query = select(pictures.c.sha256).where(pictures.c.sha256.is_not(None)).distinct()
        with self._store.read() as connection:
            if name is not None:
                query = query.where(pictures.c.gallery_id == self._find(connection, name).id)
            return frozenset(connection.scalars(query))

    def rows(self, name: str) -> frozenset[FaceRow]:
        """The faces of the gallery called `name`, empty if there is none."""
        with self._store.read() as connection:
            return stored_rows(connection, name)

    def names(self) -> tuple[str, ...]:
        """The galleries' names in alphabetical order."""
        with self._store.read() as connection:
            return _names(connection)

    def delete(self, name: str) -> None:
        """Removes the gallery called `name` with its people, pictures and vectors. Raises GalleryError if none is."""
        with self._store.write() as connection:
            gallery_id = self._find(connection, name).id
            connection.execute(delete(schema.galleries).where(schema.galleries.c.id == gallery_id))
            forget_index(name)
        forget_index(name)  # twice, as `save` does

    def _find(self, connection: Connection, name: str) -> Row:
        row = find_gallery(connection, name)
        if row is None:
            raise no_gallery(name, _names(connection))
        return row


def no_gallery(name: str, names: Sequence[str]) -> GalleryError:
    """What to say where there is no gallery called `name`, but those called `names`."""
    listed = ", ".join(names[:N_NAMES_LISTED]) + (", ..." if len(names) > N_NAMES_LISTED else "")
    advice = f"choose one of these: {listed}" if names else "build one first"
    return GalleryError(f"There is no gallery called {name!r}; {advice}.")


def _names(connection: Connection) -> tuple[str, ...]:
    return tuple(connection.scalars(select(schema.galleries.c.name).order_by(schema.galleries.c.name_key)))


def _put_row(connection: Connection, old: Row | None, gallery: Gallery, licence_note: str) -> int:
    """The id of the gallery's row, which is `old` or new: what was decided about it belongs to that."""
    row = {
        "name": gallery.name,
        "name_key": name_key(gallery.name),
        "created_at": schema.now(),
        "model_id": gallery.model_id,
        "vector_length": gallery.vectors.shape[1],
        "licence_note": licence_note,
    }
    if old is None:
        return insert_gallery(connection, row)
    changed = row | {"n_changes": old.n_changes + 1}
    connection.execute(update(schema.galleries).where(schema.galleries.c.id == old.id).values(**changed))
    return old.id
