"""The ids of the inspector, which its parts, its callbacks and its scripts share, and its addresses."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlencode


class Ids(StrEnum):
    """`DATA`: the faces as columns (`app.services.inspector.columns`), `FOUND`: what may be wrong (`suspicions`);
    `DREW`: a number that is new with them. The scripts write `ACT` ({act, keys, and what it needs}), `COLOUR` (by whom
    points are coloured) and `SPACE` (whether the map has depth); a notice writes `UNDO`. `WORKING` is true while a
    correction is made, `JOB` the number and the phase of the job that makes the map, `POINTS` the map
    (`app.figures.points`)."""

    PAGE = "inspector-page"
    SUBJECT = "inspector-subject"
    PERSON = "inspector-person"
    DATA = "inspector-data"
    FOUND = "inspector-found"
    DREW = "inspector-drew"
    MOUNTED = "inspector-mounted"
    ACT = "inspector-act"
    UNDO = "inspector-undo"
    WORKING = "inspector-working"
    COLOUR = "inspector-colour"
    SPACE = "inspector-space"
    STEPS = "inspector-steps"
    HISTORY = "inspector-history"
    MAP = "inspector-map"
    MAP_STATE = "inspector-map-state"
    MAP_NOTE = "inspector-map-note"
    POINTS = "inspector-points"
    WAYS = "inspector-ways"
    MAKE = "inspector-make"
    JOB = "inspector-job"
    COPY = "inspector-copy"


def inspector_address(cast: str = "", film: str = "", person: str = "") -> str:
    """The inspector on a cast, by name, or on a film or album, by token; on one person of it, by id.

    >>> inspector_address(cast="Anna & Ben"), inspector_address(film="t0", person="known:ann")
    ('/inspector?cast=Anna+%26+Ben', '/inspector?film=t0&person=known%3Aann')
    """
    asked = {"cast": cast, "film": film, "person": person}
    return f"/inspector?{urlencode({key: value for key, value in asked.items() if value})}"
