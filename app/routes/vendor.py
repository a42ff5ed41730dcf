"""Bootstrap's style sheet, from the wheel that carries it: Dash Bootstrap Components leave it to their user, and a CDN
would be another host."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

import flask

# With the wheel's version, so that browsers may keep the file for good.
BOOTSTRAP_CSS = f"/vendor/bootstrap.min.css?v={importlib.metadata.version('bootstrap-flask')}"

# As long as HTTP caches are asked to keep anything (RFC 9111 gives no limit; a year is the custom).
_YEAR_S = 365 * 24 * 3600


def _sheet() -> Path:
    # Found without importing the package: its forms and macros are of no use here.
    spec = importlib.util.find_spec("flask_bootstrap")
    assert spec is not None and spec.origin is not None, "bootstrap-flask is in requirements.txt"
    return Path(spec.origin).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"


def register(server: flask.Flask) -> None:
    """Adds the route to `server`."""
    sheet = _sheet()

    @server.get("/vendor/bootstrap.min.css")
    def bootstrap() -> flask.Response:
        answer = flask.send_file(sheet, mimetype="text/css", conditional=True, max_age=_YEAR_S)
        answer.cache_control.immutable = True
        return answer
