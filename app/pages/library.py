"""The library: add films, say who is in them, watch the work, open the result."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update

from app.components import demo_views, film_cards, library_dialogs, setup_panel
from app.components.job_views import progress_card
from app.components.page_head import page_head
from app.components.questions import delete_question
from app.errors import say
from app.ids import Shell
from app.services import demo, jobs, library


class Ids(StrEnum):
    ACT = "library-act"  # what a button on a card asks for: {act, film, title?, n}
    CHOSEN = "library-chosen"  # [{film, again}]: films to be set up
    WATCHED = "library-watched"  # tokens of films set in line during this visit
    ADDED = "library-added"  # written by upload.js: {film, n}
    SIGNATURE = "library-signature"  # which jobs there are in which state; changes far less often than their percents
    CHANGED = "library-changed"  # a number that is new whenever the list must be drawn again
    HEAD = "library-head"
    WELCOME = "library-welcome"
    TOOLS = "library-tools"
    UPLOADS = "library-uploads"
    SETUP = "library-setup"
    SETUP_HEAD = "library-setup-head"
    SETUP_FORM = "library-setup-form"
    LIVE = "library-live"
    SEARCH = "library-search"
    SHOW_ALL = "library-show-all"
    GRID = "library-grid"
    DEMO = "library-demo"
    DELETE = "library-delete"
    DELETE_TITLE = "library-delete-title"
    DELETE_BODY = "library-delete-body"
    DELETE_YES = "library-delete-yes"
    DELETE_NO = "library-delete-no"
    DELETE_FILM = "library-delete-film"
    FOLDER = "library-folder"
    FOLDER_OPEN = "library-folder-open"
    FOLDER_LIST = "library-folder-list"
    FOLDER_SEARCH = "library-folder-search"
    FOLDER_ADD = "library-folder-add"


FORM = "library"
"""The prefix of the page's form."""

N_FILMS_SEARCHED = 4
"""From so many films on there is something to search."""


def layout(**_query: str) -> html.Div:
    """The page; it takes no query."""
    films = library.films()
    stores = [
        dcc.Store(id=Ids.ACT),
        # Kept while other pages are looked at: who makes a cast for a film comes back to it.
        dcc.Store(id=Ids.CHOSEN, data=[], storage_type="session"),
        dcc.Store(id=Ids.WATCHED, data=[], storage_type="session"),
        dcc.Store(id=Ids.ADDED),
        dcc.Store(id=Ids.SIGNATURE),
        dcc.Store(id=Ids.CHANGED),
        dcc.Store(id=Ids.SHOW_ALL, data=False),
        dcc.Store(id=Ids.DELETE_FILM),
    ]
    return html.Div(
        [
            *stores,
            html.Div(head(len(films)), id=Ids.HEAD),
            _folder_button(),
            # Filled by assets/upload.js, which outlives this page.
            html.Div(id=Ids.UPLOADS, className="uploads", **{"aria-live": "polite"}),
            html.Section(
                [html.Div(id=Ids.SETUP_HEAD), html.Div(id=Ids.SETUP_FORM)],
                id=Ids.SETUP,
                className="setup",
                hidden=True,
                **{"aria-label": "Set up the analysis"},
            ),
            html.Div(id=Ids.LIVE, className="live"),
            html.Div(welcome(len(films)), id=Ids.WELCOME),
            html.Div(
                dbc.Input(
                    id=Ids.SEARCH,
                    type="search",
                    placeholder="Find a film or a person",
                    debounce=0.2,
                ),
                id=Ids.TOOLS,
                className="film-tools",
                hidden=len(films) < N_FILMS_SEARCHED,
            ),
            html.Div(film_cards.grid(films, jobs.job_dicts()), id=Ids.GRID),
            html.Div(demo_line(len(films)), id=Ids.DEMO),
            delete_question(Ids),
            library_dialogs.folder_dialog(Ids),
        ],
        className="frame-wide library",
    )


def head(n_films: int) -> list:
    """Title and drop zone: large while there is nothing else to look at."""
    if n_films:
        says = "Who is on screen, and for how long: add a film, say who is in it, and open the result."
        return [page_head("Films", says), film_cards.drop_zone(large=False)]
    return [
        html.H1("Who is on screen, and for how long?", className="hero"),
        html.P(
            "Give Dramatis a film and a few pictures of each member of the cast. It finds the faces, follows them from "
            "shot to shot, and tells for each person how many seconds they are on screen, and when.",
            className="lead",
        ),
        film_cards.drop_zone(large=True),
    ]


