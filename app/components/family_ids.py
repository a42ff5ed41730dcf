"""The ids of the family page; assets/family.js knows some of them by name."""

from __future__ import annotations

from enum import StrEnum


class Ids(StrEnum):
    STATE = "family-state"  # written by family.js: {people, groups, picked}; see assets/family.js
    PROBLEMS = "family-problems"  # written by family.js: sentences about photos that were not taken
    HEAD = "family-head"
    PEOPLE = "family-people"
    GROUPS = "family-groups"
    PROBLEM_LIST = "family-problem-list"
    ANSWER = "family-answer"
