"""The demo: a film, the pictures of its cast and an album of rendered people, that come with Dramatis. It goes in and
out as one."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.services import galleries, jobs
from app.services.store import store
from engine.config import PROJECT_DIR
from engine.errors import DramatisError
from engine.names import name_key
from engine.store.albums import AlbumRepository
from engine.store.films import FilmRecord, FilmRepository
from engine.store.galleries import GalleryRepository
from engine.store.jobs import ACTIVE, JobRecord, JobRepository

CAST = "Demo cast"
FILM = PROJECT_DIR / "demo" / "trailer.mp4"
PICTURES = PROJECT_DIR / "demo" / "gallery"
ALBUM = PROJECT_DIR / "demo" / "album"
ALBUM_TITLE = "Demo album"

_STOPS_IN_S = 20.0  # a running job ends within seconds of being asked to


@dataclass(frozen=True, slots=True)
class DemoParts:
    """What of the demo is in the app: records, None for what is not, and whether its cast is there."""

    film: FilmRecord | None
    album: FilmRecord | None
    cast: bool

    @property
    def any(self) -> bool:
        return self.film is not None or self.album is not None or self.cast


def is_there() -> bool:
    """Whether the demo came with this installation."""
    return FILM.is_file() and PICTURES.is_dir()


def parts() -> DemoParts:
    """What of the demo is in the app now."""
    if not is_there():
        return DemoParts(None, None, cast=False)
    film = FilmRepository(store()).by_sha256(film_sha256())
    folder = ALBUM.resolve()
    album = next((one for one in AlbumRepository(store()).albums(people=False) if one.path == folder), None)
    return DemoParts(film, album, galleries.is_taken(CAST))


def film_sha256() -> str:
    """The content of the demo's film, by which the library knows it."""
    return _sha256(FILM, FILM.stat().st_mtime_ns)


def submit(owner: str = "") -> str:
    """Takes in the demo's film and album and asks for the cast and both analyses, each unless it is there; the film's
    token. Raises DramatisError."""
    from engine.pipeline.import_film import import_path

    film = import_path(FILM, store()).film
    if name_key(CAST) not in map(name_key, GalleryRepository(store()).names()):
        # A copy in the data folder: its faces can be shown and it can be changed, like any cast made here.
        jobs.submit_gallery(galleries.filled_folder(CAST, PICTURES), CAST, owner)
    if film.analysed_at is None:
        jobs.submit_analysis(film.token, CAST, owner=owner)
    if ALBUM.is_dir():
        album = AlbumRepository(store()).add(ALBUM.resolve(), ALBUM_TITLE)
        if album.latest_analysis_id is None:
            jobs.submit_album(album.token, owner, gallery=CAST)
    return film.token


def remove() -> None:
    """Takes everything of the demo out again, with the names that were given in it; work on it is stopped first. Raises
    DramatisError if that work does not end."""
    from engine.pipeline.albums import delete_album
    from engine.pipeline.galleries import delete_gallery
    from engine.pipeline.import_film import delete_film

    _stop(parts())
    found = parts()
    if found.film is not None:
        delete_film(found.film, store())
    if found.album is not None:
        delete_album(store(), found.album)
    if name_key(CAST) in map(name_key, GalleryRepository(store()).names()):
        delete_gallery(store(), CAST)
    for draft in galleries.drafts():
        if name_key(draft.name) == name_key(CAST):
            galleries.discard(draft.id)


def _stop(found: DemoParts) -> None:
    tokens = {one.token for one in (found.film, found.album) if one is not None}
    queue, until = JobRepository(store()), time.monotonic() + _STOPS_IN_S
    while active := [job for job in queue.visible() if job.state in ACTIVE and _is_of_demo(job, tokens)]:
        for job in active:
            queue.request_cancel(job.id)
        if time.monotonic() > until:
            raise DramatisError("The work on the demo is still being stopped; try again in a moment.")
        time.sleep(0.2)


def _is_of_demo(job: JobRecord, tokens: set[str]) -> bool:
    name = job.spec.get("name") if job.kind == "gallery" else None
    return job.spec.get("film") in tokens or (name is not None and name_key(name) == name_key(CAST))


@lru_cache(maxsize=1)
def _sha256(path: Path, _changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
