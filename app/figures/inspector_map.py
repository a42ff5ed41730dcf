"""Many faces as points, coloured by whose they are or by a way of grouping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.figures.theme import Figure, Palette, figure

HEIGHT_PX = 420
_LARGE, _SMALL, _MANY = 8, 5, 400
_ROOM = 1.1  # of the points' own side, so that a lasso can go around the outermost


def inspector_map(points: Sequence[Sequence[float]], groups: Sequence[int], colours: Palette) -> Figure:
    """A point for each face in the plane or, with three numbers each, in space; its row is its `customdata`. The groups
    with the most faces have a colour each, as many as the palette tells apart; the rest share one. The browser shows
    the pictures and marks the chosen ones.

    The plane is drawn as SVG: what draws points by WebGL makes code as it goes, which the page's rules forbid."""
    in_space = bool(points) and len(points[0]) == 3
    largest = [group for group, _ in sorted(Counter(groups).items(), key=lambda one: (-one[1], one[0]))]
    of_group = dict(zip(largest, colours.people, strict=False))
    size = _SMALL if len(points) > _MANY else _LARGE
    trace = {
        "mode": "markers",
        "x": [point[0] for point in points],
        "y": [point[1] for point in points],
        "customdata": list(range(len(points))),
        "hoverinfo": "none",
        "marker": {
            "size": size / 2 if in_space else size,
            "color": [of_group.get(group, colours.others) for group in groups],
            "opacity": 0.85,
            "line": {"width": 0},
        },
    }
    bare = {"showticklabels": False, "showgrid": False, "ticks": "", "zeroline": False}
    margin = {"l": 0, "r": 0, "t": 0, "b": 0}
    if in_space:
        trace |= {"type": "scatter3d", "z": [point[2] for point in points]}
        axis = {**bare, "title": {"text": ""}, "showbackground": False, "showspikes": False, "showline": True}
        axis |= {"linecolor": colours.line, "range": [-_ROOM, _ROOM]}
        scene = {"xaxis": axis, "yaxis": axis, "zaxis": axis, "aspectmode": "cube", "dragmode": "orbit"}
        return figure([trace], colours, height=HEIGHT_PX, margin=margin, scene=scene, uirevision="space")
    trace |= {
        "type": "scatter",
        "selected": {"marker": {"color": colours.accent, "opacity": 1, "size": size + 3}},
        "unselected": {"marker": {"opacity": 0.25}},
    }
    axis = {**bare, "automargin": False, "range": [-_ROOM, _ROOM]}
    return figure(
        [trace],
        colours,
        height=HEIGHT_PX,
        margin=margin,
        dragmode="lasso",
        newselection={"line": {"color": colours.accent, "width": 1.5, "dash": "dot"}},
        xaxis=axis,
        yaxis={**axis, "scaleanchor": "x"},
        uirevision="plane",
    )
