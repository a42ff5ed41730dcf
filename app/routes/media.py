"""What a page fetches of a film: the film with byte ranges, pictures, boxes, and files to keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote

import flask

from app.services import DramatisError, media

# How much of a film one answer holds. A browser that has buffered enough stops reading, and a thread of ours would wait
# until it goes on, for hours where the film is paused; this much always fits into its buffer, and it asks for more when
# it needs more (RFC 9110 section 15.3.7 lets a server send less than was asked for).
FILM_BYTES = 2 * 1024 * 1024

# bytes=A-B and bytes=A-: what browsers send for films. Several ranges and the last N bytes are served as asked.
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")

# With ?analysis=N in the address, a picture or a stretch of boxes stays what it is.
_KEPT_S = 7 * 24 * 3600


def _or_sentence(view: Callable[..., flask.Response]) -> Callable[..., flask.Response]:
    """The answer of `view`; 404 with the engine's sentence where there is none."""

    @wraps(view)
    def answer(**arguments: Any) -> flask.Response:
        try:
            return view(**arguments)
        except DramatisError as error:
            return _sentence(str(error), 404)

    return answer


def register(server: flask.Flask) -> None:
    """Adds the routes below /media/ to `server`."""
    for rule, view in (
        ("film", film),
        ("poster", poster),
        ("person/<path:person_id>", person),
        ("crop/<int:track_id>/<int:index>", crop),
        ("boxes", boxes),
        ("screentime.json", screentime_json),
        ("screentime.csv", screentime_csv),
    ):
        server.add_url_rule(f"/media/<token>/{rule}", f"media_{view.__name__}", _or_sentence(view))


def film(token: str) -> flask.Response:
    """The film, whole or a range of it."""
    found = media.playable(token)
    asked = _RANGE.fullmatch(flask.request.headers.get("Range", ""))
    if asked:
        start = int(asked[1])
        last = min(start + FILM_BYTES - 1, int(asked[2] or start + FILM_BYTES - 1))
        flask.request.environ["HTTP_RANGE"] = f"bytes={start}-{last}" if last >= start else asked[0]
    return _private(flask.send_file(found.path, mimetype=found.content_type, conditional=True))


def poster(token: str) -> flask.Response:
    """A picture that stands for the film."""
    return _picture(media.poster(token))


def person(token: str, person_id: str) -> flask.Response:
    """A person's best face."""
    return _picture(media.person_picture(token, person_id))


def crop(token: str, track_id: int, index: int) -> flask.Response:
    """One face of a track; with ?alone=1 from a page that will not ask for its others."""
    return _picture(media.crop(token, track_id, index, alone=flask.request.args.get("alone") == "1"))


def boxes(token: str) -> flask.Response:
    """Boxes from ?from= to ?to= seconds."""
    try:
        from_s, to_s = (float(flask.request.args.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return _sentence("Say from where to where in seconds: boxes?from=0&to=60.", 400)
    etag = f"{media.boxes_version(token)}-{from_s!r}-{to_s!r}"
    if flask.request.if_none_match.contains(etag):
        answer = flask.Response(status=304)
    else:
        found = media.boxes(token, from_s, to_s)
        answer = flask.jsonify(tracks=found.tracks)
    answer.set_etag(etag)
    return _private(answer)


def screentime_json(token: str) -> flask.Response:
    """The result for other programs."""
    return _download(media.export(token, "json", _clear_only()), "json")


def screentime_csv(token: str) -> flask.Response:
    """The result for spreadsheets."""
    return _download(media.export(token, "csv", _clear_only()), "csv")


def _clear_only() -> bool:
    """Whether the address asks to leave out moments in which a face is hard to see: ?count=clear."""
    return flask.request.args.get("count") == "clear"


def content_disposition(title: str, suffix: str, what: str = "screen time") -> str:
    """Has browsers save a file named after `title`, a film's or a cast's, and `what` is told of it: in plain letters
    for old browsers, as it is for the others (RFC 6266 appendix D, RFC 8187).

    >>> content_disposition("Casa", "csv")
    'attachment; filename="Casa screen time.csv"; filename*=UTF-8\\'\\'Casa%20screen%20time.csv'
    """
    # No character that a file system or a header reads as more than a letter.
    cleaned = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*;%]+', " ", title)
    name = " ".join(f"{cleaned[:120].strip(' .')} {what}".split()) + f".{suffix}"
    # The second form is left for what has letters beyond ASCII.
    plain = " ".join(re.sub(r"[^A-Za-z0-9 ._-]+", " ", name).split())
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _picture(path: Path) -> flask.Response:
    return _private(flask.send_file(path, mimetype="image/jpeg", conditional=True))


def _private(answer: flask.Response) -> flask.Response:
    """Faces are kept by nobody on the way; the browser itself asks each time whether its copy still holds, unless the
    address names the analysis."""
    answer.headers["Cache-Control"] = (
        f"private, max-age={_KEPT_S}" if flask.request.args.get("analysis") else "private, no-cache"
    )
    return answer


def _download(export: media.Export, suffix: str) -> flask.Response:
    answer = flask.Response(export.text, content_type=export.content_type)
    answer.headers["Content-Disposition"] = content_disposition(export.title, suffix)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _sentence(text: str, status: int) -> flask.Response:
    answer = flask.Response(text + "\n", status=status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer
