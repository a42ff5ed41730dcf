"""Casts: the saved ones as cards, and the editor in which one is made. Pure: records in, components out.

Buttons carry ``data-store="casts-act"``; assets/library.js hears them. Pictures are chosen and sent by
assets/casts.js, which finds people by ``data-person``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from app.components.job_views import left_out
from app.components.run_settings import initials
from app.services.galleries import CastPerson, CastRecord, Draft, DraftPerson
from app.words import count, day

N_FACES = 12
N_PROBLEMS = 12


def cast_list(casts: Sequence[CastRecord], drafts: Sequence[Draft]) -> list:
    """The casts begun and not built, then the saved ones; a sentence where there are none."""
    if not casts and not drafts:
        return [
            html.Div(
                [
                    html.P("There is no cast yet.", className="lead"),
                    html.P(
                        "A cast is a few pictures of each person who may appear in a film. Three to six clear ones of "
                        "each are enough: face visible, nobody else in the picture, some from the side.",
                        className="soft",
                    ),
                ],
                className="nothing",
            )
        ]
    cards = [html.Li(_draft_card(draft)) for draft in drafts] + [html.Li(cast_card(cast)) for cast in casts]
    return [html.Ul(cards, className="cast-grid")]


def cast_card(cast: CastRecord) -> html.Article:
    faces = [_face(person) for person in cast.people[:N_FACES]]
    if (more := len(cast.people) - N_FACES) > 0:
        faces.append(html.Span(f"+{more}", className="face face-more"))
    actions = []
    if cast.folder_id:
        actions.append(dcc.Link("Change", href=f"/casts?edit={cast.folder_id}"))
    actions.append(button("Delete", "delete", f"Delete {cast.name}", name=cast.name))
    return html.Article(
        [
            html.H3(cast.name, className="cast-name", title=cast.name),
            html.P(
                f"{count(len(cast.people), 'person', 'people')} · "
                f"{count(cast.n_pictures, 'picture', 'pictures')} · {day(cast.created_at)}",
                className="soft",
            ),
            html.Div(faces, className="faces faces-row"),
            left_out(cast.left_out) if cast.left_out else None,
            html.Div(actions, className="film-actions"),
        ],
        className="cast-card",
    )


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


def _face(person: CastPerson) -> html.Span:
    words = f"{person.name.replace('_', ' ')}: {count(person.n_pictures, 'picture', 'pictures')}"
    if person.picture:
        return html.Span(className="face", style={"backgroundImage": f'url("{person.picture}")'}, title=words)
    return html.Span(initials(person.name), className="face", title=words)


def people_rows(draft: Draft) -> list:
    """One row for each person of a cast being made."""
    if not draft.people:
        return [html.P("Nobody yet: drop a folder above, or add the first person below.", className="soft")]
    return [_person_row(person) for person in draft.people]


def _person_row(person: DraftPerson) -> html.Div:
    n = len(person.pictures)
    note = "" if n >= 3 else ("Add some pictures" if n == 0 else "Three or more are better")
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        dbc.Input(
                            value=person.name.replace("_", " "), className="person-name", maxlength=80, debounce=True
                        ),
                        className="person-name-box",
                    ),
                    html.Span([count(n, "picture", "pictures"), html.Em(note)], className="person-count soft"),
                    html.Button(
                        "Add pictures",
                        type="button",
                        className="btn btn-sm btn-outline-secondary",
                        **{"data-pictures": "choose", "aria-label": f"Add pictures of {person.name}"},
                    ),
                    button("Remove", "remove-person", f"Remove {person.name}", person=person.name),
                ],
                className="person-head",
            ),
            html.Div([_picture(person.name, *picture) for picture in person.pictures], className="person-pictures"),
        ],
        className="person-row",
        **{"data-person": person.name},
    )


def _picture(person: str, file: str, address: str) -> html.Span:
    return html.Span(
        [
            html.Img(src=address, alt=f"{person}, picture {file}", width="72", height="72"),
            button("×", "remove-picture", f"Remove picture {file} of {person}", person=person, file=file),
        ],
        className="person-picture",
    )


def problems(found: Sequence[Sequence[str]]) -> html.Div | None:
    """Pictures that were not taken, and why."""
    if not found:
        return None
    rows = [html.Li([html.Span(name, className="left-out-name"), " ", why]) for name, why in found[:N_PROBLEMS]]
    if (more := len(found) - N_PROBLEMS) > 0:
        rows.append(html.Li(f"and {more} more", className="soft"))
    heading = f"{count(len(found), 'picture was', 'pictures were')} not taken:"
    return html.Div([html.P(heading), html.Ul(rows)], className="problems", role="status")


def button(word: str, act: str, label: str, **data: str) -> html.Button:
    """A button of the page; `data` goes along with what it asks for."""
    more: dict[str, Any] = {f"data-{key}": value for key, value in data.items()}
    return html.Button(
        word,
        type="button",
        className="link-button",
        **{"data-store": "casts-act", "data-act": act, "aria-label": label, **more},
    )
