"""The faces of an album, one a line, for spreadsheets and for programs that write regions into pictures' XMP."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from engine.exports.screentime_csv import harmless
from engine.store.albums import NO_NUMBER, AlbumPicture
from engine.types import Analysis

COLUMNS = ("path", "person", "kind", "x1", "y1", "x2", "y2", "width", "height")
SHARES = ("left", "top", "w", "h", "centre_x", "centre_y")
"""Shares of the upright picture's width and height, 0 to 1: left, top, w and h are a region of Microsoft's schema (MP),
centre_x, centre_y, w and h one of the Metadata Working Group's (MWG)."""


def album_csv(analysis: Analysis, pictures: Sequence[AlbumPicture]) -> str:
    """Every face of every picture, pictures by path, faces from left to right; equal pictures have equal lines. Boxes
    are in pixels of the upright picture, cut off at its edges. Pictures without a face have no line."""
    of_person = {person.id: person for person in analysis.people}
    of_picture: dict[int, list[list[str]]] = {}
    size_of = {one.number: (one.width, one.height) for one in pictures}
    for track in analysis.tracks:
        number = int(track.start_s)
        person = of_person.get(analysis.person_of_track.get(track.id, ""))
        if person is None or number not in size_of:
            continue
        row = [harmless(person.name), person.kind, *_box(track.boxes_xyxy[0].tolist(), *size_of[number])]
        of_picture.setdefault(number, []).append(row)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *SHARES])
    for one in pictures:
        if one.number != NO_NUMBER:
            writer.writerows([harmless(one.path), *row] for row in of_picture.get(one.number, ()))
    return text.getvalue()


def _box(box_xyxy: Sequence[float], width: int, height: int) -> list[str]:
    x1, x2 = (min(max(0.0, x), width) for x in (box_xyxy[0], box_xyxy[2]))
    y1, y2 = (min(max(0.0, y), height) for y in (box_xyxy[1], box_xyxy[3]))
    w, h = (x2 - x1) / width, (y2 - y1) / height
    shares = (x1 / width, y1 / height, w, h, x1 / width + w / 2, y1 / height + h / 2)
    return [*(f"{value:.1f}" for value in (x1, y1, x2, y2)), str(width), str(height), *(f"{v:.6f}" for v in shares)]
