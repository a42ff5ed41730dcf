"""A film in the library without reading it: for tests of what is done with films that are there."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from app.services.store import store
from engine.store.films import FilmRepository
from engine.types import VideoInfo


def add_film(path: Path) -> str:
    """The token of the film at `path`, with the facts of the demo's trailer."""
    video = VideoInfo(path, 42.667, Fraction(24), 1280, 720, "h264")
    return FilmRepository(store()).add(video, "f" * 64, path.stem).token
