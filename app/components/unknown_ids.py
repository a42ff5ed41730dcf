"""The ids of the page of strangers."""

from __future__ import annotations

from enum import StrEnum


class Ids(StrEnum):
    ACT = "unknowns-act"  # what a button or a key asks for: {act, film, person, ..., n}
    ASK_ALL = "unknowns-ask-all"  # written by the button that lists all near suggestions
    ASK_CAST = "unknowns-ask-cast"  # written by the button that adds named people to a cast
    UNDO = "unknowns-undo"  # written by a notice's button
    LAST = "unknowns-last"  # token of the film that was corrected last on this page
    SHOWN = "unknowns-shown"  # how many strangers the page shows
    CHANGED = "unknowns-changed"  # a number that is new whenever the page must be drawn again
    WORKING = "unknowns-working"  # whether an answer is on its way
    FILM = "unknowns-film"
    GALLERY = "unknowns-gallery"
    IGNORED = "unknowns-ignored"
    DONE = "unknowns-done"
    BACK = "unknowns-back"  # what can be taken back
    CURVE = "unknowns-curve"
    SURE = "unknowns-sure"  # the button that lists all near suggestions
    ROWS = "unknowns-rows"  # the strangers, as `app.components.unknown_rows.rows_data` has them
    DREW = "unknowns-drew"
    LIST = "unknowns-list"  # where assets/unknown_rows.js draws them
    BELOW = "unknowns-below"  # a way to more of them, or why there is nobody
    NAMES = "unknowns-names"  # the datalist of names that may be meant
    CONFIRM = "unknowns-confirm"  # the dialog that lists what would be confirmed at once
    CONFIRM_BODY = "unknowns-confirm-body"
    CONFIRM_YES = "unknowns-confirm-yes"
    CONFIRM_NO = "unknowns-confirm-no"
    CAST = "unknowns-cast"  # the dialog that adds named people to a cast
    CAST_PEOPLE = "unknowns-cast-people"
    CAST_NAME = "unknowns-cast-name"
    CAST_YES = "unknowns-cast-yes"
    CASTS = "unknowns-casts"  # the datalist of casts that can be added to
    PENDING = "unknowns-pending"  # [[film, person, perhaps, name], ...] that the open dialog is about
