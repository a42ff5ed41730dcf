"""Builds the web application: one Flask server behind its checks, with Dash's pages on it."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import dash
import flask

from app import errors, security, services, shell
from app.access import Access, Tokens
from app.components import cast_callbacks, job_callbacks, run_callbacks
from app.routes import albums, casts, family, lookalike, media, photos, upload, vendor

_APP_DIR = Path(__file__).resolve().parent
_ASSETS_DIR = _APP_DIR.parent / "assets"

# The largest request body that is read. A photo of 10 MB arrives as base64 in JSON, a third larger; films come in
# pieces of half this.
MAX_REQUEST_BYTES = 16 * 1024 * 1024


class _Application(dash.Dash):
    """Dash without the address that its developer tools ask for a newer version: no page of Dramatis names another
    host, not even one that it never asks."""

    def interpolate_index(self, config: str = "", **parts: str) -> str:
        config = re.sub(r'"dash_version_url":"[^"]*"', '"dash_version_url":""', config)
        return super().interpolate_index(config=config, **parts)


def create_app(access: Access | None = None) -> dash.Dash:
    """The application; its Flask server is `.server`. `access`: who may come in; by default what the environment says,
    and a token that nobody is told.

    May be called more than once in a process (tests do): Dash then loads the page modules afresh under the same names,
    so that each page stays registered once. Import a page module only after the first call: its registration needs
    the application.
    """
    access = access or Access.from_environment(Tokens())
    server = flask.Flask("app", static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    security.guard(server, access)
    for routes in (vendor, media, upload, casts, albums, photos, lookalike, family):
        routes.register(server)
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
        # The document loads it itself, ahead of every style.
        assets_ignore=r"^theme\.js$",
        serve_locally=True,
        external_stylesheets=[vendor.BOOTSTRAP_CSS],
        # Pages name the shell's ids, and their own, which are not there while another page is shown.
        suppress_callback_exceptions=True,
        on_error=errors.on_error,
        health_endpoint="health",
        enable_mcp=False,
    )
    application.layout = shell.layout(services.version(), user=access.login.name if access.login else None)
    shell.register(application)
    job_callbacks.register(application)
    run_callbacks.register(application)
    cast_callbacks.register(application)
    security.add_headers(server, application.csp_hashes)
    _let_assets_be_kept(server)
    return application


def served_app(access: Access) -> flask.Flask:
    """The server of `create_app`, for a process that does nothing else from now on.

    What is loaded by now stays, so the garbage collector need not look at it again: each time that it did, now and then
    while a page was answered, took a tenth of a second.
    """
    server = create_app(access).server
    gc.collect()
    gc.freeze()
    return server


def _let_assets_be_kept(server: flask.Flask) -> None:
    """Browsers ask for our scripts and styles once for each version, not at each page: Dash puts the time of a file's
    last change into its address."""

    @server.after_request
    def keep(response: flask.Response) -> flask.Response:
        if flask.request.path.startswith("/assets/") and "m" in flask.request.args and response.status_code == 200:
            response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return response
