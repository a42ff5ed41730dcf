"""The charts of the film page: one frame, the figure chosen above it, and the same in words beside it."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import dcc, html

from app.components.film_ids import Film
from app.figures.presence import presence_chart
from app.figures.screen_time import seconds_chart, share_chart
from app.figures.theme import Figure, palette
from app.figures.together import together_chart
from app.services import screen_time
from app.services.film_views import FilmView
from app.words import clock, count, listed, percent

KINDS = {
    "seconds": "Time on screen",
    "share": "Share of the film",
    "together": "Who with whom",
    "presence": "Over the film",
}
N_NAMED = 3


def charts() -> html.Section:
    """Figures are asked for when the frame comes into view, one at a time."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Charts"),
                    dbc.RadioItems(
                        id=Film.CHART_KIND,
                        options=[{"label": label, "value": kind} for kind, label in KINDS.items()],
                        value="seconds",
                        inline=True,
                        class_name="chart-kinds",
                    ),
                    html.Span(className="fp-gap"),
                    html.Button("PNG", id=Film.PNG, type="button", className="tl-whole", title="Save this chart"),
                ],
                className="panel-head",
            ),
            dcc.Store(id=Film.CHART_WANTED),
            dcc.Store(id=Film.CHART_SOURCE),
            html.Div(
                [
                    # The graph, and the library that draws it, come when they are wanted. Told in words beside it.
                    html.Div(id=Film.CHART_FRAME, className="chart-frame", **{"aria-hidden": "true"}),
                    html.Div(id=Film.CHART_WORDS, className="chart-words"),
                ],
                className="chart-body",
                id="film-chart-body",
            ),
        ],
        className="panel fp-charts",
        **{"aria-label": "Charts"},
    )


def graph() -> dcc.Graph:
    return dcc.Graph(
        id=Film.CHART,
        figure={"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}, "height": 300}},
        config={"displayModeBar": False},
        # assets/charts.js says how wide.
        responsive=False,
    )


def chart(view: FilmView, kind: str, theme: str | None) -> Figure:
    """The figure of one kind, for everybody in the film; the browser leaves out whom the filters leave out."""
    colours = palette(theme)
    match kind:
        case "share":
            return share_chart(view, colours)
        case "together":
            return together_chart(view, screen_time.together(view), colours)
        case "presence":
            return presence_chart(view, screen_time.presence(view), colours)
    return seconds_chart(view, colours)


def words(view: FilmView, kind: str) -> html.Div:
    """What the chart of this kind shows, in sentences and small tables."""
    match kind:
        case "share":
            parts = _share_words(view)
        case "together":
            parts = _together_words(view)
        case "presence":
            parts = _presence_words(view)
        case _:
            parts = _seconds_words(view)
    return html.Div(parts)


def _seconds_words(view: FilmView) -> list:
    if not view.people:
        return [html.P("Nobody is clearly seen in this film.")]
    first, *rest = view.people
    sentence = f"{first.name} is on screen longest: {clock(first.seconds)}, {percent(first.share)} of the film"
    after = listed([f"{person.name} ({clock(person.seconds)})" for person in rest[:2]])
    sentence += f"; next {after}." if after else "."
    total = sum(person.seconds for person in view.people)
    so_far, n = 0.0, 0
    while so_far < 0.8 * total:
        so_far, n = so_far + view.people[n].seconds, n + 1
    parts = [html.P(sentence)]
    if len(view.people) > N_NAMED:
        parts.append(
            html.P(f"{count(n, 'person has', 'people have')} four fifths of all time on screen, of {len(view.people)}.")
        )
    return [*parts, _legend()]


def _share_words(view: FilmView) -> list:
    shares = screen_time.shares(view)
    rows = [
        ("Somebody with a name", shares.named_s, "named"),
        ("Only people without one", shares.strangers_s, "strangers"),
        ("Nobody", shares.nobody_s, "nobody"),
    ]
    return [
        html.P(f"Somebody is on screen for {percent(shares.somebody_s / view.duration_s)} of the film."),
        html.Div(
            [
                html.Span(className=f"is-{kind}", style={"width": f"{100 * seconds / view.duration_s:.2f}%"})
                for _, seconds, kind in rows
            ],
            className="whole-bar",
            **{"aria-hidden": "true"},
        ),
        html.Table(
            html.Tbody(
                [
                    html.Tr(
                        [
                            html.Th([html.Span(className=f"whole-key is-{kind}"), label], scope="row"),
                            html.Td(clock(seconds)),
                            html.Td(percent(seconds / view.duration_s)),
                        ]
                    )
                    for label, seconds, kind in rows
                ]
            ),
            className="small-table",
        ),
        _legend(),
    ]


def _together_words(view: FilmView) -> list:
    together = screen_time.together(view)
    most = together.most
    if most is None:
        sentence = "No two people are ever on screen at once."
    else:
        i, j = most
        sentence = (
            f"{view.people[i].name} and {view.people[j].name} share the most time: {clock(together.seconds[i][j])}."
        )
    left_out = f" The table shows the {len(together.seconds)} people seen longest." if together.n_left_out else ""
    return [
        html.P(sentence + left_out),
        html.Div(
            [
                html.Label(["One", html.Select(id="film-pair-a")]),
                html.Label(["with", html.Select(id="film-pair-b")]),
            ],
            className="pair",
            # Where assets/charts.js begins.
            **{"data-pair": "" if most is None else ",".join(str(view.people[i].place) for i in most)},
            id="film-pair",
        ),
        html.P(id="film-pair-words", className="pair-words", role="status"),
        html.Ol(id="film-pair-moments", className="moments"),
    ]


def _presence_words(view: FilmView) -> list:
    shares = screen_time.shares(view)
    parts = []
    if shares.fullest:
        start, end = shares.fullest
        parts.append(
            html.P(
                [
                    f"At most {count(shares.most, 'person is', 'people are')} on screen at once, for the longest at ",
                    _moment(start),
                    f" ({end - start:.1f} s).",
                ]
            )
        )
    if shares.longest_nobody:
        start, end = shares.longest_nobody
        parts.append(html.P(["The longest stretch with nobody is ", _moment(start), " to ", _moment(end), "."]))
    note = "Each step is the average over one stretch of the film. Click it to go there."
    return [*parts, html.P(note, className="soft")]


def _moment(t_s: float) -> html.Button:
    words = clock(t_s, 0)
    return html.Button(words, type="button", className="link", **{"data-seek": f"{t_s:.3f}"})


def _legend() -> html.P:
    return html.P(
        [
            html.Span([html.Span(className="whole-key is-named"), "of the cast"]),
            html.Span([html.Span(className="whole-key is-strangers"), "not of the cast"]),
        ],
        className="soft chart-legend",
    )
