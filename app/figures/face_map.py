"""The faces of one person as points: near ones are alike."""

from __future__ import annotations

from app.figures.theme import Figure, Palette, figure
from app.services.person import PersonView

HEIGHT_PX = 300
_LARGE, _SMALL, _MANY = 9, 6, 300
_ROOM = 0.12  # around the points, of the longer side: a lasso has to go around the outermost too
_LEAST_SIDE = 0.05  # so that equal faces do not fill the map


def face_map_chart(person: PersonView, colours: Palette) -> Figure:
    """A point for each face that was seen well enough to be compared, with its track as `customdata`; diamonds are
    hard to see. Both axes have one scale, a distance of faces. The browser marks the chosen ones."""
    shown = [face for face in person.faces if face.x is not None and face.y is not None]
    xs, ys = [round(face.x, 4) for face in shown], [round(face.y, 4) for face in shown]
    size = _SMALL if len(shown) > _MANY else _LARGE
    plain = colours.known if person.kind == "known" else colours.unknown
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": xs,
        "y": ys,
        "customdata": [face.track for face in shown],
        # The browser shows the picture instead.
        "hoverinfo": "none",
        "marker": {
            "size": size,
            "color": plain,
            "opacity": 0.75,
            "symbol": ["diamond" if face.hard else "circle" for face in shown],
            "line": {"width": 1.5 if len(shown) <= _MANY else 1, "color": plain},
        },
        "selected": {"marker": {"color": colours.accent, "opacity": 1, "size": size + 3}},
        "unselected": {"marker": {"opacity": 0.35}},
    }
    side = max(*(max(of, default=0) - min(of, default=0) for of in (xs, ys)), _LEAST_SIDE) * (1 + 2 * _ROOM)
    middle = [(max(of, default=0) + min(of, default=0)) / 2 for of in (xs, ys)]
    hidden = {"showticklabels": False, "showgrid": False, "ticks": "", "automargin": False, "zeroline": False}
    return figure(
        [trace],
        colours,
        height=HEIGHT_PX,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        dragmode="lasso",
        newselection={"line": {"color": colours.accent, "width": 1.5, "dash": "dot"}},
        xaxis={**hidden, "range": [middle[0] - side / 2, middle[0] + side / 2]},
        yaxis={**hidden, "range": [middle[1] - side / 2, middle[1] + side / 2], "scaleanchor": "x"},
    )
