"""What the front end may ask the engine: the only module of `app` that imports `engine`. Returns plain records."""

from __future__ import annotations

import engine


def version() -> str:
    """The version of Dramatis, as in "0.1.0"."""
    return engine.__version__
