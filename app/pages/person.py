"""One person of a film: all faces, and the corrections of who is who."""

from __future__ import annotations

import time
from typing import Any

import dash
import flask
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update

from app.components import person_dialogs, person_head, person_views
from app.components.person_data import columns
from app.components.person_ids import Ids, person_address
from app.errors import say
from app.figures.points import person_points
from app.figures.theme import palette
from app.ids import Shell
from app.services import history, person, person_acts


def layout(film: str = "", id: str = "", **_query: str) -> html.Div:  # noqa: A002  the names in the address
    """The page of the person `id` of the film whose token is `film`."""
    page = person.person_page(film, id)
    if page is None:
        return html.Div(person_head.no_film(), className="frame ps-page")
    made = history.history(film)
    one = page.person
    stores = {Ids.TOKEN: film, Ids.PERSON: id, Ids.DATA: columns(page), Ids.DREW: time.time()}
    empty = (Ids.MOUNTED, Ids.ACT, Ids.UNDO, Ids.WORKING, Ids.SUBJECT, Ids.ASK_HALVES, Ids.HALVES)
    return html.Div(
        [
            *(dcc.Store(id=key, data=value) for key, value in stores.items()),
            *(dcc.Store(id=key) for key in empty),
            *person_dialogs.dialogs(),
            html.Div(person_head.head(page, made), id=Ids.HEAD),
            html.Div([] if one else person_head.gone(page), id=Ids.GONE),
            html.Div(person_views.work(page.in_album), id=Ids.WORK, className="ps-work", hidden=one is None),
            html.Section(
                [
                    html.Div(
                        html.H2(f"What was corrected in this {'album' if page.in_album else 'film'}"),
                        className="panel-head",
                    ),
                    html.Div(person_head.corrections(made), id=Ids.HISTORY),
                ],
                className="panel ps-history",
                **{"aria-label": "What was corrected"},
            ),
        ],
        id=Ids.PAGE,
        className="frame-wide ps-page",
    )


# The scripts: assets/person.js and its neighbours. Dash calls at the start only what has an output.

clientside_callback(ClientsideFunction("person", "mount"), Output(Ids.MOUNTED, "data"), Input(Ids.DATA, "data"))
clientside_callback(ClientsideFunction("person", "working"), Input(Ids.WORKING, "data"), prevent_initial_call=True)
clientside_callback(ClientsideFunction("person", "halves"), Input(Ids.HALVES, "data"), prevent_initial_call=True)
clientside_callback(ClientsideFunction("person", "draw"), Input(Ids.POINTS, "data"), prevent_initial_call=True)


@callback(
    Output(Ids.HEAD, "children"),
    Output(Ids.GONE, "children"),
    Output(Ids.WORK, "hidden"),
    Output(Ids.HISTORY, "children"),
    Output(Ids.DATA, "data"),
    Output(Ids.DREW, "data"),
    Input(Ids.ACT, "data"),
    Input(Ids.UNDO, "data"),
    State(Ids.TOKEN, "data"),
    State(Ids.PERSON, "data"),
    prevent_initial_call=True,
    running=[(Output(Ids.WORKING, "data"), True, False)],
)
def act(asked: dict[str, Any] | None, undone: int | None, token: str, person_id: str) -> tuple:
    """One act of the page, or the Undo of a notice; the page as it is then."""
    if dash.ctx.triggered_id == Ids.UNDO:
        asked = {"act": "undo"} if undone else None
    if not asked or not do(asked, token, person_id):
        return (no_update,) * 6
    page = person.person_page(token, person_id)
    if page is None:
        return (no_update,) * 6
    made = history.history(token)
    empty = [] if page.person else person_head.gone(page)
    shown = person_head.head(page, made), empty, page.person is None, person_head.corrections(made)
    return *shown, columns(page), time.time()


def do(asked: dict[str, Any], token: str, person_id: str) -> bool:
    """Does what was asked and says so; False where that changed nothing of this page, as it asks a question first, or
    leads to another page. Raises DramatisError."""
    author = getattr(flask.g, "user", "")
    tracks = [int(track) for track in asked.get("tracks", ())]
    match asked:
        case {"act": "split"}:
            return _told(person_acts.split_off(token, tracks, author), token, person_id)
        case {"act": "not"}:
            return _told(person_acts.not_this_person(token, tracks, author), token, person_id)
        case {"act": "move", "to": to}:
            return _told(person_acts.move(token, tracks, to, author), token, person_id)
        case {"act": "no-face"}:
            return _told(person_acts.not_a_face(token, tracks, author), token, person_id)
        case {"act": "delete"}:
            return _told(person_acts.delete(token, tracks, author), token, person_id)
        case {"act": "ignore" | "regard" as which}:
            return _told(person_acts.ignore(token, person_id, which == "ignore", author), token, person_id)
        case {"act": "rename", "name": name}:
            return _rename(asked, token, person_id, name, author)
        case {"act": "same-ask", "other": other}:
            page = person.person_page(token, person_id)
            dash.set_props(
                Ids.SAME_BODY, {"children": person_dialogs.side_by_side(page, person.together(token, person_id, other))}
            )
            dash.set_props(Ids.SUBJECT, {"data": {"act": "same", "other": other}})
            dash.set_props(Ids.SAME, {"is_open": True})
            return False
        case {"act": "same", "other": other}:
            return _moved_on(person_acts.same_as(token, person_id, other, author), token, person_id)
        case {"act": "undo"}:
            return _stepped(history.undo(token), "Taken back", "There is nothing to take back.")
        case {"act": "redo"}:
            return _stepped(history.redo(token), "Holds again", "There is nothing to redo.")
        case {"act": "take-back", "step": step}:
            return _stepped(history.take_back(token, int(step)), "Taken back", "")
        case {"act": "hold-again", "step": step}:
            return _stepped(history.hold_again(token, int(step)), "Holds again", "")
    return False


