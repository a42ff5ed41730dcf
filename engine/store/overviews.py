"""Galleries for a list: whom they hold and how many pictures of each, without reading a single vector."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from engine.store import schema
from engine.store.database import Store
from engine.types import LeftOut


@dataclass(frozen=True, slots=True)
class GalleryPerson:
    """Somebody in a gallery. `n_pictures` gave a face (1 or more); `paths` are those pictures, in order, as the
    gallery was built from them: relative to its folder."""

    name: str
    paths: tuple[str, ...]

    @property
    def n_pictures(self) -> int:
        return len(self.paths)


@dataclass(frozen=True, slots=True)
class GalleryOverview:
    """A gallery for a list; `people` by name, `created_at` UTC, `licence_note` "" where nothing was said."""

    name: str
    created_at: datetime
    people: tuple[GalleryPerson, ...]
    left_out: tuple[LeftOut, ...]
    licence_note: str = ""

    @property
    def n_pictures(self) -> int:
        return sum(person.n_pictures for person in self.people)


def gallery_overviews(store: Store) -> tuple[GalleryOverview, ...]:
    """All galleries, the newest first; three queries, however many there are. Raises StorageError."""
    galleries, people = schema.galleries, schema.gallery_people
    pictures, faces = schema.gallery_pictures, schema.gallery_faces
    with store.read() as connection:
        rows = connection.execute(select(galleries).order_by(galleries.c.created_at.desc(), galleries.c.id.desc()))
        found = [(row.id, row.name, row.created_at, row.licence_note) for row in rows]
        shown = connection.execute(
            select(people.c.gallery_id, people.c.name, pictures.c.path, func.min(faces.c.position).label("position"))
            .select_from(faces)
            .join(people, people.c.id == faces.c.person_id)
            .join(pictures, pictures.c.id == faces.c.picture_id)
            .group_by(people.c.id, pictures.c.id)
            .order_by(people.c.name_key, "position")
        ).all()
        missing = connection.execute(
            select(pictures.c.gallery_id, pictures.c.path, pictures.c.left_out_reason, pictures.c.sha256)
            .where(pictures.c.left_out_reason.is_not(None))
            .order_by(pictures.c.position)
        ).all()
    paths: dict[int, dict[str, list[str]]] = {}
    for row in shown:
        paths.setdefault(row.gallery_id, {}).setdefault(row.name, []).append(row.path)
    left_out: dict[int, list[LeftOut]] = {}
    for row in missing:
        left_out.setdefault(row.gallery_id, []).append(LeftOut(row.path, row.left_out_reason, row.sha256 or ""))
    return tuple(
        GalleryOverview(
            name,
            created_at,
            tuple(GalleryPerson(person, tuple(of_person)) for person, of_person in paths.get(row_id, {}).items()),
            tuple(left_out.get(row_id, ())),
            licence_note,
        )
        for row_id, name, created_at, licence_note in found
    )
