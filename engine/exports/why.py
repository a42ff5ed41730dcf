"""Which parts of a face make it like somebody, as JSON (``"schema": "dramatis.why/1"``) and as text."""

from __future__ import annotations

import json

from engine.exports.table import text_table
from engine.identity.calibration import in_words
from engine.identity.why import Why
from engine.pipeline.lookalike import Match, Photo, PhotoFace

SCHEMA = "dramatis.why/1"


def why_json(photo: Photo, face: PhotoFace, gallery: str, match: Match, found: Why) -> str:
    """Why `face` of `photo` is like the nearest picture of `match`, as JSON; distances have four decimals."""
    picture = match.pictures[0]
    record = {
        "schema": SCHEMA,
        "photo": {
            "path": photo.name,
            "width": photo.width,
            "height": photo.height,
            "faces": len(photo.faces),
            "face": {"number": face.number, "box": [round(value, 1) for value in face.box_xyxy]},
        },
        "gallery": gallery,
        "person": match.name,
        "picture": {"path": picture.path, "sha256": picture.sha256},
        "distance": round(match.distance, 4),
        "closer_than_strangers": round(match.closer_than_strangers, 6),
        "meaning": in_words(match.closer_than_strangers),
        "parts": [
            {"part": one.part, "change": round(one.change, 4), "effect": round(one.effect, 4)} for one in found.parts
        ],
        "why": found.sentence,
    }
    return json.dumps(record, indent=1, ensure_ascii=False)


def why_text(photo: Photo, face: PhotoFace, match: Match, found: Why) -> str:
    """The same for the terminal: a table of the parts, the strongest first, and what it says."""
    picture = match.pictures[0]
    head = (
        f"face {face.number} of {len(photo.faces)} and {match.name} ({picture.path}): distance {match.distance:.3f}, "
        f"{in_words(match.closer_than_strangers)}"
    )
    rows = [
        (one.part, f"{one.change:+.3f}", f"{one.change - one.effect:+.3f}", f"{one.effect:+.3f}") for one in found.parts
    ]
    table = text_table(("hidden", "from them", "from others", "effect"), rows)
    meant = (
        "How much farther the face moves from the person, and from other people, when a part is hidden. What moves it "
        "farther from the person alone makes the likeness; below zero a part speaks against it."
    )
    return "\n\n".join((head, table, found.sentence, meant))
