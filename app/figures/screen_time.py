"""How long everybody is on screen: in minutes, and as a share of the film.

The filters of the page act in the browser (assets/charts.js): `meta.people` of a trace says which person of the film
(`PersonView.place`) each of its bars, rows or lines is.
"""

from __future__ import annotations

from unicodedata import east_asian_width

from app.figures.theme import Figure, Palette, clock_ticks, figure, shortened
from app.services.film_views import FilmView
from app.words import clock, count, percent

ROW_PX = 24
MOST_WITH_TEXT = 25
"""Bars that say their time beside them. With more, drawing the words would take longer than all the rest, and the list
of people says it as well. assets/charts.js has the same number."""


def seconds_chart(view: FilmView, colours: Palette) -> Figure:
    """A bar a person, as long as their time on screen."""
    longest = max((person.seconds for person in view.people), default=0.0)
    return _bars(view, colours, [person.seconds for person in view.people], clock_ticks(longest, 6), "time on screen")


def share_chart(view: FilmView, colours: Palette) -> Figure:
    """A bar a person, as long as the part of the film that they are on screen."""
    return _bars(
        view, colours, [100 * person.share for person in view.people], {"ticksuffix": " %"}, "share of the film"
    )


def _bars(view: FilmView, colours: Palette, values: list[float], ticks: dict, title: str) -> Figure:
    people = view.people
    n = len(people)
    labels = [shortened(person.name) for person in people]
    farthest = max(values, default=0.0) * 1.22 or 1.0
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [round(value, 3) for value in values],
        # Positions, not names: two people may have one name.
        "y": list(range(n)),
        "text": [f"{clock(person.seconds)} · {percent(person.share)}" for person in people],
        "textposition": "outside" if n <= MOST_WITH_TEXT else "none",
        "cliponaxis": False,
        "constraintext": "none",
        "textfont": {"color": colours.soft, "size": 11},
        "hovertext": [
            f"<b>{plain(person.name)}</b><br>{clock(person.seconds)}, {percent(person.share)} of the film<br>"
            f"{count(len(person.intervals), 'appearance', 'appearances')}"
            for person in people
        ],
        "hoverinfo": "text",
        "marker": {
            "color": [colours.known if person.kind == "known" else colours.unknown for person in people],
            "pattern": {
                "shape": ["" if person.kind == "known" else "/" for person in people],
                "size": 6,
                "solidity": 0.35,
                "fgcolor": colours.raised,
            },
        },
        "meta": {"people": [person.place for person in people]},
    }
    return figure(
        [trace],
        colours,
        height=n * ROW_PX + 56,
        bargap=0.35,
        # Margins are said, not found out: Plotly draws everything again for each that it finds.
        margin={"l": _room(labels), "r": 24, "t": 12, "b": 52},
        xaxis={
            **ticks,
            "automargin": False,
            "title": {"text": title},
            "range": [0, farthest],
        },
        yaxis={
            "tickvals": list(range(n)),
            "ticktext": [plain(label) for label in labels],
            "automargin": False,
            "range": [n - 0.4, -0.6],
            "showgrid": False,
            "tickfont": {"color": colours.text, "size": 12},
        },
    )


def _room(labels: list[str]) -> int:
    """Pixels that the longest of `labels` takes, generously; letters of East Asia are twice as wide."""
    widths = (sum(2 if east_asian_width(char) in "WF" else 1 for char in label) for label in labels)
    return round(7.2 * max(widths, default=0)) + 20


def plain(name: str) -> str:
    """A name that Plotly shows to the letter: it reads some HTML in texts."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
