"""Pictures of a cast: one request each, so that a folder of any size arrives piece by piece and each picture is
answered for."""

from __future__ import annotations

import flask

from app.services import DramatisError, galleries


def register(server: flask.Flask) -> None:
    """Adds the routes below /cast-pictures/ to `server`."""
    server.add_url_rule("/cast-pictures/<cast_id>", "cast_pictures_add", add, methods=["POST"])
    server.add_url_rule("/cast-pictures/<cast_id>/<person>/<file>", "cast_pictures_show", show)


def add(cast_id: str) -> tuple[flask.Response, int]:
    """Takes the raw bytes of one picture for ?person=NAME: {file} or {error: the reason}."""
    person = flask.request.args.get("person", "")
    if (flask.request.content_length or 0) > galleries.MAX_PICTURE_BYTES:
        return flask.jsonify(error=f"is larger than {galleries.MAX_PICTURE_MB} MB; save it smaller"), 413
    try:
        return flask.jsonify(file=galleries.add_picture(cast_id, person, flask.request.get_data(cache=False))), 200
    except DramatisError as error:
        return flask.jsonify(error=str(error)), 400


def show(cast_id: str, person: str, file: str) -> flask.Response | tuple[str, int, dict[str, str]]:
    """A small square JPEG of the picture."""
    path = galleries.small_picture(cast_id, person, file)
    if path is None:
        return "There is no such picture any more.\n", 404, {"Content-Type": "text/plain; charset=utf-8"}
    answer = flask.send_file(path, mimetype="image/jpeg", conditional=True, max_age=0)
    # A face: kept by nobody on the way, and asked about again, for a number may come to mean another picture.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