def _told(done: person_acts.Done, token: str, person_id: str) -> bool:
    elsewhere = done.person_id not in ("", person_id)
    link = ("See them", person_address(token, done.person_id)) if elsewhere else None
    say(done.sentence, "success", action=("Undo", Ids.UNDO), link=link)
    return True


def _stepped(words: str | None, did: str, nothing: str) -> bool:
    say(f"{did}: {words}." if words else nothing, "info")
    return words is not None


def _moved_on(done: person_acts.Done, token: str, person_id: str) -> bool:
    """Says what was done; whoever the person is now has a page of their own."""
    if done.person_id == person_id:
        return _told(done, token, person_id)
    say(done.sentence, "success", action=("Undo", Ids.UNDO))
    dash.set_props(Shell.LOCATION, {"href": person_address(token, done.person_id)})
    return False


def _rename(asked: dict[str, Any], token: str, person_id: str, name: str, author: str) -> bool:
    """Where somebody has the name, which of the two is meant is asked first (`meant`)."""
    meant = asked.get("meant")
    other = None if meant else person.namesake(token, person_id, name)
    if other is not None:
        page = person.person_page(token, person_id)
        dash.set_props(Ids.NAMESAKE_TITLE, {"children": f"Which {other.name}?"})
        found = person.together(token, person_id, other.id)
        dash.set_props(Ids.NAMESAKE_BODY, {"children": person_dialogs.side_by_side(page, found)})
        dash.set_props(Ids.SUBJECT, {"data": {"act": "rename", "name": name, "other": other.id}})
        dash.set_props(Ids.NAMESAKE, {"is_open": True})
        return False
    if meant == "same" and person.known_person(token, person_id).kind == "known":
        # Somebody of the cast has pictures, so a name alone would leave the two apart.
        return _moved_on(person_acts.same_as(token, person_id, asked["other"], author), token, person_id)
    done = person_acts.rename(token, person_id, name, another=meant == "another", author=author)
    return _moved_on(done, token, person_id)


@callback(
    Output(Ids.SAME, "is_open"),
    Input(Ids.SAME_YES, "n_clicks"),
    Input(Ids.SAME_NO, "n_clicks"),
    State(Ids.SUBJECT, "data"),
    prevent_initial_call=True,
)
def answer_same(_yes: int | None, _no: int | None, subject: dict[str, Any] | None) -> bool:
    if dash.ctx.triggered_id == Ids.SAME_YES and subject:
        dash.set_props(Ids.ACT, {"data": {**subject, "n": time.time()}})
    return False


@callback(
    Output(Ids.NAMESAKE, "is_open"),
    Input(Ids.NAMESAKE_YES, "n_clicks"),
    Input(Ids.NAMESAKE_NO, "n_clicks"),
    State(Ids.SUBJECT, "data"),
    prevent_initial_call=True,
)
def answer_namesake(_yes: int | None, _no: int | None, subject: dict[str, Any] | None) -> bool:
    if subject:
        meant = "same" if dash.ctx.triggered_id == Ids.NAMESAKE_YES else "another"
        dash.set_props(Ids.ACT, {"data": {**subject, "meant": meant, "n": time.time()}})
    return False


@callback(
    Output(Ids.HALVES, "data"),
    Input(Ids.ASK_HALVES, "data"),
    State(Ids.TOKEN, "data"),
    State(Ids.PERSON, "data"),
    prevent_initial_call=True,
    running=[(Output(Ids.WORKING, "data"), True, False)],
)
def propose(asked: int | None, token: str, person_id: str) -> Any:
    if not asked:
        return no_update
    found = person.proposal(token, person_id)
    return {
        "first": list(found.first),
        "second": list(found.second),
        "sensible": found.sensible,
        "reason": found.reason,
        "n": asked,
    }


@callback(
    Output(Ids.POINTS, "data"),
    Output(Ids.KEPT, "children"),
    Input(Ids.DREW, "data"),
    Input(Shell.THEME, "data"),
    State(Ids.TOKEN, "data"),
    State(Ids.PERSON, "data"),
)
def draw(_drew: float | None, theme: str | None, token: str, person_id: str) -> Any:
    page = person.person_page(token, person_id)
    if page is None or page.person is None:
        return no_update, no_update
    return person_points(page.person, palette(theme)), person_views.kept_words(page.person)


dash.register_page("app.pages.person", path="/person", name="Person", title="Person - Dramatis", layout=layout)
