"""Who looks like whom, as JSON (``"schema": "dramatis.lookalike/1"``) and as text."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from engine.exports.table import text_table
from engine.identity.calibration import in_words
from engine.pipeline.lookalike import FaceMatches, Lookalikes, Match

SCHEMA = "dramatis.lookalike/1"
_NOTE_LENGTH = 400  # of the licence note in a text, which may be a whole licence; JSON has all of it


def lookalike_json(answer: Lookalikes) -> str:
    """The answer as JSON; distances have four decimals, of five that float32 holds."""
    record = {
        "schema": SCHEMA,
        "photos": [
            {
                "path": photo.name,
                "width": photo.width,
                "height": photo.height,
                "faces": [{"number": f.number, "box": [round(v, 1) for v in f.box_xyxy]} for f in photo.faces],
            }
            for photo in answer.photos
        ],
        "gallery": {
            "name": answer.gallery,
            "note": answer.note,
            "model_id": answer.model_id,
            "people": answer.n_people,
            "faces": answer.n_faces,
        },
        "method": answer.method,
        "max_distance": answer.max_distance,
        "nearest_stranger_by_chance": round(answer.by_chance, 4),
        "faces": [
            {
                "of": [{"photo": photo, "number": face.number} for photo, face in one.faces],
                "matches": [_match(match) for match in one.matches],
                "nearest": None if one.nearest is None else _match(one.nearest),
            }
            for one in answer.faces
        ],
    }
    return json.dumps(record, indent=1, ensure_ascii=False)


def lookalike_text(answer: Lookalikes) -> str:
    """The answer for the terminal: a table for each face, and what its distances mean."""
    parts = [_face_text(one, answer) for one in answer.faces]
    parts.append(
        f"{answer.n_people} people, {answer.n_faces} pictures of the gallery {answer.gallery}, {answer.method}. Among "
        f"so many strangers the nearest is at {answer.by_chance:.2f} in half of all cases: nearer is a likeness, 0.5 "
        "and less may be the same person."
    )
    if answer.note:
        parts.append(textwrap.shorten(answer.note, _NOTE_LENGTH, placeholder=" ..."))
    return "\n\n".join(parts)


def _face_text(one: FaceMatches, answer: Lookalikes) -> str:
    if len(one.faces) > 1:
        head = f"one person in {len(one.faces)} photos"
    else:
        face = one.faces[0][1]
        left, top, right, bottom = (round(value) for value in face.box_xyxy)
        n = len(answer.photos[0].faces)
        head = f"face {face.number} of {n}, {right - left} x {bottom - top} px at {left}, {top}"
    if not one.matches:
        nearest = f"; the nearest is {one.nearest.name} at {one.nearest.distance:.3f}" if one.nearest else ""
        return f"{head}: nobody within {answer.max_distance:g}{nearest}."
    rows = [(match.name, f"{match.distance:.3f}", in_words(match.closer_than_strangers)) for match in one.matches]
    return f"{head}\n{text_table(('person', 'distance', 'that is'), rows)}"


def _match(match: Match) -> dict[str, Any]:
    return {
        "name": match.name,
        "distance": round(match.distance, 4),
        "closer_than_strangers": round(match.closer_than_strangers, 6),
        "meaning": in_words(match.closer_than_strangers),
        "pictures": [
            {"path": picture.path, "sha256": picture.sha256, "distance": round(picture.distance, 4)}
            for picture in match.pictures
        ],
    }
