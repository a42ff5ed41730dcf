"""A film as the page's scripts read it: columns, not records, so that three hours and 60 people stay small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from app.services.film_views import FilmView, PersonView, shown_name
from app.services.sureness import SURE
from app.words import span

_DIGITS = 3  # a millisecond; the pixels of a screen are coarser


def columns(view: FilmView, pictures: bool = True) -> dict[str, Any]:
    """Everything that player, timeline and list need, people by their position in `view.people`.

    `bars` holds for each person [start, end, start, end, ...] in seconds, `known` and `hand` are 0 or 1.
    `faces` are addresses, all "" where there are no `pictures` to show.
    `doubts` are the parts of `bars` that are less than `sure` to be right, in the same form. `perhaps` says who a
    stranger may be, [position or name, probability], 0 where there is nothing to say; `least` is how probable a name
    had to be, None where names were given by distance alone. `bounds` are words, 0 where they say no more than
    `seconds`. `main` is 1 for the main people; strangers under `passer_by` seconds in all are folded away.
    `hard` are the parts of `bars` in which the face is hard to see. `clear` says what changes where these do not count:
    `order`, the positions of those who are left, longest first, and `seconds` and `main` by position; None where no
    face is hard to see.
    """
    position = {person.id: i for i, person in enumerate(view.people)}
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
        "bars": [_moments(person.intervals) for person in view.people],
        "doubts": [_moments(person.doubts) for person in view.people],
        "hard": [_moments(person.hard) for person in view.people],
        "clear": _clear(view),
        "bounds": [list(span(*person.bounds)) if person.bounds else 0 for person in view.people],
        "main": [int(person.role.kind == "main") for person in view.people],
        "main_share": view.main_share,
        "passer_by": view.passer_by_s,
        "perhaps": [_perhaps(person, position) for person in view.people],
        "sure": SURE,
        "least": view.least,
        "faces": [face_url(view, person.id) if pictures else "" for person in view.people],
        "shots": [round(start_s, 2) for start_s in view.shots],
    }


def names(view: FilmView) -> dict[str, list]:
    """The columns that change when somebody is renamed."""
    return {
        "names": [person.name for person in view.people],
        "hand": [int(person.named_by_hand) for person in view.people],
        # They name the person seen longest.
        "reasons": [person.role.reason for person in view.people],
        "clear_reasons": _by_place(view, lambda person: person.role.reason, ""),
    }


def _clear(view: FilmView) -> dict[str, list] | None:
    if view.clear is None:
        return None
    return {
        "order": [person.place for person in view.clear.people],
        "seconds": _by_place(view, lambda person: round(person.seconds, _DIGITS), 0),
        "main": _by_place(view, lambda person: int(person.role.kind == "main"), 0),
    }


def _by_place(view: FilmView, fact: Callable[[PersonView], Any], otherwise: Any) -> list:
    """A fact of everybody where only clear moments count; `otherwise` for those who have none. [] where all are."""
    if view.clear is None:
        return []
    of_place = {person.place: fact(person) for person in view.clear.people}
    return [of_place.get(place, otherwise) for place in range(len(view.people))]


def _moments(intervals: Iterable[tuple[float, float]]) -> list[float]:
    return [round(moment, _DIGITS) for interval in intervals for moment in interval]


def _perhaps(person: PersonView, position: Mapping[str, int]) -> list[Any] | int:
    """By position where that one is in the film, because the name may change there."""
    if person.perhaps is None:
        return 0
    likely = person.perhaps
    return [position.get(likely.person_id, shown_name(likely.name, True)), round(likely.chance, 3)]


def face_url(view: FilmView, person_id: str) -> str:
    """Where a person's picture is; it names the analysis and what was corrected in it, so that a browser keeps it only
    as long as it is right."""
    corrected = f"&corrected={view.revision}" if view.revision else ""
    return f"/media/{view.token}/person/{quote(person_id, safe='')}?analysis={view.analysis_id}{corrected}"
