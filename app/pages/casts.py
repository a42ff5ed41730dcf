"""Casts: the people that may be recognised, and the pictures they are known by."""

from __future__ import annotations

import time
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update

from app.components import cast_dialogs, cast_editor, cast_report, cast_views
from app.components.cast_ids import Ids, stores
from app.components.job_views import progress_card
from app.ids import Shell
from app.services import DramatisError, galleries, jobs, ready_galleries


def layout(new: str | None = None, edit: str | None = None, show: str | None = None, **_query: str) -> html.Div:
    """The list; with ?new=1 the editor on a new cast, with ?edit=ID on one there is; with ?show=NAME one cast whole."""
    try:
        if new or edit:
            draft = galleries.draft(edit) if edit else galleries.new_draft()
            editor = cast_editor.editor(draft, galleries.MAX_PICTURE_MB)
            return html.Div([*stores(draft.id), *cast_dialogs.dialogs(), _back(), *editor], className="frame casts")
        if show:
            one = html.Div(_one(show), id=Ids.ONE, className="cast-one")
            parts = [*stores(shown=show), *cast_dialogs.dialogs()]
            return html.Div([*parts, _back(), one], className="frame-wide casts")
    except DramatisError as error:
        return html.Div([html.H1("Casts", className="page-title"), html.P(str(error)), _back()], className="frame")
    head, found = _list()
    return html.Div(
        [
            *stores(),
            *cast_dialogs.dialogs(),
            html.Div(head, id=Ids.HEAD),
            # Filled by assets/cast_files.js while a cast's file is sent.
            html.Div(id="casts-sending", className="sending", **{"aria-live": "polite"}),
            html.Div(id=Ids.LIVE, className="live"),
            html.Div(found, id=Ids.LIST),
        ],
        className="frame-wide casts",
    )


def _list() -> tuple[Any, list]:
    casts, drafts, ready = galleries.casts(), galleries.drafts(), ready_galleries.ready()
    return cast_views.head(len(casts) + len(drafts), len(ready)), cast_views.cast_list(casts, drafts, ready)


def _one(name: str) -> list:
    cast = galleries.cast(name)
    if cast is not None:
        return cast_views.one_cast(cast)
    return cast_views.one_ready(ready_galleries.known(name), ready_galleries.people(name))


def _back() -> html.P:
    return html.P(dcc.Link("← All casts", href="/casts"), className="back")


dash.clientside_callback(
    dash.ClientsideFunction("library", "signature"),
    Output(Ids.SIGNATURE, "data"),
    Input(Shell.JOBS, "data"),
    State(Ids.SIGNATURE, "data"),
)


@callback(
    Output(Ids.HEAD, "children"),
    Output(Ids.LIST, "children"),
    Input(Ids.SIGNATURE, "data"),
    Input(Ids.CHANGED, "data"),
    prevent_initial_call=True,
)
def draw_list(_signature: Any, _changed: Any) -> Any:
    return _list()


@callback(Output(Ids.ONE, "children"), Input(Ids.CHANGED, "data"), State(Ids.SHOWN, "data"), prevent_initial_call=True)
def draw_one(_changed: Any, name: str | None) -> Any:
    # Not at each change of a job, as the list: what somebody has unfolded would close.
    return _one(name) if name else no_update


@callback(
    Output(Ids.PEOPLE, "children"), Input(Ids.CHANGED, "data"), State(Ids.DRAFT, "data"), prevent_initial_call=True
)
def draw_people(_changed: Any, draft_id: str | None) -> Any:
    return cast_editor.people_rows(galleries.draft(draft_id)) if draft_id else no_update


@callback(Output(Ids.PROBLEM_LIST, "children"), Input(Ids.PROBLEMS, "data"), prevent_initial_call=True)
def draw_problems(found: list[list[str]] | None) -> Any:
    return cast_report.problems(found or [])


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


@callback(Input(Ids.LICENCE, "value"), State(Ids.DRAFT, "data"), prevent_initial_call=True)
def say_licence(note: str | None, draft_id: str) -> None:
    galleries.set_draft_licence(draft_id, note or "")


@callback(Input(Ids.AUGMENT, "value"), State(Ids.DRAFT, "data"), prevent_initial_call=True)
def choose_augment(wanted: bool | None, draft_id: str) -> None:
    galleries.set_augment(draft_id, bool(wanted))


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
    """What a button of a cast being made, or the name of a person typed anew, asks for; dialogs are opened by
    app/components/cast_callbacks.py."""
    match asked:
        case {"act": "remove-picture", "person": person, "file": file}:
            galleries.remove_picture(draft_id, person, file)
        case {"act": "remove-person", "person": person}:
            galleries.remove_person(draft_id, person)
        case {"act": "rename-person", "person": person, "name": name}:
            galleries.rename_person(draft_id, person, name)
        case {"act": "discard", "draft": unfinished}:
            galleries.discard(unfinished)
        case _:
            return
    dash.set_props(Ids.CHANGED, {"data": time.time()})


@callback(
    Output(Ids.WATCHED, "data"),
    Input(Ids.BUILD, "n_clicks"),
    State(Ids.NAME, "value"),
    State(Ids.LICENCE, "value"),
    State(Ids.DRAFT, "data"),
    prevent_initial_call=True,
)
def build(n_clicks: int | None, name: str | None, note: str | None, draft_id: str) -> Any:
    if not n_clicks:
        return no_update
    # Both may still be on their way: they are sent a moment after the last letter.
    if (name or "").strip():
        galleries.rename_draft(draft_id, name)
    galleries.set_draft_licence(draft_id, note or "")
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
                whole = dcc.Link("See the whole cast", href=cast_views.address(job["gallery"]))
                cards.append(
                    html.P([whole, ", or use it for a film: ", dcc.Link("go to Films", href="/")], className="after")
                )
    return cards


dash.register_page("app.pages.casts", path="/casts", name="Casts", title="Casts - Dramatis", layout=layout)
