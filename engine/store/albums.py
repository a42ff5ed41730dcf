"""Albums: folders of pictures whose faces are grouped into people like the strangers of a film.

An album is a row of the films, so that whatever knows the people of films knows those of albums too; this module
keeps what a film has not: its pictures. A picture's number is its time, in seconds, in the tracks of the album. Equal
content has one number for ever: also content that left the folder keeps it, and it is never given again, so that a
face's number and box mean the same face after every import.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from engine.errors import StorageError
from engine.store import schema
from engine.store.database import Store, insert_all
from engine.store.film_records import FilmRecord, film_records

NO_NUMBER = -1
"""Of a picture that cannot be read."""
_GONE = "/"
"""The path of content that is not in the folder any more is this and its SHA-256: no path below a folder begins so."""

_FILMS, _PICTURES = schema.films, schema.album_pictures
_IS_ALBUM = _FILMS.c.kind == "album"


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """A picture as an import found it: `path` below the folder, the `sha256` of its content ("" if not even that could
    be read), the size of the upright picture, and why it could not be read, continuing its name ("is damaged ..."),
    None if it could."""

    path: str
    sha256: str
    width: int
    height: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class AlbumPicture(SeenPicture):
    """A picture of an album; `number` is `NO_NUMBER` where there is a problem. Equal pictures have one number."""

    number: int = NO_NUMBER


def album_sha256(folder: Path) -> str:
    """What stands for the album of a folder in the place of a film's content: its resolved path, so that importing it
    once more is the same album."""
    return hashlib.sha256(b"album:" + os.fsencode(folder.resolve())).hexdigest()


class AlbumRepository:
    """The albums of a store, each found by `album_sha256` of its folder. All calls raise StorageError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, folder: Path, title: str) -> FilmRecord:
        """The album of the folder, added without pictures if it is new; one that is known keeps its title."""
        sha256, path = album_sha256(folder), str(folder.resolve())
        with self._store.write() as connection:
            if _album_id(connection, sha256) is None:
                row = {"sha256": sha256, "path": path, "title": title, "kind": "album", "added_at": schema.now()}
                facts = {"duration_s": 0.0, "fps": "1/1", "width": 0, "height": 0, "codec": "pictures"}
                new = {"token": secrets.token_urlsafe(12), "highest_unknown_number": 0}
                connection.execute(insert(_FILMS).values(**row, **facts, **new))
            return film_records(connection, _FILMS.c.sha256 == sha256)[0]

    def albums(self, *, people: bool = True) -> tuple[FilmRecord, ...]:
        """All albums, the newest addition first. `people` as in `film_records`."""
        with self._store.read() as connection:
            return film_records(connection, _IS_ALBUM, people=people)

    def put_pictures(self, sha256: str, seen: Sequence[SeenPicture]) -> tuple[AlbumPicture, ...]:
        """Makes `seen` the pictures of the album, in the place of those it had, and says which number each has; new
        content gets the next ones, in the order given. Raises StorageError if the album is gone."""
        with self._store.write() as connection:
            film_id = _album_id(connection, sha256)
            if film_id is None:
                raise StorageError("The album was deleted while its pictures were looked at; import its folder again.")
            rows = connection.execute(select(_PICTURES).where(_PICTURES.c.film_id == film_id)).all()
            number_of = {row.sha256: row.number for row in rows if row.number != NO_NUMBER}
            size_of = {row.sha256: (row.width, row.height) for row in rows if row.number != NO_NUMBER}
            next_number = max(number_of.values(), default=-1) + 1
            pictures = []
            for one in seen:
                number = NO_NUMBER
                if one.problem is None:
                    number = number_of.setdefault(one.sha256, next_number)
                    next_number = max(next_number, number + 1)
                pictures.append(AlbumPicture(one.path, one.sha256, one.width, one.height, one.problem, number))
            here = {one.sha256 for one in pictures if one.problem is None}
            gone = [
                AlbumPicture(_GONE + content, content, *size_of[content], None, number)
                for content, number in number_of.items()
                if content not in here
            ]
            connection.execute(delete(_PICTURES).where(_PICTURES.c.film_id == film_id))
            insert_all(connection, _PICTURES, [_row(film_id, one) for one in (*pictures, *gone)])
            facts = {
                "duration_s": float(next_number),
                "width": max((one.width for one in pictures), default=0),
                "height": max((one.height for one in pictures), default=0),
            }
            connection.execute(update(_FILMS).where(_FILMS.c.id == film_id).values(**facts))
            return tuple(pictures)

    def pictures(self, sha256: str) -> tuple[AlbumPicture, ...]:
        """The pictures that are in the album's folder, by path, those with a problem among them; () for an unknown
        album."""
        query = _of_album(sha256).where(~_PICTURES.c.path.startswith(_GONE)).order_by(_PICTURES.c.path)
        with self._store.read() as connection:
            return tuple(map(_picture, connection.execute(query)))

    def picture_at(self, sha256: str, time_s: float) -> AlbumPicture | None:
        """The picture on show at a time, if the album is taken for a film of a second a picture: the one in the folder
        with the highest number at or below it, or the first; None if there is none that can be read."""
        number = _PICTURES.c.number
        here = _of_album(sha256).where(~_PICTURES.c.path.startswith(_GONE), number != NO_NUMBER)
        before = here.where(number <= time_s).order_by(number.desc(), _PICTURES.c.path).limit(1)
        with self._store.read() as connection:
            row = connection.execute(before).first() or connection.execute(here.order_by(number).limit(1)).first()
        return None if row is None else _picture(row)

    def contents(self) -> frozenset[str]:
        """SHA-256 of every picture that is, or was, in some album."""
        with self._store.read() as connection:
            return frozenset(connection.scalars(select(_PICTURES.c.sha256).distinct())) - {""}

    def delete(self, sha256: str) -> None:
        """Removes an album with its pictures, analyses, people and corrections; nothing happens if there is none."""
        with self._store.write() as connection:
            connection.execute(delete(_FILMS).where(_FILMS.c.sha256 == sha256, _IS_ALBUM))


def _of_album(sha256: str) -> Select:
    return select(_PICTURES).join(_FILMS, _FILMS.c.id == _PICTURES.c.film_id).where(_FILMS.c.sha256 == sha256)


def _picture(row: Row) -> AlbumPicture:
    return AlbumPicture(row.path, row.sha256, row.width, row.height, row.problem, row.number)


def _album_id(connection: Connection, sha256: str) -> int | None:
    return connection.scalar(select(_FILMS.c.id).where(_FILMS.c.sha256 == sha256, _IS_ALBUM))


def _row(film_id: int, picture: AlbumPicture) -> dict[str, object]:
    return {
        "film_id": film_id,
        "path": picture.path,
        "number": picture.number,
        "sha256": picture.sha256,
        "width": picture.width,
        "height": picture.height,
        "problem": picture.problem,
    }