def welcome(n_films: int) -> Any:
    """What to do, and the demo; nothing once there is a film."""
    return None if n_films else film_cards.welcome(demo.is_there())


def demo_line(n_films: int) -> Any:
    """How the demo comes and goes; nothing where the welcome offers it."""
    found = demo.parts()
    return demo_views.line(found, is_there=demo.is_there()) if n_films or found.any else None


def _folder_button() -> html.P | None:
    if not library.has_folders():
        return None
    button = html.Button("from a folder on this machine", id=Ids.FOLDER_OPEN, type="button", className="link-button")
    return html.P(["Or take a film ", button, ", without a copy."], className="soft folder-line")


clientside_callback(
    ClientsideFunction("library", "signature"),
    Output(Ids.SIGNATURE, "data"),
    Input(Shell.JOBS, "data"),
    State(Ids.SIGNATURE, "data"),
)

clientside_callback(
    ClientsideFunction("library", "filterPeople"),
    Output(Ids.FOLDER_LIST, "className"),
    Input(Ids.FOLDER_SEARCH, "value"),
    Input(Ids.FOLDER_LIST, "options"),
    State(Ids.FOLDER_LIST, "id"),
)


@callback(
    Output(Ids.GRID, "children"),
    Output(Ids.HEAD, "children"),
    Output(Ids.WELCOME, "children"),
    Output(Ids.TOOLS, "hidden"),
    Output(Ids.DEMO, "children"),
    Input(Ids.SIGNATURE, "data"),
    Input(Ids.CHANGED, "data"),
    Input(Ids.ADDED, "data"),
    Input(Ids.SEARCH, "value"),
    Input(Ids.SHOW_ALL, "data"),
    prevent_initial_call=True,
)
def draw(_signature: Any, _changed: Any, _added: Any, search: str | None, show_all: bool) -> tuple[Any, ...]:
    films = library.films()
    cards = film_cards.grid(films, jobs.job_dicts(), search, show_all)
    n = len(films)
    return cards, head(n), welcome(n), n < N_FILMS_SEARCHED, demo_line(n)


@callback(
    Output({"type": "film-job", "film": ALL}, "children"),
    Input(Shell.JOBS, "data"),
    State({"type": "film-job", "film": ALL}, "id"),
)
def beat(found: list[dict[str, Any]], slots: list[dict[str, str]]) -> list:
    newest = film_cards.latest_jobs(found or [])
    return [film_cards.running_state(newest[slot["film"]]) if slot["film"] in newest else no_update for slot in slots]


@callback(
    Output(Ids.CHOSEN, "data", allow_duplicate=True),
    Input(Ids.ADDED, "data"),
    State(Ids.CHOSEN, "data"),
    prevent_initial_call=True,
)
def take_up(added: dict[str, Any] | None, chosen: list[dict[str, Any]]) -> Any:
    """A film that was uploaded is set up next."""
    return setup_panel.with_film(chosen, added["film"]) if added else no_update


@callback(
    Output(Ids.CHOSEN, "data", allow_duplicate=True),
    Output(Ids.WATCHED, "data"),
    Input(Ids.SIGNATURE, "data"),
    State(Ids.CHOSEN, "data"),
    State(Ids.WATCHED, "data"),
    prevent_initial_call=True,
)
def hand_over(_signature: Any, chosen: list[dict[str, Any]], watched: list[str]) -> Any:
    """Films that are in line by now need no form any more; they are watched instead."""
    active = [one["film"] for one in chosen if jobs.active_job(one["film"])]
    if not active:
        return no_update, no_update
    return [one for one in chosen if one["film"] not in active], [*active, *(t for t in watched if t not in active)]


@callback(Output(Ids.LIVE, "children"), Input(Shell.JOBS, "data"), Input(Ids.WATCHED, "data"))
def show_live(found: list[dict[str, Any]] | None, watched: list[str]) -> list:
    newest = film_cards.latest_jobs(found or [])
    return [progress_card(newest[token]) for token in watched if token in newest]


