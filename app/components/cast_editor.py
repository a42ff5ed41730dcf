"""The editor in which a cast is made: its name, where its pictures come from, a row a person, and how it is built.
Pure: records in, components out. Pictures, zips and lists are chosen and sent by assets/casts.js, which finds people
by ``data-person``.
"""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import html

from app.components.cast_ids import Ids
from app.components.cast_views import button
from app.services.gallery_records import Draft, DraftPerson
from app.words import count

MOST_NOTE_LETTERS = 4000
"""Of a licence note typed here; whole licences come with a cast's file or from the terminal."""


def editor(draft: Draft, largest_mb: int) -> list:
    """Everything below the way back. `largest_mb`: the largest picture that is taken."""
    return [
        html.H1(f"Change {draft.name}" if draft.is_built else "New cast", className="page-title"),
        html.Div(
            [
                html.Label("Name of the cast", htmlFor=Ids.NAME),
                dbc.Input(
                    id=Ids.NAME,
                    value=draft.name,
                    placeholder="The film or the series, for example",
                    maxlength=80,
                    debounce=0.4,
                    disabled=draft.is_built,
                ),
                html.P(id=Ids.NAME_NOTE, className="hint"),
            ],
            className="cast-title",
        ),
        _drop_zone(draft),
        html.Div(id="casts-sending", className="sending", **{"aria-live": "polite"}),
        html.Div(id=Ids.PROBLEM_LIST),
        html.Div(people_rows(draft), id=Ids.PEOPLE, className="people-rows"),
        html.Div(
            [
                dbc.Input(id=Ids.PERSON, placeholder="Name of a person", maxlength=80, n_submit=0),
                html.Button("Add person", id=Ids.PERSON_ADD, type="button", className="btn btn-outline-secondary"),
            ],
            className="person-add",
        ),
        _how(draft),
        html.Div(
            [
                dbc.Button("Save the cast" if draft.is_built else "Build the cast", id=Ids.BUILD, color="primary"),
                html.Span(
                    f"Pictures up to {largest_mb} MB: one person in each, the face clearly visible.",
                    className="soft",
                ),
            ],
            className="run-foot",
        ),
        html.Div(id=Ids.LIVE, className="live"),
    ]


def _drop_zone(draft: Draft) -> html.Div:
    return html.Div(
        [
            html.Span(className="drop-sign", **{"aria-hidden": "true"}),
            html.Div(
                [
                    html.Strong("Drop a folder with one folder of pictures for each person, or a zip of it"),
                    html.Span("Cast/Anna Lee/1.jpg, Cast/Anna Lee/2.jpg, Cast/Ben Roth/1.jpg …", className="soft"),
                    html.Span("Or a CSV of person,picture together with its pictures.", className="soft"),
                ],
                className="drop-words",
            ),
            html.Div(
                [
                    html.Button(
                        "Choose a folder",
                        type="button",
                        className="btn btn-outline-secondary",
                        **{"data-pictures": "folder"},
                    ),
                    html.Button(
                        "Choose a zip or a CSV",
                        type="button",
                        className="btn btn-outline-secondary",
                        **{"data-pictures": "files"},
                    ),
                ],
                className="drop-buttons",
            ),
        ],
        className="drop-zone",
        **{"data-pictures": "zone", "data-draft": draft.id},
    )


def _how(draft: Draft) -> html.Div:
    return html.Div(
        [
            html.Label("Licence of the pictures", htmlFor=Ids.LICENCE),
            dbc.Textarea(
                id=Ids.LICENCE,
                value=draft.licence_note,
                placeholder="Where they are from and under which terms, for example: CC BY 4.0, photos by Ann",
                maxlength=max(MOST_NOTE_LETTERS, len(draft.licence_note)),
                debounce=0.4,
                rows=2,
            ),
            html.P("Goes along wherever the cast goes; may stay empty.", className="hint"),
            dbc.Checkbox(
                id=Ids.AUGMENT,
                value=draft.augment,
                label="Look several times at people with one or two pictures",
                className="cast-augment",
            ),
            html.P(
                "Takes the mean over several views of each face, where there is little to go by. Takes longer; with "
                "three or more pictures it changes nothing.",
                className="hint",
            ),
        ],
        className="cast-how",
    )


def people_rows(draft: Draft) -> list:
    """One row for each person of a cast being made."""
    if not draft.people:
        return [html.P("Nobody yet: drop pictures above, or add the first person below.", className="soft")]
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
