"""What an address without a page shows. Dash looks for this page by the name of the module."""

from __future__ import annotations

import dash
from dash import dcc, html


def layout(**_query: str) -> html.Div:
    return html.Div(
        [
            html.H1("There is no page at this address"),
            html.P("It may be misspelt, or come from another version of Dramatis.", className="lead"),
            html.P(dcc.Link("Go to the films", href="/")),
        ],
        className="frame-wide",
    )


dash.register_page(
    "app.pages.not_found_404", path="/not-found", name="Not found", title="Not found - Dramatis", layout=layout
)
