"""Who is in the family: a card for each person with their pictures, and pictures of several whose faces are given to
people. Pure: records in, components out.

Buttons carry ``data-family``; assets/family.js hears them, keeps who is who, and sends photos.
"""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html

from app.components.lookalike_start import FORGOTTEN
from app.services.family_people import MOST_FACES, FacePlace, PersonAsked
from app.services.photos import PhotoRecord

_WHAT = {"child": "Child", "mother": "Mother", "father": "Father", "relative": "Relative"}
_SEXES = (("son", "Son"), ("daughter", "Daughter"), ("child", "Not said"))


def head(is_empty: bool) -> list:
    """The title; what the page is for, while there is no picture."""
    if not is_empty:
        clear = button("Start anew", "clear", "btn-outline-secondary")
        return [html.Div([html.H1("Family", className="page-title"), clear], className="page-head")]
    return [
        html.H1("Mother or father?", className="hero"),
        html.P(
            "Give Dramatis pictures of a child and its parents. It says whom the child looks more like, how sure that "
            "is, and by which parts of the face.",
            className="lead",
        ),
    ]


def people(
    asked: Sequence[PersonAsked], held: Sequence[PhotoRecord], picked: FacePlace | None, has_sample: bool
) -> list:
    """A card for each person, what adds more, and, while there is no picture, the demo's family."""
    photos = {photo.id: photo for photo in held}
    is_empty = not any(one.faces for one in asked)
    n_children = sum(one.role == "child" for one in asked)
    cards = [
        html.Li(_card(one, photos, picked is not None, is_empty, n_children), className="family-person-place")
        for one in asked
    ]
    more = html.Div(
        [
            button("Add a child", "add", "btn-outline-secondary btn-sm", value="child"),
            button("Add a relative", "add", "btn-outline-secondary btn-sm", value="relative"),
            button("Picture of several", "choose-group", "btn-outline-secondary btn-sm"),
        ],
        className="family-more",
    )
    sample = html.P(
        [
            "No pictures at hand? ",
            button("See it with the demo family", "sample", "btn-link family-sample"),
            ", rendered people all of them.",
        ],
        className="family-or",
    )
    return [
        html.Ul(cards, className=f"family-cards{' family-cards-empty' if is_empty else ''}"),
        more,
        *((sample,) if is_empty and not held and has_sample else ()),
        html.P(FORGOTTEN, className="hint"),
    ]


def groups(shown: Sequence[PhotoRecord], asked: Sequence[PersonAsked], picked: FacePlace | None) -> list[html.Section]:
    """Pictures of several people: each face a numbered button, with the name of whom it was given to."""
    owner = {face: one.name for one in asked for face in one.faces}
    return [_group(photo, owner, picked) for photo in shown]


def button(word: str, act: str, kind: str, *, key: str = "", value: str = "", label: str = "") -> html.Button:
    """A button that assets/family.js hears."""
    said = {"data-family": act, "data-key": key, "data-value": value, "aria-label": label}
    return html.Button(
        word, type="button", className=f"btn {kind}", **{name: text for name, text in said.items() if text}
    )


def _card(
    one: PersonAsked, photos: dict[str, PhotoRecord], is_picked: bool, is_empty: bool, n_children: int
) -> html.Section:
    title: list = [html.H2(_WHAT[one.role])] if one.role in ("mother", "father") else [_name(one)]
    if one.role == "relative" or (one.role == "child" and n_children > 1):
        title.append(
            html.Button(
                "×",
                type="button",
                className="family-leave",
                title=f"Leave {one.name} out",
                **{"data-family": "leave", "data-key": one.key, "aria-label": f"Leave {one.name} out"},
            )
        )
    faces = [html.Li(_face(one, face, photos.get(face.photo))) for face in one.faces]
    parts: list = [html.Div(title, className="family-title")]
    if faces:
        parts.append(html.Ul(faces, className="family-faces"))
    if is_picked:
        parts.append(button("Put the face here", "put", "btn-primary btn-sm", key=one.key))
    elif len(one.faces) < MOST_FACES:
        first = is_empty and one.role == "child"
        if not one.faces:
            parts.append(html.P("Drop pictures here, one or several.", className="family-drop"))
        words = "Add pictures" if one.faces else "Choose pictures"
        kind = f"{'btn-primary' if first else 'btn-outline-secondary'} btn-sm"
        parts.append(button(words, "choose", kind, key=one.key, label=f"{words} of {one.name}"))
    if one.role == "child" and one.faces:
        parts.append(_about(one))
    return html.Section(
        parts,
        className=f"family-card{' family-card-target' if is_picked else ''}",
        **{"data-slot": one.key, "aria-label": one.name},
    )


