"""Galleries as rows and back. Names are matched as people type them: neither case nor Unicode form matters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select, update

from engine.errors import GalleryError, ModelError
from engine.names import name_key
from engine.store import schema
from engine.store.blobs import pack, unpack
from engine.store.database import Store, insert_all
from engine.store.index_folders import forget_index
from engine.types import Gallery, LeftOut, check_note

N_NAMES_LISTED = 5
"""Galleries named in the message about one that is not there."""


FaceRow = tuple[str, str, str]
"""Of a face in a gallery: the person, and path and SHA-256 of the picture."""


class GalleryRepository:
    """The galleries of a store, each found by its name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, gallery: Gallery, licence_note: str | None = None, *, is_new: bool = False) -> None:
        """Puts `gallery` (any number of rows, 0 included) in the place of the one with its name, in one transaction.
        Without a `licence_note` that one's stays. There must be none if it `is_new`. Its index goes, unless it lacks
        faces at most.

        Raises GalleryError if two of its people have the same name but for case or Unicode form, one of its name is
        there that must not be, or the note is too long; StorageError if the database fails. The old gallery is
        untouched then.
        """
        check_note(licence_note or "")
        person_keys = _person_keys(gallery)
        of_name = schema.galleries.c.name_key == name_key(gallery.name)
        with self._store.write() as connection:
            old = connection.execute(select(schema.galleries).where(of_name)).one_or_none()
            if old is not None and is_new:
                raise GalleryError(f"There is a gallery called {old.name} already; choose another name.")
            if licence_note is None:
                licence_note = old.licence_note if old is not None else ""
            has_only_grown = (
                old is not None
                and (old.name, old.licence_note) == (gallery.name, licence_note)
                and _rows(connection, old.name) <= rows_of(gallery)
            )
            connection.execute(delete(schema.galleries).where(of_name))
            row = {
                "name": gallery.name,
                "name_key": name_key(gallery.name),
                "created_at": schema.now(),
                "model_id": gallery.model_id,
                "vector_length": gallery.vectors.shape[1],
                "licence_note": licence_note,
            }
            gallery_id = connection.execute(insert(schema.galleries).values(**row)).inserted_primary_key[0]
            picture_ids = _insert_pictures(connection, gallery_id, gallery)
            person_ids = _insert_people(connection, gallery_id, person_keys)
            faces = [
                {
                    "picture_id": picture_ids[path, sha256],
                    "person_id": person_ids[person_keys[name]],
                    "position": position,
                    "vector": pack(gallery.vectors[position], np.float32, (None,)),
                    "model_id": gallery.model_id,
                }
                for position, (name, path, sha256) in enumerate(
                    zip(gallery.names, gallery.paths, gallery.sha256, strict=True)
                )
            ]
            insert_all(connection, schema.gallery_faces, faces)
            if not has_only_grown:
                forget_index(gallery.name)  # before it counts: nothing is left if this process is killed then
        if not has_only_grown:
            forget_index(gallery.name)  # and of one that another process built meanwhile of what was there before

    def load(self, name: str) -> Gallery:
        """The gallery called `name`, its rows and left-out pictures in the order they were saved.

        Raises GalleryError if there is none, ModelError if its vectors come from more than one model, StorageError.
        """
        pictures = schema.gallery_pictures
        with self._store.read() as connection:
            gallery = self._find(connection, name)
            faces = connection.execute(
                select(
                    schema.gallery_people.c.name,
                    pictures.c.path,
                    pictures.c.sha256,
                    schema.gallery_faces.c.vector,
                    schema.gallery_faces.c.model_id,
                )
                .select_from(schema.gallery_faces)
                .join(pictures)
                .join(schema.gallery_people, schema.gallery_people.c.id == schema.gallery_faces.c.person_id)
                .where(pictures.c.gallery_id == gallery.id)
                .order_by(schema.gallery_faces.c.position)
            ).all()
            left_out = connection.execute(
                select(pictures.c.path, pictures.c.left_out_reason, pictures.c.sha256)
                .where(pictures.c.gallery_id == gallery.id, pictures.c.left_out_reason.is_not(None))
                .order_by(pictures.c.position)
            ).all()
        models = {gallery.model_id, *(face.model_id for face in faces)}
        if len(models) > 1:
            raise ModelError(
                f"The gallery {gallery.name!r} mixes vectors of {' and '.join(sorted(models))}; build it again."
            )
        return Gallery(
            name=gallery.name,
            model_id=gallery.model_id,
            names=tuple(face.name for face in faces),
            paths=tuple(face.path for face in faces),
            sha256=tuple(face.sha256 for face in faces),
            vectors=unpack(b"".join(face.vector for face in faces), np.float32, (len(faces), gallery.vector_length)),
            left_out=tuple(LeftOut(path, reason, sha256 or "") for path, reason, sha256 in left_out),
        )

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
        """Another text after every `save` of the gallery called `name`. Raises GalleryError if there is none."""
        with self._store.read() as connection:
            gallery = self._find(connection, name)
            return f"{gallery.id} {gallery.created_at.isoformat()}"

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
            return _rows(connection, name)

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
        row = connection.execute(
            select(schema.galleries).where(schema.galleries.c.name_key == name_key(name))
        ).one_or_none()
        if row is None:
            raise no_gallery(name, _names(connection))
        return row


