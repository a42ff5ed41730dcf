"""What the library asks about films that were added: who is in them, or whether a known one is to be opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from app.components.run_settings import RunDefaults, run_settings
from app.services import galleries, library
from app.services.library import FolderFilm, LibraryFilm, size_in_words
from app.words import day

Chosen = Sequence[Mapping[str, Any]]
"""[{film: token, again: whether it is to be analysed although it was already}]."""


def with_film(chosen: Chosen, token: str, again: bool = False) -> list[dict[str, Any]]:
    """`chosen` with a film more; one that is there already is not added twice.

    >>> with_film([{"film": "a", "again": False}], "a", again=True)
    [{'film': 'a', 'again': True}]
    """
    rest = [dict(one) for one in chosen if one["film"] != token]
    before = any(one["film"] == token and one["again"] for one in chosen)
    return [*rest, {"film": token, "again": again or before}]


def sort_out(chosen: Chosen) -> tuple[list[LibraryFilm], list[LibraryFilm]]:
    """(films that wait for a cast, films that were analysed before); films deleted meanwhile are in neither."""
    waiting, known = [], []
    for one in chosen:
        film = library.film(one["film"])
        if film is not None:
            (known if film.analysed_at and not one["again"] else waiting).append(film)
    return waiting, known


def heading(waiting: Sequence[LibraryFilm], known: Sequence[LibraryFilm]) -> list:
    """Lines about the films known already, then which films the form below is for."""
    lines: list = [_known_line(film) for film in known]
    if waiting:
        titles = [_tag(film) for film in waiting]
        lines.append(html.Div([html.H2("Analyse", className="setup-title"), *titles], className="setup-films"))
    return lines


def form(prefix: str, tokens: Sequence[str]) -> html.Div:
    """The form for the films; one film that was analysed before starts with what was chosen then."""
    last = library.last_run(tokens[0]) if len(tokens) == 1 else None
    defaults = RunDefaults(last.gallery or "", last.cast, last.settings) if last else None
    return run_settings(prefix, galleries.casts(), defaults, tokens)


def folder_options(films: Sequence[FolderFilm]) -> list[dict[str, Any]]:
    """Options for a checklist of films in folders."""
    return [
        {
            "label": html.Span(
                [
                    html.Span(film.name, className="folder-name"),
                    html.Span(
                        f"{film.folder} · {size_in_words(film.n_bytes)} · {day(film.modified_at)}",
                        className="soft",
                    ),
                ],
                className="folder-film",
            ),
            "value": film.id,
        }
        for film in films
    ]


def _tag(film: LibraryFilm) -> html.Span:
    away = _act("×", "not-now", film.token, f"Not {film.title}")
    return html.Span([html.Span(film.title, className="tag-words", title=film.title), away], className="tag")


def _known_line(film: LibraryFilm) -> html.Div:
    return html.Div(
        [
            html.Span(f"You analysed {film.title} on {day(film.analysed_at)}."),
            dcc.Link("Open it", href=f"/film?id={film.token}", className="btn btn-sm btn-primary"),
            _act("Analyse again", "analyse", film.token, f"Analyse {film.title} again"),
            _act("Not now", "not-now", film.token, f"Leave {film.title} as it is"),
        ],
        className="setup-known",
    )


def _act(word: str, act: str, token: str, label: str) -> html.Button:
    return html.Button(
        word,
        type="button",
        className="link-button",
        **{"data-store": "library-act", "data-act": act, "data-film": token, "aria-label": label},
    )
