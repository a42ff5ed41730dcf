"""The film from start to end: how many people are on screen, and who."""

from __future__ import annotations

import math

from app.figures.screen_time import plain
from app.figures.theme import Figure, Palette, clock_ticks, figure
from app.services.film_views import FilmView
from app.services.screen_time import Presence
from app.words import clock

MOST_APART = 8
"""People who get a colour of their own; assets/charts.js adds the others up."""


def presence_chart(view: FilmView, presence: Presence, colours: Palette) -> Figure:
    """One area a person, stacked: how many people are on screen on average in each stretch of the film."""
    length_s = presence.length_s
    middles = [round((k + 0.5) * length_s, 2) for k in range(len(presence.seconds[0]) if presence.seconds else 0)]
    fullest = max(map(sum, zip(*presence.seconds, strict=True)), default=0.0) / length_s
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "stackgroup": "people",
            "x": middles,
            "y": [round(value / length_s, 3) for value in seconds],
            "name": plain(person.name),
            "line": {"width": 0.5, "shape": "hvh", "color": _colour(colours, i)},
            "fillcolor": _colour(colours, i),
            "hovertemplate": "%{fullData.name}: %{customdata}<extra></extra>",
            "customdata": [f"{value:.1f} s" for value in seconds],
            "meta": {"people": [person.place]},
        }
        for i, (person, seconds) in enumerate(zip(view.people, presence.seconds, strict=True))
    ]
    return figure(
        traces,
        colours,
        height=330,
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "y": -0.18, "x": 0, "traceorder": "normal", "font": {"size": 12}},
        hoverlabel={"bgcolor": colours.raised, "bordercolor": colours.line, "font": {"color": colours.text}},
        meta={"others": colours.others, "people": list(colours.people), "apart": MOST_APART},
        xaxis={
            **clock_ticks(view.duration_s, 10),
            "range": [0, view.duration_s],
            "unifiedhovertitle": {"text": f"about {clock(length_s)} of film"},
            "showgrid": False,
        },
        yaxis={"title": {"text": "people on screen"}, "rangemode": "tozero", "dtick": max(1, math.ceil(fullest / 6))},
    )


def _colour(colours: Palette, i: int) -> str:
    return colours.people[i] if i < MOST_APART else colours.others
