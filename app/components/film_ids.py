"""The ids of the film page, which its parts, its callbacks and its scripts share."""

from __future__ import annotations

from enum import StrEnum


class Film(StrEnum):
    """`DATA`: the film as columns, for the scripts (`app.components.film_data`); `NAMES`: the columns that a rename
    changes. The scripts write `RENAME` ({person, name, n}) and `ASK` ({person, t, n}); a notice writes `UNDO`."""

    PAGE = "film-page"
    TOKEN = "film-token"
    BODY = "film-body"
    PROGRESS = "film-progress"
    JOB = "film-job"
    DATA = "film-data"
    MOUNTED = "film-mounted"
    NAMES = "film-names"
    RENAME = "film-rename"
    UNDO = "film-undo"
    ASK = "film-ask"
    # Filters.
    SEARCH = "film-search"
    UNKNOWNS = "film-unknowns"
    MAIN_ONLY = "film-main-only"
    HARD = "film-hard"
    PASSER_BY = "film-passer-by"
    SHORTEST = "film-shortest"
    SHORTEST_WORDS = "film-shortest-words"
    SHOWN = "film-shown"
    # The panel that answers why.
    QUESTION = "film-question"
    QUESTION_BODY = "film-question-body"
    CROPS = "film-crops"
    # Charts.
    CHART_KIND = "film-chart-kind"
    CHART_WANTED = "film-chart-wanted"
    CHART_SOURCE = "film-chart-source"
    CHART_FRAME = "film-chart-frame"
    CHART = "film-chart"
    CHART_WORDS = "film-chart-words"
    PNG = "film-png"
    # What leads out of the page, and counts as the page does.
    REPORT = "film-report"
    CSV = "film-csv"
    JSON = "film-json"
    # The form for another analysis, and the one without a form.
    THOROUGH = "film-thorough"
    AGAIN = "film-again"
    AGAIN_OPEN = "film-again-open"
    AGAIN_BODY = "film-again-body"
