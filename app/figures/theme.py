"""How charts look: the page's own colours in both themes, thin lines, no boxes. Figures are plain dicts, as Plotly.js
reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.words import clock

Figure = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of assets/dramatis.css that charts use, and those of data: `people` tells up to eight people apart,
    neighbours also by brightness; `others` is everyone else."""

    text: str
    soft: str
    line: str
    raised: str
    accent: str
    known: str
    unknown: str
    people: tuple[str, ...]
    others: str


LIGHT = Palette(
    text="#1d1a1b",
    soft="#5b5456",
    line="#e2dcd6",
    raised="#ffffff",
    accent="#7a1f3d",
    known="#1f5f6b",
    unknown="#8a4b08",
    people=("#1f5f6b", "#c98a2b", "#7a1f3d", "#6f9a4a", "#3f4f8f", "#d07a6a", "#4ba3a3", "#8d6bb0"),
    others="#c9c2bd",
)
DARK = Palette(
    text="#f1ecec",
    soft="#b5abae",
    line="#3a3336",
    raised="#211d1f",
    accent="#f0a3b9",
    known="#8fd0dc",
    unknown="#f0b877",
    people=("#8fd0dc", "#c07f2c", "#f0a3b9", "#6f9a4a", "#a9b4f0", "#c0604f", "#4ba3a3", "#b594d6"),
    others="#5b5256",
)

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'


def palette(theme: str | None) -> Palette:
    return DARK if theme == "dark" else LIGHT


def figure(traces: list[dict[str, Any]], colours: Palette, **layout: Any) -> Figure:
    """A chart of these traces in the look of the page; `layout` stands above the template."""
    return {"data": traces, "layout": {"template": template(colours), **layout}}


def template(colours: Palette) -> dict[str, Any]:
    axis = {
        "gridcolor": colours.line,
        "linecolor": colours.line,
        "zeroline": False,
        "tickfont": {"color": colours.soft, "size": 12},
        "title": {"font": {"color": colours.soft, "size": 12}, "standoff": 10},
        "automargin": True,
        # Room between an axis and its words.
        "ticks": "outside",
        "ticklen": 6,
        "tickcolor": colours.raised,
        "fixedrange": True,
    }
    return {
        "layout": {
            "paper_bgcolor": colours.raised,
            "plot_bgcolor": colours.raised,
            "font": {"family": FONT, "size": 12, "color": colours.text},
            "margin": {"l": 8, "r": 24, "t": 12, "b": 40},
            "hoverlabel": {
                "bgcolor": colours.text,
                "bordercolor": colours.text,
                "font": {"color": colours.raised, "family": FONT, "size": 12},
                "align": "left",
            },
            "hovermode": "closest",
            "dragmode": False,
            "showlegend": False,
            "colorway": list(colours.people),
            "xaxis": axis,
            "yaxis": axis,
        }
    }


def clock_ticks(duration_s: float, wanted: int = 8) -> dict[str, list]:
    """Where an axis over a film has its marks, and what they say.

    >>> clock_ticks(70.0, 4)
    {'tickvals': [0, 30, 60], 'ticktext': ['0:00', '0:30', '1:00']}
    """
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
    step = next((step for step in steps if duration_s / step <= wanted), 7200)
    moments = list(range(0, int(duration_s) + 1, step))
    return {"tickvals": moments, "ticktext": [clock(moment, 0) for moment in moments]}


def shortened(name: str, length: int = 28) -> str:
    """
    >>> shortened("Wilhelmina Alexandrina Paulowna", 12)
    'Wilhelmina…'
    """
    return name if len(name) <= length else f"{name[: length - 1].rstrip()}…"
