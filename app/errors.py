"""One way to tell a person something: a notice in the corner of the page, for good news and for errors alike."""

from __future__ import annotations

import logging
from typing import Any, Literal

import dash
import flask

from app import services
from app.ids import Shell

_log = logging.getLogger(__name__)

Kind = Literal["danger", "success", "info"]

UNEXPECTED = "Something went wrong in Dramatis; try again, and look at the terminal that runs it for what happened."


def say(
    sentence: str,
    kind: Kind = "danger",
    *,
    action: tuple[str, str] | None = None,
    link: tuple[str, str] | None = None,
) -> None:
    """Shows `sentence` as a notice. For use inside a callback; may be called more than once in it.

    `action` is a button in the notice: its label, and the id of a dcc.Store whose `data` becomes the time of the click
    in milliseconds, for a callback to take up. `link` is a label and an address within Dramatis.
    """
    notices: list[dict[str, Any]] = flask.g.setdefault("notices", [])
    notices.append({"text": sentence, "kind": kind, "action": action, "link": link})
    dash.set_props(Shell.NOTICE, {"data": notices})


def sentence_of(error: Exception) -> str:
    """What a person may read about `error`: an engine error's own sentence; any other is a defect, whose text is for
    the log alone."""
    return str(error) if isinstance(error, services.DramatisError) else UNEXPECTED


def on_error(error: Exception) -> None:
    """Takes every exception of a callback: says it, changes nothing else on the page."""
    if not isinstance(error, services.DramatisError):
        _log.error("A callback failed", exc_info=error)
    say(sentence_of(error))
