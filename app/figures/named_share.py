"""How much of a film's face time has a name, after each answer."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go


def named_share(shares: Sequence[float]) -> go.Figure:
    """A small step line over `shares` (0..1), the first before any answer. Colours are the page's (assets/charts.js
    gives charts theirs; this one is grey in both themes)."""
    grid = {"gridcolor": "rgba(128,128,128,0.2)", "zeroline": False}
    figure = go.Figure(
        go.Scatter(
            x=list(range(len(shares))),
            y=[100 * share for share in shares],
            mode="lines+markers",
            line={"shape": "hv", "color": "#8c7f84", "width": 2},
            marker={"size": 5, "color": "#8c7f84"},
            hovertemplate="after %{x} answers: %{y:.0f} %<extra></extra>",
        )
    )
    figure.update_layout(
        height=110,
        margin={"l": 34, "r": 8, "t": 6, "b": 30},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 11, "color": "#8c7f84"},
        showlegend=False,
        xaxis={"title": {"text": "answers", "standoff": 4}, "tickformat": "d", **grid},
        yaxis={"range": [0, 104], "tickvals": [0, 50, 100], "ticksuffix": " %", **grid},
    )
    return figure
