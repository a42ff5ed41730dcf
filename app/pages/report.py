"""One film on paper: the same result as on its page, made to be printed."""

from __future__ import annotations

import dash
from dash import html

from app.components.film_report import report
from app.components.film_states import no_film
from app.services import films


def layout(id: str = "", count: str = "", **_query: str) -> html.Div:  # noqa: A002  the names in the address
    """The report of the film whose token is `id`; `count` is "clear" if moments that are hard to see do not count."""
    state = films.film_state(id) if id else None
    found = report(state.view.counted(count == "clear"), state.pictures) if state and state.view else no_film()
    return html.Div(found, className="frame fp-page")


dash.register_page("app.pages.report", path="/report", name="Report", title="Report - Dramatis", layout=layout)
