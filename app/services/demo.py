"""The demo: a film and the pictures of its cast that come with Dramatis."""

from __future__ import annotations

from app.services import galleries, jobs
from app.services.store import store
from engine.config import PROJECT_DIR
from engine.names import name_key
from engine.store.galleries import GalleryRepository

CAST = "Demo cast"
FILM = PROJECT_DIR / "demo" / "trailer.mp4"
PICTURES = PROJECT_DIR / "demo" / "gallery"


def is_there() -> bool:
    """Whether the demo film and the pictures of its cast came with this installation."""
    return FILM.is_file() and PICTURES.is_dir()


def submit(owner: str = "") -> str:
    """Takes in the demo film and asks for its cast and its analysis, each unless it is there; the film's token."""
    from engine.pipeline.import_film import import_path

    film = import_path(FILM, store()).film
    if film.analysed_at is None:
        if name_key(CAST) not in map(name_key, GalleryRepository(store()).names()):
            # A copy in the data folder: its faces can be shown and it can be changed, like any cast made here.
            jobs.submit_gallery(galleries.filled_folder(CAST, PICTURES), CAST, owner)
        jobs.submit_analysis(film.token, CAST, owner=owner)
    return film.token
