"""One film: who is on screen when, why, and for how long."""

from __future__ import annotations

import time
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update

from app.components import demo_views, film_charts, film_head, film_people, film_question, film_stage, film_states
from app.components.film_data import columns, names
from app.components.film_ids import Film
from app.components.job_views import progress_card
from app.errors import say
from app.ids import Shell
from app.services import films, galleries, jobs, questions, reruns


def layout(id: str = "", count: str = "", **_query: str) -> html.Div:  # noqa: A002  the names in the address
    """The page of the film whose token is `id`; `count` is "clear" where moments that are hard to see do not count."""
    body, data = content(id, count == "clear")
    job = jobs.active_job(id) if id else None
    stores = {
        Film.TOKEN: id,
        Film.JOB: job and job["id"],
        Film.DATA: data,
        Film.NAMES: None,
        Film.RENAME: None,
        Film.UNDO: None,
    }
    return html.Div(
        [
            *(dcc.Store(id=key, data=value) for key, value in stores.items()),
            dcc.Store(id=Film.ASK),
            dcc.Store(id=Film.MOUNTED),
            dcc.Store(id=Film.SHOWN),
            html.Div(progress_card(job) if job else [], id=Film.PROGRESS, className="fp-progress"),
            html.Div(body, id=Film.BODY),
            dbc.Offcanvas(
                html.Div(id=Film.AGAIN_BODY),
                id=Film.AGAIN,
                title="Analyse again",
                placement="end",
                is_open=False,
                class_name="fp-again",
            ),
        ],
        id=Film.PAGE,
        className="frame-wide fp-page",
    )


def content(token: str, clear_only: bool = False) -> tuple[list, dict[str, Any] | None]:
    """What stands in the page for a film, and its columns for the scripts (None where there is no result)."""
    state = films.film_state(token) if token else None
    if state is None:
        return [film_states.no_film()], None
    view = state.view
    if view is None:
        waits = jobs.active_job(token) is not None
        empty = film_states.being_analysed(state) if waits else film_states.not_analysed(state, galleries.casts())
        return [empty], None
    if not view.people:
        return [film_head.head(view), film_stage.plain_player(view, state), film_states.nobody(view)], None
    timeline = film_stage.timeline(any(person.doubts for person in view.people), view.clear is not None)
    work = html.Div(
        [film_stage.stage(view, state), film_people.people(view, clear_only), film_people.inspector(), timeline],
        className="fp-work",
    )
    judged = [demo_views.card(state.verdict)] if state.verdict else []
    return [film_head.head(view), *judged, work, film_charts.charts()], columns(view, state.pictures)


# The scripts: assets/film.js and its neighbours.

