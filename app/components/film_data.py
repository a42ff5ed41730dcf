"""A film as the page's scripts read it: columns, not records, so that three hours and 60 people stay small."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from app.services.films import FilmView

_DIGITS = 3  # a millisecond; the pixels of a screen are coarser


def columns(view: FilmView, pictures: bool = True) -> dict[str, Any]:
    """Everything that player, timeline and list need, people by their position in `view.people`.

    `bars` holds for each person [start, end, start, end, ...] in seconds, `known` and `hand` are 0 or 1.
    `faces` are addresses, all "" where there are no `pictures` to show.
    """
    return {
        "token": view.token,
        "title": view.title,
        "analysis": view.analysis_id,
        "duration": round(view.duration_s, _DIGITS),
        "width": view.width,
        "height": view.height,
        "ids": [person.id for person in view.people],
        **names(view),
        "known": [int(person.kind == "known") for person in view.people],
        "seconds": [round(person.seconds, _DIGITS) for person in view.people],
        "bars": [
            [round(moment, _DIGITS) for interval in person.intervals for moment in interval] for person in view.people
        ],
        "faces": [face_url(view, person.id) if pictures else "" for person in view.people],
        "shots": [round(start_s, 2) for start_s in view.shots],
    }


def names(view: FilmView) -> dict[str, list]:
    """The columns that change when somebody is renamed."""
    return {
        "names": [person.name for person in view.people],
        "hand": [int(person.named_by_hand) for person in view.people],
    }


def face_url(view: FilmView, person_id: str) -> str:
    """Where a person's picture is; it names the analysis, so that a browser keeps it only as long as it is right."""
    return f"/media/{view.token}/person/{quote(person_id, safe='')}?analysis={view.analysis_id}"
