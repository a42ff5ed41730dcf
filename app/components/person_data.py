"""A person's faces as the page's scripts read them: columns, so that two thousand stay small."""

from __future__ import annotations

from typing import Any

from app.services.person import PersonPage, Somebody

_DIGITS = 3  # a millisecond, a thousandth of a distance


def columns(page: PersonPage) -> dict[str, Any] | None:
    """What tiles, halves and pickers need; None where the person is not there. By face, in the order of time: `tracks`,
    `index` of the best face (-1: none), `start` and `seconds`, `hand`, `hard` and `doubt` as 0 or 1, `far` (null:
    no face). `paths` are those of an album's pictures, by face; null for a film. `others` are [id, name, seconds,
    number of faces, address of the picture]."""
    one = page.person
    if one is None:
        return None
    return {
        "token": page.token,
        "analysis": page.analysis_id,
        "id": one.id,
        "name": one.name,
        "pictures": page.pictures,
        "tracks": [face.track for face in one.faces],
        "index": [-1 if face.index is None else face.index for face in one.faces],
        "start": [round(face.start_s, _DIGITS) for face in one.faces],
        "seconds": [round(face.end_s - face.start_s, _DIGITS) for face in one.faces],
        "hand": [int(face.decided) for face in one.faces],
        "hard": [int(face.hard) for face in one.faces],
        "doubt": [int(face.doubtful) for face in one.faces],
        "far": [None if face.far is None else round(face.far, _DIGITS) for face in one.faces],
        "paths": None if page.paths is None else [page.paths.get(int(face.start_s), "") for face in one.faces],
        "others": [
            [other.id, other.name, round(other.seconds, _DIGITS), other.n_faces, face_address(page, other.face)]
            for other in one.others
        ],
    }


def face_address(page: PersonPage, face: tuple[int, int] | None) -> str:
    """Where the picture of a face (track, index) is; "" where there is none to show. It names the analysis, so that a
    browser keeps it."""
    if face is None or not page.pictures:
        return ""
    track, index = face
    return f"/media/{page.token}/crop/{track}/{index}?alone=1&analysis={page.analysis_id}"


def face_of(page: PersonPage, somebody: Somebody) -> str:
    """Where the picture of somebody of the film is, as `face_address`."""
    return face_address(page, somebody.face)
