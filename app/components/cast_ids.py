"""The ids of the pages of casts, and what all of these pages hold."""

from __future__ import annotations

from enum import StrEnum

from dash import dcc


class Ids(StrEnum):
    ACT = "casts-act"  # what a button asks for: {act, name|draft|person|file, n}
    DRAFT = "casts-draft"  # id of the cast being made
    SHOWN = "casts-shown"  # name of the one cast that the page shows
    CHANGED = "casts-changed"  # a number that is new whenever the page must be drawn again; written by casts.js too
    PROBLEMS = "casts-problems"  # [[picture, reason]]: written by casts.js
    WATCHED = "casts-watched"  # id of the job that builds the cast
    SIGNATURE = "casts-signature"
    SUBJECT = "casts-subject"  # name of the cast, or id of the sent file, that an open dialog is about
    ARRIVED = "casts-arrived"  # {id, n} of a cast's file that was sent: written by cast_files.js
    HEAD = "casts-head"
    LIST = "casts-list"
    ONE = "casts-one"
    LIVE = "casts-live"
    FIND = "casts-find"  # heard by assets/cast_people.js
    NAME = "casts-name"
    NAME_NOTE = "casts-name-note"
    LICENCE = "casts-licence"
    AUGMENT = "casts-augment"
    PEOPLE = "casts-people"
    PROBLEM_LIST = "casts-problem-list"
    PERSON = "casts-person"
    PERSON_ADD = "casts-person-add"
    BUILD = "casts-build"
    DELETE = "casts-delete"
    DELETE_TITLE = "casts-delete-title"
    DELETE_BODY = "casts-delete-body"
    DELETE_YES = "casts-delete-yes"
    DELETE_NO = "casts-delete-no"
    TERMS = "casts-terms"  # the dialog in which a licence note is changed
    TERMS_TITLE = "casts-terms-title"
    TERMS_TEXT = "casts-terms-text"
    TERMS_YES = "casts-terms-yes"
    EXPORT = "casts-export"
    EXPORT_TITLE = "casts-export-title"
    EXPORT_BODY = "casts-export-body"
    IMPORT = "casts-import"
    IMPORT_BODY = "casts-import-body"
    IMPORT_NAME = "casts-import-name"
    IMPORT_YES = "casts-import-yes"
    IMPORT_NO = "casts-import-no"
    MERGE = "casts-merge"
    MERGE_FIRST = "casts-merge-first"
    MERGE_SECOND = "casts-merge-second"
    MERGE_NAME = "casts-merge-name"
    MERGE_SHARED = "casts-merge-shared"
    MERGE_SHARED_BOX = "casts-merge-shared-box"
    MERGE_PREVIEW = "casts-merge-preview"
    MERGE_YES = "casts-merge-yes"


def stores(draft: str | None = None, shown: str | None = None) -> list[dcc.Store]:
    """What every page of casts holds, also where it stays empty: a callback with one part missing is an error."""
    return [
        dcc.Store(id=Ids.ACT),
        dcc.Store(id=Ids.DRAFT, data=draft),
        dcc.Store(id=Ids.SHOWN, data=shown),
        dcc.Store(id=Ids.CHANGED),
        dcc.Store(id=Ids.PROBLEMS, data=[]),
        dcc.Store(id=Ids.WATCHED),
        dcc.Store(id=Ids.SIGNATURE),
        dcc.Store(id=Ids.SUBJECT),
        dcc.Store(id=Ids.ARRIVED),
    ]
