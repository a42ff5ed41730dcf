"""A gallery's people, pictures and faces as rows and back, inside a transaction of whoever asks."""

from __future__ import annotations

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select

from engine.errors import GalleryError, ModelError
from engine.names import name_key
from engine.store import schema
from engine.store.blobs import pack, unpack
from engine.store.database import insert_all
from engine.types import Gallery, LeftOut

FaceRow = tuple[str, str, str]
"""Of a face in a gallery: the person, and path and SHA-256 of the picture."""


def find_gallery(connection: Connection, name: str) -> Row | None:
    """The row of the gallery called `name`, however it is written; None if there is none."""
    of_name = schema.galleries.c.name_key == name_key(name)
    return connection.execute(select(schema.galleries).where(of_name)).one_or_none()


def put_gallery(connection: Connection, gallery_id: int, gallery: Gallery) -> None:
    """Puts the rows of `gallery` in the place of those of the gallery with this id. Raises GalleryError if two of its
    people have the same name but for case or Unicode form."""
    person_keys = check_people(gallery)
    for table in (schema.gallery_pictures, schema.gallery_people):
        connection.execute(delete(table).where(table.c.gallery_id == gallery_id))
    picture_ids = _insert_pictures(connection, gallery_id, gallery)
    person_ids = _insert_people(connection, gallery_id, person_keys)
    rows = enumerate(zip(gallery.names, gallery.paths, gallery.sha256, strict=True))
    faces = [
        {
            "picture_id": picture_ids[path, sha256],
            "person_id": person_ids[person_keys[name]],
            "position": position,
            "vector": pack(gallery.vectors[position], np.float32, (None,)),
            "model_id": gallery.model_id,
        }
        for position, (name, path, sha256) in rows
    ]
    insert_all(connection, schema.gallery_faces, faces)


def load_gallery(connection: Connection, row: Row) -> Gallery:
    """The gallery of a `row` of `galleries`, its faces and left-out pictures in the order they were saved. Raises
    ModelError if its vectors come from more than one model."""
    pictures = schema.gallery_pictures
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
        .where(pictures.c.gallery_id == row.id)
        .order_by(schema.gallery_faces.c.position)
    ).all()
    left_out = connection.execute(
        select(pictures.c.path, pictures.c.left_out_reason, pictures.c.sha256)
        .where(pictures.c.gallery_id == row.id, pictures.c.left_out_reason.is_not(None))
        .order_by(pictures.c.position)
    ).all()
    models = {row.model_id, *(face.model_id for face in faces)}
    if len(models) > 1:
        raise ModelError(f"The gallery {row.name!r} mixes vectors of {' and '.join(sorted(models))}; build it again.")
    return Gallery(
        name=row.name,
        model_id=row.model_id,
        names=tuple(face.name for face in faces),
        paths=tuple(face.path for face in faces),
        sha256=tuple(face.sha256 for face in faces),
        vectors=unpack(b"".join(face.vector for face in faces), np.float32, (len(faces), row.vector_length)),
        left_out=tuple(LeftOut(path, reason, sha256 or "") for path, reason, sha256 in left_out),
    )


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


def stored_rows(connection: Connection, name: str) -> frozenset[FaceRow]:
    """The faces of the gallery called `name`, empty if there is none."""
    return frozenset(map(tuple, connection.execute(select_rows(name))))


def check_people(gallery: Gallery) -> dict[str, str]:
    """Name -> key for every person; the keys are all different. Raises GalleryError otherwise."""
    spelling: dict[str, str] = {}
    for name in gallery.people:
        other = spelling.setdefault(name_key(name), name)
        if other != name:
            raise GalleryError(
                f"The gallery {gallery.name!r} has people called {other!r} and {name!r}, too alike to be told apart; "
                "give them one name or two different ones."
            )
    return {name: key for key, name in spelling.items()}


def put_built(connection: Connection, gallery_id: int, built: Gallery) -> None:
    """Puts aside what building gave, in the place of what was put aside before."""
    forget_built(connection, gallery_id)
    faces = zip(built.paths, built.sha256, built.names, built.vectors, strict=True)
    rows = [
        {"path": path, "sha256": sha256, "person": person, "vector": pack(vector, np.float32, (None,))}
        | {"left_out_reason": None}
        for path, sha256, person, vector in faces
    ]
    rows += [
        {"path": one.path, "sha256": one.sha256, "person": None, "vector": None, "left_out_reason": one.reason}
        for one in built.left_out
    ]
    numbers = ({"gallery_id": gallery_id, "position": position} for position in range(len(rows)))
    insert_all(connection, schema.gallery_built, [number | row for number, row in zip(numbers, rows, strict=True)])


def load_built(connection: Connection, row: Row) -> Gallery | None:
    """What building the gallery of a `row` of `galleries` gave, as it was put aside; None if it was not."""
    table = schema.gallery_built
    of_gallery = select(table).where(table.c.gallery_id == row.id).order_by(table.c.position)
    found = connection.execute(of_gallery).all()
    if not found:
        return None
    faces = [one for one in found if one.person is not None]
    return Gallery(
        name=row.name,
        model_id=row.model_id,
        names=tuple(one.person for one in faces),
        paths=tuple(one.path for one in faces),
        sha256=tuple(one.sha256 for one in faces),
        vectors=unpack(b"".join(one.vector for one in faces), np.float32, (len(faces), row.vector_length)),
        left_out=tuple(LeftOut(one.path, one.left_out_reason, one.sha256) for one in found if one.person is None),
    )


def forget_built(connection: Connection, gallery_id: int) -> None:
    """Deletes what was put aside."""
    connection.execute(delete(schema.gallery_built).where(schema.gallery_built.c.gallery_id == gallery_id))


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


def insert_gallery(connection: Connection, row: dict) -> int:
    """Adds a row to `galleries`; its id."""
    return connection.execute(insert(schema.galleries).values(**row)).inserted_primary_key[0]
