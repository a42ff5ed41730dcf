"""The film page where there is no result to show, or not yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from app.components.run_settings import RunDefaults, run_settings
from app.services.film_views import FilmView
from app.services.films import FilmState

FORM = "film"
"""The prefix of the page's form."""


def no_film() -> html.Div:
    return html.Div(
        [
            html.H1("This film is not here"),
            html.P("It may have been deleted, or the address is cut off.", className="lead"),
            html.P(dcc.Link("Go to the films", href="/", className="btn btn-primary")),
        ],
        className="fp-empty",
    )


def not_analysed(state: FilmState, casts: Sequence[Any]) -> html.Div:
    """A film that nobody asked about yet: the form that asks."""
    return html.Div(
        [
            *_poster(state),
            html.Div(
                [
                    html.H1(state.title, className="fp-title"),
                    html.P("This film was not analysed yet.", className="lead"),
                    run_settings(FORM, casts, films=[state.token])
                    if state.file_there
                    else html.P("Its file is not where it was; add the film again.", className="fp-warning"),
                ]
            ),
        ],
        className="fp-empty",
    )


def _poster(state: FilmState) -> list[html.Img]:
    return [html.Img(src=f"/media/{state.token}/poster", alt="", className="fp-poster")] if state.pictures else []


def being_analysed(state: FilmState) -> html.Div:
    """The first analysis is in line or running; its card stands above, and the result will take this place."""
    words = [
        html.H1(state.title, className="fp-title"),
        html.P("The result is shown here as soon as it is there; this page may be closed meanwhile."),
    ]
    return html.Div([*_poster(state), html.Div(words)], className="fp-empty")


def nobody(view: FilmView) -> html.Div:
    """The analysis ended without a face."""
    smallest = view.settings.get("smallest_face_px")
    size = f" Faces smaller than {smallest} px were not looked for." if smallest else ""
    return html.Div(
        [
            html.H2("Nobody was found in this film"),
            html.P(
                "There may be no faces in it, or only very small, dark or turned away ones." + size + " Analyse it "
                "again and let it look for smaller faces."
            ),
        ],
        className="panel fp-nobody",
    )


def again(view: FilmView, casts: Sequence[Any], quick: bool | None = None) -> html.Div:
    """The form for another analysis, filled in like the last one, but for `quick` where it is given."""
    settings = view.settings if quick is None else {**view.settings, "quick": quick}
    defaults = RunDefaults(gallery=view.gallery or "", cast=view.cast, settings=settings)
    return html.Div(
        [
            html.P(
                "Names that you gave by hand stay. The result shown stays until the new one is there.", className="soft"
            ),
            run_settings(FORM, casts, defaults, [view.token], button="Analyse again"),
        ]
    )
