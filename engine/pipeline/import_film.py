"""How a film gets into the library and out of it again: as an upload that is kept, or as a file that stays in place.

A film is its content. Uploads are kept under their SHA-256; of films in folders on this machine only the path is
remembered.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from engine.config import albums_dir, films_dir, pictures_dir
from engine.errors import MediaError, StorageError
from engine.media.guarded import probe_guarded
from engine.store.albums import AlbumRepository
from engine.store.database import Store
from engine.store.films import FilmRecord, FilmRepository
from engine.store.incoming import Incoming
from engine.store.inspections import forget_inspections, subject_key
from engine.store.jobs import JobRepository
from engine.store.upload import NoSuchUpload, Upload, shown_name

FILM_SUFFIXES = frozenset(
    ".mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .m2v .ts .m2ts .mts .vob .wmv .asf .flv .ogv .mxf .3gp .dv".split()
)
FOLDER_DEPTH = 3
MAX_LISTED = 500
MAX_SEEN = 20_000  # entries looked at for that list: a page must not wait for a whole disk
SLOWEST_READING = 20e6  # bytes a second; a film that states no length is read to its end before it is accepted
UPLOADS_KEPT_S = 7 * 86400.0
ORPHANS_KEPT_S = 3600.0  # far longer than the moment between a film's move and its row


@dataclass(frozen=True, slots=True)
class Imported:
    """A film of the library; `is_new` is False if it was there before."""

    film: FilmRecord
    is_new: bool


@dataclass(frozen=True, slots=True)
class AllowedFilm:
    """A film in a folder of this machine that may be used. `id` says nothing about the path; `name` is its path
    below that folder, for display; `modified_at` is UTC."""

    id: str
    name: str
    path: Path
    n_bytes: int
    modified_at: datetime


def import_upload(incoming: Incoming, id: str, store: Store) -> Imported:
    """Makes a complete upload a film of the library; asked again, it gives the same film.

    A film that is known is not kept twice, but takes the place of a copy that is gone. Reads the whole file once.
    Raises MediaError for a file that is no film, which is deleted; NoSuchUpload; BadUpload if bytes are missing;
    StorageError if the library cannot be written (the upload is kept, so that this can be tried again).
    """
    films = FilmRepository(store)
    with incoming.locked(id) as upload:
        if upload.sha256:
            if film := films.by_sha256(upload.sha256):
                return Imported(film, False)
            raise NoSuchUpload(f"{upload.name} was uploaded and deleted since; upload it again.")
        part = incoming.finish(id)
        sha256 = _sha256(part)
        film = films.by_sha256(sha256)
        known = film is not None
        if film is None or film_file(film) is None:
            try:
                film = _take_in(part, upload, sha256, films)
            except MediaError:
                incoming.remove(id)
                raise
        incoming.settle(upload, sha256)
        return Imported(film, not known)


def import_path(path: Path, store: Store) -> Imported:
    """Makes the film at `path` one of the library without copying it. Reads the whole file once. Raises MediaError if
    it is no film, StorageError if the library cannot be written."""
    path = Path(os.path.abspath(path))
    video = probe_guarded(path, _patience_s(path), called=path.name)
    sha256 = _sha256(path)
    films = FilmRepository(store)
    known = films.by_sha256(sha256) is not None
    return Imported(films.add(video, sha256, _title(path.name)), not known)


def film_file(film: FilmRecord) -> Path | None:
    """Where the film can be read: the copy kept here, else the file in its own place; None if both are gone."""
    for path in (films_dir() / film.sha256, film.path):
        if path.is_file():
            return path
    return None


def delete_film(film: FilmRecord, store: Store) -> None:
    """Deletes a film with its analyses, its jobs that ended, its pictures and the copy of it kept here; a file in a
    folder of the user's stays. Done once more, it deletes what an earlier attempt left. Raises StorageError."""
    try:
        shutil.rmtree(pictures_dir(film.token))
        (films_dir() / film.sha256).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"The files of {film.title} cannot be deleted ({error.strerror}); make the data folder yours to write."
        ) from error
    forget_inspections(subject_key("film", film.sha256))
    JobRepository(store).forget_film(film.sha256)
    FilmRepository(store).delete_film(film.sha256)


