"""What the services share: the store, opened once for each data folder, and the way to a film in it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from engine.config import database_path
from engine.errors import MediaError
from engine.store.database import Store, open_store
from engine.store.films import FilmRecord, FilmRepository


def store() -> Store:
    """The store of this data folder, opened at the first question. It keeps no connection between transactions, so
    threads may share it.

    Raises StorageError if it cannot be opened.
    """
    return _opened(database_path())


def known_film(token: str) -> FilmRecord:
    """The film that `token` stands for, without its people. Raises MediaError if there is none."""
    record = FilmRepository(store()).by_token(token, people=False)
    if record is None:
        raise MediaError("This film is not in Dramatis any more; load the list of films again.")
    return record


def file_of(film: FilmRecord) -> Path | None:
    """Where the film can be read, None if its file is gone."""
    # Reads films, so it brings the decoder along: only where a film is asked for.
    from engine.pipeline.import_film import film_file

    return film_file(film)


@lru_cache(maxsize=8)
def _opened(path: Path) -> Store:
    return open_store(path)
