"""The page shell: what stands around every page, and the HTML document that the pages are loaded into."""

from __future__ import annotations

import dash
from dash import dcc, html

# Dash's own document, plus a language for screen readers, our own icon, the two colour schemes before the first style
# arrives (no white flash in the dark), and a sentence for a browser without JavaScript.
INDEX_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <meta name="color-scheme" content="light dark">
        <title>{%title%}</title>
        <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
        {%css%}
    </head>
    <body>
        <noscript>Dramatis' pages need JavaScript; allow it for this address and load the page again.</noscript>
        {%app_entry%}
        {%config%}
        {%scripts%}
        {%renderer%}
    </body>
</html>
"""


def layout(version: str) -> html.Div:
    """The frame around the page content. `version` is shown at the foot."""
    return html.Div(
        [
            html.A("Skip to the page", href="#content", className="skip-link"),
            html.Header(
                dcc.Link([html.Span(className="mark"), "Dramatis"], href="/", className="brand"),
                className="frame",
            ),
            html.Main(dash.page_container, id="content", className="frame"),
            html.Footer(f"Dramatis {version}, on this machine only.", className="frame"),
        ],
        className="shell",
    )
