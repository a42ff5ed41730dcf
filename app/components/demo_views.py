"""The demo on the pages: the way in and out of it, and how well its analysis did. Pure: records in, components out."""

from __future__ import annotations

from dash import dcc, html

from app.components.inspector_ids import inspector_address
from app.services.demo import CAST, DemoParts
from app.services.demo_verdict import Verdict
from app.words import count

SHORT = (
    "A trailer of 43 seconds, its cast of ten, an album and a family, all of them rendered people: a minute of work."
)


def offer() -> html.Div:
    """The two ways to begin."""
    return html.Div(
        [
            html.Button(
                "See it with the demo",
                type="button",
                className="btn btn-primary btn-lg",
                **{"data-store": "library-act", "data-act": "demo"},
            ),
            html.Button(
                "Start with my own",
                type="button",
                className="btn btn-outline-secondary btn-lg",
                **{"data-upload": "choose"},
            ),
            html.Span(SHORT, className="soft"),
        ],
        className="demo",
    )


def line(parts: DemoParts, *, is_there: bool) -> html.P | None:
    """What stands below the films: how the demo goes, or comes; nothing where it did not come with the installation."""
    if not is_there:
        return None
    if parts.any:
        links = [
            ("/unknowns", "its strangers"),
            (inspector_address(cast=CAST), "its cast in the inspector"),
            ("/albums", "its album"),
            ("/lookalike", "selfies"),
            ("/family", "a family"),
        ]
        also = [part for href, word in links for part in (dcc.Link(word, href=href), ", ")][:-1]
        return html.P(
            [
                "The demo is in here: the trailer above, ",
                *also,
                ". ",
                _button("Remove everything of it", "demo-remove"),
            ],
            className="soft demo-line",
        )
    return html.P([_button("Bring the demo", "demo"), ": ", SHORT], className="soft demo-line")


def card(verdict: Verdict) -> html.Details:
    """How well it did, in one line, and person by person when opened."""
    found = "both strangers" if verdict.n_found == verdict.n_strangers == 2 else _strangers(verdict)
    said = [
        html.Strong("How well did it do?"),
        html.Span(f"{_share(verdict.f1)} of the cast's seconds right (F1), {found} found."),
    ]
    rows = [
        html.Tr(
            [
                html.Td(person.name.replace("_", " ")),
                html.Td(f"{person.said_s:.2f} s"),
                html.Td(_true(person.least_s, person.most_s)),
            ]
        )
        for person in verdict.people
    ]
    return html.Details(
        [
            html.Summary(said),
            html.P(
                f"The trailer was rendered, so every face's place in every frame is known. Of what was said "
                f"{_share(verdict.precision)} is true, of what is clear to see {_share(verdict.recall)} was found; a "
                f"person's seconds are off by {verdict.error_s:.2f} s in the median. "
                f"{count(verdict.n_said, 'stranger was', 'strangers were')} said, "
                f"{_share(verdict.purity)} of their seconds one person's.",
                className="soft",
            ),
            html.Table(
                [
                    html.Thead(html.Tr([html.Th("Person"), html.Th("Said"), html.Th("True")])),
                    html.Tbody(rows),
                ],
                className="demo-truth",
            ),
        ],
        className="panel demo-card",
    )


def _strangers(verdict: Verdict) -> str:
    return f"{verdict.n_found} of {count(verdict.n_strangers, 'stranger', 'strangers')}"


def _share(share: float) -> str:
    """A share to a tenth of a percent: all of it is near the whole."""
    return f"{100 * share:.1f} %"


def _true(least_s: float, most_s: float) -> str:
    """True seconds: two numbers where a part of them is hard to see."""
    return f"{most_s:.2f} s" if most_s - least_s < 0.005 else f"{least_s:.2f} to {most_s:.2f} s"


def _button(word: str, act: str) -> html.Button:
    data = {"data-store": "library-act", "data-act": act}
    return html.Button(word, type="button", className="link-button", **data)
