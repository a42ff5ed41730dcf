"""Whom a child looks more like: pictures of a family, who is who in them, and the answer."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, callback, dcc, html

from app.components import family_answer, family_people
from app.components.family_ids import Ids
from app.components.lookalike_start import problems
from app.services import DramatisError, family, photos
from app.services.family_people import FacePlace, PersonAsked, people_of


def layout(**_query: str) -> html.Div:
    return html.Div(
        [
            dcc.Store(id=Ids.STATE),
            dcc.Store(id=Ids.PROBLEMS, data=[]),
            html.Div(id=Ids.HEAD),
            html.P(id="family-status", className="lookalike-status", role="status"),
            html.Div(id=Ids.PROBLEM_LIST),
            html.Div(
                [
                    html.Div(id=Ids.PEOPLE, className="family-side"),
                    html.Div(
                        [
                            html.Div(id=Ids.GROUPS),
                            html.Div(id=Ids.ANSWER, className="family-answer", **{"aria-live": "polite"}),
                        ],
                        className="family-main",
                    ),
                ],
                className="family-work",
            ),
        ],
        id="family-page",
        className="frame-wide family lookalike",
    )


@callback(
    Output(Ids.HEAD, "children"),
    Output(Ids.GROUPS, "children"),
    Output(Ids.PEOPLE, "children"),
    Input(Ids.STATE, "data"),
    prevent_initial_call=True,
)
def draw_people(state: dict[str, Any] | None) -> Any:
    """The cards and the pictures of several; assets/family.js writes the state as soon as the page is there."""
    asked, groups, picked = _read(state)
    held = photos.known({face.photo for one in asked for face in one.faces} | set(groups))
    shown = [photo for photo in held if photo.id in groups]
    is_empty = not held
    return (
        family_people.head(is_empty),
        family_people.groups(sorted(shown, key=lambda photo: groups.index(photo.id)), asked, picked),
        family_people.people(asked, held, picked, bool(family.sample_people())),
    )


@callback(
    Output(Ids.ANSWER, "children"),
    Input(Ids.STATE, "data"),
    running=[(Output(Ids.ANSWER, "className"), "family-answer lookalike-busy", "family-answer")],
    prevent_initial_call=True,
)
def draw_answer(state: dict[str, Any] | None) -> Any:
    asked, groups, _ = _read(state)
    try:
        found = family.answer(asked)
    except DramatisError as error:
        return family_answer.failed(str(error))
    if found is None:
        return family_answer.waiting() if groups or any(one.faces for one in asked) else None
    return family_answer.answer(found, asked)


@callback(Output(Ids.PROBLEM_LIST, "children"), Input(Ids.PROBLEMS, "data"), prevent_initial_call=True)
def draw_problems(sentences: list[str] | None) -> Any:
    return problems(sentences or [])


def _read(state: dict[str, Any] | None) -> tuple[tuple[PersonAsked, ...], list[str], FacePlace | None]:
    """People, pictures of several, and the face that waits to be given to somebody."""
    state = state or {}
    match state.get("picked"):
        case [str() as photo, int() as number]:
            picked = FacePlace(photo, number)
        case _:
            picked = None
    return people_of(state), [one for one in state.get("groups") or [] if isinstance(one, str)], picked


dash.register_page("app.pages.family", path="/family", name="Family", title="Family - Dramatis", layout=layout)
