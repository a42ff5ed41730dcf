"""The inspector's frames, which assets/inspector*.js fill; and the list of what can be inspected. Pure: records in,
components out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from app.components import point_map
from app.components.cast_views import address as cast_address
from app.components.inspector_ids import Ids, inspector_address
from app.components.person_head import SMALL
from app.services.history import History
from app.services.inspector import InspectorMap
from app.services.inspector_subjects import Choice, Subject
from app.words import count, percent

PEOPLE = "people"
"""The value of `Ids.COLOUR` for colours by person; the others are ways of grouping."""

_SECTIONS = (
    ("cast", "Casts", "/casts"),
    ("film", "Films", "/"),
    ("album", "Albums", "/albums"),
    ("ready", "Come with Dramatis", "/casts"),
)
_KIND_WORDS = {"cast": "Cast", "ready": "Comes with Dramatis, only to look at", "film": "Film", "album": "Album"}


def start(choices: Sequence[Choice]) -> list:
    """What can be inspected, or what to do first."""
    head = html.Div([html.H1("Inspector", className="page-title")], className="page-head")
    lead = html.P(
        "Find and mend what is wrong under a name: pictures of somebody else, one person under two names, two people "
        "under one.",
        className="soft in-lead",
    )
    if not choices:
        nothing = html.P(
            ["There is nothing to inspect yet: ", dcc.Link("make a cast", href="/casts?new=1"), " or analyse a film."]
        )
        return [head, lead, nothing]
    sections = []
    for kind, title, _ in _SECTIONS:
        rows = [html.Li(_choice(one)) for one in choices if one.kind == kind]
        if rows:
            sections.append(html.Section([html.H2(title), html.Ul(rows, className="in-choices")]))
    return [head, lead, *sections]


def _choice(one: Choice) -> dcc.Link:
    address = inspector_address(cast=one.id) if one.kind in ("cast", "ready") else inspector_address(film=one.id)
    facts = [count(one.n_people, "person", "people")]
    if one.n_faces is not None:
        facts.append(count(one.n_faces, "picture", "pictures"))
    return dcc.Link([html.Strong(one.title), html.Span(" · ".join(facts), className="soft")], href=address)


def head(one: Subject) -> html.Header:
    """The way back, the title, and what kind of thing this is."""
    home = {"film": f"/film?id={one.id}", "album": "/albums"}.get(one.kind, cast_address(one.id))
    return html.Header(
        [
            html.Nav(
                [dcc.Link(f"← {one.title}", href=home), dcc.Link("Inspect something else", href="/inspector")],
                className="ps-back",
                **{"aria-label": "Back"},
            ),
            html.Div(
                [
                    html.H1(one.title, className="in-title"),
                    html.Span(_KIND_WORDS[one.kind], className="soft"),
                    html.Span(className="ps-gap"),
                    html.Div(id=Ids.STEPS),
                    *([] if one.may_change else [_copy()]),
                ],
                className="in-head",
            ),
        ]
    )


def _copy() -> html.Button:
    return html.Button("Make a copy to change", id=Ids.COPY, type="button", className="btn btn-sm btn-primary")


def steps(one: Subject, made: History) -> list:
    """Undo and redo, each with what it would do; nothing where nothing may change."""
    if not one.may_change:
        return []
    return [
        html.Div(
            [
                _step("Undo", "undo", made.undo, "Nothing to take back"),
                _step("Redo", "redo", made.redo, "Nothing to redo"),
            ],
            className="ps-steps",
        )
    ]


def _step(verb: str, act: str, words: str | None, nothing: str) -> html.Button:
    inside: Any = [verb, html.Span(words, className="ps-step-hint")] if words else verb
    title = f"{verb}: {words}" if words else nothing
    return html.Button(inside, type="button", className=SMALL, title=title, disabled=not words, **{"data-do": act})


def work(one: Subject) -> list:
    """Tiles with filters and acts, the map, and the three lists of what may be wrong."""
    return [_faces(one), _likeness(), *_lists(one)]


def _faces(one: Subject) -> html.Section:
    word = "picture" if one.is_cast else "face"
    acts: list[Any] = []
    if one.may_change:
        acts = [
            _chosen("Move to …", "move-open", "btn btn-sm btn-primary"),
            _chosen("Mark as right", "right"),
            _chosen("Take out" if one.is_cast else "Delete", "remove", "btn btn-sm btn-outline-danger"),
        ]
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Pictures" if one.is_cast else "Faces"),
                    html.Span(id="inspector-chosen", className="ps-chosen", role="status"),
                    html.Span(className="ps-gap"),
                    _group("Order", "order", (("odd", "Odd ones first"), ("person", "By person"))),
                    _picks(),
                ],
                className="panel-head",
            ),
            html.Div(
                id="inspector-filters", className="in-filters", role="group", **{"aria-label": f"Which {word}s to show"}
            ),
            html.Ul(id="inspector-tiles", className="ps-tiles in-tiles", **{"aria-label": f"{word.title()}s"}),
            html.Div(acts, className="ps-bar", role="group", **{"aria-label": "What to do with the chosen ones"})
            if acts
            else None,
            html.P(
                "The number is how far a face lies from the others of that person, on average over the nearest half of "
                "them. Press some to choose them, with Shift a row of them.",
                className="ps-note",
            ),
        ],
        className="panel ps-faces in-faces",
        **{"aria-label": "Pictures" if one.is_cast else "Faces"},
    )


def _likeness() -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.H2("By likeness"),
                    html.Span(className="ps-gap"),
                    _group("Room", "space", (("plane", "Map"), ("space", "3-D"))),
                    point_map.tools(),
                ],
                className="panel-head",
            ),
            html.Div(id=Ids.WAYS, className="in-ways"),
            *point_map.frame(Ids.MAP, Ids.POINTS, tall=True, hidden=True),
            html.Div(id=Ids.MAP_STATE, className="in-map-state", **{"aria-live": "polite"}),
            html.P(id=Ids.MAP_NOTE, className="ps-note"),
        ],
        className="panel in-likeness",
        **{"aria-label": "By likeness"},
    )


def ways(found: InspectorMap, n_people: int, chosen: str) -> html.Div:
    """What the points may be coloured by, side by side: people and ways of grouping, with the number of each."""
    options = [(PEOPLE, "People", n_people), *((way, way, found.n_groups(way)) for way in found.groups)]
    return html.Div(
        [
            html.Button(
                [html.Strong(f"{n}"), html.Span(words)],
                type="button",
                className="in-way",
                **{"data-colour": value, "aria-pressed": str(value == chosen).lower()},
            )
            for value, words, n in options
        ],
        className="in-way-row",
        role="group",
        **{"aria-label": "Colour by"},
    )


def map_note(found: InspectorMap, in_space: bool) -> str:
    """How to read the map."""
    if in_space:
        return (
            f"The three directions in which the faces differ the most; they show {percent(found.kept)} of it. "
            "Drag to turn, press a point to choose it; to draw around some, choose Lasso or Box first."
        )
    return (
        "Islands are faces alike (t-SNE); how far islands lie from each other says little. Draw around some to choose "
        "them, with Shift more, with Alt fewer."
    )


def no_map(n_faces: int, job: dict[str, Any] | None) -> list:
    """In the place of the map while there is none: what would make it, or how far that is (the job's card)."""
    if job is not None:
        return []
    faces = count(n_faces, "face", "faces")
    words = f"A map of {faces}, and how many people each way of grouping finds, take up to a minute to make."
    if not n_faces:
        return [html.P("There are no faces to put on a map.", className="ps-note")]
    return [
        html.P(words, className="ps-note"),
        html.Button("Make the map", id=Ids.MAKE, type="button", className="btn btn-sm btn-primary"),
    ]


def _lists(one: Subject) -> list:
    panels = [
        (
            "same",
            "Same person under two names?",
            "The pairs whose faces lie nearest, the likeliest first.",
        ),
        (
            "divided",
            "Two people under one name?",
            "Each person's faces divided in two by likeness, who comes apart the most first.",
        ),
    ]
    if one.is_cast:
        panels.append(("twice", "There twice?", "One picture that was cut, scaled or saved again."))
    return [
        html.Section(
            [
                html.Div([html.H2(title)], className="panel-head"),
                html.P(note, className="ps-note"),
                html.Ul(id=f"inspector-{which}", className="in-list", **{"aria-label": title, "aria-busy": "true"}),
            ],
            className=f"panel in-{which}",
            **{"aria-label": title},
        )
        for which, title, note in panels
    ]


def _group(label: str, of: str, options: Sequence[tuple[str, str]]) -> html.Div:
    """Buttons of which one is pressed, at first the first."""
    return html.Div(
        [
            html.Button(
                words,
                type="button",
                className="ps-pick",
                **{f"data-{of}": value, "aria-pressed": str(place == 0).lower()},
            )
            for place, (value, words) in enumerate(options)
        ],
        className="ps-order",
        role="group",
        **{"aria-label": label},
    )


def _picks() -> html.Div:
    picks = [("all", "All"), ("none", "None"), ("invert", "Invert")]
    return html.Div(
        [html.Button(words, type="button", className="ps-pick", **{"data-pick": which}) for which, words in picks],
        className="ps-picks",
        role="group",
        **{"aria-label": "Choose among those shown"},
    )


def _chosen(words: str, act: str, look: str = SMALL) -> html.Button:
    """A button about the chosen faces, which rests until there are some."""
    return html.Button(words, type="button", className=look, disabled=True, **{"data-do": act, "data-chosen": "yes"})
