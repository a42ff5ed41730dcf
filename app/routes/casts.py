"""Pictures of a cast, one request each, so that a folder of any size arrives piece by piece and each picture is
answered for; zips and lists of them; and a cast as one file."""

from __future__ import annotations

import flask

from app.routes.media import content_disposition
from app.services import DramatisError, galleries, gallery_files, ready_galleries


def register(server: flask.Flask) -> None:
    """Adds the routes below /cast-pictures/ and /cast-files/ to `server`."""
    server.add_url_rule("/cast-pictures/<cast_id>", "cast_pictures_add", add, methods=["POST"])
    server.add_url_rule("/cast-pictures/<cast_id>/zip", "cast_pictures_zip", add_zip, methods=["POST"])
    server.add_url_rule("/cast-pictures/<cast_id>/<person>/<file>", "cast_pictures_show", show)
    server.add_url_rule("/cast-files/list", "cast_files_list", read_list, methods=["POST"])
    server.add_url_rule("/cast-files/export", "cast_files_export", export)


def add(cast_id: str) -> tuple[flask.Response, int]:
    """Takes the raw bytes of one picture for ?person=NAME: {file} or {error: the reason}."""
    person = flask.request.args.get("person", "")
    if (flask.request.content_length or 0) > galleries.MAX_PICTURE_BYTES:
        return flask.jsonify(error=f"is larger than {galleries.MAX_PICTURE_MB} MB; save it smaller"), 413
    try:
        return flask.jsonify(file=galleries.add_picture(cast_id, person, flask.request.get_data(cache=False))), 200
    except DramatisError as error:
        return flask.jsonify(error=str(error)), 400


def add_zip(cast_id: str) -> tuple[flask.Response, int]:
    """Takes pictures out of the zip that was sent as ?upload=ID, from number ?from=N on, for a second or two:
    {n, next, problems} or {error: sentence}."""
    start = flask.request.args.get("from", "")
    if not (start.isascii() and start.isdigit() and len(start) < 10):
        return flask.jsonify(error="A zip is taken from one of its pictures on: ?from=0."), 400
    try:
        return flask.jsonify(gallery_files.take_zip(cast_id, flask.request.args.get("upload", ""), int(start))), 200
    except DramatisError as error:
        return flask.jsonify(error=str(error)), 400


def read_list() -> tuple[flask.Response, int]:
    """Reads a CSV of person and picture, called ?name=: {rows, problems} or {error: sentence}."""
    called = flask.request.args.get("name", "")
    try:
        return flask.jsonify(gallery_files.read_list(flask.request.get_data(cache=False), called)), 200
    except DramatisError as error:
        return flask.jsonify(error=str(error)), 400


def export() -> flask.Response:
    """The cast ?name= as one file to keep, with ?pictures=1 its pictures too; a sentence where there is none."""
    asked = flask.request.args
    try:
        found = gallery_files.export(asked.get("name", ""), asked.get("pictures") == "1")
    except DramatisError as error:
        return flask.Response(f"{error}\n", status=404, mimetype="text/plain", headers={"Cache-Control": "no-store"})
    # Handed over piece by piece, and closed, which is its end, when the last one is sent or the browser leaves.
    answer = flask.send_file(found.content, mimetype="application/zip", etag=False)
    answer.content_length = found.n_bytes
    answer.headers["Content-Disposition"] = content_disposition(found.name, "gallery", "")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def show(cast_id: str, person: str, file: str) -> flask.Response | tuple[str, int, dict[str, str]]:
    """A small square JPEG of the picture, or one that was fetched for a gallery that comes with Dramatis."""
    if cast_id == ready_galleries.FOLDER:
        path = ready_galleries.picture(f"{person}/{file}")
    else:
        path = galleries.small_picture(cast_id, person, file)
    if path is None:
        return "There is no such picture any more.\n", 404, {"Content-Type": "text/plain; charset=utf-8"}
    answer = flask.send_file(path, mimetype="image/jpeg", conditional=True, max_age=0)
    # A face: kept by nobody on the way, and asked about again, for a number may come to mean another picture.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
