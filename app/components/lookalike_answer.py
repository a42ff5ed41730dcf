"""Who looks like each face: cards of matches, a sentence where there is none, and a pair side by side. Pure: records
in, components out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import html

from app.components.lookalike_ids import Ids
from app.components.lookalike_start import N_FACES
from app.components.run_settings import initials
from app.services.lookalike import Answer, FaceAnswer, MatchRecord
from app.services.lookalike_pairs import Pair, PairRecord
from app.words import count


def answer(found: Answer, n_faces: int = N_FACES) -> list:
    """The faces of a photo side by side, or the one answer for several photos of a person."""
    several = len(found.faces) > 1
    shown = [_face(one, found, several) for one in found.faces[:n_faces]]
    parts: list[Any] = [html.Div(shown, className=f"face-answers{' face-answers-many' if several else ''}")]
    if (more := len(found.faces) - n_faces) > 0:
        label = f"Show {count(min(more, N_FACES), 'more face', 'more faces')} of {len(found.faces)}"
        parts.append(
            html.Button(
                label,
                type="button",
                className="btn btn-outline-secondary",
                **{"data-store": Ids.ACT, "data-act": "more"},
            )
        )
    parts.append(html.P(what_it_means(found), className="hint"))
    return parts


def what_it_means(found: Answer) -> str:
    return (
        f"{count(found.n_people, 'person', 'people')} of {found.gallery} compared. Among so many strangers the nearest "
        f"is at {found.by_chance:.2f} in half of all cases: what is nearer is a likeness, and 0.50 or less may be the "
        "same person. A distance is no probability."
    )


def nobody(one: FaceAnswer, found: Answer) -> str:
    """
    >>> nobody(FaceAnswer((), (), None), Answer((), "actors", "", 0, 0.5, 0.0, ()))
    'Nobody of actors is within a distance of 0.50.'
    """
    said = f"Nobody of {found.gallery} is within a distance of {found.max_distance:.2f}."
    if one.nearest is None:
        return said
    near = one.nearest
    return f"{said} The nearest is {_shown(near.person)} at {near.distance:.2f}, {_unbroken(near.meaning)}."


def failed(sentence: str) -> html.Div:
    """What stands in the answer's place where the gallery cannot be searched, or the photos not taken together."""
    return html.Div(
        [html.P(sentence), html.P("Your photos are still here.", className="soft")], className="problems", role="alert"
    )


def pair(asked: Pair, record: PairRecord) -> list:
    """A face and its match side by side, which parts make the likeness, and the card to share."""
    query = _query(asked)
    name = _shown(record.person)
    figures = [
        _figure(html.Img(src=_portrait(asked.photo, asked.face), alt="The face of the photo"), "The photo"),
        _figure(_person(asked.gallery, asked.row, asked.person, record.has_picture, "tile"), name),
        _figure(html.Img(src=f"/lookalike/why?{query}", alt=f"The face with its parts coloured. {record.why}"), "Why"),
    ]
    return [
        html.Div(figures, className="pair-figures"),
        html.P(
            [html.Strong(f"Distance {record.distance:.2f}: "), f"{_unbroken(record.meaning)}."],
            className="pair-distance",
        ),
        html.P(record.why, className="pair-why"),
        html.P(
            [
                html.Span(className="heat-for", **{"aria-hidden": "true"}),
                "makes the likeness ",
                html.Span(className="heat-against", **{"aria-hidden": "true"}),
                "speaks against it. Found by hiding each part in turn and measuring again.",
            ],
            className="hint",
        ),
        html.Div(
            [
                html.A(
                    "Save the share card",
                    href=f"/lookalike/card?{query}",
                    download="",
                    className="btn btn-primary",
                ),
                html.Span(f"{name}: {record.source}", className="soft"),
            ],
            className="pair-foot",
        ),
    ]


def _face(one: FaceAnswer, found: Answer, several: bool) -> html.Section:
    number = one.faces[0][1]
    if len(one.faces) > 1:
        heading = f"One person in {len(one.faces)} photos"
    else:
        heading = f"Face {number} of {len(found.faces)}" if several else "Who looks like this face"
    head = html.Div(
        [
            *(
                html.Img(src=_portrait(photo, face), alt=f"Face {face}", width="44", height="44", className="head-face")
                for photo, face in one.faces[:6]
            ),
            html.H2(heading),
        ],
        className="face-head",
    )
    if one.matches:
        cards = [html.Li(_card(match, found)) for match in one.matches]
        body: Any = html.Ol(cards, className="matches")
    else:
        body = html.P(nobody(one, found), className="nobody")
    return html.Section([head, body], id=f"lookalike-face-{number}", className="face-answer", **{"aria-label": heading})


def _card(match: MatchRecord, found: Answer) -> html.Button:
    name = _shown(match.person)
    return html.Button(
        [
            html.Span(
                [
                    html.Img(src=_portrait(match.photo, match.face), alt="", width="80", height="80"),
                    _person(found.gallery, match.row, match.person, match.has_picture, "tile"),
                ],
                className="match-pair",
            ),
            html.Span(
                [
                    html.Span(name, className="match-name", title=name),
                    html.Span(
                        [html.Strong(f"{match.distance:.2f}"), f" {_unbroken(match.meaning)}"],
                        className="match-distance",
                    ),
                    html.Span(found.source, className="match-source", title=found.source),
                ],
                className="match-words",
            ),
        ],
        type="button",
        className="match",
        **{
            "aria-label": f"{name}, distance {match.distance:.2f}, {match.meaning}: show side by side",
            "data-store": Ids.ACT,
            "data-act": "open",
            "data-photo": match.photo,
            "data-face": str(match.face),
            "data-gallery": found.gallery,
            "data-row": str(match.row),
            "data-person": match.person,
        },
    )


def _figure(picture: Any, words: str) -> html.Figure:
    return html.Figure([picture, html.Figcaption(words)])


def _person(gallery: str, row: int, person: str, has_picture: bool, name: str) -> Any:
    """The person's picture, or the initials where there is none."""
    if not has_picture:
        return html.Span(
            initials(person), className=name, role="img", **{"aria-label": f"{_shown(person)}, no picture here"}
        )
    address = f"/lookalike/people/{row}?{urlencode({'gallery': gallery, 'person': person})}"
    return html.Img(src=address, alt=_shown(person), width="80", height="80")


def _portrait(photo: str, face: int) -> str:
    return f"/photos/{photo}/{face}"


def _query(asked: Pair) -> str:
    return urlencode(
        {
            "photo": asked.photo,
            "face": asked.face,
            "gallery": asked.gallery,
            "row": asked.row,
            "person": asked.person,
        }
    )


def _shown(person: str) -> str:
    return person.replace("_", " ")


def _unbroken(meaning: str) -> str:
    """No line ends between a number and its sign."""
    return meaning.replace(" %", "\u00a0%")
