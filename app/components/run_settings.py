"""The form that asks who is in a film and starts its analysis. It works by itself, on any page.

Its parts are found by ``{"type": ..., "at": prefix}``; the callbacks stand in app/components/run_callbacks.py. What
it needs from the page is the films' tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import dash_bootstrap_components as dbc
from dash import dcc, html

from app.words import count

NOBODY = ""
"""Value of the choice without a cast."""

SURENESS_RANGE = (0.40, 0.95)
"""Probabilities that the slider offers. Below, most doubtful names would be wrong; above, hardly any face gets one."""

USUAL_SURENESS = 0.6
"""Dramatis' own."""


class Cast(Protocol):
    """What the form shows of a saved cast: `app.services.galleries.CastRecord`, for one."""

    name: str
    people: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RunDefaults:
    """What the form starts with: the cast chosen, the people expected of it (() means all), and the settings of an
    analysis by name; what is missing takes Dramatis' own default."""

    gallery: str | None = None
    cast: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False


def part(kind: str, prefix: str) -> dict[str, str]:
    """The id of one part of the form."""
    return {"type": f"run-{kind}", "at": prefix}


def run_settings(
    prefix: str,
    casts: Sequence[Cast],
    defaults: RunDefaults | None = None,
    films: Sequence[str] = (),
    button: str = "Analyse",
) -> html.Div:
    """The form, its button included. `prefix` tells two forms on one page apart; `films` are the tokens it is for.

    After the button is pressed the jobs are in line and the shell's WAKE store was written; the page follows them in
    Shell.JOBS.
    """
    defaults = defaults or RunDefaults()
    chosen = defaults.gallery or (casts[0].name if casts and defaults.gallery is None else NOBODY)
    return html.Div(
        [
            dcc.Store(id=part("films", prefix), data=list(films)),
            dcc.Store(id=part("expected", prefix), data=[defaults.gallery, list(defaults.cast)]),
            html.Fieldset(
                [
                    html.Legend("Who is in it?"),
                    dbc.RadioItems(
                        id=part("cast", prefix),
                        options=[*map(_cast_option, casts), _nobody_option(bool(casts))],
                        value=chosen if any(cast.name == chosen for cast in casts) else NOBODY,
                        # One group for the keyboard: arrows move in it.
                        name=f"run-cast-{prefix}",
                        className="cast-choice",
                    ),
                    html.P(
                        [
                            "You have pictures of them? " if not casts else "Somebody else is in it? ",
                            dcc.Link("Make a new cast", href="/casts?new=1"),
                            " and come back." if not casts else "",
                        ],
                        className="cast-new",
                    ),
                ]
            ),
            html.Div(_people_choice(prefix), id=part("people-box", prefix), className="people-choice", hidden=True),
            html.Div(
                [
                    dbc.Checkbox(
                        id=part("quick", prefix),
                        label="Quick look: about twice as fast, may miss small faces",
                        value=bool(defaults.settings.get("quick")),
                    ),
                    html.P(
                        "A third of the pictures, looked through for faces twice as large. The film's page then offers "
                        "the thorough run; names that you give stay.",
                        className="hint",
                    ),
                ],
                className="setting run-quick",
            ),
            _advanced(prefix, defaults),
            html.Div(
                [
                    dbc.Button(button, id=part("start", prefix), color="primary", n_clicks=0),
                    html.Span(id=part("note", prefix), className="run-note", **{"aria-live": "polite"}),
                ],
                className="run-foot",
            ),
        ],
        className="run-settings",
    )


def _cast_option(cast: Cast) -> dict[str, Any]:
    faces = [_face(person) for person in cast.people[:5]]
    label = html.Span(
        [
            html.Span(faces, className="faces", **{"aria-hidden": "true"}),
            html.Span(
                [html.Strong(cast.name), html.Span(count(len(cast.people), "person", "people"), className="soft")],
                className="cast-words",
            ),
        ],
        className="cast-label",
    )
    return {"label": label, "value": cast.name}


