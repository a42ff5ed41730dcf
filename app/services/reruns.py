"""Analysing a film again as it was analysed before."""

from __future__ import annotations

from app.services import galleries, jobs
from app.services.film_views import FilmView


def thoroughly(view: FilmView) -> bool:
    """Puts the film in line as it was analysed, but not quickly. False, and nothing done, where its cast, or somebody
    of it, is not there any more. Raises MediaError if the film's file is gone, SettingsError, StorageError."""
    expected = None
    if view.gallery:
        cast = galleries.cast(view.gallery)
        there = {person.name for person in cast.people} if cast else set()
        if not there.issuperset(view.cast) or not there:
            return False
        expected = list(view.cast) if view.cast and there != set(view.cast) else None
    defaults = jobs.default_settings()
    # An analysis may be older or newer than some of its settings.
    settings = {name: value for name, value in view.settings.items() if name in defaults} | {"quick": False}
    # What was cut off is cut off still, and was taken as it is.
    jobs.submit_analysis(view.token, view.gallery, expected, settings, partial=bool(view.warnings))
    return True
