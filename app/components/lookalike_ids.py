"""The ids of the lookalike page; assets/lookalike.js knows some of them by name."""

from __future__ import annotations

from enum import StrEnum


class Ids(StrEnum):
    ACT = "lookalike-act"  # what a button asks for: {act, photo, face, gallery, row, person, n}
    PHOTOS = "lookalike-photos"  # {ids: [photo, ...], shown: photo or None}
    ADDED = "lookalike-added"  # written by lookalike.js: {photos: [every one it sent], n}
    PROBLEMS = "lookalike-problems"  # written by lookalike.js: sentences about photos that were not taken
    FACES_SHOWN = "lookalike-faces-shown"  # how many faces' answers are drawn; written by lookalike.js too
    HEAD = "lookalike-head"
    PROBLEM_LIST = "lookalike-problem-list"
    WORK = "lookalike-work"
    PHOTO = "lookalike-photo"
    SETTINGS = "lookalike-settings"
    GALLERY = "lookalike-gallery"
    PEOPLE = "lookalike-people"
    DISTANCE = "lookalike-distance"
    TOGETHER = "lookalike-together"
    TOGETHER_BOX = "lookalike-together-box"
    ANSWER = "lookalike-answer"
    BUSY = "lookalike-busy"  # whether an answer is on its way
    PAIR = "lookalike-pair"
    PAIR_TITLE = "lookalike-pair-title"
    PAIR_BODY = "lookalike-pair-body"
