"""The ids of a person's page, which its parts, its callbacks and its scripts share."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import quote


class Ids(StrEnum):
    """`DATA`: the person's faces as columns, for the scripts (`app.components.person_data`); `DREW`: a number that is
    new with them, for the map. The scripts write `ACT` ({act, n, and what it needs}) and `ASK_HALVES`; a notice writes
    `UNDO`; `WORKING` is true while a correction is being made. `SUBJECT`: what an open dialog asks about.
    `POINTS`: the map (`app.figures.points`)."""

    PAGE = "person-page"
    TOKEN = "person-token"
    PERSON = "person-id"
    DATA = "person-data"
    DREW = "person-drew"
    MOUNTED = "person-mounted"
    ACT = "person-act"
    UNDO = "person-undo"
    WORKING = "person-working"
    SUBJECT = "person-subject"
    HEAD = "person-head"
    NAME = "person-name"
    STEPS = "person-steps"
    GONE = "person-gone"
    WORK = "person-work"
    NOT_NAME = "person-not-name"
    MAP = "person-map"
    POINTS = "person-points"
    KEPT = "person-map-kept"
    ASK_HALVES = "person-ask-halves"
    HALVES = "person-halves"
    HISTORY = "person-history"
    # The dialog before two people become one, and the one about a name that somebody has.
    SAME = "person-same"
    SAME_BODY = "person-same-body"
    SAME_YES = "person-same-yes"
    SAME_NO = "person-same-no"
    NAMESAKE = "person-namesake"
    NAMESAKE_TITLE = "person-namesake-title"
    NAMESAKE_BODY = "person-namesake-body"
    NAMESAKE_YES = "person-namesake-yes"
    NAMESAKE_NO = "person-namesake-no"


def person_address(token: str, person_id: str) -> str:
    """Where the page of a person of a film is."""
    return f"/person?film={quote(token, safe='')}&id={quote(person_id, safe='')}"
