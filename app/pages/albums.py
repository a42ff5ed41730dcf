"""Albums: folders of pictures, looked through and grouped by who is in them."""

from __future__ import annotations

import time
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update

from app.components import album_views
from app.components.album_ids import Ids
from app.components.job_views import progress_card
from app.components.questions import delete_question
from app.errors import say
from app.ids import Shell
from app.services import albums, jobs, library


def layout(**_query: str) -> html.Div:
    """The page; it takes no query."""
    head, found = _list()
    return html.Div(
        [
            dcc.Store(id=Ids.ACT),
            dcc.Store(id=Ids.ARRIVED),
            dcc.Store(id=Ids.PROBLEMS, data=[]),
            dcc.Store(id=Ids.CHANGED),
            dcc.Store(id=Ids.SIGNATURE),
            dcc.Store(id=Ids.SUBJECT),
            html.Div(head, id=Ids.HEAD),
            album_views.folder_button(library.has_folders()),
            # Filled by assets/albums.js while pictures are sent.
            html.Div(id="albums-sending", className="sending", **{"aria-live": "polite"}),
            html.Div(id=Ids.PROBLEM_LIST),
            html.Div(id=Ids.LIVE, className="live"),
            html.Div(found, id=Ids.LIST),
            delete_question(Ids),
            album_views.folder_dialog(),
        ],
        className="frame-wide library albums",
    )


def _list() -> tuple[list, list]:
    found = albums.albums()
    return album_views.head(len(found)), album_views.album_list(found, jobs.job_dicts())


dash.clientside_callback(
    dash.ClientsideFunction("library", "signature"),
    Output(Ids.SIGNATURE, "data"),
    Input(Shell.JOBS, "data"),
    State(Ids.SIGNATURE, "data"),
)

dash.clientside_callback(
    dash.ClientsideFunction("library", "filterPeople"),
    Output(Ids.FOLDER_LIST, "className"),
    Input(Ids.FOLDER_SEARCH, "value"),
    Input(Ids.FOLDER_LIST, "options"),
    State(Ids.FOLDER_LIST, "id"),
)


@callback(
    Output(Ids.HEAD, "children"),
    Output(Ids.LIST, "children"),
    Input(Ids.SIGNATURE, "data"),
    Input(Ids.CHANGED, "data"),
    prevent_initial_call=True,
)
def draw(_signature: Any, _changed: Any) -> tuple[list, list]:
    return _list()


@callback(Output(Ids.PROBLEM_LIST, "children"), Input(Ids.PROBLEMS, "data"), prevent_initial_call=True)
def draw_problems(found: list[list[str]] | None) -> Any:
    return album_views.not_taken(found or [])


@callback(Output(Ids.LIVE, "children"), Input(Shell.JOBS, "data"))
def show_live(found: list[dict[str, Any]] | None) -> list:
    """The albums that wait or are looked through, with how far they are."""
    return [progress_card(job) for job in found or [] if job["kind"] == "album" and job["state"] in jobs.ACTIVE]


@callback(Output(Ids.CHANGED, "data"), Input(Ids.ARRIVED, "data"), prevent_initial_call=True)
def take_up(arrived: dict[str, Any] | None) -> Any:
    """Pictures that were sent are looked through at once."""
    if not arrived:
        return no_update
    albums.import_sent(arrived["id"], arrived["title"])
    return _woken()


@callback(Input(Ids.ACT, "data"), prevent_initial_call=True)
def do(asked: dict[str, Any] | None) -> None:
    """What a button of a card asks for."""
    match asked:
        case {"act": "again", "film": token}:
            albums.look_again(token)
            dash.set_props(Ids.CHANGED, {"data": _woken()})
        case {"act": "rename", "film": token, "title": title}:
            albums.retitle(token, title)
            dash.set_props(Ids.CHANGED, {"data": time.time()})
        case {"act": "delete", "film": token}:
            deletion = albums.deletion(token)
            dash.set_props(Ids.DELETE_TITLE, {"children": f"Delete {deletion.title}?"})
            dash.set_props(Ids.DELETE_BODY, {"children": album_views.deletion_body(deletion)})
            dash.set_props(Ids.SUBJECT, {"data": token})
            dash.set_props(Ids.DELETE, {"is_open": True})


@callback(
    Output(Ids.DELETE, "is_open"),
    Input(Ids.DELETE_YES, "n_clicks"),
    Input(Ids.DELETE_NO, "n_clicks"),
    State(Ids.SUBJECT, "data"),
    prevent_initial_call=True,
)
def delete(_yes: int | None, _no: int | None, token: str | None) -> bool:
    if dash.ctx.triggered_id == Ids.DELETE_YES and token:
        say(f"{albums.delete(token)} is deleted.", "success")
        dash.set_props(Ids.CHANGED, {"data": time.time()})
    return False


@callback(
    Output(Ids.FOLDER_LIST, "options"),
    Output(Ids.FOLDER_LIST, "value"),
    Output(Ids.FOLDER, "is_open"),
    Input(Ids.FOLDER_OPEN, "n_clicks"),
    prevent_initial_call=True,
)
def list_folders(n_clicks: int | None) -> Any:
    return (album_views.folder_options(albums.folder_albums()), None, True) if n_clicks else (no_update,) * 3


@callback(
    Output(Ids.FOLDER, "is_open", allow_duplicate=True),
    Output(Ids.CHANGED, "data", allow_duplicate=True),
    Input(Ids.FOLDER_ADD, "n_clicks"),
    State(Ids.FOLDER_LIST, "value"),
    prevent_initial_call=True,
)
def import_folder(n_clicks: int | None, folder_id: str | None) -> Any:
    if not n_clicks:
        return no_update, no_update
    if not folder_id:
        say("Choose a folder first.")
        return no_update, no_update
    albums.import_folder(folder_id)
    return False, _woken()


def _woken() -> float:
    """A number that is new, also for the shell, so that a job just started is seen at once."""
    now = time.time()
    dash.set_props(Shell.WAKE, {"data": now})
    return now


dash.register_page("app.pages.albums", path="/albums", name="Albums", title="Albums - Dramatis", layout=layout)
