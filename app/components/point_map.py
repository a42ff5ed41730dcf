"""The frame of a map of faces, which assets/point_map.js draws, and the buttons above it."""

from __future__ import annotations

from dash import dcc, html


def tools() -> html.Div:
    """What a hand does on the map of the same panel: a lasso, unless another button is pressed."""
    buttons = [
        html.Button(
            words, type="button", className="ps-pick", **{"data-drag": way, "aria-pressed": str(way == "lasso").lower()}
        )
        for way, words in (("lasso", "Lasso"), ("box", "Box"), ("move", "Move"))
    ]
    return html.Div(buttons, className="ps-order", role="group", **{"aria-label": "How to draw around faces"})


def frame(map_id: str, points_id: str, tall: bool = False, hidden: bool = False) -> list:
    """The map, and the store of its points (`app.figures.points`). The tiles beside it say the same to whoever does not
    see it."""
    look = "pm-map is-tall" if tall else "pm-map"
    return [dcc.Store(id=points_id), html.Div(id=map_id, className=look, hidden=hidden, **{"aria-hidden": "true"})]
