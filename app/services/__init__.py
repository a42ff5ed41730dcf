"""What the front end may ask the engine: the only package of `app` that imports `engine`. Returns plain records.

This module itself loads none of the engine's heavy parts: the process that supervises the others imports it.
"""

from __future__ import annotations

import engine
from engine.config import data_dir, secret_key
from engine.errors import DramatisError

__all__ = ["DramatisError", "check_data_folder", "secret_key", "version"]


def version() -> str:
    """The version of Dramatis, as in "0.1.0"."""
    return engine.__version__


def check_data_folder() -> None:
    """Raises StorageError if what is to be kept cannot be kept."""
    data_dir()
    secret_key()
