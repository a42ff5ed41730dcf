"""The inspector: what is wrong under a name, found and mended, in a cast, a film or an album."""

from __future__ import annotations

import time
from typing import Any

import dash
import flask
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update

from app.components import inspector_views, person_head
from app.components.inspector_ids import Ids, inspector_address
from app.components.job_views import progress_card
from app.errors import say
from app.figures.points import group_points
from app.figures.theme import palette
from app.ids import Shell
from app.services import DramatisError, inspector, inspector_acts, inspector_subjects, ready_galleries


def layout(cast: str = "", film: str = "", person: str = "", **_query: str) -> html.Div:
    """The inspector on a cast (its name) or a film or album (its token), on one `person` of it; a list without."""
    if not cast and not film:
        return html.Div(inspector_views.start(inspector_subjects.choices()), className="frame in-start")
    try:
        one = inspector_subjects.subject(cast, film)
        data = inspector.columns(one)
        made = inspector_acts.history(one)
    except DramatisError as error:
        back = dcc.Link("Inspect something else", href="/inspector")
        return html.Div([html.H1("Inspector", className="page-title"), html.P(str(error)), back], className="frame")
    stores = {
        Ids.SUBJECT: {"cast": one.id if one.is_cast else "", "film": "" if one.is_cast else one.id},
        Ids.PERSON: person,
        Ids.DATA: data,
        Ids.DREW: time.time(),
        Ids.COLOUR: inspector_views.PEOPLE,
        Ids.SPACE: False,
    }
    empty = (Ids.MOUNTED, Ids.FOUND, Ids.ACT, Ids.UNDO, Ids.WORKING, Ids.JOB)
    head = inspector_views.head(one)
    history = html.Section(
        [
            html.Div(html.H2("What was corrected"), className="panel-head"),
            html.Div(person_head.corrections(made), id=Ids.HISTORY),
        ],
        className="panel ps-history",
        hidden=not one.may_change,
        **{"aria-label": "What was corrected"},
    )
    return html.Div(
        [
            *(dcc.Store(id=key, data=value) for key, value in stores.items()),
            *(dcc.Store(id=key) for key in empty),
            head,
            html.Div(inspector_views.work(one), className="in-work"),
            history,
        ],
        id=Ids.PAGE,
        className="frame-wide ps-page in-page",
    )


# The scripts: assets/inspector.js and its neighbours. Dash calls at the start only what has an output.

clientside_callback(ClientsideFunction("inspector", "mount"), Output(Ids.MOUNTED, "data"), Input(Ids.DATA, "data"))
clientside_callback(ClientsideFunction("inspector", "found"), Input(Ids.FOUND, "data"), prevent_initial_call=True)
clientside_callback(ClientsideFunction("inspector", "working"), Input(Ids.WORKING, "data"), prevent_initial_call=True)
clientside_callback(ClientsideFunction("inspector", "draw"), Input(Ids.POINTS, "data"), prevent_initial_call=True)


@callback(Output(Ids.STEPS, "children"), Input(Ids.DREW, "data"), State(Ids.SUBJECT, "data"))
def show_steps(_drew: float | None, subject: dict[str, str]) -> list:
    one = inspector_subjects.subject(**subject)
    return inspector_views.steps(one, inspector_acts.history(one))


@callback(Output(Ids.FOUND, "data"), Input(Ids.DREW, "data"), State(Ids.SUBJECT, "data"))
def suspect(_drew: float | None, subject: dict[str, str]) -> dict[str, Any]:
    return inspector.suspicions(inspector_subjects.subject(**subject))


@callback(
    Output(Ids.HISTORY, "children"),
    Output(Ids.DATA, "data"),
    Output(Ids.DREW, "data"),
    Input(Ids.ACT, "data"),
    Input(Ids.UNDO, "data"),
    State(Ids.SUBJECT, "data"),
    prevent_initial_call=True,
    running=[(Output(Ids.WORKING, "data"), True, False)],
)
def act(asked: dict[str, Any] | None, undone: int | None, subject: dict[str, str]) -> tuple:
    """One act of the page, or the Undo of a notice; the page as it is then."""
    if dash.ctx.triggered_id == Ids.UNDO:
        asked = {"act": "undo"} if undone else None
    one = inspector_subjects.subject(**subject)
    if not asked or not do(asked, one):
        return (no_update,) * 3
    now = inspector_subjects.subject(**subject)
    return person_head.corrections(inspector_acts.history(now)), inspector.columns(now), time.time()


