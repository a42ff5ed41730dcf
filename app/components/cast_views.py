"""Casts: the saved ones as cards, those that come with Dramatis, and one cast whole. Pure: records in, components out.

Buttons carry ``data-store="casts-act"``; assets/library.js hears them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import dcc, html

from app.components import cast_report
from app.components.cast_ids import Ids
from app.components.inspector_ids import inspector_address
from app.components.page_head import page_head
from app.components.run_settings import initials
from app.services.gallery_records import CastPerson, CastRecord, Draft, ReadyRecord
from app.words import count, day

N_FACES = 12
N_SEARCHED = 20
"""So many people are found at a glance; more of them can be searched."""


def address(name: str) -> str:
    """The page of one cast.

    >>> address("Anna & Ben")
    '/casts?show=Anna+%26+Ben'
    """
    return f"/casts?{urlencode({'show': name})}"


def head(n_own: int, n_ready: int) -> html.Div:
    """The title and what can be done; while there is nothing, the list itself says what to do first."""
    actions: list[Any] = []
    if n_own:
        actions = [import_button("Import a file", "btn btn-outline-secondary")]
        if n_own + n_ready > 1:
            actions.append(button("Merge two", "merge", "Merge two casts into one", "btn btn-outline-secondary"))
        actions.append(dcc.Link("New cast", href="/casts?new=1", className="btn btn-primary"))
    says = "People with a few pictures each: whom films are searched for, and whom a photo is compared with."
    return page_head("Casts", says, html.Div(actions, className="cast-tools"))


def cast_list(casts: Sequence[CastRecord], drafts: Sequence[Draft], ready: Sequence[ReadyRecord] = ()) -> list:
    """The casts begun and not built, then the saved ones, or what to do first; apart from them what comes with
    Dramatis."""
    cards = [html.Li(_draft_card(draft)) for draft in drafts] + [html.Li(cast_card(cast)) for cast in casts]
    own = html.Ul(cards, className="cast-grid") if cards else _nothing()
    if not ready:
        return [own]
    theirs = html.Ul([html.Li(_ready_card(one)) for one in ready], className="cast-grid")
    return [own, html.Section([html.H2("Come with Dramatis", className="cast-section"), theirs])]


def _nothing() -> html.Div:
    return html.Div(
        [
            html.P("There is no cast yet.", className="lead"),
            html.P(
                "A cast is a few pictures of each person who may appear in a film. Three to six clear ones of each are "
                "enough: face visible, nobody else in the picture, some from the side.",
                className="soft",
            ),
            dcc.Link("Make the first cast", href="/casts?new=1", className="btn btn-primary btn-lg"),
            html.P(["or ", import_button("import one from a file", "link-button"), "."], className="soft"),
        ],
        className="nothing",
    )


def cast_card(cast: CastRecord) -> html.Article:
    faces = [face(person) for person in cast.people[:N_FACES]]
    if (more := len(cast.people) - N_FACES) > 0:
        faces.append(html.Span(f"+{more}", className="face face-more"))
    left_out = (
        html.P(
            [
                dcc.Link(f"{len(cast.left_out)} left out", href=address(cast.name)),
                f": {cast_report.summary(cast.left_out)}",
            ]
        )
        if cast.left_out
        else None
    )
    return html.Article(
        [
            html.H3(dcc.Link(cast.name, href=address(cast.name)), className="cast-name", title=cast.name),
            html.P(facts(cast), className="soft"),
            html.Div(faces, className="faces faces-row"),
            left_out,
            html.P(f"Licence: {cast.licence_note}", className="cast-terms") if cast.licence_note else None,
            html.Div(_actions(cast), className="film-actions"),
        ],
        className="cast-card",
    )


def _actions(cast: CastRecord) -> list:
    change = [dcc.Link("Change", href=f"/casts?edit={cast.folder_id}")] if cast.folder_id else []
    return [
        dcc.Link("Open", href=address(cast.name)),
        dcc.Link("Inspect", href=inspector_address(cast=cast.name)),
        *change,
        button("Export", "export", f"Export {cast.name}", name=cast.name),
        button("Delete", "delete", f"Delete {cast.name}", name=cast.name),
    ]


def _ready_card(one: ReadyRecord) -> html.Article:
    return html.Article(
        [
            html.H3(dcc.Link(one.name, href=address(one.name)), className="cast-name", title=one.name),
            html.P(ready_facts(one), className="soft"),
            html.P(f"Licence: {one.licence_note}", className="cast-terms") if one.licence_note else None,
            html.Div(
                [
                    dcc.Link("Open", href=address(one.name)),
                    button("Export", "export", f"Export {one.name}", name=one.name),
                    html.Span("Comes with Dramatis", className="cast-badge"),
                ],
                className="film-actions",
            ),
        ],
        className="cast-card",
    )


def facts(cast: CastRecord) -> str:
    """How many and since when."""
    return (
        f"{count(len(cast.people), 'person', 'people')} · "
        f"{count(cast.n_pictures, 'picture', 'pictures')} · {day(cast.created_at)}"
    )


def ready_facts(one: ReadyRecord) -> str:
    return f"{count(one.n_people, 'person', 'people')} · measured in {count(one.n_pictures, 'picture', 'pictures')}"


def one_cast(cast: CastRecord) -> list:
    """A saved cast whole: its terms, everybody in it, and what was left out."""
    change = (
        [dcc.Link("Change", href=f"/casts?edit={cast.folder_id}", className="btn btn-primary")]
        if cast.folder_id
        else []
    )
    named = {"name": cast.name}
    plain = "btn btn-outline-secondary"
    return [
        _title(cast.name, facts(cast)),
        html.Div(
            [
                *change,
                dcc.Link("Inspect", href=inspector_address(cast=cast.name), className=plain),
                button("Export", "export", f"Export {cast.name}", plain, **named),
                button("Merge with another", "merge", f"Merge {cast.name} with another cast", plain, **named),
                button("Delete", "delete", f"Delete {cast.name}", "btn btn-outline-danger", **named),
            ],
            className="cast-tools",
        ),
        _terms(cast.licence_note, button("Edit", "terms", "Change the licence note", **named)),
        _everybody(cast.people, cast.name),
        html.Section(
            [html.H2("Left out"), *cast_report.report(cast.left_out, cast.n_pictures)], className="cast-left-out"
        ),
    ]


def one_ready(one: ReadyRecord, people: Sequence[CastPerson]) -> list:
    """A gallery that comes with Dramatis, whole."""
    named = {"name": one.name}
    plain = "btn btn-outline-secondary"
    return [
        _title(one.name, ready_facts(one)),
        html.Div(
            [
                dcc.Link("Inspect", href=inspector_address(cast=one.name), className=plain),
                button("Export", "export", f"Export {one.name}", plain, **named),
                button("Merge with another", "merge", f"Merge {one.name} with a cast", plain, **named),
                html.Span("Comes with Dramatis", className="cast-badge"),
            ],
            className="cast-tools",
        ),
        _terms(one.licence_note, None),
        _everybody(people, one.name),
    ]


def _title(name: str, told: str) -> html.Div:
    return html.Div(
        [html.H1(name, className="page-title cast-name"), html.P(told, className="soft")], className="cast-head"
    )


def _terms(note: str, change: html.Button | None) -> html.Section:
    said = html.P(note, className="cast-note") if note else html.P("Nothing is said about it.", className="soft")
    return html.Section([html.H2(["Licence of the pictures ", change]), said])


def _everybody(people: Sequence[CastPerson], cast: str) -> html.Section:
    rows = [
        html.Li(
            [
                face(person),
                html.Span(
                    [
                        dcc.Link(
                            html.Strong(person.name.replace("_", " "), title=person.name),
                            href=inspector_address(cast=cast, person=person.name),
                        ),
                        html.Span(count(person.n_pictures, "picture", "pictures"), className="soft"),
                    ]
                ),
            ]
        )
        for person in people
    ]
    heading = html.H2(count(len(people), "person", "people"))
    search = _search() if len(people) > N_SEARCHED else ()
    return html.Section([heading, *search, html.Ul(rows, className="cast-people")])


def _search() -> tuple[html.Div, html.P]:
    """The field that narrows the people, and what stands in their place where nobody is left: assets/cast_people.js."""
    field = html.Div(
        [
            html.Label("Find a person", htmlFor=Ids.FIND, className="visually-hidden"),
            dbc.Input(id=Ids.FIND, type="search", placeholder="Find a person", autocomplete="off"),
            html.Span(id="casts-found", className="soft", role="status"),
        ],
        className="cast-find",
    )
    everybody = html.Button("Show everybody", type="button", id="casts-find-clear", className="link-button")
    return field, html.P([html.Span(), everybody], id="casts-found-nobody", className="soft", hidden=True)


def face(person: CastPerson) -> html.Span:
    words = f"{person.name.replace('_', ' ')}: {count(person.n_pictures, 'picture', 'pictures')}"
    if person.picture:
        return html.Span(className="face", style={"backgroundImage": f'url("{person.picture}")'}, title=words)
    return html.Span(initials(person.name), className="face", title=words)


def _draft_card(draft: Draft) -> html.Article:
    return html.Article(
        [
            html.H3(draft.name or "Cast without a name", className="cast-name"),
            html.P(
                f"Not finished: {count(len(draft.people), 'person', 'people')}, "
                f"{count(draft.n_pictures, 'picture', 'pictures')}",
                className="soft",
            ),
            html.Div(
                [
                    dcc.Link("Go on", href=f"/casts?edit={draft.id}", className="btn btn-sm btn-primary"),
                    button("Delete", "discard", "Delete the unfinished cast", draft=draft.id),
                ],
                className="film-actions",
            ),
        ],
        className="cast-card cast-draft",
    )


def import_button(word: str, look: str) -> html.Button:
    """Asks for a cast's file and sends it: assets/cast_files.js."""
    return html.Button(word, type="button", className=look, **{"data-cast-file": "choose"})


def button(word: str, act: str, label: str, look: str = "link-button", **data: str) -> html.Button:
    """A button of the page; `data` goes along with what it asks for."""
    more: dict[str, Any] = {f"data-{key}": value for key, value in data.items()}
    return html.Button(
        word,
        type="button",
        className=look,
        **{"data-store": "casts-act", "data-act": act, "aria-label": label, **more},
    )
