"""Films of the library as cards, and what stands there while there are none. Pure: records in, components out.

Buttons carry ``data-act``, ``data-store`` and ``data-film``: one listener in assets/library.js writes them into that
store, so that sixty cards cost no callbacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from app.components import demo_views
from app.components.job_views import bar, status
from app.services.jobs import ACTIVE
from app.services.library import Deletion, LibraryFilm
from app.words import count, day

N_SHOWN = 60
"""Cards drawn at once; the rest comes when it is asked for."""
N_NAMES = 3


def length_in_words(seconds: float) -> str:
    """
    >>> length_in_words(42.667), length_in_words(5400), length_in_words(9_013)
    ('0:43', '1:30:00', '2:30:13')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def people_in_words(film: LibraryFilm) -> str:
    """Who is in a film, those longest on screen first.

    "Anna, Bea, Carl and 5 more · 2 strangers"; first names only where no two of the film's people share one.
    """
    if film.n_people == 0:
        return "Nobody was found"
    first = [name.replace("_", " ").split()[0] for name in film.known]
    names = first if len(set(first)) == len(first) else [name.replace("_", " ") for name in film.known]
    parts = []
    if names:
        more = len(names) - N_NAMES
        if more > 0:
            parts.append(", ".join(names[:N_NAMES]) + f" and {more} more")
        else:
            parts.append(" and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names))
    if film.n_unknown:
        parts.append(count(film.n_unknown, "stranger", "strangers"))
    return " · ".join(parts)


def latest_jobs(jobs: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Film token -> its newest job, of those listed newest first."""
    newest: dict[str, Mapping[str, Any]] = {}
    for job in jobs:
        if job["film"]:
            newest.setdefault(job["film"], job)
    return newest


def matching(films: Sequence[LibraryFilm], search: str | None) -> list[LibraryFilm]:
    """The films whose title or people hold every word of `search`, in any case."""
    words = (search or "").casefold().split()
    found = []
    for film in films:
        text = " ".join((film.title, *film.known)).replace("_", " ").casefold()
        if all(word in text for word in words):
            found.append(film)
    return found


def grid(
    films: Sequence[LibraryFilm],
    jobs: Sequence[Mapping[str, Any]],
    search: str | None = None,
    show_all: bool = False,
) -> list:
    """The cards of the films that match `search`, and a line about those not drawn."""
    found = matching(films, search)
    if not found:
        return [html.P(f"No film and nobody in one is called {search!r}.", className="soft")] if films else []
    newest = latest_jobs(jobs)
    shown = found if show_all else found[:N_SHOWN]
    cards = html.Ul([html.Li(film_card(film, newest.get(film.token))) for film in shown], className="film-grid")
    if len(found) == len(shown):
        return [cards]
    more = html.P(
        [
            html.Span(f"{len(shown)} of {len(found)} films. ", className="soft"),
            _button("Show all", "show-all", "", "Show all films"),
        ]
    )
    return [cards, more]


def film_card(film: LibraryFilm, job: Mapping[str, Any] | None) -> html.Article:
    """One film; `job` is its newest, also one that ended."""
    href = f"/film?id={film.token}"
    active = job is not None and job["state"] in ACTIVE
    poster = dcc.Link(
        [
            _picture(film.poster),
            html.Span(length_in_words(film.duration_s), className="poster-length"),
        ],
        href=href,
        className="poster",
        title=film.title,
    )
    facts = [
        html.H3(dcc.Link(film.title, href=href, title=film.title), className="film-title"),
        html.P(_facts(film), className="film-facts"),
        html.P(people_in_words(film), className="film-people") if film.analysed_at else None,
        _state(film, job),
    ]
    actions = []
    if film.analysed_at:
        actions.append(dcc.Link("Open", href=href, className="film-open"))
    if not active:
        word = "Analyse again" if film.analysed_at else "Analyse"
        actions.append(_button(word, "analyse", film.token, f"{word}: {film.title}", main=not film.analysed_at))
    actions.append(_button("Rename", "rename", film.token, f"Rename {film.title}"))
    actions.append(_button("Delete", "delete", film.token, f"Delete {film.title}"))
    return html.Article(
        [poster, html.Div([*filter(None, facts), html.Div(actions, className="film-actions")], className="film-body")],
        className="film-card",
        **{"data-film": film.token},
    )


def _picture(address: str | None) -> html.Span:
    return html.Span(className="poster-picture", style={"backgroundImage": f'url("{address}")'} if address else {})


def running_state(job: Mapping[str, Any]) -> list:
    """A film's bar and what is being done: redrawn at each beat, alone."""
    text = f"{job['percent']} % · {status(job)}" if job["state"] == "running" else status(job)
    return [bar(job["percent"], f"Progress of {job['title']}", job["state"]), html.Span(text, className="soft")]


def slot(token: str) -> dict[str, str]:
    """The id of the place in a card where the progress stands."""
    return {"type": "film-job", "film": token}


def _state(film: LibraryFilm, job: Mapping[str, Any] | None) -> html.Div | html.P | None:
    if job is not None and job["state"] in ACTIVE:
        return html.Div(running_state(job), id=slot(film.token), className="film-state film-running")
    if job is not None and job["state"] == "failed":
        return html.P([html.Strong("Failed. "), job["error"]], className="film-state film-failed")
    if film.analysed_at is None:
        return html.P("Not analysed yet", className="film-state film-new")
    return None


def _facts(film: LibraryFilm) -> str:
    if film.analysed_at is None:
        return f"Added {day(film.added_at)}"
    return f"Analysed {day(film.analysed_at)}"


def _button(word: str, act: str, token: str, label: str, main: bool = False) -> html.Button:
    return html.Button(
        word,
        type="button",
        className="btn btn-sm btn-primary" if main else "link-button",
        **{"data-store": "library-act", "data-act": act, "data-film": token, "aria-label": label},
    )


def drop_zone(large: bool) -> html.Div:
    """Where films are dropped or chosen; assets/upload.js listens to it and to the whole page."""
    return html.Div(
        [
            html.Span(className="drop-sign", **{"aria-hidden": "true"}),
            html.Div(
                [
                    html.Strong("Drop a film here" if large else "Drop films anywhere on this page"),
                    html.Span("MP4, MKV, MOV, WebM, AVI and most others", className="soft"),
                ],
                className="drop-words",
            ),
            html.Button("Choose films", type="button", className="btn btn-primary", **{"data-upload": "choose"}),
        ],
        className="drop-zone drop-zone-large" if large else "drop-zone",
        **{"data-upload": "zone"},
    )


def welcome(demo: bool) -> html.Div:
    """What the library says before the first film."""
    steps = (
        ("Add a film", "Drop it above. It is copied piece by piece; a broken connection loses nothing."),
        ("Choose the cast", "A few pictures of each person. Without any, everyone gets a number to name later."),
        ("Read who is on screen", "Seconds for each person, every appearance on a timeline, played at a click."),
    )
    return html.Div(
        [
            demo_views.offer() if demo else None,
            html.Ol(
                [html.Li([html.Strong(head), html.Span(text, className="soft")]) for head, text in steps],
                className="steps",
            ),
        ],
        className="welcome",
    )


def deletion_body(deletion: Deletion) -> list:
    """What a person confirms before a film is deleted."""
    return [
        html.P("This deletes, for good:"),
        html.Ul([html.Li(text) for text in deletion.removes]),
        *(html.P(text, className="soft") for text in deletion.stays),
    ]
