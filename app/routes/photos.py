"""Photos to be looked at, and what is shown of them: one request each, raw bytes in, pictures out. Nothing here is
written to a disk, and nobody on the way may keep it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import flask
from werkzeug.exceptions import RequestEntityTooLarge

from app.services import DramatisError, photos


def register(server: flask.Flask) -> None:
    """Adds the routes below /photos to `server`."""
    for rule, method, view in (
        ("", "POST", add),
        ("/ready", "POST", ready),
        ("/forget", "POST", forget),
        ("/<photo>", "GET", show_photo),
        ("/<photo>/<int:face>", "GET", show_face),
    ):
        server.add_url_rule(f"/photos{rule}", f"photos_{view.__name__}", or_sentence(view, method), methods=[method])


def or_sentence(view: Callable[..., Any], method: str) -> Callable[..., Any]:
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
    photos.get_ready()
    return flask.jsonify({})


def add() -> flask.Response | tuple[flask.Response, int]:
    """Takes the raw bytes of one photo called ?name=: {photo, faces: how many} or {error: a sentence}."""
    if (flask.request.content_length or 0) > photos.max_photo_bytes():
        return flask.jsonify(error=_too_large()), 413
    name = flask.request.args.get("name", "")
    return taken(photos.take(flask.request.get_data(cache=False), name))


def taken(photo: str) -> flask.Response:
    """{photo, faces}: what a page is told of a photo that is held from now on."""
    return flask.jsonify(photo=photo, faces=len(photos.photo(photo).faces))


def forget() -> flask.Response:
    """[photo, ...] -> {}: they are forgotten, also those that were already."""
    asked = flask.request.get_json(silent=True, force=True)
    photos.forget([one for one in asked if isinstance(one, str)] if isinstance(asked, list) else [])
    return flask.jsonify({})


def show_photo(photo: str) -> flask.Response:
    return picture(photos.preview(photo))


def show_face(photo: str, face: int) -> flask.Response:
    return picture(photos.portrait(photo, face))


def picture(content: bytes, kind: str = "image/jpeg") -> flask.Response:
    """A picture that nobody on the way may keep."""
    answer = flask.Response(content, mimetype=kind)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _too_large() -> str:
    return f"The photo is larger than {photos.max_photo_bytes() // 1_000_000} MB; save it smaller."