def do(asked: dict[str, Any], one: inspector_subjects.Subject) -> bool:
    """Does what was asked and says so; False where nothing was changed. Raises DramatisError."""
    author = getattr(flask.g, "user", "")
    keys = [str(key) for key in asked.get("keys", ())]
    match asked:
        case {"act": "remove"}:
            return _told(inspector_acts.remove(one, keys, author))
        case {"act": "right"}:
            return _told(inspector_acts.right(one, keys, author))
        case {"act": "move", "to": str(to)}:
            return _told(inspector_acts.move(one, keys, to, author, new=bool(asked.get("new"))))
        case {"act": "merge", "first": str(first), "second": str(second)}:
            return _told(inspector_acts.merge(one, first, second, author))
        case {"act": "undo"}:
            return _stepped(inspector_acts.undo(one), "Taken back", "There is nothing to take back.")
        case {"act": "redo"}:
            return _stepped(inspector_acts.redo(one), "Holds again", "There is nothing to redo.")
        case {"act": "take-back", "step": step}:
            return _stepped(inspector_acts.take_back(one, int(step)), "Taken back", "")
        case {"act": "hold-again", "step": step}:
            return _stepped(inspector_acts.hold_again(one, int(step)), "Holds again", "")
    return False


def _told(sentence: str) -> bool:
    say(sentence, "success", action=("Undo", Ids.UNDO))
    return True


def _stepped(words: str | None, did: str, nothing: str) -> bool:
    say(f"{did}: {words}." if words else nothing, "info")
    return words is not None


@callback(
    Output(Ids.POINTS, "data"),
    Output(Ids.MAP, "hidden"),
    Output(Ids.MAP_STATE, "children"),
    Output(Ids.MAP_NOTE, "children"),
    Output(Ids.WAYS, "children"),
    Input(Ids.DREW, "data"),
    Input(Ids.JOB, "data"),
    Input(Shell.THEME, "data"),
    Input(Ids.COLOUR, "data"),
    Input(Ids.SPACE, "data"),
    State(Ids.SUBJECT, "data"),
)
def draw(
    _drew: float | None,
    _job: Any,
    theme: str | None,
    colour: str,
    in_space: bool,
    subject: dict[str, str],
) -> tuple:
    """The map if it was made, else what makes it."""
    one = inspector_subjects.subject(**subject)
    data = inspector.columns(one)
    found = inspector.face_map(one)
    if found is None:
        card = inspector_views.no_map(len(data["key"]), inspector.map_job(one))
        return (no_update, True, card or no_update, "", [])
    state = no_update if inspector.map_job(one) else []
    # A way of grouping that is still to come, or went with an older map, is no reason to show nothing.
    groups = found.groups.get(colour, data["owner"])
    ways = inspector_views.ways(found, len(data["people"]), colour)
    points = group_points(data["key"], found.space if in_space else found.plane, groups, palette(theme))
    return points, False, state, inspector_views.map_note(found, in_space), ways


@callback(Input(Ids.COPY, "n_clicks"), State(Ids.SUBJECT, "data"), prevent_initial_call=True)
def copy(n_clicks: int | None, subject: dict[str, str]) -> None:
    """What is only looked at, as a cast of one's own."""
    if n_clicks:
        name = ready_galleries.own_copy(subject["cast"])
        say(f"{name} is a copy of your own.", "success")
        dash.set_props(Shell.LOCATION, {"href": inspector_address(cast=name)})


@callback(Output(Ids.JOB, "data"), Input(Ids.MAKE, "n_clicks"), State(Ids.SUBJECT, "data"), prevent_initial_call=True)
def make(n_clicks: int | None, subject: dict[str, str]) -> Any:
    if not n_clicks:
        return no_update
    job = inspector.make_map(inspector_subjects.subject(**subject), getattr(flask.g, "user", ""))
    dash.set_props(Shell.WAKE, {"data": time.time()})
    return [job, ""]


@callback(
    Output(Ids.MAP_STATE, "children", allow_duplicate=True),
    Output(Ids.JOB, "data", allow_duplicate=True),
    Input(Shell.JOBS, "data"),
    State(Ids.SUBJECT, "data"),
    State(Ids.JOB, "data"),
    prevent_initial_call="initial_duplicate",
)
def show_job(jobs: list[dict[str, Any]] | None, subject: dict[str, str], watched: Any) -> tuple:
    """How far the map is while it is made; drawn when that ends."""
    one = inspector_subjects.subject(**subject)
    running = inspector.map_job(one)
    if running is not None:
        # The map is there before the groups: it is asked for once more whenever the job comes to another phase.
        now = [running["id"], running["phase"]]
        return progress_card(running), no_update if now == watched else now
    mine = [job for job in jobs or [] if watched and job["id"] == watched[0]]
    if not mine:
        return no_update, no_update
    failed = mine[0]["state"] == "failed"
    return (progress_card(mine[0]) if failed else []), None


dash.register_page(
    "app.pages.inspector", path="/inspector", name="Inspector", title="Inspector - Dramatis", layout=layout
)
