"""The store that the services share: opened at the first question, once for each data folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from engine.config import database_path
from engine.store.database import Store, open_store


def store() -> Store:
    """The store of this data folder. It keeps no connection between transactions, so threads may share it.

    Raises StorageError if it cannot be opened.
    """
    return _opened(database_path())


@lru_cache(maxsize=8)
def _opened(path: Path) -> Store:
    return open_store(path)
