"""One film on paper: the same result as on its page, made to be printed."""

from __future__ import annotations

import dash
from dash import html

from app.components.film_report import report
from app.components.film_states import no_film
from app.services import films


def layout(id: str = "", **_query: str) -> html.Div:  # noqa: A002  the name in the address
    """The report of the film whose token is `id`."""
    view = films.film_view(id) if id else None
    state = films.film_state(id) if view else None
    return html.Div(report(view, state.pictures) if view and state else no_film(), className="frame fp-page")


dash.register_page("app.pages.report", path="/report", name="Report", title="Report - Dramatis", layout=layout)
