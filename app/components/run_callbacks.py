"""The callbacks of the form in app/components/run_settings.py: one set for every form, told apart by its prefix."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import MATCH, ClientsideFunction, Input, Output, State, ctx, no_update

from app.components.run_settings import sureness_words
from app.errors import say
from app.ids import Shell
from app.services import DramatisError, galleries, jobs


def people_of(cast_name: str | None, expected: Sequence[Any] | None) -> tuple[list[dict[str, str]], list[str]]:
    """Options and ticks of the checklist for a cast: everybody in it, those expected ticked. `expected` is [name of a
    cast, people of it], as the form was made with; for any other cast everybody is expected."""
    cast = galleries.cast(cast_name) if cast_name else None
    if cast is None:
        return [], []
    names = [person.name for person in cast.people]
    ticked = names
    if expected and expected[0] == cast.name and expected[1]:
        ticked = [name for name in names if name in set(expected[1])]
    return [{"label": name.replace("_", " "), "value": name} for name in names], ticked or names


def count_words(n_ticked: int, n_all: int) -> str:
    if n_ticked == n_all:
        return f"All {n_all} are expected" if n_all != 1 else "One person is expected"
    return f"{n_ticked} of {n_all} are expected"


def settings_of(
    least: float | None, fps: float | None, smallest: float | None, quick: bool | None = None
) -> dict[str, Any]:
    """The settings that the form's fields say. An emptied field means Dramatis' own value."""
    chosen: dict[str, Any] = {}
    if least is not None:
        chosen["min_probability"] = round(float(least), 3)
    if fps is not None:
        chosen["sample_fps"] = float(fps)
    if smallest is not None:
        chosen["smallest_face_px"] = round(smallest)
    if quick:
        chosen["quick"] = True
    return chosen


def start(
    films: Sequence[str],
    cast_name: str | None,
    people: Sequence[str],
    n_all: int,
    settings: Mapping[str, Any],
    partial: bool,
) -> str:
    """Puts every film in line; what to say about it. A film that cannot be is said in a notice of its own."""
    if cast_name and not people:
        return "Nobody is ticked: tick who may be in it, or choose nobody above."
    cast = list(people) if cast_name and len(people) < n_all else None
    n_started = 0
    for token in films:
        try:
            jobs.submit_analysis(token, cast_name or None, cast, settings, partial=partial)
            n_started += 1
        except DramatisError as error:
            say(str(error))
    return "" if n_started < 2 else f"{n_started} films are in line."


def register(application: dash.Dash) -> None:
    """Gives every form its behaviour; to be called once for an application."""

    def of(kind: str) -> dict[str, Any]:
        return {"type": f"run-{kind}", "at": MATCH}

    @application.callback(
        Output(of("people"), "options"),
        Output(of("people"), "value"),
        Output(of("people-box"), "hidden"),
        Input(of("cast"), "value"),
        State(of("expected"), "data"),
    )
    def show_people(cast_name, expected):
        options, ticked = people_of(cast_name, expected)
        return options, ticked, not options

    @application.callback(
        Output(of("people"), "value", allow_duplicate=True),
        Input(of("all"), "n_clicks"),
        Input(of("none"), "n_clicks"),
        State(of("people"), "options"),
        prevent_initial_call=True,
    )
    def tick(_all, _none, options):
        if not ctx.triggered_id or not ctx.triggered[0]["value"]:
            return no_update
        return [option["value"] for option in options] if ctx.triggered_id["type"] == "run-all" else []

    application.clientside_callback(
        ClientsideFunction("library", "countPeople"),
        Output(of("people-count"), "children"),
        Input(of("people"), "value"),
        State(of("people"), "options"),
    )

    application.clientside_callback(
        ClientsideFunction("library", "filterPeople"),
        Output(of("people"), "className"),
        Input(of("search"), "value"),
        Input(of("people"), "options"),
        State(of("people"), "id"),
    )

    @application.callback(Output(of("sureness-words"), "children"), Input(of("sureness"), "value"))
    def explain(value):
        return sureness_words(value)

    @application.callback(
        Output(of("note"), "children"),
        Input(of("start"), "n_clicks"),
        State(of("films"), "data"),
        State(of("cast"), "value"),
        State(of("people"), "value"),
        State(of("people"), "options"),
        State(of("sureness"), "value"),
        State(of("fps"), "value"),
        State(of("smallest"), "value"),
        State(of("quick"), "value"),
        State(of("partial"), "value"),
        prevent_initial_call=True,
    )
    def submit(n_clicks, films, cast_name, people, options, least, fps, smallest, quick, partial):
        if not n_clicks:
            return no_update
        settings = settings_of(least, fps, smallest, quick)
        said = start(films, cast_name, people or [], len(options or []), settings, bool(partial))
        dash.set_props(Shell.WAKE, {"data": time.time()})
        return said
