"""Whom each child looks more like: headline, how sure, faces side by side, distances, parts of the face; then a map
and a table of everybody. Pure: records in, components out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html

from app.services.family import ChildRecord, FamilyRecord
from app.services.family_people import FacePlace, PersonAsked
from app.words import chance

_FARTHEST = 1.0
"""Of a bar of distance: four in five unrelated people are nearer (`engine.identity.calibration`)."""
_SCALE = "Between the two marks it is too close to call. The band is where other draws of the pictures lie."
NOT_YET = "Add a picture of the child and one of its mother, father or a relative: the answer stands here."


def waiting() -> html.P:
    """What stands in the answer's place until there is enough to compare."""
    return html.P(NOT_YET, className="family-waiting")


def failed(sentence: str) -> html.Div:
    return html.Div(html.P(sentence), className="problems", role="alert")


def answer(found: FamilyRecord, asked: Sequence[PersonAsked]) -> list:
    """A section for each child, then everybody."""
    keys = [one.key for one in asked if one.faces]
    children = [_child(found, child, keys[child.person], asked) for child in found.children]
    everybody = [] if len(found.people) < 3 else [_everybody(found)]
    notes = html.Div([html.P(found.caution), html.P(found.what_it_means, className="soft")], className="family-notes")
    return [*children, *everybody, notes]


def _child(found: FamilyRecord, child: ChildRecord, key: str, asked: Sequence[PersonAsked]) -> html.Section:
    query = urlencode({"child": key, "family": _asked(asked)})
    parts: list[Any] = [
        html.H2(child.headline, className="family-headline"),
        html.P(child.how_sure, className="family-sure"),
    ]
    if child.chance is not None:
        parts += [_scale(child), html.P(_SCALE, className="hint family-scale-words")]
    if child.note:
        parts.append(html.P(child.note, className="family-note"))
    save = html.A(
        "Save the share card", href=f"/family/card?{query}", download="", className="btn btn-primary family-save"
    )
    measured = [html.Div([_bars(found, child), save]), *((_parts(found, child),) if child.parts else ())]
    parts += [_faces(found, child, query), html.Div(measured, className="family-measured")]
    name = found.people[child.person].name
    return html.Section(
        parts,
        className=f"family-child{' family-decided' if child.is_decided else ''}",
        **{"aria-label": f"The answer about {name}"},
    )


def _scale(child: ChildRecord) -> html.Div:
    """From all mother to all father: where the chance is, where other draws have it, and the middle that is not
    called."""
    from_mother = [value if child.nearer == "father" else 1 - value for value in (child.chance, child.low, child.high)]
    at, *ends = (round(100 * value, 1) for value in from_mother)
    low, high = sorted(ends)
    words = f"{chance(child.chance)} {child.nearer}; other draws of the pictures: " + " to ".join(
        chance(value) for value in (child.low, child.high)
    )
    return html.Div(
        [
            html.Span("Mother", className="family-scale-end"),
            html.Div(
                [
                    html.Span(className="family-scale-open"),
                    html.Span(className="family-scale-range", style={"left": f"{low}%", "width": f"{high - low:.1f}%"}),
                    html.Span(className="family-scale-at", style={"left": f"{at}%"}),
                ],
                className="family-scale-line",
                role="img",
                title=words,
                **{"aria-label": words},
            ),
            html.Span("Father", className="family-scale-end"),
        ],
        className="family-scale",
    )


def _faces(found: FamilyRecord, child: ChildRecord, query: str) -> html.Div:
    """The child between the two who are compared, aligned as the network sees them."""
    nearer = {one.person for one in child.likenesses if one.is_nearer}
    apart = {one.person: one.distance for one in child.likenesses}
    own = _figure(found.people[child.person].face, found.people[child.person].name)
    beside = child.compared[::-1] or tuple(one.person for one in child.likenesses[:1])
    others = [
        _figure(
            found.people[i].face,
            f"{found.people[i].name} {apart[i]:.2f}",
            "family-nearer" if i in nearer else "",
        )
        for i in beside
    ]
    shown = [others[0], own, *others[1:]]
    if child.parts:
        heat = html.Img(src=f"/family/parts?{query}", alt=f"The face with its parts coloured. {child.parts_sentence}")
        shown.append(html.Figure([heat, html.Figcaption("Parts")], className="family-heat"))
    return html.Div(shown, className="family-figures")


def _figure(face: FacePlace, words: str, more: str = "") -> html.Figure:
    picture = html.Img(src=_portrait(face), alt="", width="150", height="150")
    return html.Figure([picture, html.Figcaption(words, title=words)], className=more)