def _name(one: PersonAsked) -> html.Div:
    field = dbc.Input(id=f"family-name-{one.key}", value=one.name, maxlength=60, debounce=True)
    return html.Div(
        [html.Label(f"Name of the {one.role}", htmlFor=f"family-name-{one.key}", className="visually-hidden"), field],
        className="family-name",
        **{"data-name-of": one.key},
    )


def _about(one: PersonAsked) -> html.Div:
    """What is said of a child; nothing of it is guessed from the face."""
    sexes = [
        html.Button(
            word,
            type="button",
            className="family-choice",
            **{
                "data-family": "sex",
                "data-key": one.key,
                "data-value": sex,
                "aria-pressed": str(one.sex == sex).lower(),
            },
        )
        for sex, word in _SEXES
    ]
    young = html.Button(
        "Small child",
        type="button",
        className="family-choice family-young",
        **{"data-family": "young", "data-key": one.key, "aria-pressed": str(one.young).lower()},
    )
    group = html.Div(sexes, className="family-choices", role="group", **{"aria-label": f"{one.name} is a"})
    return html.Div([group, young], className="family-about")


def _face(one: PersonAsked, face: FacePlace, photo: PhotoRecord | None) -> html.Div:
    name = photo.name if photo is not None else "this picture"
    return html.Div(
        [
            html.Img(
                src=f"/photos/{face.photo}/{face.number}",
                alt=f"{one.name} in {name}",
                title=name,
                width="64",
                height="64",
            ),
            html.Button(
                "×",
                type="button",
                className="thumb-close",
                title=f"Take {name} away from {one.name}",
                **{
                    "data-family": "away",
                    "data-photo": face.photo,
                    "data-face": str(face.number),
                    "aria-label": f"Take {name} away from {one.name}",
                },
            ),
        ],
        className="thumb-box",
    )


def _group(photo: PhotoRecord, owner: dict[FacePlace, str], picked: FacePlace | None) -> html.Section:
    marks = []
    for face in photo.faces:
        place = FacePlace(photo.id, face.number)
        name = owner.get(place, "")
        marks.append(
            html.Button(
                html.Span(f"{face.number} {name}".strip()),
                type="button",
                className=f"photo-face family-mark{' family-mark-given' if name else ''}",
                style={
                    "left": f"{100 * face.left:.2f}%",
                    "top": f"{100 * face.top:.2f}%",
                    "width": f"{100 * face.width:.2f}%",
                    "height": f"{100 * face.height:.2f}%",
                },
                draggable="true",
                **{
                    "data-family": "pick",
                    "data-photo": photo.id,
                    "data-face": str(face.number),
                    "aria-pressed": str(place == picked).lower(),
                    "aria-label": f"Face {face.number}{f', {name}' if name else ''}",
                },
            )
        )
    if picked is not None and picked.photo == photo.id:
        said = f"Face {picked.number}: now say who it is, with “Put the face here”."
    else:
        said = "Press a face, then say who it is; or drag it to a person."
    forget = html.Button(
        "×",
        type="button",
        className="thumb-close",
        title=f"Forget {photo.name}",
        **{"data-family": "drop-group", "data-photo": photo.id, "aria-label": f"Forget {photo.name}"},
    )
    stage = html.Div(
        [
            html.Img(
                src=f"/photos/{photo.id}",
                alt=f"{photo.name}: its faces numbered from left to right",
                width=str(photo.width),
                height=str(photo.height),
            ),
            *marks,
            forget,
        ],
        className="photo-stage" + (" photo-stage-crowd" if len(photo.faces) > 8 else ""),
        style={"--ratio": f"{photo.width / photo.height:.4f}"},
    )
    return html.Section(
        [stage, html.P(said, className="soft", role="status")],
        className="family-group",
        **{"aria-label": photo.name},
    )
