"""Strangers: everybody without a name, the one longest on screen first, to be named with few answers."""

from __future__ import annotations

import time
from typing import Any

import dash
import flask
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update

from app.components import unknown_cast, unknown_head, unknown_rows
from app.components.page_head import page_head
from app.components.unknown_ids import Ids
from app.errors import say
from app.ids import Shell
from app.services import DramatisError, unknown_acts, unknown_casts, unknowns

MORE = unknowns.N_SHOWN


def layout(film: str = "", gallery: str = "", **_query: str) -> html.Div:
    """The strangers of the film whose token is `film`, or of all films."""
    try:
        found = unknowns.unknowns(film, gallery)
    except DramatisError as error:
        back = dcc.Link("All strangers", href="/unknowns")
        return html.Div([html.H1("Strangers", className="page-title"), html.P(str(error)), back], className="frame")
    stores = (Ids.ACT, Ids.ASK_ALL, Ids.ASK_CAST, Ids.UNDO, Ids.LAST, Ids.CHANGED, Ids.PENDING, Ids.DREW, Ids.WORKING)
    return html.Div(
        [
            *(dcc.Store(id=key) for key in stores),
            dcc.Store(id=Ids.SHOWN, data=MORE),
            dcc.Store(id=Ids.ROWS, data=unknown_rows.rows_data(found)),
            html.Datalist(id=Ids.NAMES),
            page_head(
                "Strangers",
                "Everybody without a name, seen longest first: say who it is, and all of their moments have the name.",
                unknown_head.choices(found),
            ),
            *unknown_head.head(found),
            html.Ol(id=Ids.LIST, className="uk-rows"),
            html.Div(unknown_rows.below(found, ignored=False), id=Ids.BELOW),
            unknown_head.confirm_dialog(),
            unknown_cast.dialog(),
        ],
        className="frame-wide unknowns",
    )


# The scripts: assets/unknown_rows.js and assets/unknowns.js. Dash calls at the start only what has an output.

clientside_callback(ClientsideFunction("unknowns", "draw"), Output(Ids.DREW, "data"), Input(Ids.ROWS, "data"))
clientside_callback(ClientsideFunction("unknowns", "working"), Input(Ids.WORKING, "data"), prevent_initial_call=True)


@callback(
    Output(Ids.ROWS, "data"),
    Output(Ids.DONE, "children"),
    Output(Ids.BACK, "children"),
    Output(Ids.CURVE, "figure"),
    Output(Ids.CURVE, "style"),
    Output(Ids.SURE, "children"),
    Output(Ids.BELOW, "children"),
    Output(Ids.SHOWN, "data"),
    Output(Ids.LAST, "data"),
    Input(Ids.ACT, "data"),
    Input(Ids.UNDO, "data"),
    Input(Ids.CHANGED, "data"),
    Input(Ids.FILM, "value"),
    Input(Ids.GALLERY, "value"),
    Input(Ids.IGNORED, "value"),
    State(Ids.SHOWN, "data"),
    State(Ids.LAST, "data"),
    running=[(Output(Ids.WORKING, "data"), True, False)],
    prevent_initial_call=True,
)
def answer(
    asked: dict[str, Any] | None,
    undone: int | None,
    _changed: Any,
    film: str | None,
    gallery: str | None,
    ignored: bool,
    n_shown: int,
    last: str | None,
) -> tuple:
    """Does what was asked for, and tells the page as it is then: one answer, so that an act takes one question."""
    match dash.ctx.triggered_id:
        case Ids.ACT if asked and asked["act"] == "more":
            n_shown += MORE
        case Ids.ACT if asked:
            last = _act(asked, _film(film)) or last
        case Ids.UNDO if undone and last:
            if taken := unknown_acts.undo(last):
                say(taken.sentence, "info")
        case Ids.FILM:
            n_shown = MORE
    found = unknowns.unknowns(_film(film), _gallery(gallery), n_shown, ignored=bool(ignored))
    return (
        unknown_rows.rows_data(found),
        unknown_head.done(found),
        unknown_head.back(found),
        *unknown_head.curve(found),
        unknown_head.sure(found),
        unknown_rows.below(found, ignored=bool(ignored)),
        n_shown,
        last,
    )


def _act(asked: dict[str, Any], film: str) -> str | None:
    """Does it and says so; the film in which it can be taken back, None if nothing was done."""
    done = _done(asked, film)
    if done is None:
        return None
    can_undo = asked["act"] not in ("undo", "redo")
    say(done.sentence, "success" if can_undo else "info", action=("Undo", Ids.UNDO) if can_undo else None)
    return done.film


