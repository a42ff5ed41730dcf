"""The list of people of the film page, its filters, and the panel that answers why somebody is there."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import dcc, html

from app.components.film_ids import Film
from app.services.film_views import FilmView
from app.words import percent

LAST_STEP = 20
"""Of the slider for the shortest time; assets/film.js knows the seconds of each step."""

HARD = (
    "A face is hard to see while it is tiny, turned away, dark or blurred. Off: list, timeline, charts, report, CSV "
    "and JSON leave such moments out; the boxes in the picture stay."
)


def people(view: FilmView, clear_only: bool = False) -> html.Section:
    """The frame of the list; assets/people.js puts one row a person into it, and hides those filtered out. Passers-by
    come last, behind a row that unfolds them."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("People"),
                    html.Span(id="film-people-count", className="whos-count", role="status"),
                ],
                className="panel-head",
            ),
            filters(view, clear_only),
            html.Div(
                [
                    html.Table(
                        [
                            html.Caption("People by time on screen, longest first", className="visually-hidden"),
                            html.Colgroup([html.Col(className="col-face"), html.Col(), html.Col(className="col-time")]),
                            html.Thead(
                                html.Tr(
                                    [
                                        html.Th("Picture", scope="col"),
                                        html.Th("Name and appearances", scope="col"),
                                        html.Th("On screen", scope="col"),
                                    ]
                                ),
                                className="visually-hidden",
                            ),
                            html.Tbody(id="film-people-rows"),
                        ],
                        className="whos-table",
                    ),
                    html.P("No one fits these filters.", id="film-people-none", className="whos-none", hidden=True),
                    html.Button(id="film-people-more", type="button", className="whos-more", hidden=True),
                ],
                className="whos-scroll",
                tabIndex="-1",
            ),
        ],
        className="panel fp-people",
        **{"aria-label": "People"},
    )


def filters(view: FilmView, clear_only: bool = False) -> html.Div:
    """They act on list, timeline, boxes and charts at once; the switch for moments that are hard to see also on report
    and files. `clear_only`: it is off."""
    main = f"Those on screen for at least {percent(view.main_share)} of the longest time"
    return html.Div(
        [
            html.Label("Find a name", htmlFor=Film.SEARCH, className="visually-hidden"),
            dbc.Input(id=Film.SEARCH, type="search", size="sm", placeholder="Find a name", autocomplete="off"),
            dbc.Switch(id=Film.UNKNOWNS, label="Without a name", value=True),
            html.Div(
                dbc.Switch(id=Film.MAIN_ONLY, label="Main people only", value=False), className="whos-main", title=main
            ),
            html.Div(
                dbc.Switch(id=Film.HARD, label="Count hard-to-see moments", value=not clear_only),
                className="whos-hard",
                title=HARD,
                hidden=view.clear is None,
            ),
            # Not the slider below: that leaves out anybody, the cast too; this folds strangers and keeps them.
            html.Div(
                [
                    html.Label("Fold strangers under", htmlFor=Film.PASSER_BY),
                    dbc.Input(
                        id=Film.PASSER_BY, type="number", size="sm", min=0, max=600, step=0.5, value=view.passer_by_s
                    ),
                    html.Span("s"),
                ],
                className="whos-fold-limit",
                title="Passers-by: people without a name who are on screen for less than this in all",
            ),
            html.Div(
                [
                    html.Label("At least", htmlFor=Film.SHORTEST),
                    dbc.Input(
                        id=Film.SHORTEST, type="range", min=0, max=LAST_STEP, step=1, value=0, class_name="form-range"
                    ),
                    html.Output("any time", id=Film.SHORTEST_WORDS),
                ],
                className="whos-shortest",
            ),
            html.P(html.Span(id="film-hard-words", role="status"), className="whos-left-out"),
            html.P(
                [
                    # Its place is there from the start, so that what is put into it is read out.
                    html.Span(id="film-main-words", role="status"),
                    html.Button("Show them", id="film-main-all", type="button", className="link", hidden=True),
                ],
                className="whos-left-out",
            ),
        ],
        className="whos-filters",
    )


def inspector() -> html.Aside:
    """Answers why somebody is there, over the list; player and timeline stay in reach."""
    return html.Aside(
        [
            html.Div(
                [
                    html.H2("Why this name?"),
                    html.Span(className="fp-gap"),
                    html.Button("Close", id="film-question-close", type="button", className="tl-whole"),
                ],
                className="panel-head",
            ),
            html.Div(
                [
                    html.Div(id=Film.QUESTION_BODY, **{"aria-live": "polite"}),
                    dcc.Store(id=Film.CROPS),
                    # Filled by assets/question.js: pictures that load only when they are looked at.
                    html.Ol(id="film-crops-list", className="crops"),
                ],
                className="fp-question-body",
                id="film-question-scroll",
            ),
        ],
        id=Film.QUESTION,
        className="panel fp-question",
        hidden=True,
        **{"aria-label": "Why this name?"},
    )
