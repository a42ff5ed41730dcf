"""What the family page fetches: the demo's family, a child's parts coloured, a card to keep. Nothing here is written to
a disk, and nobody on the way may keep it."""

from __future__ import annotations

import json
from typing import Any

import flask

from app.routes.media import content_disposition
from app.routes.photos import or_sentence, picture, taken
from app.services import family
from app.services.family_people import PersonAsked, people_of


def register(server: flask.Flask) -> None:
    """Adds the routes below /family/ to `server`."""
    for rule, method, view in (
        ("sample", "GET", show_sample_family),
        ("samples/<name>", "POST", add_sample),
        ("samples/<name>", "GET", show_sample),
        ("parts", "GET", show_parts),
        ("card", "GET", card),
    ):
        server.add_url_rule(f"/family/{rule}", f"family_{view.__name__}", or_sentence(view, method), methods=[method])


def show_sample_family() -> flask.Response:
    """[{key, role, name, sex, young, files}, ...]: the demo's family."""
    return flask.jsonify(family.sample_people())


def add_sample(name: str) -> flask.Response:
    """{photo, faces}: the picture as if it had been sent."""
    return taken(family.take_sample(name))


def show_sample(name: str) -> Any:
    """A picture of the demo's family."""
    path = family.sample(name)
    if path is None:
        return "There is no such picture.\n", 404, {"Content-Type": "text/plain; charset=utf-8"}
    return flask.send_file(path, mimetype="image/jpeg", conditional=True, max_age=3600)


def show_parts() -> flask.Response:
    """The child ?child= of the family ?family= with the parts of the face coloured."""
    return picture(family.parts_picture(*_asked()))


def card() -> flask.Response:
    """The child ?child= of the family ?family= as a picture to keep."""
    content, name = family.card(*_asked())
    answer = picture(content, "image/png")
    answer.headers["Content-Disposition"] = content_disposition(name, "png", "family likeness")
    return answer


def _asked() -> tuple[tuple[PersonAsked, ...], str]:
    """?family= is JSON, as the page's script keeps it."""
    asked = flask.request.args
    try:
        record = json.loads(asked.get("family", ""))
    except (ValueError, RecursionError):
        record = None
    return people_of(record), asked.get("child", "")
