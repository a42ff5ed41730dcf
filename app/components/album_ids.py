"""The ids of the page of albums."""

from __future__ import annotations

from enum import StrEnum


class Ids(StrEnum):
    ACT = "albums-act"  # what a button asks for: {act, film, title?, n}
    ARRIVED = "albums-arrived"  # {id, title, n} of pictures that were sent: written by albums.js
    PROBLEMS = "albums-problems"  # [[picture, reason]] not taken on the way: written by albums.js
    CHANGED = "albums-changed"  # a number that is new whenever the list must be drawn again
    SIGNATURE = "albums-signature"
    HEAD = "albums-head"
    PROBLEM_LIST = "albums-problem-list"
    LIVE = "albums-live"
    LIST = "albums-list"
    DELETE = "albums-delete"
    DELETE_TITLE = "albums-delete-title"
    DELETE_BODY = "albums-delete-body"
    DELETE_YES = "albums-delete-yes"
    DELETE_NO = "albums-delete-no"
    SUBJECT = "albums-subject"  # token of the album that the open question is about
    FOLDER = "albums-folder"
    FOLDER_OPEN = "albums-folder-open"
    FOLDER_LIST = "albums-folder-list"
    FOLDER_SEARCH = "albums-folder-search"
    FOLDER_ADD = "albums-folder-add"
