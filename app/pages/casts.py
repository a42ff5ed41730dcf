"""Casts: the people that may be recognised, and the pictures they are known by."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Input, Output, State, callback, dcc, html, no_update

from app.components import cast_views
from app.components.job_views import progress_card
from app.errors import say
from app.ids import Shell
from app.services import DramatisError, galleries, jobs


class Ids(StrEnum):
    ACT = "casts-act"  # what a button asks for: {act, name|draft|person|file, n}
    DRAFT = "casts-draft"  # id of the cast being made
    CHANGED = "casts-changed"  # a number that is new whenever the page must be drawn again; written by casts.js too
    PROBLEMS = "casts-problems"  # [[picture, reason]]: written by casts.js
    WATCHED = "casts-watched"  # id of the job that builds the cast
    LIST = "casts-list"
    LIVE = "casts-live"
    SIGNATURE = "casts-signature"
    NAME = "casts-name"
    NAME_NOTE = "casts-name-note"
    PEOPLE = "casts-people"
    PROBLEM_LIST = "casts-problem-list"
    PERSON = "casts-person"
    PERSON_ADD = "casts-person-add"
    BUILD = "casts-build"
    DELETE = "casts-delete"
    DELETE_TITLE = "casts-delete-title"
    DELETE_YES = "casts-delete-yes"
    DELETE_NO = "casts-delete-no"
    DELETE_NAME = "casts-delete-name"


def layout(new: str | None = None, edit: str | None = None, **_query: str) -> html.Div:
    """The list; with ?new=1 the editor on a new cast, with ?edit=ID on one there is."""
    stores = [
        dcc.Store(id=Ids.ACT),
        dcc.Store(id=Ids.CHANGED),
        dcc.Store(id=Ids.PROBLEMS, data=[]),
        dcc.Store(id=Ids.WATCHED),
        dcc.Store(id=Ids.SIGNATURE),
        dcc.Store(id=Ids.DELETE_NAME),
    ]
    if new or edit:
        try:
            draft = galleries.draft(edit) if edit else galleries.new_draft()
        except DramatisError as error:
            return html.Div([html.H1("Casts", className="page-title"), html.P(str(error)), _back()], className="frame")
        return html.Div([*stores, *editor(draft)], className="frame casts")
    return html.Div(
        [
            *stores,
            dcc.Store(id=Ids.DRAFT),
            html.Div(
                [
                    html.H1("Casts", className="page-title"),
                    dcc.Link("New cast", href="/casts?new=1", className="btn btn-primary"),
                ],
                className="page-head",
            ),
            html.Div(id=Ids.LIVE, className="live"),
            html.Div(cast_views.cast_list(galleries.casts(), galleries.drafts()), id=Ids.LIST),
            _delete_dialog(),
        ],
        className="frame-wide casts",
    )


def editor(draft: galleries.Draft) -> list:
    """What a cast is made with."""
    return [
        dcc.Store(id=Ids.DRAFT, data=draft.id),
        _back(),
        html.H1(f"Change {draft.name}" if draft.is_built else "New cast", className="page-title"),
        html.Div(
            [
                html.Label("Name of the cast", htmlFor=Ids.NAME),
                dbc.Input(
                    id=Ids.NAME,
                    value=draft.name,
                    placeholder="The film or the series, for example",
                    maxlength=80,
                    debounce=0.4,
                    disabled=draft.is_built,
                ),
                html.P(id=Ids.NAME_NOTE, className="hint"),
            ],
            className="cast-title",
        ),
        html.Div(
            [
                html.Span(className="drop-sign", **{"aria-hidden": "true"}),
                html.Div(
                    [
                        html.Strong("Drop a folder with one folder of pictures for each person"),
                        html.Span("Cast/Anna Lee/1.jpg, Cast/Anna Lee/2.jpg, Cast/Ben Roth/1.jpg …", className="soft"),
                    ],
                    className="drop-words",
                ),
                html.Button(
                    "Choose a folder",
                    type="button",
                    className="btn btn-outline-secondary",
                    **{"data-pictures": "folder"},
                ),
            ],
            className="drop-zone",
            **{"data-pictures": "zone", "data-draft": draft.id},
        ),
        html.Div(id="casts-sending", className="sending", **{"aria-live": "polite"}),
        html.Div(id=Ids.PROBLEM_LIST),
        html.Div(cast_views.people_rows(draft), id=Ids.PEOPLE, className="people-rows"),
        html.Div(
            [
                dbc.Input(id=Ids.PERSON, placeholder="Name of a person", maxlength=80, n_submit=0),
                html.Button("Add person", id=Ids.PERSON_ADD, type="button", className="btn btn-outline-secondary"),
            ],
            className="person-add",
        ),
        html.Div(
            [
                dbc.Button("Save the cast" if draft.is_built else "Build the cast", id=Ids.BUILD, color="primary"),
                html.Span(
                    f"Pictures up to {galleries.MAX_PICTURE_MB} MB: one person in each, the face clearly visible.",
                    className="soft",
                ),
            ],
            className="run-foot",
        ),
        html.Div(id=Ids.LIVE, className="live"),
    ]


def _back() -> html.P:
    return html.P(dcc.Link("← All casts", href="/casts"), className="back")


def _delete_dialog() -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(id=Ids.DELETE_TITLE)),
            dbc.ModalBody(
                "This deletes its pictures here and all face measurements made from them. Films analysed with it keep "
                "the names they have."
            ),
            dbc.ModalFooter(
                [
                    dbc.Button("Keep it", id=Ids.DELETE_NO, color="secondary", outline=True),
                    dbc.Button("Delete", id=Ids.DELETE_YES, color="danger"),
                ]
            ),
        ],
        id=Ids.DELETE,
        centered=True,
    )


dash.clientside_callback(
    dash.ClientsideFunction("library", "signature"),
    Output(Ids.SIGNATURE, "data"),
    Input(Shell.JOBS, "data"),
    State(Ids.SIGNATURE, "data"),
)


@callback(
    Output(Ids.LIST, "children"),
    Input(Ids.SIGNATURE, "data"),
    Input(Ids.CHANGED, "data"),
    prevent_initial_call=True,
)
def draw_list(_signature: Any, _changed: Any) -> list:
    return cast_views.cast_list(galleries.casts(), galleries.drafts())


@callback(
    Output(Ids.PEOPLE, "children"), Input(Ids.CHANGED, "data"), State(Ids.DRAFT, "data"), prevent_initial_call=True
)
def draw_people(_changed: Any, draft_id: str | None) -> Any:
    return cast_views.people_rows(galleries.draft(draft_id)) if draft_id else no_update


@callback(Output(Ids.PROBLEM_LIST, "children"), Input(Ids.PROBLEMS, "data"), prevent_initial_call=True)
def draw_problems(found: list[list[str]] | None) -> Any:
    return cast_views.problems(found or [])


@callback(
    Output(Ids.NAME_NOTE, "children"), Input(Ids.NAME, "value"), State(Ids.DRAFT, "data"), prevent_initial_call=True
)
def rename(name: str | None, draft_id: str) -> str:
    if not (name or "").strip():
        return ""
    try:
        galleries.rename_draft(draft_id, name)
    except DramatisError as error:
        return str(error)
    return ""


@callback(
    Output(Ids.PERSON, "value"),
    Output(Ids.CHANGED, "data"),
    Input(Ids.PERSON_ADD, "n_clicks"),
    Input(Ids.PERSON, "n_submit"),
    State(Ids.PERSON, "value"),
    State(Ids.DRAFT, "data"),
    prevent_initial_call=True,
)
def add_person(n_clicks: int | None, n_submits: int | None, name: str | None, draft_id: str) -> Any:
    if not (n_clicks or n_submits):
        return no_update, no_update
    galleries.add_person(draft_id, name or "")
    return "", time.time()


@callback(Input(Ids.ACT, "data"), State(Ids.DRAFT, "data"), prevent_initial_call=True)
def do(asked: dict[str, Any] | None, draft_id: str | None) -> None:
    """What a button, or the name of a person typed anew, asks for."""
    match asked:
        case {"act": "remove-picture", "person": person, "file": file}:
            galleries.remove_picture(draft_id, person, file)
        case {"act": "remove-person", "person": person}:
            galleries.remove_person(draft_id, person)
        case {"act": "rename-person", "person": person, "name": name}:
            galleries.rename_person(draft_id, person, name)
        case {"act": "discard", "draft": unfinished}:
            galleries.discard(unfinished)
        case {"act": "delete", "name": name}:
            dash.set_props(Ids.DELETE_NAME, {"data": name})
            dash.set_props(Ids.DELETE_TITLE, {"children": f"Delete the cast {name}?"})
            dash.set_props(Ids.DELETE, {"is_open": True})
            return
    dash.set_props(Ids.CHANGED, {"data": time.time()})


@callback(
    Output(Ids.DELETE, "is_open"),
    Input(Ids.DELETE_YES, "n_clicks"),
    Input(Ids.DELETE_NO, "n_clicks"),
    State(Ids.DELETE_NAME, "data"),
    prevent_initial_call=True,
)
def delete(_yes: int | None, _no: int | None, name: str | None) -> bool:
    if dash.ctx.triggered_id == Ids.DELETE_YES and name:
        galleries.delete(name)
        say(f"The cast {name} is deleted.", "success")
        dash.set_props(Ids.CHANGED, {"data": time.time()})
    return False


@callback(
    Output(Ids.WATCHED, "data"),
    Input(Ids.BUILD, "n_clicks"),
    State(Ids.NAME, "value"),
    State(Ids.DRAFT, "data"),
    prevent_initial_call=True,
)
def build(n_clicks: int | None, name: str | None, draft_id: str) -> Any:
    if not n_clicks:
        return no_update
    # The name may still be on its way: it is sent a moment after the last letter.
    if (name or "").strip():
        galleries.rename_draft(draft_id, name)
    job_id = galleries.build(draft_id)
    dash.set_props(Shell.WAKE, {"data": time.time()})
    return job_id


@callback(Output(Ids.LIVE, "children"), Input(Shell.JOBS, "data"), Input(Ids.WATCHED, "data"))
def show_live(found: list[dict[str, Any]] | None, watched: int | None) -> list:
    """The job that builds this page's cast; on the list, every one under way."""
    cards = []
    for job in found or []:
        active = job["state"] in jobs.ACTIVE
        if job["kind"] == "gallery" and (job["id"] == watched or (watched is None and active)):
            cards.append(progress_card(job))
            if job["state"] == "done":
                cards.append(html.P(["Use it for a film: ", dcc.Link("go to Films", href="/")], className="after"))
    return cards


dash.register_page("app.pages.casts", path="/casts", name="Casts", title="Casts - Dramatis", layout=layout)
