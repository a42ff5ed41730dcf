"""Builds the web application: one Flask server behind its checks, with Dash's pages on it."""

from __future__ import annotations

import re
from pathlib import Path

import dash
import flask

from app import security, services, shell

_APP_DIR = Path(__file__).resolve().parent
_ASSETS_DIR = _APP_DIR.parent / "assets"

# The largest request body that is read. A photo of 10 MB arrives as base64 in JSON, a third larger; films do not come
# in one request.
MAX_REQUEST_BYTES = 16 * 1024 * 1024


class _Application(dash.Dash):
    """Dash without the address that its developer tools ask for a newer version: no page of Dramatis names another
    host, not even one that it never asks."""

    def interpolate_index(self, config: str = "", **parts: str) -> str:
        config = re.sub(r'"dash_version_url":"[^"]*"', '"dash_version_url":""', config)
        return super().interpolate_index(config=config, **parts)


def create_app() -> dash.Dash:
    """The application; its Flask server is `.server`.

    May be called more than once in a process (tests do): Dash then loads the page modules afresh under the same names,
    so that each page stays registered once. Import a page module only after the first call: its registration needs
    the application.
    """
    server = flask.Flask("app", static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    security.check_requests(server)
    application = _Application(
        # A fixed name: under Dash(__name__) the page modules would be known by another name than the one Python
        # imports them by, and a later import would register every page a second time.
        "app",
        server=server,
        title="Dramatis",
        update_title=None,
        index_string=shell.INDEX_DOCUMENT,
        use_pages=True,
        pages_folder=str(_APP_DIR / "pages"),
        # They would put the address of the request into the page, for sites that show previews of links.
        include_pages_meta=False,
        assets_folder=str(_ASSETS_DIR),
        serve_locally=True,
        health_endpoint="health",
        enable_mcp=False,
    )
    application.layout = shell.layout(services.version())
    security.add_headers(server, application.csp_hashes)
    return application
