"""The answer to "why is this person said to be here?", in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from app.services.questions import Crop, Question
from app.services.sureness import PERHAPS
from app.words import chance, clock, count

_LEAST_TOLD, _LEAST_TOLD_S = 0.01, 0.05


def answer(question: Question) -> html.Div:
    """Who, when, and what speaks for it."""
    start, end = clock(question.start_s), clock(question.end_s)
    length = f"{question.end_s - question.start_s:.1f} s"
    hard = f" · {question.hard_s:.1f} s of it hard to see" if question.hard_s >= _LEAST_TOLD_S else ""
    return html.Div(
        [
            html.H3(question.name, className="question-name"),
            html.P(
                [
                    html.Button(
                        f"{start} – {end}", type="button", className="link", **{"data-seek": str(question.start_s)}
                    ),
                    f" · {length} · {count(question.n_tracks, 'shot', 'shots')}{hard}",
                ],
                className="question-when",
            ),
            html.P(reason(question).replace(" %", "\u00a0%"), className="question-reason"),
            scale(question),
            html.H4(_heading(question), className="question-faces"),
        ],
        className="question",
    )


def reason(question: Question) -> str:
    """One or two sentences: how sure the answer is, or of older analyses how near."""
    by_hand = "You gave this name. " if question.named_by_hand else ""
    return by_hand + (by_chance(question) if question.chances is not None else by_distance(question))


def by_chance(question: Question) -> str:
    """How sure the answer is, and who else it may be. Whoever is less than 1 % likely is left out."""
    need = f"need {chance(question.least)}"
    nobody = ("nobody of the cast", question.nobody)
    if question.kind == "known":
        (_, own), *others = question.chances
        rest = _rest([*others, nobody])
        return _capital(f"{chance(own)} sure it is {question.name}{rest and '; '}{rest}. Names {need}.")
    first, likelihood = question.chances[0] if question.chances else ("", 0.0)
    if likelihood < PERHAPS:
        rest = _rest(question.chances)
        sure = f"{chance(question.nobody)} sure it is nobody of the cast{rest and '; '}{rest}"
        return _capital(f"{sure}. Names {need}.")
    rest = _rest([*question.chances[1:], nobody])
    others = f" {_capital(rest)}." if rest else ""
    if likelihood < question.least:
        return f"Perhaps {first} ({chance(likelihood)}), but names {need}.{others}"
    return (
        f"Likely {first} ({chance(likelihood)}), but another face in the same picture is {first} more surely, or these "
        f"are too far from {_whose(first)} pictures.{others}"
    )


def _rest(others: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {chance(of)}" for name, of in others if of >= _LEAST_TOLD)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def by_distance(question: Question) -> str:
    """What an analysis without probabilities knows. Distances are between faces, small is near."""
    name, limit = question.name, f"names are given up to {question.limit:.3g}"
    if not question.gallery and not question.compared:
        return "The film was analysed without a cast, so these faces were compared with each other alone."
    if not question.compared:
        return "This analysis is older than the comparison shown here; analyse the film again to see it."
    if question.kind == "known":
        own = "" if question.distance is None else f"{question.distance:.2f} from {_whose(name)} pictures; "
        other = "nobody else of the cast is near; "
        if question.nearest:
            other = f"next is {question.nearest[0][0]} at {question.nearest[0][1]:.2f}; "
        return own + other + limit + "."
    if not question.nearest:
        return f"These faces are near to nobody of the cast in particular; {limit}."
    (first, nearest_s), *rest = question.nearest
    then = f", then {rest[0][0]} at {rest[0][1]:.2f}" if rest else ""
    if nearest_s <= question.limit:
        why = (
            "All appearances that look like one person are judged together, and together they are too far, or "
            f"{first} stands elsewhere in the same picture."
        )
    else:
        why = "That is too far for a name."
    return f"Nearest of the cast is {first} at {nearest_s:.2f}{then}; {limit}. {why}"


def scale(question: Question) -> html.Div | None:
    """The distances on one line, from 0 to 1, with the limit for names where they were given by it."""
    marks = [(question.name, question.distance, "own")] if question.distance is not None else []
    marks += [(name, distance, "other") for name, distance in question.nearest]
    if not marks:
        return None
    limit = html.Span(className="scale-limit", style={"width": _at(question.limit)})
    return html.Div(
        [
            html.P("Distance from the pictures; small is near.", className="scale-what"),
            html.Div(
                [
                    *([limit] if question.chances is None else []),
                    *(
                        html.Span(className=f"scale-mark is-{kind}", style={"left": _at(distance)})
                        for _, distance, kind in marks
                    ),
                ],
                className="scale-line",
                **{"aria-hidden": "true"},
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            html.Span(className=f"scale-key is-{kind}", **{"aria-hidden": "true"}),
                            html.Span(name, className="scale-name"),
                            html.Span(f"{distance:.2f}", className="scale-number"),
                        ]
                    )
                    for name, distance, kind in marks
                ]
            ),
        ],
        className="scale",
    )


def crops(question: Question) -> list[list[Any]]:
    """[address, moment, words] of each face, for assets/question.js."""
    return [[crop.url, crop.t_s, crop_words(crop, question.name)] for crop in question.crops]


def crop_words(crop: Crop, name: str) -> str:
    """
    >>> crop_words(Crop("", 1.0, 0.9, 0.41, "Bea", 0.63), "Anna")
    'Anna 0.41 · Bea 0.63'
    """
    parts = [] if crop.distance is None else [f"{name} {crop.distance:.2f}"]
    parts += [] if crop.next_name is None else [f"{crop.next_name} {crop.next_distance:.2f}"]
    return " · ".join(parts)


def _heading(question: Question) -> str:
    if not question.crops:
        return "No face was clear enough to compare"
    return count(len(question.crops), "face was compared", "faces were compared")


def _whose(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _at(distance: float) -> str:
    return f"{100 * min(max(distance, 0.0), 1.0):.1f}%"
