"""Albums as the pages see them: folders of pictures, grouped by who is in them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.services import jobs
from app.services.store import store
from engine.config import albums_dir
from engine.errors import DramatisError, MediaError
from engine.names import one_line
from engine.store.album_folders import MAX_PICTURE_BYTES, AlbumFolders
from engine.store.albums import NO_NUMBER, AlbumRepository
from engine.store.film_records import FilmRecord
from engine.store.films import FilmRepository

if TYPE_CHECKING:
    from pathlib import Path

TOO_LARGE = f"is larger than {MAX_PICTURE_BYTES // 1_000_000} MB; save it smaller"
MAX_TITLE_LENGTH = 200
N_FACES = 12

_changing = threading.Lock()


@dataclass(frozen=True, slots=True)
class AlbumFace:
    """Somebody of an album: the id, the name, the address of a picture, and in how many pictures."""

    person: str
    name: str
    picture: str
    n_pictures: int


@dataclass(frozen=True, slots=True)
class AlbumRecord:
    """An album for the list. `n_people` were found, `n_unknown` of them have no name; `problems` are pictures that
    cannot be read, as (path, reason). `faces` are those in most pictures. `folder` is the name of the folder, "" for
    pictures that were sent. `looked_at` is UTC, None until the pictures were looked at to the end."""

    token: str
    title: str
    n_pictures: int
    n_people: int
    n_unknown: int
    problems: tuple[tuple[str, str], ...]
    faces: tuple[AlbumFace, ...]
    folder: str
    added_at: datetime
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class FolderAlbum:
    """A folder that the owner of this machine allows; `id` stands for it, its path stays here."""

    id: str
    name: str
    n_pictures: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """What deleting an album removes and what stays, in a person's words."""

    title: str
    removes: tuple[str, ...]
    stays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FacesFile:
    """The faces of an album as a file to keep: its text, and the album's title for its name."""

    text: str
    title: str


def albums() -> tuple[AlbumRecord, ...]:
    """All albums, the newest addition first."""
    return tuple(map(_record, AlbumRepository(store()).albums()))


def folder_albums() -> tuple[FolderAlbum, ...]:
    """Folders with pictures that the owner allows, by name; () where no folder is allowed."""
    from engine.pipeline.allowed_albums import allowed_albums

    return tuple(FolderAlbum(one.id, one.name, one.n_pictures) for one in allowed_albums())


def import_folder(folder_id: str, owner: str = "") -> int:
    """Starts to look at the pictures of an allowed folder, where they are; the job's id. Raises MediaError if it is
    not there any more."""
    from engine.pipeline.allowed_albums import allowed_album

    path = allowed_album(folder_id)
    if path is None:
        raise MediaError("This folder holds no pictures any more; look at the list again.")
    return _start(path, one_line(path.name), owner)


def begin() -> str:
    """The id under which pictures of a new album may be sent."""
    return AlbumFolders(albums_dir()).create()


def add_picture(album_id: str, shown: str, content: bytes) -> str:
    """Keeps one picture that was sent; its path in the album. Raises MediaError with the reason ("is ...") if it is not
    wanted."""
    return AlbumFolders(albums_dir()).add(album_id, shown, content)


def import_sent(album_id: str, title: str, owner: str = "") -> int:
    """Starts to look at the pictures that were sent; the job's id. Raises MediaError if they are gone."""
    path = AlbumFolders(albums_dir()).path(album_id)
    return _start(path, one_line(title)[:MAX_TITLE_LENGTH].strip() or "Pictures", owner)


def look_again(token: str, owner: str = "") -> int:
    """Starts to look at an album's folder once more, for what is new there or was not looked at; the job's id."""
    album = known_album(token)
    if not album.path.is_dir():
        raise MediaError(f"The folder of {album.title} is not there any more; put it back, or delete the album.")
    return _start(album.path, album.title, owner)


def retitle(token: str, title: str) -> str:
    """Calls the album by another name and returns it, cleaned. Raises MediaError if nothing is left of it."""
    cleaned = one_line(title)[:MAX_TITLE_LENGTH].strip()
    if not cleaned:
        raise MediaError("An album needs a title; type one.")
    FilmRepository(store()).retitle(known_album(token).sha256, cleaned)
    return cleaned


def deletion(token: str) -> Deletion:
    """What `delete` would do. Raises DramatisError if the album is gone or being worked on."""
    from engine.pipeline.albums import is_uploaded

    album = known_album(token)
    _refuse_while_running(album)
    removes = ["its people: who is in which picture, with all face measurements"] if album.n_analyses else []
    removes += ["the names that you gave to people in it"] if album.n_analyses else []
    removes.append("the faces cut from its pictures")
    sent = is_uploaded(album)
    if sent:
        removes.append("the copies of the pictures that you sent")
    stays = [] if sent else [f"The pictures themselves stay where they are, in the folder {album.path.name}."]
    return Deletion(album.title, tuple(removes), tuple(stays))


def delete(token: str) -> str:
    """Deletes the album with all that was worked out about it; its title. Raises DramatisError while it is worked
    on."""
    from engine.pipeline.albums import delete_album

    with _changing:
        album = known_album(token)
        _refuse_while_running(album)
        delete_album(store(), album)
    return album.title


def faces_csv(token: str) -> FacesFile:
    """Every face and whose it is, as the command line writes it. Raises MediaError if the album was not looked at to
    its end."""
    from engine.exports.album_csv import album_csv

    album = known_album(token)
    if album.latest_analysis_id is None:
        raise MediaError(f"{album.title} was not looked through to the end; look through it first.")
    analysis = FilmRepository(store()).load_analysis(album.latest_analysis_id, faces=False)
    # Spreadsheets take a file without this mark for one of their own country's letters.
    return FacesFile("\ufeff" + album_csv(analysis, AlbumRepository(store()).pictures(album.sha256)), album.title)


def known_album(token: str) -> FilmRecord:
    """The album that `token` stands for. Raises MediaError if there is none."""
    found = FilmRepository(store()).by_token(token)
    if found is None or found.kind != "album":
        raise MediaError("This album is not in Dramatis any more; load the list of albums again.")
    return found


def _start(folder: Path, title: str, owner: str) -> int:
    with _changing:
        album = AlbumRepository(store()).add(folder, title)
        return jobs.submit_album(album.token, owner)


def _refuse_while_running(album: FilmRecord) -> None:
    if jobs.active_job(album.token):
        raise DramatisError(f"{album.title!r} is being looked at; cancel that first, then delete it.")


def _record(album: FilmRecord) -> AlbumRecord:
    pictures = AlbumRepository(store()).pictures(album.sha256)
    named = sum(person.kind == "known" or person.named_by_hand for person in album.people)
    is_sent = album.path.parent == albums_dir().resolve()
    return AlbumRecord(
        token=album.token,
        title=album.title,
        n_pictures=len({one.number for one in pictures} - {NO_NUMBER}),
        n_people=len(album.people),
        n_unknown=len(album.people) - named,
        problems=tuple((one.path, one.problem) for one in pictures if one.problem is not None),
        faces=tuple(_faces(album)),
        folder="" if is_sent else album.path.name,
        added_at=album.added_at,
        looked_at=album.analysed_at,
    )


def _faces(album: FilmRecord) -> Iterable[AlbumFace]:
    for person in album.people[:N_FACES]:
        address = f"/media/{album.token}/person/{person.id}"
        yield AlbumFace(person.id, person.name, address, round(person.screen_time_s))
