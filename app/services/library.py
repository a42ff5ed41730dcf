"""The films of the library: what a list shows of them, and what may be done to one."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.services import jobs
from app.services.store import known_film, store
from engine.config import films_dir, pictures_dir
from engine.errors import DramatisError, MediaError
from engine.names import one_line
from engine.store.films import FilmRecord, FilmRepository

MAX_TITLE_LENGTH = 200

_deleting = threading.Lock()


@dataclass(frozen=True, slots=True)
class LibraryFilm:
    """A film for the list. `known` are the names of those with one, longest on screen first, `n_unknown` the strangers
    among its people; `analysed_at` is None before the first analysis. `poster` is the address of a picture, None where
    none can be had. Dates are UTC."""

    token: str
    title: str
    duration_s: float
    width: int
    height: int
    added_at: datetime
    analysed_at: datetime | None
    known: tuple[str, ...]
    n_unknown: int
    poster: str | None

    @property
    def n_people(self) -> int:
        return len(self.known) + self.n_unknown


@dataclass(frozen=True, slots=True)
class LastRun:
    """With what a film was analysed last: the cast's name or None, the people expected of it (() means all), and the
    settings by name."""

    gallery: str | None
    cast: tuple[str, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FolderFilm:
    """A film in a folder that the owner of this machine allows; `id` stands for it, its path stays here."""

    id: str
    name: str
    folder: str
    n_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Deletion:
    """What deleting a film removes and what stays, in a person's words."""

    title: str
    removes: tuple[str, ...]
    stays: tuple[str, ...]


def films() -> tuple[LibraryFilm, ...]:
    """All films, the newest addition first."""
    return tuple(map(_library_film, FilmRepository(store()).films()))


def film(token: str) -> LibraryFilm | None:
    record = FilmRepository(store()).by_token(token)
    return None if record is None else _library_film(record)


def last_run(token: str) -> LastRun | None:
    """None for a film that was never analysed, or is not known."""
    films = FilmRepository(store())
    record = films.by_token(token)
    outline = films.outline(record.sha256) if record and record.analysed_at else None
    return LastRun(outline.gallery, outline.cast, outline.settings) if outline else None


def retitle(token: str, title: str) -> str:
    """Calls the film by another name and returns it, cleaned of what cannot be shown. Raises MediaError if nothing is
    left or the film is gone."""
    cleaned = one_line(title)[:MAX_TITLE_LENGTH].strip()
    if not cleaned:
        raise MediaError("A film needs a title; type one.")
    FilmRepository(store()).retitle(known_film(token).sha256, cleaned)
    return cleaned


def deletion(token: str) -> Deletion:
    """What `delete` would do to the film. Raises MediaError if it is gone or being worked on."""
    record = known_film(token)
    _refuse_while_running(token, record.title)
    copy = films_dir() / record.sha256
    removes = ["its entry in the library"]
    if copy.is_file():
        removes.append(f"the copy of the film that you uploaded ({size_in_words(copy.stat().st_size)})")
    if record.n_analyses:
        count = "its analysis" if record.n_analyses == 1 else f"its {record.n_analyses} analyses"
        removes.append(f"{count}: who is on screen when, with all face measurements")
        removes.append("the names that you gave to people in it")
    removes.append("the pictures cut from it")
    stays = []
    if not copy.is_file() and record.path.is_file():
        stays.append(f"The film itself stays where it is: {record.path.name} in its own folder.")
    if record.n_analyses:
        stays.append("Casts stay as they are.")
    return Deletion(record.title, tuple(removes), tuple(stays))


def delete(token: str) -> str:
    """Deletes the film with all that was worked out about it; its title. Raises MediaError while it is worked on."""
    from engine.pipeline.import_film import delete_film

    with _deleting:
        record = known_film(token)
        _refuse_while_running(token, record.title)
        delete_film(record, store())
    return record.title


def folder_films() -> tuple[FolderFilm, ...]:
    """The films in folders that the owner allows, newest first; () where no folder is allowed."""
    from engine.pipeline.import_film import allowed_films, allowed_folders

    if not allowed_folders():
        return ()
    found = sorted(allowed_films(), key=lambda one: one.modified_at, reverse=True)
    return tuple(FolderFilm(one.id, one.name, one.path.parent.name, one.n_bytes, one.modified_at) for one in found)


def has_folders() -> bool:
    """Whether the owner allows any folder."""
    from engine.pipeline.import_film import allowed_folders

    return bool(allowed_folders())


def add_folder_film(film_id: str) -> tuple[str, bool]:
    """Takes a film from an allowed folder into the library, without a copy: (token, whether it is new)."""
    from engine.pipeline.import_film import allowed_film, import_path

    path = allowed_film(film_id)
    if path is None:
        raise MediaError("This film is not in its folder any more; look at the list again.")
    imported = import_path(path, store())
    return imported.film.token, imported.is_new


def size_in_words(n_bytes: int) -> str:
    """
    >>> [size_in_words(n) for n in (999, 4_200_000, 1_840_000_000, 23_000_000_000)]
    ['1 kB', '4.2 MB', '1.8 GB', '23 GB']
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= size:
            number = n_bytes / size
            return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
    return f"{max(1, round(n_bytes / 1000))} kB"


def _refuse_while_running(token: str, title: str) -> None:
    if jobs.active_job(token):
        raise DramatisError(f"{title!r} is being worked on; cancel that first, then delete it.")


def _library_film(record: FilmRecord) -> LibraryFilm:
    # One is made from the film at the first question, so there is one as long as there is the film.
    has_poster = any(
        path.is_file()
        for path in (pictures_dir() / record.token / "poster.jpg", films_dir() / record.sha256, record.path)
    )
    named = [person.name for person in record.people if person.kind == "known" or person.named_by_hand]
    return LibraryFilm(
        token=record.token,
        title=record.title,
        duration_s=record.duration_s,
        width=record.width,
        height=record.height,
        added_at=record.added_at,
        analysed_at=record.analysed_at,
        known=tuple(named),
        n_unknown=len(record.people) - len(named),
        poster=f"/media/{record.token}/poster" if has_poster else None,
    )