def allowed_folders() -> tuple[Path, ...]:
    """The folders that ``$DRAMATIS_FILMS`` names, divided as in $PATH; () if there are none."""
    return tuple(Path(part).absolute() for part in os.environ.get("DRAMATIS_FILMS", "").split(os.pathsep) if part)


def allowed_films(folders: Sequence[Path] | None = None) -> list[AllowedFilm]:
    """The films in the allowed folders and at most `FOLDER_DEPTH` levels below, sorted by name, `MAX_LISTED` at most.

    Links that lead out of a folder, hidden files and what is not called like a film are left out, as is whatever
    cannot be read.
    """
    found = {}
    for folder in allowed_folders() if folders is None else folders:
        root = folder.resolve()
        for path in _files_below(root):
            with suppress(OSError):
                facts = path.stat()
                modified_at = datetime.fromtimestamp(facts.st_mtime, UTC)
                name = "/".join(shown_name(part) for part in path.relative_to(root).parts)
                film = AllowedFilm(_path_id(path), name, path, facts.st_size, modified_at)
                found[film.id] = film
            if len(found) >= MAX_LISTED:
                break
    return sorted(found.values(), key=lambda film: (film.name.casefold(), film.id))


def allowed_film(id: str, folders: Sequence[Path] | None = None) -> Path | None:
    """The path of the film that `allowed_films` lists under this id; None if it does not (any more)."""
    return next((film.path for film in allowed_films(folders) if film.id == id), None)


def tidy(incoming: Incoming, store: Store) -> None:
    """Deletes what nobody will come back for: uploads a week old, and copies and pictures of films and albums that are
    not in the library, which a crash in the wrong moment leaves behind."""
    incoming.expire(UPLOADS_KEPT_S)
    films, albums = FilmRepository(store).films(), AlbumRepository(store).albums()
    before = time.time() - ORPHANS_KEPT_S
    for folder, wanted in (
        (films_dir(), {film.sha256 for film in films}),
        (pictures_dir(), {film.token for film in (*films, *albums)}),
        (albums_dir(), {album.path.name for album in albums}),
    ):
        for path in folder.iterdir():
            with suppress(OSError):
                if path.name not in wanted and path.stat().st_ctime < before:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _take_in(part: Path, upload: Upload, sha256: str, films: FilmRepository) -> FilmRecord:
    video = probe_guarded(part, _patience_s(part), called=upload.name, whole=True)
    home = films_dir() / sha256
    try:
        os.replace(part, home)
    except OSError as error:
        raise StorageError(f"{upload.name} cannot be moved to its place ({error.strerror}); try again.") from error
    try:
        return films.add(replace(video, path=home), sha256, _title(upload.name))
    except BaseException:
        os.replace(home, part)
        raise


def _title(name: str) -> str:
    stem, suffix = os.path.splitext(shown_name(name))
    return stem if suffix.lower() in FILM_SUFFIXES else stem + suffix


def _patience_s(path: Path) -> float:
    return 60 + path.stat().st_size / SLOWEST_READING if path.is_file() else 60


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MediaError(f"The film {path.name} cannot be read ({error.strerror}); check its disk.") from error


def _path_id(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:24]


def _files_below(root: Path) -> Iterator[Path]:
    """Files called like films, nearer ones first; symbolic links only to such files below `root`."""
    level, n_seen = [root], 0
    for _ in range(FOLDER_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            for entry in _entries(folder):
                n_seen += 1
                if n_seen > MAX_SEEN:
                    return
                path = Path(entry.path)
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below.append(path)
                elif path.suffix.lower() in FILM_SUFFIXES and path.is_file() and path.resolve().is_relative_to(root):
                    yield path
        level = below


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []
