"""Jobs as a person sees them: the list in the tray, and a card on a page. Pure: job dicts in, components out.

A job dict is what `app.services.jobs.job_dicts` gives. The buttons carry ``data-job`` and ``data-act``; one listener
in assets/library.js hears them all and writes into the store of `parts`, from where app/components/job_callbacks.py
acts. Callbacks on the buttons themselves would be called at each beat, when the cards are drawn anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from app.components.inspector_ids import inspector_address
from app.services.jobs import ACTIVE
from app.words import count

JOB_ACT = "job-act"
"""Id of the store into which the browser writes {act: "cancel"|"dismiss", job: id, n: counter}."""

N_SO_FAR = 4
N_LEFT_OUT = 8

_LOST = "What was found so far is lost."
_KINDS = {"gallery": "Cast: ", "album": "Album: ", "inspect": "Map: "}


def parts() -> list:
    """What the shell holds once, so that the buttons of all job views work."""
    return [dcc.Store(id=JOB_ACT)]


def tray(jobs: Sequence[Mapping[str, Any]]) -> html.Div:
    """Every job, newest first, for the drawer of the shell."""
    if not jobs:
        return html.Div(
            [
                html.P("Nothing is being worked on."),
                html.P("Films that you analyse are listed here.", className="soft"),
            ],
            className="job-list job-list-empty",
        )
    return html.Div([_row(job) for job in jobs], className="job-list")


def progress_card(job: Mapping[str, Any]) -> html.Div:
    """One job large, for the page it is about: while it waits, runs, and when it ended."""
    return html.Div(_row(job), className=f"job-card job-card-{job['state']}")


def bar(percent: int, label: str, state: str = "running") -> html.Div:
    """A progress bar; `label` is what a screen reader says it is of."""
    return html.Div(
        html.Div(className="job-bar-done", style={"width": f"{percent}%"}),
        className=f"job-bar job-bar-{state}",
        role="progressbar",
        **{"aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": str(percent)},
    )


def status(job: Mapping[str, Any]) -> str:
    """Where a job stands, in a few words."""
    match job["state"]:
        case "queued":
            return _in_line(job["place"], job["ahead"])
        case "running":
            if job["stopping"]:
                return "Stopping"
            return " · ".join(part for part in (job["phase"], job["left"]) if part)
        case "done" if job["kind"] == "gallery":
            found = _counted(job["people"], "person", "people", "The cast is ready")
            looked = job.get("looked")
            return found if looked is None else f"{found} · {count(looked, 'picture was', 'pictures were')} new"
        case "done" if job["kind"] == "inspect":
            return "The map is ready"
        case "done":
            return _counted(job["people"], "person found", "people found", "Done")
        case "cancelled":
            return "Stopped"
    return "Failed"


def _in_line(place: int, ahead: tuple[str, str] | None) -> str:
    if place > 1:
        return f"Number {place} in line"
    return f"Next, after {_title(*ahead)}" if ahead else "Next in line"


def _title(kind: str, title: str) -> str:
    return _KINDS.get(kind, "") + title


def _counted(n: int | None, one: str, many: str, otherwise: str) -> str:
    if n is None:
        return otherwise
    if n == 0:
        return "Done: nobody found"
    return f"Done: {count(n, one, many)}"


def _row(job: Mapping[str, Any]) -> html.Div:
    title = _title(job["kind"], job["title"])
    running = job["state"] == "running"
    head = [html.Span(title, className="job-title", title=title)]
    if running:
        head.append(html.Span(f"{job['percent']} %", className="job-percent"))
    rows = [html.Div(head, className="job-head")]
    if job["state"] in ACTIVE:
        rows.append(bar(job["percent"], f"Progress of {title}", job["state"]))
    rows.append(html.Div([html.Span(status(job), className="job-status"), *_buttons(job)], className="job-foot"))
    if running and job["so_far"]:
        rows.append(html.P(_so_far(job["so_far"]), className="job-so-far"))
    if job["error"]:
        rows.append(html.P(job["error"], className="job-error", role="alert"))
    if job["state"] == "done" and job["left_out"]:
        rows.append(left_out(job["left_out"]))
    return html.Div(rows, className=f"job job-{job['state']}")


def _buttons(job: Mapping[str, Any]) -> list:
    buttons = []
    if job["state"] == "done" and job["kind"] == "inspect":
        href = inspector_address(job["gallery"] or "", job["film"] or "")
        buttons.append(dcc.Link("Open", href=href, className="job-open"))
    elif job["state"] == "done" and job["film"]:
        href = "/albums" if job["kind"] == "album" else f"/film?id={job['film']}"
        buttons.append(dcc.Link("Open", href=href, className="job-open"))
    if job["can_cancel"]:
        lost = "What was found so far is kept for the next time." if job["kind"] == "album" else _LOST
        question = f"Stop working on {job['title']}? {lost}" if job["percent"] else ""
        word = "Cancel" if job["state"] == "queued" else "Stop"
        buttons.append(_button(word, "cancel", job, question))
    if job["state"] not in ACTIVE:
        buttons.append(_button("Dismiss", "dismiss", job))
    return [html.Span(buttons, className="job-buttons")]


def _button(word: str, act: str, job: Mapping[str, Any], question: str = "") -> html.Button:
    return html.Button(
        word,
        type="button",
        className="link-button",
        **{
            "data-act": act,
            "data-job": str(job["id"]),
            "data-question": question,
            "aria-label": f"{word} {job['title']}",
        },
    )


def left_out(pictures: Sequence[Sequence[str]]) -> html.Details:
    """The pictures a cast was built without, and why; folded, since most casts have some."""
    shown = [html.Li([html.Span(name, className="left-out-name"), f": {why}"]) for name, why in pictures[:N_LEFT_OUT]]
    if (more := len(pictures) - N_LEFT_OUT) > 0:
        shown.append(html.Li(f"and {more} more", className="soft"))
    heading = f"{count(len(pictures), 'picture was', 'pictures were')} left out"
    return html.Details([html.Summary(heading), html.Ul(shown)], className="left-out")


def _so_far(found: Sequence[Sequence[Any]]) -> str:
    shown = [
        f"{'strangers' if name == 'unknown' else name.replace('_', ' ')} {_seconds(seconds)}"
        for name, seconds in found[:N_SO_FAR]
    ]
    more = len(found) - N_SO_FAR
    return "So far: " + ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _seconds(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes else f"{rest} s"
