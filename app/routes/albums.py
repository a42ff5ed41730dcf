"""Pictures of an album on their way in, one request each, so that a folder of any size arrives piece by piece and each
picture is answered for; and an album's faces as a file to keep."""

from __future__ import annotations

import flask

from app.routes.media import content_disposition
from app.services import DramatisError, albums


def register(server: flask.Flask) -> None:
    """Adds the routes below /album-pictures and /album-files/ to `server`."""
    server.add_url_rule("/album-pictures", "album_pictures_begin", begin, methods=["POST"])
    server.add_url_rule("/album-pictures/<album_id>", "album_pictures_add", add, methods=["POST"])
    server.add_url_rule("/album-files/<token>/faces.csv", "album_files_csv", faces_csv)


def begin() -> tuple[flask.Response, int]:
    """{id} of a new album to send pictures for, or {error: sentence}."""
    try:
        return flask.jsonify(id=albums.begin()), 201
    except DramatisError as error:
        return flask.jsonify(error=str(error)), 500


def add(album_id: str) -> tuple[flask.Response, int]:
    """Takes the raw bytes of the picture that is called ?path=: {path} or {error: the reason}."""
    if (flask.request.content_length or 0) > albums.MAX_PICTURE_BYTES:
        return flask.jsonify(error=albums.TOO_LARGE), 413
    try:
        content = flask.request.get_data(cache=False)
        return flask.jsonify(path=albums.add_picture(album_id, flask.request.args.get("path", ""), content)), 200
    except DramatisError as error:
        return flask.jsonify(error=str(error)), 400


def faces_csv(token: str) -> flask.Response:
    """Every face of the album and whose it is."""
    try:
        found = albums.faces_csv(token)
    except DramatisError as error:
        return flask.Response(f"{error}\n", status=404, mimetype="text/plain", headers={"Cache-Control": "no-store"})
    answer = flask.Response(found.text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition(found.title, "csv", "faces")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
