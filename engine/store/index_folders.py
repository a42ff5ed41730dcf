"""Where the index of a gallery of the store stands, found by the gallery's name however it is written."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from engine import config
from engine.names import name_key


def index_folder(name: str) -> Path:
    """The folder of the index of the gallery called `name`; its own name is made here, not by a user."""
    return config.indexes_dir(hashlib.sha256(name_key(name).encode(errors="surrogatepass")).hexdigest()[:24])


def forget_index(name: str) -> None:
    """Deletes the index of a gallery, so that no vector outlives the faces it is of; who has it open can go on."""
    shutil.rmtree(index_folder(name), ignore_errors=True)