# The output is for Dash, which calls at the start only those that have one.
clientside_callback(ClientsideFunction("film", "mount"), Output(Film.MOUNTED, "data"), Input(Film.DATA, "data"))
clientside_callback(
    ClientsideFunction("film", "rename"),
    Input(Film.NAMES, "data"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("film", "filter"),
    Output(Film.SHOWN, "data"),
    Output(Film.SHORTEST_WORDS, "children"),
    Input(Film.SEARCH, "value"),
    Input(Film.UNKNOWNS, "value"),
    Input(Film.MAIN_ONLY, "value"),
    Input(Film.HARD, "value"),
    Input(Film.PASSER_BY, "value"),
    Input(Film.SHORTEST, "value"),
    State(Film.DATA, "data"),
)
clientside_callback(
    ClientsideFunction("film", "links"),
    Output(Film.REPORT, "href"),
    Output(Film.CSV, "href"),
    Output(Film.JSON, "href"),
    Input(Film.HARD, "value"),
    State(Film.TOKEN, "data"),
)
clientside_callback(
    ClientsideFunction("question", "show"),
    Input(Film.CROPS, "data"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("charts", "show"),
    Output(Film.CHART, "figure"),
    Input(Film.CHART_SOURCE, "data"),
    Input(Film.SHOWN, "data"),
)
clientside_callback(
    ClientsideFunction("charts", "click"),
    Input(Film.CHART, "clickData"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("charts", "told"),
    Input(Film.CHART_WORDS, "children"),
    prevent_initial_call=True,
)


@callback(
    Output(Film.PROGRESS, "children"),
    Output(Film.JOB, "data"),
    Output(Film.BODY, "children"),
    Output(Film.DATA, "data"),
    Input(Shell.JOBS, "data"),
    State(Film.TOKEN, "data"),
    State(Film.JOB, "data"),
    # An initial answer without news would keep Dash from calling what depends on these outputs.
    prevent_initial_call=True,
)
def follow(all_jobs: list[dict[str, Any]], token: str, followed: int | None) -> tuple[Any, Any, Any, Any]:
    """The card of the film's job while there is one; the result takes the page when it is done."""
    mine = [job for job in all_jobs or [] if job["film"] == token and job["kind"] == "analyse"]
    active = next((job for job in mine if job["state"] in jobs.ACTIVE), None)
    if active:
        # The form has done its work once the job that it asked for is there.
        first = followed != active["id"] and films.film_view(token) is None
        body = content(token)[0] if first else no_update
        return progress_card(active), active["id"], body, no_update
    ended = next((job for job in mine if job["id"] == followed), None) if followed else None
    if ended is None:
        return [], no_update if followed is None else None, no_update, no_update
    if ended["state"] == "done":
        return [], None, *content(token)
    body = content(token)[0] if films.film_view(token) is None else no_update
    return progress_card(ended), None, body, no_update


@callback(
    Output(Film.NAMES, "data"),
    Output(Film.BODY, "children", allow_duplicate=True),
    Output(Film.DATA, "data", allow_duplicate=True),
    Input(Film.RENAME, "data"),
    State(Film.TOKEN, "data"),
    prevent_initial_call=True,
)
def rename(wanted: dict[str, Any] | None, token: str) -> Any:
    if not wanted:
        return (no_update,) * 3
    done = films.rename(token, wanted["person"], wanted["name"])
    if done.moved:
        say(f"{done.before} is {done.name}; their times count together now.", "success", action=("Undo", Film.UNDO))
        return no_update, *content(token)
    shared = f" There is another {done.name} in this film; their times stay apart." if done.shared else ""
    say(f"{done.before} is now {done.name}.{shared}", "success", action=("Undo", Film.UNDO))
    return names(films.film_view(token)), no_update, no_update


@callback(
    Output(Film.NAMES, "data", allow_duplicate=True),
    Output(Film.BODY, "children", allow_duplicate=True),
    Output(Film.DATA, "data", allow_duplicate=True),
    Input(Film.UNDO, "data"),
    State(Film.TOKEN, "data"),
    prevent_initial_call=True,
)
def undo(clicked: int | None, token: str) -> Any:
    done = films.undo(token) if clicked else None
    if done is None:
        return (no_update,) * 3
    if done.moved:
        say("The last correction is taken back.", "info")
        return no_update, *content(token)
    say(f"{done.before} is {done.name} again.", "info")
    return names(films.film_view(token)), no_update, no_update


@callback(
    Output(Film.QUESTION, "hidden"),
    Output(Film.QUESTION_BODY, "children"),
    Output(Film.CROPS, "data"),
    Input(Film.ASK, "data"),
    State(Film.TOKEN, "data"),
    prevent_initial_call=True,
)
def ask(asked: dict[str, Any] | None, token: str) -> tuple[Any, Any, Any]:
    if not asked:
        return no_update, no_update, no_update
    question = questions.question(token, asked["person"], float(asked["t"]))
    return False, film_question.answer(question), film_question.crops(question)


@callback(
    Output(Film.CHART_FRAME, "children"),
    Input(Film.CHART_WANTED, "data"),
    prevent_initial_call=True,
)
def begin_charts(wanted: bool | None) -> Any:
    return film_charts.graph() if wanted else no_update


@callback(
    Output(Film.CHART_SOURCE, "data"),
    Output(Film.CHART_WORDS, "children"),
    Input(Film.CHART_KIND, "value"),
    Input(Film.CHART_WANTED, "data"),
    Input(Shell.THEME, "data"),
    Input(Film.NAMES, "data"),
    Input(Film.HARD, "value"),
    State(Film.TOKEN, "data"),
    prevent_initial_call=True,
)
def draw(
    kind: str, wanted: bool | None, theme: str | None, _names: Any, hard: bool | None, token: str
) -> tuple[Any, Any]:
    view = films.film_view(token) if wanted else None
    if view is None:
        return no_update, no_update
    view = view.counted(clear_only=hard is False)
    # In a new theme the words are the same, and whoever is reading them keeps the place.
    same_words = dash.ctx.triggered_prop_ids.keys() == {f"{Shell.THEME}.data"}
    return film_charts.chart(view, kind, theme), no_update if same_words else film_charts.words(view, kind)


@callback(
    Output(Film.AGAIN, "is_open", allow_duplicate=True),
    Output(Film.AGAIN_BODY, "children", allow_duplicate=True),
    Input(Film.THOROUGH, "n_clicks"),
    State(Film.TOKEN, "data"),
    prevent_initial_call=True,
)
def run_thoroughly(n_clicks: int | None, token: str) -> tuple[Any, Any]:
    """The same analysis, not quickly; where that cannot be, the form."""
    view = films.film_view(token) if n_clicks else None
    if view is None:
        return no_update, no_update
    if not reruns.thoroughly(view):
        say(f"The cast {view.gallery}, or somebody of it, is not among the saved casts; choose one.", "info")
        return True, film_states.again(view, galleries.casts(), quick=False)
    dash.set_props(Shell.WAKE, {"data": time.time()})
    return no_update, no_update


@callback(
    Output(Film.AGAIN, "is_open"),
    Output(Film.AGAIN_BODY, "children"),
    Input(Film.AGAIN_OPEN, "n_clicks"),
    State(Film.TOKEN, "data"),
    prevent_initial_call=True,
)
def open_again(n_clicks: int | None, token: str) -> tuple[Any, Any]:
    view = films.film_view(token) if n_clicks else None
    return (no_update, no_update) if view is None else (True, film_states.again(view, galleries.casts()))


@callback(
    Output(Film.AGAIN, "is_open", allow_duplicate=True),
    Input(Film.JOB, "data"),
    prevent_initial_call=True,
)
def close_again(job: int | None) -> Any:
    """The form has done its work once its job is in line."""
    return False if job else no_update


dash.register_page("app.pages.film", path="/film", name="Film", title="Film - Dramatis", layout=layout)
