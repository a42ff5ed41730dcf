"""The two questions of a person's page: whether two people are one, and which of that name is meant."""

from __future__ import annotations

from dash import html

from app.components.person_data import face_of
from app.components.person_ids import Ids
from app.components.questions import question
from app.services.person import PersonPage, Somebody, Together
from app.words import clock, count

_LEAST_BOTH_S = 0.2  # less is the blur of a hand-over from one face to the next


def dialogs() -> list:
    return [
        question(
            Ids.SAME,
            "One and the same?",
            Ids.SAME_BODY,
            (Ids.SAME_NO, "Leave them two"),
            (Ids.SAME_YES, "They are one"),
        ),
        question(
            Ids.NAMESAKE,
            Ids.NAMESAKE_TITLE,
            Ids.NAMESAKE_BODY,
            (Ids.NAMESAKE_NO, "Another person of that name"),
            (Ids.NAMESAKE_YES, "The same person"),
        ),
    ]


def side_by_side(page: PersonPage, found: Together) -> html.Div:
    """Two people side by side, and what they are together."""
    if page.in_album:
        together = f"Together in {count(round(found.seconds), 'picture', 'pictures')}."
        both = f"{count(round(found.both_s), 'picture shows', 'pictures show')} both, so they are hardly one person."
    else:
        together = f"Together {clock(found.seconds)} on screen."
        both = f"For {found.both_s:.1f} s both are visible at the same moment, so they are hardly one person."
    words = [html.P(together)]
    if found.both_s > _LEAST_BOTH_S:
        words.append(html.P(both, className="ps-warning"))
    pair = html.Div([_card(page, found.one), _card(page, found.other)], className="ps-pair")
    return html.Div([pair, *words])


def _card(page: PersonPage, one: Somebody) -> html.Div:
    src = face_of(page, one)
    picture = (
        html.Img(src=src, alt="", className="ps-card-face")
        if src
        else html.Span(one.name[:1].upper(), className="ps-card-face is-letter", **{"aria-hidden": "true"})
    )
    faces = count(one.n_faces, "face", "faces")
    facts = faces if page.in_album else f"{faces}, {clock(one.seconds)}"
    return html.Div(
        [picture, html.Strong(one.name), html.Span(facts, className="soft")],
        className="ps-card",
    )
