"""A question with two answers, asked in a dialog before something is done."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import dash_bootstrap_components as dbc


def question(
    dialog: StrEnum,
    title: str | StrEnum,
    body: StrEnum,
    no: tuple[StrEnum, str],
    yes: tuple[StrEnum, str],
    color: Literal["primary", "danger"] = "primary",
    must_answer: bool = False,
) -> dbc.Modal:
    """The dialog with that id, closed. `title` is its words, or the id of what is filled with them; `body` the id of
    what is filled. `no` and `yes` are each a button's id and words; `color` is that of `yes`. With `must_answer` the
    two are the only ways out."""
    heading = dbc.ModalTitle(id=title) if isinstance(title, StrEnum) else dbc.ModalTitle(title)
    ways_out: dict[str, Any] = {"backdrop": "static", "keyboard": False} if must_answer else {}
    return dbc.Modal(
        [
            dbc.ModalHeader(heading, close_button=not must_answer),
            dbc.ModalBody(id=body),
            dbc.ModalFooter(
                [
                    dbc.Button(no[1], id=no[0], color="secondary", outline=True),
                    dbc.Button(yes[1], id=yes[0], color=color),
                ]
            ),
        ],
        id=dialog,
        centered=True,
        **ways_out,
    )


def delete_question(ids: Any) -> dbc.Modal:
    """Asks before something is deleted; title and body say what goes. `ids` is the page's enumeration of ids."""
    yes, no = (ids.DELETE_YES, "Delete"), (ids.DELETE_NO, "Keep it")
    return question(ids.DELETE, ids.DELETE_TITLE, ids.DELETE_BODY, no, yes, "danger")
