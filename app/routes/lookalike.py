"""What the lookalike page fetches: samples, faces of a gallery, which parts make a likeness, a card to keep. Nothing
here is written to a disk, and nobody on the way may keep it."""

from __future__ import annotations

from typing import Any

import flask

from app.components.run_settings import initials
from app.routes.media import content_disposition
from app.routes.photos import or_sentence, picture, taken
from app.services import lookalike, lookalike_galleries, lookalike_pairs
from app.services.lookalike_pairs import Pair


def register(server: flask.Flask) -> None:
    """Adds the routes below /lookalike/ to `server`."""
    for rule, method, view in (
        ("samples/<name>", "POST", add_sample),
        ("reading", "GET", show_reading),
        ("samples/<name>", "GET", show_sample),
        ("people/<int:row>", "GET", show_person),
        ("why", "GET", show_why),
        ("card", "GET", card),
    ):
        server.add_url_rule(
            f"/lookalike/{rule}", f"lookalike_{view.__name__}", or_sentence(view, method), methods=[method]
        )


def add_sample(name: str) -> flask.Response:
    """{photo, faces}: the sample as if it had been sent."""
    return taken(lookalike.take_sample(name))


def show_reading() -> flask.Response:
    """{read, of}: how many pictures of the demo are read and of how many, while they are; else {}."""
    now = lookalike_galleries.reading()
    answer = flask.jsonify({} if now is None else {"read": now[0], "of": now[1]})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def show_sample(name: str) -> Any:
    """A sample's file."""
    path = lookalike.sample(name)
    if path is None:
        return "There is no such sample.\n", 404, {"Content-Type": "text/plain; charset=utf-8"}
    return flask.send_file(path, mimetype="image/jpeg", conditional=True, max_age=3600)


def show_person(row: int) -> flask.Response:
    """The face of ?person= in ?gallery=."""
    asked = flask.request.args
    return picture(lookalike_pairs.person_picture(asked.get("gallery", ""), row, asked.get("person", "")))


def show_why() -> flask.Response:
    """The face with the parts coloured that make the likeness."""
    return picture(lookalike_pairs.why_picture(_asked()))


def card() -> flask.Response:
    """The pair as a picture to keep."""
    asked = _asked()
    answer = picture(lookalike_pairs.card(asked, initials(asked.person)), "image/png")
    answer.headers["Content-Disposition"] = content_disposition(asked.person.replace("_", " "), "png", "lookalike")
    return answer


def _asked() -> Pair:
    asked = flask.request.args
    number = {name: asked.get(name, "") for name in ("face", "row")}
    face, row = (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1 for text in number.values())
    return Pair(asked.get("photo", ""), face, asked.get("gallery", ""), row, asked.get("person", ""))