def _done(asked: dict[str, Any], film: str) -> unknown_acts.Said | None:
    author = _author()
    match asked:
        case {"act": "name", "film": of, "people": people, "name": called, "also": also}:
            return unknown_acts.name(of, people, called, [tuple(one.split(" ", 1)) for one in also], author)
        case {"act": "confirm", "film": of, "person": person, "perhaps": perhaps, "called": called}:
            return unknown_acts.confirm(of, person, perhaps, called, author)
        case {"act": "reject", "film": of, "person": person, "perhaps": perhaps, "called": called}:
            return unknown_acts.reject(of, person, perhaps, called, author)
        case {"act": "merge", "film": of, "people": people}:
            return unknown_acts.merge(of, people, author)
        case {"act": "ignore" | "regard" as which, "film": of, **rest}:
            return unknown_acts.ignore(of, _people(rest), ignored=which == "ignore", author=author)
        case {"act": "no-face", "film": of, **rest}:
            return unknown_acts.no_faces(of, _people(rest), author)
        case {"act": "undo"} if film:
            return unknown_acts.undo(film)
        case {"act": "redo"} if film:
            return unknown_acts.redo(film)
    return None


def _film(chosen: str | None) -> str:
    return "" if chosen in (None, unknown_head.ALL) else chosen


def _gallery(chosen: str | None) -> str:
    return "" if chosen in (None, unknown_head.NO_GALLERY) else chosen


def _author() -> str:
    """The name of the login that asks, "" where there is none."""
    return flask.g.get("user", "")


def _people(asked: dict[str, Any]) -> list[str]:
    return asked["people"] if "people" in asked else [asked["person"]]


@callback(
    Output(Ids.CONFIRM, "is_open"),
    Output(Ids.CONFIRM_BODY, "children"),
    Output(Ids.PENDING, "data"),
    Input(Ids.ASK_ALL, "data"),
    State(Ids.FILM, "value"),
    State(Ids.GALLERY, "value"),
    State(Ids.SHOWN, "data"),
    prevent_initial_call=True,
)
def list_suggestions(_asked: Any, film: str | None, gallery: str | None, n_shown: int) -> tuple:
    found = unknowns.unknowns(_film(film), _gallery(gallery), n_shown)
    pending = [[row.film, row.person, one.person, one.name] for row, one in found.likely]
    return True, unknown_rows.pairs(found.likely), pending


@callback(
    Output(Ids.CONFIRM, "is_open", allow_duplicate=True),
    Output(Ids.CHANGED, "data"),
    Output(Ids.LAST, "data", allow_duplicate=True),
    Input(Ids.CONFIRM_YES, "n_clicks"),
    Input(Ids.CONFIRM_NO, "n_clicks"),
    State(Ids.PENDING, "data"),
    prevent_initial_call=True,
)
def confirm_all(_yes: int | None, _no: int | None, pending: list[list[str]] | None) -> Any:
    if dash.ctx.triggered_id != Ids.CONFIRM_YES or not pending:
        return False, no_update, no_update
    done = unknown_acts.confirm_all([tuple(one) for one in pending], _author())
    say(done.sentence, "success", action=("Undo", Ids.UNDO))
    return False, time.time(), done.film


@callback(
    Output(Ids.CAST, "is_open"),
    Output(Ids.CAST_PEOPLE, "options"),
    Output(Ids.CAST_PEOPLE, "value"),
    Output(Ids.CASTS, "children"),
    Input(Ids.ASK_CAST, "data"),
    State(Ids.FILM, "value"),
    prevent_initial_call=True,
)
def offer_cast(_asked: Any, film: str | None) -> tuple:
    if not _film(film):
        return (no_update,) * 4
    people = unknown_casts.named_people(_film(film))
    casts = [html.Option(value=name) for name in unknown_casts.casts()]
    return True, unknown_cast.people(people), [one.person for one in people], casts


@callback(
    Output(Ids.CAST, "is_open", allow_duplicate=True),
    Output(Shell.WAKE, "data", allow_duplicate=True),
    Input(Ids.CAST_YES, "n_clicks"),
    State(Ids.FILM, "value"),
    State(Ids.CAST_PEOPLE, "value"),
    State(Ids.CAST_NAME, "value"),
    running=[(Output(Ids.CAST_YES, "disabled"), True, False)],
    prevent_initial_call=True,
)
def add_to_cast(clicked: int | None, film: str, people: list[str], cast: str | None) -> Any:
    if not clicked:
        return no_update, no_update
    added = unknown_casts.add_to_cast(_film(film), people or [], cast or "", _author())
    say(f"{added} is being built with them.", "success", link=("Casts", "/casts"))
    return False, time.time()


dash.register_page(
    "app.pages.unknowns", path="/unknowns", name="Strangers", title="Strangers - Dramatis", layout=layout
)
