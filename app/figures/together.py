"""Who appears with whom: a table of colours, a row and a column a person."""

from __future__ import annotations

from app.figures.screen_time import plain
from app.figures.theme import Figure, Palette, figure, shortened
from app.services.film_views import FilmView
from app.services.screen_time import Together
from app.words import clock

CELL_PX = 22


def together_chart(view: FilmView, together: Together, colours: Palette) -> Figure:
    """Seconds that each two people share; the diagonal, and pairs that never meet, stay empty."""
    n = len(together.seconds)
    people = view.people[:n]
    cells = [[_cell(together, i, j) for j in range(n)] for i in range(n)]
    labels = [plain(shortened(person.name, 22)) for person in people]
    axis = {"tickvals": list(range(n)), "ticktext": labels, "showgrid": False, "showline": False}
    trace = {
        "type": "heatmap",
        "x": list(range(n)),
        "y": list(range(n)),
        "z": cells,
        "text": [[_words(people[i].name, people[j].name, cells[i][j]) for j in range(n)] for i in range(n)],
        "hoverinfo": "text",
        "hoverongaps": False,
        "xgap": 1,
        "ygap": 1,
        "colorscale": [[0.0, _mixed(colours.raised, colours.accent, 0.12)], [1.0, colours.accent]],
        "zmin": 0,
        "showscale": False,
        "meta": {"people": [person.place for person in people]},
    }
    return figure(
        [trace],
        colours,
        height=n * CELL_PX + 170,
        plot_bgcolor=_mixed(colours.raised, colours.line, 0.35),
        margin={"l": 8, "r": 72, "t": 8, "b": 8},
        xaxis={**axis, "tickangle": -60, "side": "top", "range": [-0.5, n - 0.5]},
        yaxis={**axis, "range": [n - 0.5, -0.5], "tickfont": {"color": colours.text, "size": 12}},
    )


def _cell(together: Together, i: int, j: int) -> float | None:
    seconds = round(together.seconds[i][j], 2)
    return None if i == j or seconds == 0 else seconds


def _words(one: str, other: str, seconds: float | None) -> str:
    return "" if seconds is None else f"<b>{plain(one)}</b> and <b>{plain(other)}</b><br>{clock(seconds)} together"


def _mixed(ground: str, ink: str, share: float) -> str:
    """
    >>> _mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = [(int(ground[k : k + 2], 16), int(ink[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in pairs)
