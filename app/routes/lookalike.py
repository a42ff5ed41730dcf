"""Photos to be looked at, and what is shown of them: one request each, raw bytes in, pictures out. Nothing here is
written to a disk, and nobody on the way may keep it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import flask
from werkzeug.exceptions import RequestEntityTooLarge

from app.components.run_settings import initials
from app.routes.media import content_disposition
from app.services import DramatisError, lookalike, lookalike_galleries, lookalike_pairs
from app.services.lookalike_pairs import Pair


def register(server: flask.Flask) -> None:
    """Adds the routes below /lookalike/ to `server`."""
    for rule, method, view in (
        ("ready", "POST", ready),
        ("photos", "POST", add),
        ("samples/<name>", "POST", add_sample),
        ("forget", "POST", forget),
        ("reading", "GET", show_reading),
        ("samples/<name>", "GET", show_sample),
        ("photos/<photo>", "GET", show_photo),
        ("photos/<photo>/<int:face>", "GET", show_face),
        ("people/<int:row>", "GET", show_person),
        ("why", "GET", show_why),
        ("card", "GET", card),
    ):
        server.add_url_rule(
            f"/lookalike/{rule}", f"lookalike_{view.__name__}", _or_sentence(view, method), methods=[method]
        )


def _or_sentence(view: Callable[..., Any], method: str) -> Callable[..., Any]:
    """The answer of `view`; where there is none the engine's sentence: {error} to what was sent, 404 for a picture."""

    @wraps(view)
    def answer(**arguments: Any) -> Any:
        try:
            return view(**arguments)
        except DramatisError as error:
            if method == "POST":
                return flask.jsonify(error=str(error)), 400
            return f"{error}\n", 404, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
        except RequestEntityTooLarge:
            return flask.jsonify(error=_too_large()), 413

    return answer


def ready() -> flask.Response:
    """{}: once the networks are loaded."""
    lookalike.get_ready()
    return flask.jsonify({})


def add() -> flask.Response | tuple[flask.Response, int]:
    """Takes the raw bytes of one photo called ?name=: {photo} or {error: a sentence}."""
    if (flask.request.content_length or 0) > lookalike.max_photo_bytes():
        return flask.jsonify(error=_too_large()), 413
    name = flask.request.args.get("name", "")
    return flask.jsonify(photo=lookalike.take(flask.request.get_data(cache=False), name))


def add_sample(name: str) -> flask.Response:
    """{photo}: the sample as if it had been sent."""
    return flask.jsonify(photo=lookalike.take_sample(name))


def forget() -> flask.Response:
    """[photo, ...] -> {}: they are forgotten, also those that were already."""
    asked = flask.request.get_json(silent=True, force=True)
    lookalike.forget([one for one in asked if isinstance(one, str)] if isinstance(asked, list) else [])
    return flask.jsonify({})


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


def show_photo(photo: str) -> flask.Response:
    return _picture(lookalike.preview(photo))


def show_face(photo: str, face: int) -> flask.Response:
    return _picture(lookalike.portrait(photo, face))


def show_person(row: int) -> flask.Response:
    """The face of ?person= in ?gallery=."""
    asked = flask.request.args
    return _picture(lookalike_pairs.person_picture(asked.get("gallery", ""), row, asked.get("person", "")))


def show_why() -> flask.Response:
    """The face with the parts coloured that make the likeness."""
    return _picture(lookalike_pairs.why_picture(_asked()))


def card() -> flask.Response:
    """The pair as a picture to keep."""
    asked = _asked()
    answer = _picture(lookalike_pairs.card(asked, initials(asked.person)), "image/png")
    answer.headers["Content-Disposition"] = content_disposition(asked.person.replace("_", " "), "png", "lookalike")
    return answer


def _asked() -> Pair:
    asked = flask.request.args
    number = {name: asked.get(name, "") for name in ("face", "row")}
    face, row = (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1 for text in number.values())
    return Pair(asked.get("photo", ""), face, asked.get("gallery", ""), row, asked.get("person", ""))


def _picture(content: bytes, kind: str = "image/jpeg") -> flask.Response:
    answer = flask.Response(content, mimetype=kind)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _too_large() -> str:
    return f"The photo is larger than {lookalike.max_photo_bytes() // 1_000_000} MB; save it smaller."