@callback(
    Output(Ids.SETUP_HEAD, "children"),
    Output(Ids.SETUP_FORM, "children"),
    Output(Ids.SETUP, "hidden"),
    Input(Ids.CHOSEN, "data"),
    State(Ids.SETUP_FORM, "children"),
)
def show_setup(chosen: list[dict[str, Any]], form: Any) -> tuple[Any, Any, bool]:
    waiting, known = setup_panel.sort_out(chosen)
    heading = setup_panel.heading(waiting, known)
    if not waiting:
        return heading, None, not known
    tokens = [film.token for film in waiting]
    if form:
        # Another film came while somebody was choosing: what they chose so far stays.
        dash.set_props({"type": "run-films", "at": FORM}, {"data": tokens})
        return heading, no_update, False
    return heading, setup_panel.form(FORM, tokens), False


@callback(Input(Ids.ACT, "data"), State(Ids.CHOSEN, "data"), prevent_initial_call=True)
def do(asked: dict[str, Any] | None, chosen: list[dict[str, Any]]) -> None:
    """What a button on a card, in the welcome or in the panel asks for."""
    match asked:
        case {"act": "analyse", "film": token}:
            dash.set_props(Ids.CHOSEN, {"data": setup_panel.with_film(chosen, token, again=True)})
        case {"act": "not-now", "film": token}:
            dash.set_props(Ids.CHOSEN, {"data": [one for one in chosen if one["film"] != token]})
        case {"act": "rename", "film": token, "title": title}:
            library.retitle(token, title)
            dash.set_props(Ids.CHANGED, {"data": time.time()})
        case {"act": "delete", "film": token}:
            deletion = library.deletion(token)
            dash.set_props(Ids.DELETE_TITLE, {"children": f"Delete {deletion.title}?"})
            dash.set_props(Ids.DELETE_BODY, {"children": film_cards.deletion_body(deletion)})
            dash.set_props(Ids.DELETE_FILM, {"data": token})
            dash.set_props(Ids.DELETE, {"is_open": True})
        case {"act": "show-all"}:
            dash.set_props(Ids.SHOW_ALL, {"data": True})
        case {"act": "demo"}:
            token = demo.submit()
            dash.set_props(Ids.WATCHED, {"data": [token]})
            dash.set_props(Ids.CHANGED, {"data": time.time()})
            dash.set_props(Shell.WAKE, {"data": time.time()})
        case {"act": "demo-remove"}:
            demo.remove()
            dash.set_props(Ids.WATCHED, {"data": []})
            dash.set_props(Shell.WAKE, {"data": time.time()})
            say("The demo is gone; it can come back at any time.", "success")
            dash.set_props(Ids.CHANGED, {"data": time.time()})


@callback(
    Output(Ids.DELETE, "is_open"),
    Input(Ids.DELETE_YES, "n_clicks"),
    Input(Ids.DELETE_NO, "n_clicks"),
    State(Ids.DELETE_FILM, "data"),
    State(Ids.CHOSEN, "data"),
    prevent_initial_call=True,
)
def delete(_yes: int | None, _no: int | None, token: str | None, chosen: list[dict[str, Any]]) -> bool:
    if dash.ctx.triggered_id == Ids.DELETE_YES and token:
        say(f"{library.delete(token)} is deleted.", "success")
        dash.set_props(Ids.CHOSEN, {"data": [one for one in chosen if one["film"] != token]})
        dash.set_props(Ids.CHANGED, {"data": time.time()})
    return False


@callback(
    Output(Ids.FOLDER_LIST, "options"),
    Output(Ids.FOLDER_LIST, "value"),
    Output(Ids.FOLDER, "is_open"),
    Input(Ids.FOLDER_OPEN, "n_clicks"),
    prevent_initial_call=True,
)
def list_folder(n_clicks: int | None) -> Any:
    return (setup_panel.folder_options(library.folder_films()), [], True) if n_clicks else (no_update,) * 3


@callback(
    Output(Ids.FOLDER, "is_open", allow_duplicate=True),
    Output(Ids.CHOSEN, "data", allow_duplicate=True),
    Output(Ids.CHANGED, "data"),
    Input(Ids.FOLDER_ADD, "n_clicks"),
    State(Ids.FOLDER_LIST, "value"),
    State(Ids.CHOSEN, "data"),
    prevent_initial_call=True,
)
def add_from_folder(_n: int | None, wanted: list[str], chosen: list[dict[str, Any]]) -> Any:
    for film_id in wanted:
        chosen = setup_panel.with_film(chosen, library.add_folder_film(film_id)[0])
    return False, chosen, time.time()


dash.register_page("app.pages.library", path="/", name="Films", title="Films - Dramatis", layout=layout)
