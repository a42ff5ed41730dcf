"""Strangers as rows: their best faces, who they may be, and a field for the name. Pure: records in, components out.

Buttons carry ``data-act`` and what it is about; assets/library.js hears them, assets/unknowns.js the fields, the keys
and the boxes that choose several.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from app.components.unknown_ids import Ids
from app.services.unknowns import Also, Perhaps, Stranger, Unknowns
from app.words import clock, count


def rows(found: Unknowns, *, ignored: bool) -> list:
    """The strangers, a way to more of them, or what stands there where there are none."""
    if not found.rows:
        return [_nobody(found, ignored)]
    shown: list[Any] = [html.Ol([_row(row, one_film=bool(found.film)) for row in found.rows], className="uk-rows")]
    rest = found.n_all - len(found.rows)
    if rest > 0:
        shown.append(_button(f"Show more ({rest} left)", "more", "Show more strangers", "btn btn-outline-secondary"))
    return shown


def pairs(found: Sequence[tuple[Stranger, Perhaps]]) -> html.Ul:
    """Strangers beside whom each would be confirmed to be."""
    return html.Ul(
        [
            html.Li(
                [
                    html.Img(src=next(iter(row.faces), ""), alt="", width=48, height=48),
                    html.Span(f"{row.name} is"),
                    *([html.Img(src=one.face, alt="", width=48, height=48)] if one.face else []),
                    html.Strong(_shown(one.name)),
                    html.Span(f"{one.distance:.2f}", className="soft"),
                ]
            )
            for row, one in found
        ],
        className="uk-pairs",
    )


def _row(row: Stranger, *, one_film: bool) -> html.Li:
    about = {"film": row.film, "person": row.person, "called": row.name}
    moments = count(row.n_tracks, "moment", "moments")
    seen = count(row.n_tracks, "picture", "pictures") if row.in_album else f"{_seconds(row.seconds)} · {moments}"
    facts = [html.Strong(row.name), html.Span(seen)]
    if not one_film:
        facts.append(html.Span(row.title, className="uk-title"))
    choose = _tick([], f"Choose {row.name}", "uk-choose")
    return html.Li(
        [
            choose,
            html.Div(
                [
                    html.Div(facts, className="uk-facts"),
                    _faces(row),
                    *([_perhaps(row)] if row.perhaps else []),
                    *([_also(row.also)] if row.also else []),
                ],
                className="uk-who",
            ),
            html.Div(
                [
                    dcc.Input(
                        type="text",
                        placeholder="Who is this?",
                        list=Ids.NAMES,
                        maxLength=100,
                        className="uk-name form-control",
                        autoComplete="off",
                        id={"unknown": f"{row.film} {row.person}"},
                    ),
                    _button("Name", "name-typed", f"Name {row.name}", "btn btn-primary"),
                    html.Div(
                        [
                            _button("Ask again", "regard", f"Ask about {row.name} again", **about)
                            if row.ignored
                            else _button("Ignore", "ignore", f"Ignore {row.name}", **about),
                            _button("Not a face", "no-face", f"{row.name} is not a face", **about),
                            dcc.Link(
                                "All faces",
                                href="/person?" + urlencode({"film": row.film, "id": row.person}),
                                className="link-button",
                            ),
                        ],
                        className="uk-less",
                    ),
                ],
                className="uk-do",
            ),
        ],
        className="uk-row",
        **{"data-film": row.film, "data-person": row.person, "data-called": row.name},
    )


def _faces(row: Stranger) -> html.Div:
    alt = f"{row.name}, one of the best faces"
    return html.Div(
        # Filled when the row comes into view: a face is cut out of the film when it is first asked for.
        [html.Img(alt=alt, width=72, height=72, **{"data-src": face}) for face in row.faces],
        className="uk-faces",
    )


def _perhaps(row: Stranger) -> html.Div:
    return html.Div(
        [html.Span("Perhaps", className="soft"), *(_suggestion(row, one) for one in row.perhaps)],
        className="uk-perhaps",
    )


def _suggestion(row: Stranger, one: Perhaps) -> html.Span:
    called = _shown(one.name)
    about = {"film": row.film, "person": row.person, "perhaps": one.person, "called": one.name}
    where = f"from the gallery {one.gallery}" if one.gallery else "in this film"
    picture = [html.Img(src=one.face, alt="", width=28, height=28)] if one.face else []
    return html.Span(
        [
            *picture,
            html.Span(called, className="uk-suggested"),
            html.Span(f"{one.distance:.2f}", className="soft", title=f"Nearest faces lie so far apart; {where}"),
            _button("Yes", "confirm", f"Yes, {row.name} is {called}", "uk-yes", **about),
            _button("No", "reject", f"No, {row.name} is not {called}", "uk-no", **about),
        ],
        className="uk-chip",
    )


def _also(also: Sequence[Also]) -> html.Div:
    """Other films and albums in which the same face may be: ticked, the name is given there too."""
    ticks = [
        _tick(
            [
                html.Img(src=one.face, alt="", width=28, height=28),
                f"{_shown(one.name)} in {one.title}",
                html.Span(f"{one.distance:.2f}", className="soft"),
            ],
            f"{one.name} in {one.title} too",
            "uk-also",
            **{"data-also": f"{one.film} {one.person}"},
        )
        for one in also
    ]
    told = "Elsewhere too, it seems. Name there as well:"
    return html.Div([html.Span(told, className="soft"), *ticks], className="uk-elsewhere")


def _tick(inside: list, label: str, look: str, **data: str) -> html.Button:
    """A box to tick; assets/unknowns.js ticks it."""
    state = {"role": "checkbox", "aria-checked": "false", "aria-label": label, **data}
    return html.Button([html.Span(className="uk-box"), *inside], type="button", className=f"uk-tick {look}", **state)


def _nobody(found: Unknowns, ignored: bool) -> html.Div:
    if not found.n_analysed:
        return html.Div(
            [
                html.H2("No film was analysed yet"),
                html.P("Strangers appear here as soon as a film has a result."),
                dcc.Link("Add a film", href="/", className="btn btn-primary"),
            ],
            className="nothing",
        )
    if ignored:
        return html.Div([html.H2("Nobody is ignored")], className="nothing")
    said = "Everybody has a name" if found.n_named else "Nobody was seen"
    more = f" {count(found.n_ignored, 'stranger is', 'strangers are')} ignored." if found.n_ignored else ""
    return html.Div([html.H2(said), html.P(f"There is nobody left to ask about.{more}")], className="nothing")


def _shown(name: str) -> str:
    """A name as it is read: those of galleries may have underscores for spaces, a stranger's number keeps its own."""
    return name if name.startswith("unknown_") else name.replace("_", " ")


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds, 0)


def _button(word: str, act: str, label: str, look: str = "link-button", **data: str) -> html.Button:
    more: dict[str, Any] = {f"data-{key}": value for key, value in data.items()}
    return html.Button(
        word,
        type="button",
        className=look,
        **{"data-store": Ids.ACT, "data-act": act, "aria-label": label, **more},
    )