def no_gallery(name: str, names: Sequence[str]) -> GalleryError:
    """What to say where there is no gallery called `name`, but those called `names`."""
    listed = ", ".join(names[:N_NAMES_LISTED]) + (", ..." if len(names) > N_NAMES_LISTED else "")
    advice = f"choose one of these: {listed}" if names else "build one first"
    return GalleryError(f"There is no gallery called {name!r}; {advice}.")


def rows_of(gallery: Gallery) -> frozenset[FaceRow]:
    """The faces of `gallery`."""
    return frozenset(zip(gallery.names, gallery.paths, gallery.sha256, strict=True))


def select_rows(name: str, *more: ColumnElement) -> Select:
    """A query for the `FaceRow` of each face of the gallery called `name`, in their order, and `more` columns of
    `schema.gallery_faces`."""
    people, pictures, faces = schema.gallery_people, schema.gallery_pictures, schema.gallery_faces
    return (
        select(people.c.name, pictures.c.path, pictures.c.sha256, *more)
        .select_from(faces)
        .join(pictures)
        .join(people, people.c.id == faces.c.person_id)
        .join(schema.galleries, schema.galleries.c.id == pictures.c.gallery_id)
        .where(schema.galleries.c.name_key == name_key(name))
        .order_by(faces.c.position)
    )


def _rows(connection: Connection, name: str) -> frozenset[FaceRow]:
    return frozenset(map(tuple, connection.execute(select_rows(name))))


def _names(connection: Connection) -> tuple[str, ...]:
    return tuple(connection.scalars(select(schema.galleries.c.name).order_by(schema.galleries.c.name_key)))


def _person_keys(gallery: Gallery) -> dict[str, str]:
    """Name -> key for every person; the keys are all different."""
    spelling: dict[str, str] = {}
    for name in gallery.people:
        other = spelling.setdefault(name_key(name), name)
        if other != name:
            raise GalleryError(
                f"The gallery {gallery.name!r} has people called {other!r} and {name!r}, too alike to be told apart; "
                "give them one name or two different ones."
            )
    return {name: key for key, name in spelling.items()}


def _insert_people(connection: Connection, gallery_id: int, person_keys: dict[str, str]) -> dict[str, int]:
    table = schema.gallery_people
    rows = [{"gallery_id": gallery_id, "name": name, "name_key": key} for name, key in person_keys.items()]
    insert_all(connection, table, rows)
    stored = connection.execute(select(table.c.name_key, table.c.id).where(table.c.gallery_id == gallery_id))
    return {key: row_id for key, row_id in stored}


def _insert_pictures(connection: Connection, gallery_id: int, gallery: Gallery) -> dict[tuple[str, str], int]:
    """(path, sha256) -> row id of the pictures with faces; a picture with several faces is one row."""
    table = schema.gallery_pictures
    used = list(dict.fromkeys(zip(gallery.paths, gallery.sha256, strict=True)))
    rows = [{"path": path, "sha256": sha256, "left_out_reason": None} for path, sha256 in used]
    rows += [
        {"path": one.path, "sha256": one.sha256 or None, "left_out_reason": one.reason} for one in gallery.left_out
    ]
    insert_all(
        connection,
        table,
        [{"gallery_id": gallery_id, "position": position, **row} for position, row in enumerate(rows)],
    )
    stored = connection.execute(select(table.c.position, table.c.id).where(table.c.gallery_id == gallery_id))
    row_ids = {position: row_id for position, row_id in stored}
    return {picture: row_ids[position] for position, picture in enumerate(used)}
