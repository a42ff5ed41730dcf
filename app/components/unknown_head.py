"""The top of the page of strangers: what is asked, of which film, how much is done, and several at once."""

from __future__ import annotations

import dash_bootstrap_components as dbc
import plotly.graph_objects as go
from dash import dcc, html

from app.components.questions import question
from app.components.unknown_ids import Ids
from app.figures.named_share import named_share
from app.services.unknowns import Unknowns
from app.words import count, percent

ALL, NO_GALLERY = " all", " none"
"""What the choices hold for no one film and no gallery; neither can be the name of one."""


def choices(found: Unknowns) -> html.Div:
    """Which film, and which gallery suggestions may come from. Drawn once."""
    films = [
        {"label": "all films and albums", "value": ALL},
        *({"label": one.title, "value": one.token} for one in found.films),
    ]
    galleries = [
        {"label": "the film itself", "value": NO_GALLERY},
        *({"label": f"the film and {name}", "value": name} for name in found.galleries),
    ]
    of = dbc.Select(films, found.film or ALL, id=Ids.FILM)
    suggest = dbc.Select(galleries, found.gallery or NO_GALLERY, id=Ids.GALLERY)
    return html.Div(
        [
            html.Div([html.Label("Strangers of", htmlFor=Ids.FILM), of]),
            html.Div([html.Label("Suggest from", htmlFor=Ids.GALLERY), suggest]),
            dbc.Switch(id=Ids.IGNORED, label="Those ignored", value=False),
        ],
        className="uk-choices",
    )


def head(found: Unknowns) -> list:
    """How far it is, what can be taken back, and what several can be told at once. Drawn once; then its parts are
    written anew."""
    figure, style = curve(found)
    told = html.P(done(found), id=Ids.DONE, className="uk-done", role="status")
    said = html.Div([told, html.Div(back(found), id=Ids.BACK, className="uk-back")])
    graph = dcc.Graph(id=Ids.CURVE, figure=figure, style=style, config={"displayModeBar": False}, className="uk-curve")
    return [html.Div([said, graph], className="uk-progress"), _several(found)]


def done(found: Unknowns) -> list:
    """How far it is."""
    left = count(found.n_all, "stranger is", "strangers are")
    return [html.Strong(percent(found.named_share)), f" of all face time has a name; {left} left."]


def curve(found: Unknowns) -> tuple[go.Figure, dict[str, str]]:
    """How far it went with each answer, a figure and its style; nothing is shown before the first one."""
    return named_share(found.shares), {} if len(found.shares) > 1 else {"display": "none"}


def sure(found: Unknowns) -> list:
    """What confirms all near suggestions at once, where there are several."""
    n_sure = len(found.likely)
    if n_sure < 2:
        return []
    return [
        html.Button(
            f"Confirm the {n_sure} nearest suggestions …",
            type="button",
            className="link-button uk-confirm-all",
            **{"data-store": Ids.ASK_ALL, "data-act": "confirm-all"},
        )
    ]


def back(found: Unknowns) -> list:
    """What can be taken back or made to hold again, and what the names are good for."""

    def way(word: str, act: str, what: str, store: str = Ids.ACT) -> html.Button:
        label = f"{word}: {what}" if what else word
        return html.Button(
            word,
            type="button",
            className="btn btn-sm btn-outline-secondary",
            disabled=not what,
            title=label,
            **{"data-store": store, "data-act": act, "aria-label": label},
        )

    if not found.film:
        return []
    ways = [way("Undo", "undo", found.undo), way("Redo", "redo", found.redo)]
    if found.n_named:
        ways.append(way("Add the named to a cast …", "to-cast", "the next film knows them", Ids.ASK_CAST))
    return ways


def _several(found: Unknowns) -> html.Div:
    """What is shown while several are chosen (assets/unknowns.js), and what confirms all suggestions."""

    def act(word: str, name: str, look: str = "btn btn-sm btn-outline-secondary") -> html.Button:
        return html.Button(word, type="button", className=look, **{"data-several": name})

    return html.Div(
        [
            html.Div(
                [
                    html.Span("", className="uk-n-chosen", role="status"),
                    html.Span(
                        [
                            dcc.Input(
                                type="text",
                                placeholder="Name for all of them",
                                list=Ids.NAMES,
                                maxLength=100,
                                className="uk-all-name form-control form-control-sm",
                                id="unknowns-all-name",
                            ),
                            act("Name all", "name", "btn btn-sm btn-primary"),
                            act("They are one person", "merge"),
                            act("Ignore", "ignore"),
                            act("Not faces", "no-face"),
                            act("Choose none", "none"),
                        ],
                        className="uk-several-do",
                    ),
                ],
                className="uk-several",
                hidden=True,
            ),
            html.Div(sure(found), id=Ids.SURE),
            html.P(
                [
                    "Type a name and press ",
                    html.Kbd("Enter"),
                    " for the next one; ",
                    html.Kbd("Ctrl Enter"),
                    " takes the first suggestion; ",
                    html.Kbd("↓"),
                    " and ",
                    html.Kbd("↑"),
                    " go from one to the next.",
                ],
                className="hint uk-keys",
            ),
        ],
        className="uk-tools",
    )


def confirm_dialog() -> dbc.Modal:
    """Lists what would be confirmed before it is."""
    no, yes = (Ids.CONFIRM_NO, "Look again"), (Ids.CONFIRM_YES, "Confirm all")
    return question(Ids.CONFIRM, "Are these right?", Ids.CONFIRM_BODY, no, yes)
