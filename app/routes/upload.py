"""Films in chunks: begin, send at an offset as often as it takes, finish. Every answer is JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import flask
from werkzeug.exceptions import RequestEntityTooLarge

from app.services import DramatisError, uploads

_Answer = tuple[dict[str, Any], int]


def _or_error(view: Callable[..., _Answer]) -> Callable[..., tuple[flask.Response, int]]:
    """The answer of `view`, or {error: sentence} with the status that fits."""

    @wraps(view)
    def answer(**arguments: Any) -> tuple[flask.Response, int]:
        try:
            found, status = view(**arguments)
        except DramatisError as error:
            found, status = uploads.refusal(error)
        except RequestEntityTooLarge:
            found, status = _too_large()
        return flask.jsonify(found), status

    return answer


def register(server: flask.Flask) -> None:
    """Adds the routes below /upload to `server`."""
    for rule, method, view in (
        ("", "POST", begin),
        ("/<upload_id>", "GET", status),
        ("/<upload_id>", "PUT", append),
        ("/<upload_id>", "DELETE", discard),
        ("/<upload_id>/finish", "POST", finish),
    ):
        server.add_url_rule(f"/upload{rule}", f"upload_{view.__name__}", _or_error(view), methods=[method])


def begin() -> _Answer:
    """{name, size} -> {id, received, chunk_bytes}."""
    match flask.request.get_json(silent=True):
        case {"name": str(name), "size": int(size)}:
            return uploads.begin(name, size), 201
    return {"error": "An upload begins with the name and the size of the file."}, 400


def status(upload_id: str) -> _Answer:
    """{id, received, chunk_bytes}."""
    return uploads.status(upload_id), 200


def append(upload_id: str) -> _Answer:
    """Raw bytes at ?offset=N -> {received}."""
    offset = flask.request.args.get("offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 19):
        return {"error": "A chunk says where in the file it stands: ?offset=N."}, 400
    if (flask.request.content_length or 0) > uploads.CHUNK_BYTES:
        return _too_large()
    return uploads.append(upload_id, int(offset), flask.request.get_data(cache=False)), 200


def discard(upload_id: str) -> _Answer:
    """{}: the upload is forgotten, also when there was none."""
    uploads.discard(upload_id)
    return {}, 200


def finish(upload_id: str) -> _Answer:
    """{film, is_new, analysed_at}; reads the whole file, so it may take a minute."""
    return uploads.finish(upload_id), 200


def _too_large() -> _Answer:
    return {"error": f"A chunk has {uploads.CHUNK_BYTES} bytes at most; send smaller ones."}, 413
