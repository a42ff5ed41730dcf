"""Who looks like whom: a photo, a camera's picture or a sample, and for each face the nearest people of a gallery."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Input, Output, State, callback, dcc, html, no_update

from app.components import lookalike_answer, lookalike_start
from app.components.lookalike_ids import Ids
from app.services import DramatisError, lookalike, lookalike_galleries, photos
from app.services.lookalike_pairs import Pair
from app.services.lookalike_pairs import pair as pair_of

NEAREST, FARTHEST, FAR = 0.3, 1.2, 0.9
MOST_PEOPLE, PEOPLE = 10, 5


def layout(gallery: str | None = None, **_query: str) -> html.Div:
    """The page; ?gallery=NAME begins with that gallery."""
    choices = lookalike_galleries.choices()
    names = [choice.name for choice in choices]
    return html.Div(
        [
            dcc.Store(id=Ids.ACT),
            # Kept while other pages are looked at; what it names is forgotten with the tab.
            dcc.Store(id=Ids.PHOTOS, data={"ids": [], "shown": None}, storage_type="session"),
            dcc.Store(id=Ids.ADDED),
            dcc.Store(id=Ids.PROBLEMS, data=[]),
            dcc.Store(id=Ids.BUSY, data=False),
            dcc.Store(id=Ids.FACES_SHOWN, data=lookalike_start.N_FACES),
            html.Div(lookalike_start.head(0, lookalike.samples()), id=Ids.HEAD),
            lookalike_start.camera(),
            html.P(id="lookalike-status", className="lookalike-status", role="status"),
            html.Div(id=Ids.PROBLEM_LIST),
            html.Div(
                [
                    html.Div([html.Div(id=Ids.PHOTO), _settings(choices, gallery, names)], className="lookalike-side"),
                    html.Div(
                        [
                            # Filled by assets/lookalike.js while the demo's pictures are read.
                            html.P(id="lookalike-reading", className="lookalike-status", role="status"),
                            html.Div(id=Ids.ANSWER, className="lookalike-answer", **{"aria-live": "polite"}),
                        ],
                        className="lookalike-answers",
                    ),
                ],
                id=Ids.WORK,
                className="lookalike-work",
                hidden=True,
            ),
            dbc.Modal(
                [dbc.ModalHeader(dbc.ModalTitle(id=Ids.PAIR_TITLE)), dbc.ModalBody(id=Ids.PAIR_BODY)],
                id=Ids.PAIR,
                size="lg",
                centered=True,
                scrollable=True,
            ),
        ],
        className="frame-wide lookalike",
    )


def _settings(choices: Any, gallery: str | None, names: list[str]) -> html.Div:
    options = [{"label": f"{one.name}{f' ({one.origin})' if one.origin else ''}", "value": one.name} for one in choices]
    value = gallery if gallery in names else (names[0] if names else None)
    return html.Div(
        [
            html.Div(
                dbc.Switch(id=Ids.TOGETHER, label="All photos show one person: answer them together", value=False),
                id=Ids.TOGETHER_BOX,
                hidden=True,
            ),
            html.Label("Compare with", htmlFor=Ids.GALLERY),
            dbc.Select(id=Ids.GALLERY, options=options, value=value),
            html.Label("Nobody farther than", id="lookalike-distance-label"),
            dcc.Slider(
                NEAREST,
                FARTHEST,
                0.01,
                value=FAR,
                id=Ids.DISTANCE,
                marks={at: f"{at}" for at in (0.3, 0.6, 0.9, 1.2)},
            ),
            html.Label("People for each face", id="lookalike-people-label"),
            dcc.Slider(1, MOST_PEOPLE, 1, value=PEOPLE, id=Ids.PEOPLE, marks={1: "1", 5: "5", 10: "10"}),
            html.P(lookalike_start.FORGOTTEN, className="hint"),
        ],
        id=Ids.SETTINGS,
        className="lookalike-settings",
    )


@callback(
    Output(Ids.PHOTOS, "data"),
    Input(Ids.ADDED, "data"),
    State(Ids.PHOTOS, "data"),
    prevent_initial_call=True,
)
def take_up(added: dict[str, Any] | None, held: dict[str, Any]) -> Any:
    """Shows the photo that came last; what was sent before and forgotten since stays forgotten."""
    if not added:
        return no_update
    ids = [*held["ids"], *(one for one in added["photos"] if one not in held["ids"])]
    ids = [photo.id for photo in photos.known(ids)]
    return {"ids": ids, "shown": ids[-1] if ids else None}


@callback(
    Output(Ids.PHOTOS, "data", allow_duplicate=True),
    Output(Ids.FACES_SHOWN, "data"),
    Output(Ids.PAIR, "is_open"),
    Output(Ids.PAIR_TITLE, "children"),
    Output(Ids.PAIR_BODY, "children"),
    Input(Ids.ACT, "data"),
    State(Ids.PHOTOS, "data"),
    State(Ids.FACES_SHOWN, "data"),
    prevent_initial_call=True,
)
def do(asked: dict[str, Any] | None, held: dict[str, Any], n_faces: int) -> Any:
    """What a button asks for."""
    nothing = (no_update,) * 5
    match asked:
        case {"act": "show", "photo": photo}:
            return {**held, "shown": photo}, lookalike_start.N_FACES, *nothing[2:]
        case {"act": "forget", "photo": photo}:
            photos.forget([photo])
            ids = [one for one in held["ids"] if one != photo]
            shown = held["shown"] if held["shown"] in ids else (ids[-1] if ids else None)
            return {"ids": ids, "shown": shown}, *nothing[1:]
        case {"act": "more"}:
            return no_update, n_faces + lookalike_start.N_FACES, *nothing[2:]
        case {"act": "open", "photo": photo, "face": face, "gallery": gallery, "row": row, "person": person}:
            wanted = Pair(photo, int(face), gallery, int(row), person)
            title = f"This face and {person.replace('_', ' ')}"
            return *nothing[:2], True, title, lookalike_answer.pair(wanted, pair_of(wanted))
    return nothing


@callback(
    Output(Ids.HEAD, "children"),
    Output(Ids.PHOTO, "children"),
    Output(Ids.WORK, "hidden"),
    Output(Ids.TOGETHER_BOX, "hidden"),
    Input(Ids.PHOTOS, "data"),
)
def draw_photos(held: dict[str, Any]) -> Any:
    known = photos.known(held["ids"])
    shown = next((photo for photo in known if photo.id == held["shown"]), known[-1] if known else None)
    numbers = shown is not None and len(shown.faces) > 1
    head = lookalike_start.head(len(known), lookalike.samples())
    return head, lookalike_start.photos(known, shown, numbers), not known, len(known) < 2


@callback(
    Output(Ids.ANSWER, "children"),
    Input(Ids.PHOTOS, "data"),
    Input(Ids.GALLERY, "value"),
    Input(Ids.PEOPLE, "value"),
    Input(Ids.DISTANCE, "value"),
    Input(Ids.TOGETHER, "value"),
    Input(Ids.FACES_SHOWN, "data"),
    running=[
        (Output(Ids.ANSWER, "className"), "lookalike-answer lookalike-busy", "lookalike-answer"),
        (Output(Ids.BUSY, "data"), True, False),
    ],
)
def draw_answer(
    held: dict[str, Any], gallery: str | None, k: int, max_distance: float, together: bool, n_faces: int
) -> Any:
    ids = [photo.id for photo in photos.known(held["ids"])]
    if not ids:
        return None
    if gallery is None:
        return lookalike_answer.failed("There is no gallery yet; make a cast, and its people can be compared.")
    shown = held["shown"] if held["shown"] in ids else ids[-1]
    try:
        found = lookalike.answer(ids if together else [shown], gallery, k, max_distance)
    except DramatisError as error:
        return lookalike_answer.failed(str(error))
    return lookalike_answer.answer(found, n_faces)


dash.clientside_callback(
    dash.ClientsideFunction("lookalike", "watch"), Input(Ids.BUSY, "data"), prevent_initial_call=True
)


@callback(Output(Ids.PROBLEM_LIST, "children"), Input(Ids.PROBLEMS, "data"), prevent_initial_call=True)
def draw_problems(sentences: list[str] | None) -> Any:
    return lookalike_start.problems(sentences or [])


dash.register_page(
    "app.pages.lookalike", path="/lookalike", name="Lookalike", title="Lookalike - Dramatis", layout=layout
)
