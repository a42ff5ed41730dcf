"""The top of the film page: what film this is, what was found, and what can be done with it."""

from __future__ import annotations

from dash import dcc, html

from app.components.film_ids import Film
from app.components.inspector_ids import inspector_address
from app.components.person_head import SMALL
from app.services.film_views import FilmView
from app.words import clock, count, day


def head(view: FilmView) -> html.Header:
    """Title, facts and actions."""
    said = [*quick(view), *warnings(view)]
    return html.Header(
        [
            html.Div([html.H1(view.title, className="fp-title"), facts(view), *said]),
            html.Div([*_naming(view), *_inspecting(view), *actions(view.token)], className="fp-actions"),
        ],
        className="fp-head",
    )


def facts(view: FilmView) -> html.P:
    """One line: length, size, who was found, when and with what."""
    n_named = sum(person.kind == "known" or person.named_by_hand for person in view.people)
    n_unnamed = len(view.people) - n_named
    found = count(n_named, "person with a name", "people with a name")
    parts = [clock(view.duration_s, 0), f"{view.width} × {view.height}", found]
    if n_unnamed:
        parts.append(count(n_unnamed, "without", "without"))
    parts.append(f"cast: {view.gallery}" if view.gallery else "no cast")
    parts.append(f"analysed {day(view.analysed_at)}")
    return html.P([html.Span(part) for part in parts], className="fp-facts")


def warnings(view: FilmView) -> list[html.P]:
    """What the analysis has to say about itself."""
    return [html.P(warning, className="fp-warning", role="note") for warning in view.warnings]


QUICK = "Quick look: a third of the pictures, and faces twice as large. Small faces and short moments may be missing."


def quick(view: FilmView) -> list[html.P]:
    """That the film was looked at quickly, with one press to do it thoroughly."""
    if not view.quick:
        return []
    again = html.Button("Run it thoroughly", id=Film.THOROUGH, type="button", className="link fp-thorough")
    return [html.P([f"{QUICK} ", again], className="fp-warning fp-quick", role="note")]


def _naming(view: FilmView) -> list:
    """The way to the page that names strangers, where there are some."""
    if all(person.kind == "known" or person.named_by_hand for person in view.people):
        return []
    return [dcc.Link("Name the strangers", href=f"/unknowns?film={view.token}", className=SMALL)]


def _inspecting(view: FilmView) -> list:
    """The way to the inspector, where there are faces to inspect."""
    if not view.people:
        return []
    address = inspector_address(film=view.token)
    return [dcc.Link("Inspect", href=address, className=SMALL)]


def actions(token: str) -> list:
    """assets/film.js has the first three count as the page does."""
    return [
        dcc.Link("Report", id=Film.REPORT, href=f"/report?id={token}", className=SMALL),
        _download("CSV", Film.CSV, f"/media/{token}/screentime.csv", "one line for each appearance"),
        _download("JSON", Film.JSON, f"/media/{token}/screentime.json", "everything, for other programs"),
        html.Button("Analyse again", id=Film.AGAIN_OPEN, type="button", className=SMALL),
    ]


def _download(word: str, link_id: str, href: str, what: str) -> html.A:
    # A plain link, not dcc.Link: the browser fetches a file, no page.
    return html.A(word, id=link_id, href=href, download="", title=f"Download {what}", className=SMALL)
