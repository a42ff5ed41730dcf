"""The ids of the page of strangers."""

from __future__ import annotations

from enum import StrEnum


class Ids(StrEnum):
    ACT = "unknowns-act"  # what a button or a key asks for: {act, film, person, ..., n}
    UNDO = "unknowns-undo"  # written by a notice's button
    LAST = "unknowns-last"  # token of the film that was corrected last on this page
    SHOWN = "unknowns-shown"  # how many strangers the page shows
    CHANGED = "unknowns-changed"  # a number that is new whenever the page must be drawn again
    FILM = "unknowns-film"
    GALLERY = "unknowns-gallery"
    IGNORED = "unknowns-ignored"
    HEAD = "unknowns-head"
    LIST = "unknowns-list"
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