def _nobody_option(others: bool) -> dict[str, Any]:
    label = html.Span(
        [
            html.Span(html.Span("?", className="face"), className="faces", **{"aria-hidden": "true"}),
            html.Span(
                [
                    html.Strong("Nobody I have pictures of" if others else "I have no pictures of them"),
                    html.Span("Everyone is a stranger with a number; name them afterwards.", className="soft"),
                ],
                className="cast-words",
            ),
        ],
        className="cast-label",
    )
    return {"label": label, "value": NOBODY}


def _face(person: Any) -> html.Span:
    """The picture of a person, or the first letters of the name where there is none."""
    url, name = getattr(person, "picture", None), getattr(person, "name", str(person))
    if url:
        return html.Span(className="face", style={"backgroundImage": f'url("{url}")'})
    return html.Span(initials(name), className="face")


def initials(name: str) -> str:
    """
    >>> initials("Anna_Lee Smith"), initials("Cher"), initials("")
    ('AS', 'C', '?')
    """
    words = name.replace("_", " ").split()
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def _people_choice(prefix: str) -> list:
    return [
        html.Div(
            [
                html.Span(id=part("people-count", prefix), className="people-count"),
                dbc.Input(
                    id=part("search", prefix),
                    type="search",
                    placeholder="Find a person",
                    size="sm",
                    debounce=False,
                ),
                html.Button("All", id=part("all", prefix), type="button", className="link-button"),
                html.Button("None", id=part("none", prefix), type="button", className="link-button"),
            ],
            className="people-tools",
        ),
        dbc.Checklist(id=part("people", prefix), options=[], value=[], className="people-list"),
    ]


def _advanced(prefix: str, defaults: RunDefaults) -> html.Details:
    settings = defaults.settings
    low, high = SURENESS_RANGE
    least = settings.get("min_probability") or USUAL_SURENESS
    return html.Details(
        [
            html.Summary("Advanced"),
            html.Div(
                [
                    html.Label("How sure must a name be?", id=part("sureness-label", prefix)),
                    dcc.Slider(
                        id=part("sureness", prefix),
                        min=low,
                        max=high,
                        step=0.05,
                        value=min(high, max(low, least)),
                        marks={low: "generous", USUAL_SURENESS: "usual", high: "strict"},
                        allow_direct_input=False,
                    ),
                    html.P(id=part("sureness-words", prefix), className="hint"),
                ],
                className="setting",
            ),
            html.Div(
                [
                    _number("Pictures looked at in a second", "fps", prefix, settings.get("sample_fps") or 8, 0.2, 60),
                    html.P("8 finds appearances to an eighth of a second; 4 takes half the time.", className="hint"),
                ],
                className="setting",
            ),
            html.Div(
                [
                    _number("Smallest face, in pixels", "smallest", prefix, settings.get("smallest_face_px"), 20, 2000),
                    html.P("From hairline to chin. Empty: chosen by the size of the film.", className="hint"),
                ],
                className="setting",
            ),
            html.Div(
                dbc.Checkbox(
                    id=part("partial", prefix),
                    label="Take a film that is cut off or damaged as far as it can be read",
                    value=defaults.partial,
                ),
                className="setting",
            ),
        ],
        className="run-advanced",
    )


def _number(label: str, kind: str, prefix: str, value: float | None, low: float, high: float) -> html.Label:
    field_ = dbc.Input(
        id=part(kind, prefix), type="number", value=value, min=low, max=high, step="any", size="sm", className="number"
    )
    return html.Label([html.Span(label), field_], className="setting-number")


def sureness_words(least: float) -> str:
    """What the least probability of a name means for the answer, in plain words.

    >>> sureness_words(0.6).split(":")[0]
    '60 %'
    """
    if least < 0.475:
        meaning = "the likeliest person gets the name, even where it is more likely wrong than right."
    elif least < 0.575:
        meaning = "a name is given as soon as it is more likely right than wrong."
    elif least < 0.675:
        meaning = "a name must be clearly more likely right than wrong; else the person stays a stranger."
    elif least < 0.825:
        meaning = "fewer wrong names, but a turned or dark face may stay a stranger."
    else:
        meaning = "only what is nearly certain gets a name; many turned or dark faces stay strangers."
    return f"{round(100 * least)} %: {meaning}"
