"""Strangers as data for the rows that assets/unknown_rows.js draws, and what stands below these or instead. Pure:
records in, JSON values and components out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from app.components.person_ids import person_address
from app.components.unknown_ids import Ids
from app.services.unknowns import Also, Perhaps, Stranger, Unknowns
from app.words import clock, count


def rows_data(found: Unknowns) -> dict[str, Any]:
    """The rows and the names that may be meant, in words: all that the browser needs to draw them."""
    return {"rows": [_row(row, one_film=bool(found.film)) for row in found.rows], "names": list(found.known)}


def below(found: Unknowns, *, ignored: bool) -> list:
    """A way to more strangers, or what stands there where there are none."""
    if not found.rows:
        return [_nobody(found, ignored)]
    rest = found.n_all - len(found.rows)
    if rest == 0:
        return []
    button = html.Button(
        f"Show more ({rest} left)",
        type="button",
        className="btn btn-outline-secondary",
        **{"data-store": Ids.ACT, "data-act": "more", "aria-label": "Show more strangers"},
    )
    return [button]


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


def _row(row: Stranger, *, one_film: bool) -> dict[str, Any]:
    moments = count(row.n_tracks, "moment", "moments")
    seen = count(row.n_tracks, "picture", "pictures") if row.in_album else f"{_seconds(row.seconds)} · {moments}"
    return {
        "film": row.film,
        "person": row.person,
        "name": row.name,
        "seen": seen,
        "title": "" if one_film else row.title,
        "faces": row.faces,
        "perhaps": [_perhaps(one) for one in row.perhaps],
        "also": [_also(one) for one in row.also],
        "ignored": row.ignored,
        "href": person_address(row.film, row.person),
    }


def _perhaps(one: Perhaps) -> dict[str, Any]:
    where = f"from the gallery {one.gallery}" if one.gallery else "in this film"
    return {
        "person": one.person,
        "name": one.name,
        "shown": _shown(one.name),
        "apart": f"{one.distance:.2f}",
        "told": f"Nearest faces lie so far apart; {where}",
        "face": one.face,
    }


def _also(one: Also) -> dict[str, Any]:
    """Another film or album in which the same face may be: ticked, the name is given there too."""
    return {
        "where": f"{one.film} {one.person}",
        "told": f"{_shown(one.name)} in {one.title}",
        "apart": f"{one.distance:.2f}",
        "face": one.face,
    }


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