def _bars(found: FamilyRecord, child: ChildRecord) -> html.Ul:
    rows = []
    for one in child.likenesses:
        name = found.people[one.person].name
        wide = min(one.distance / _FARTHEST, 1.0)
        rows.append(
            html.Li(
                [
                    html.Span(name, className="family-bar-name", title=name),
                    html.Span(
                        html.Span(style={"width": f"{100 * wide:.1f}%"}),
                        className=f"family-bar{' family-bar-nearer' if one.is_nearer else ''}",
                        **{"aria-hidden": "true"},
                    ),
                    html.Span(f"{one.distance:.2f}", className="family-bar-number"),
                    html.Span(one.meaning, className="family-bar-meaning"),
                ]
            )
        )
    return html.Ul(rows, className="family-bars", **{"aria-label": "Distances, the nearest first"})


def _parts(found: FamilyRecord, child: ChildRecord) -> html.Div:
    """Which part leans to whom: the second of the two on the left, as beside the child."""
    first, second = (found.people[i].name for i in child.compared)
    most = max(*(abs(one.effect) for one in child.parts), 1e-6)
    rows = []
    for one in child.parts:
        half = 50 * abs(one.effect) / most
        left = 50.0 if one.effect > 0 else 50 - half
        kind = "family-lean-even" if not one.leans_to else "family-lean-one" if one.effect > 0 else "family-lean-two"
        rows.append(
            html.Tr(
                [
                    html.Th(one.part.capitalize(), scope="row"),
                    html.Td(
                        html.Span(
                            html.Span(className=kind, style={"left": f"{left:.1f}%", "width": f"{half:.1f}%"}),
                            className="family-lean",
                            **{"aria-hidden": "true"},
                        )
                    ),
                    html.Td(one.leans_to or "neither", className="family-lean-to"),
                ]
            )
        )
    head = html.Tr(
        [
            html.Th("Part", scope="col"),
            html.Th([html.Span(second), html.Span(first)], scope="col", className="family-lean-head"),
            html.Th("Nearer to", scope="col"),
        ]
    )
    return html.Div(
        [
            html.P(child.parts_sentence, className="family-parts-words"),
            html.Table([html.Thead(head), html.Tbody(rows)], className="family-parts"),
            html.P(
                "A hint: found by hiding each part of the child's face in turn and measuring again.", className="hint"
            ),
        ],
    )


def _everybody(found: FamilyRecord) -> html.Section:
    return html.Section(
        [
            html.H2("Everybody"),
            html.Div(
                [
                    html.Figure(
                        [_map(found), html.Figcaption("The nearer, the more alike", className="hint")],
                        className="family-map-figure",
                    ),
                    html.Div(_matrix(found), className="family-matrix-box", tabIndex=0),
                ],
                className="family-everybody",
            ),
        ],
        **{"aria-label": "Everybody"},
    )


def _map(found: FamilyRecord) -> html.Div:
    marks = [
        html.Span(
            [
                html.Img(src=_portrait(one.face), alt="", width="44", height="44"),
                html.Span(one.name, className="family-map-name"),
            ],
            className=f"family-map-mark{' family-map-child' if one.role == 'child' else ''}",
            style={"left": f"{100 * one.left:.1f}%", "top": f"{100 * one.top:.1f}%"},
            title=one.name,
        )
        for one in found.people
    ]
    return html.Div(marks, className="family-map")


def _matrix(found: FamilyRecord) -> html.Table:
    """Everybody's distances; the nearer, the darker."""
    names = [one.name for one in found.people]
    head = html.Tr([html.Td(), *(html.Th(html.Span(name, title=name), scope="col") for name in names)])
    rows = []
    for i, name in enumerate(names):
        cells = [
            html.Td("–", className="family-self")
            if i == j
            else html.Td(f"{apart:.2f}", style={"--near": f"{_nearness(apart):.0f}%"})
            for j, apart in enumerate(found.distances[i])
        ]
        rows.append(html.Tr([html.Th(html.Span(name, title=name), scope="row"), *cells]))
    return html.Table([html.Thead(head), html.Tbody(rows)], className="family-matrix")


def _nearness(apart: float) -> float:
    """How much colour a distance has, in percent: none from 0.8 on, where most strangers are.

    >>> _nearness(0.9), _nearness(0.6), _nearness(0.1)
    (0.0, 20.0, 40.0)
    """
    return round(min(max(0.8 - apart, 0.0) * 100, 40.0), 6)


def _portrait(face: FacePlace) -> str:
    return f"/photos/{face.photo}/{face.number}"


def _asked(asked: Sequence[PersonAsked]) -> str:
    """The people as assets/family.js keeps them, for addresses."""
    return json.dumps(
        {
            "people": [
                {
                    "key": one.key,
                    "role": one.role,
                    "name": one.name,
                    "sex": one.sex,
                    "young": one.young,
                    "faces": [[face.photo, face.number] for face in one.faces],
                }
                for one in asked
            ]
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )
