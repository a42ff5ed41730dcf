"""The work of a person's page: the faces, their map, and the two halves. Frames that assets/person*.js fill."""

from __future__ import annotations

from dash import html

from app.components import point_map
from app.components.person_head import SMALL
from app.components.person_ids import Ids
from app.services.person import PersonView
from app.words import percent

# Key, and what it does: what assets/person_tiles.js and assets/person.js listen to.
KEYS = (
    ("← → ↑ ↓", "go from face to face; with Shift choose on the way"),
    ("Space", "choose a face, or not; with Shift all from the last one on"),
    ("Enter", "the film at this moment"),
    ("Ctrl A", "choose all; Esc none"),
    ("Ctrl Z", "take the last correction back; with Shift make it hold again"),
)


def work(in_album: bool = False) -> list:
    """Tiles with what can be done with the chosen ones, map, and halves."""
    return [
        html.Section(
            [
                html.Div(
                    [
                        html.H2("Faces"),
                        html.Span(id="person-chosen", className="ps-chosen", role="status"),
                        html.Span(className="ps-gap"),
                        html.Div(
                            [
                                _order("time", "By picture" if in_album else "By time", True),
                                _order("odd", "Odd ones first", False),
                            ],
                            className="ps-order",
                            role="group",
                            **{"aria-label": "Order of the faces"},
                        ),
                        html.Div(
                            [_pick("All", "all"), _pick("None", "none"), _pick("Invert", "invert")],
                            className="ps-picks",
                            role="group",
                            **{"aria-label": "Choose faces"},
                        ),
                    ],
                    className="panel-head",
                ),
                html.Ul(
                    id="person-tiles", className="ps-tiles", **{"aria-label": "Faces", "aria-describedby": "ps-keys"}
                ),
                html.Div(
                    [
                        _chosen("Split off as someone else", "split", "btn btn-sm btn-primary"),
                        _chosen("Move to …", "move-open"),
                        html.Button(
                            ["Not ", html.Span(id=Ids.NOT_NAME)],
                            type="button",
                            className=f"{SMALL} ps-not",
                            disabled=True,
                            **{"data-do": "not", "data-chosen": "yes"},
                        ),
                        _chosen("Not a face", "no-face"),
                        _chosen("Delete", "delete", "btn btn-sm btn-outline-danger"),
                    ],
                    className="ps-bar",
                    role="group",
                    **{"aria-label": "What to do with the chosen faces"},
                ),
                html.Details(
                    [
                        html.Summary("Press faces to choose them, with Shift a row of them. All keys"),
                        html.Dl(
                            [
                                html.Div([html.Dt(html.Kbd(key)), html.Dd(what)])
                                for key, what in KEYS
                                if key != "Enter" or not in_album
                            ],
                            id="ps-keys",
                        ),
                    ],
                    className="ps-keys",
                ),
            ],
            className="panel ps-faces",
            **{"aria-label": "Faces"},
        ),
        html.Section(
            [
                html.Div(
                    [
                        html.H2("By likeness"),
                        html.Span(className="ps-gap"),
                        point_map.tools(),
                    ],
                    className="panel-head",
                ),
                *point_map.frame(Ids.MAP, Ids.POINTS),
                html.P(id=Ids.KEPT, className="ps-note"),
            ],
            className="panel ps-likeness",
            **{"aria-label": "Faces by likeness"},
        ),
        html.Section(
            [
                html.Div(
                    [
                        html.H2("Two people in one?"),
                        html.Span(className="ps-gap"),
                        html.Button(
                            "Propose two people",
                            id="person-propose",
                            type="button",
                            className=SMALL,
                            **{"data-do": "propose"},
                        ),
                    ],
                    className="panel-head",
                ),
                html.P(
                    "The faces are divided by likeness; you look at both halves before anything changes.",
                    className="ps-note",
                ),
                html.Div(id="person-halves-frame", className="ps-halves-frame", **{"aria-live": "polite"}),
            ],
            className="panel ps-two",
            **{"aria-label": "Two people in one?"},
        ),
    ]


def _chosen(words: str, act: str, look: str = SMALL) -> html.Button:
    """A button about the chosen faces, which rests until there are some."""
    return html.Button(words, type="button", className=look, disabled=True, **{"data-do": act, "data-chosen": "yes"})


def _pick(words: str, which: str) -> html.Button:
    return html.Button(words, type="button", className="ps-pick", **{"data-pick": which})


def _order(which: str, words: str, on: bool) -> html.Button:
    return html.Button(
        words, type="button", className="ps-pick", **{"data-order": which, "aria-pressed": str(on).lower()}
    )


def kept_words(one: PersonView) -> str:
    """What the map shows, and what it leaves out."""
    if len(one.faces) < 2:
        return "With one face there is nothing to compare."
    return (
        "Points near each other are faces alike; diamonds are hard to see. Draw around some to choose them, "
        "with Shift more, with Alt fewer. "
        f"A plane shows {percent(one.kept)} of what differs."
    )
