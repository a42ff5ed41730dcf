"""The demo against its exact truth: seconds, strangers, and the boxes of the rendered faces by height and yaw.

A rendered film knows where every face is in every frame and how far it is turned, which no annotator does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config import PROJECT_DIR
from engine.errors import EvaluationError
from engine.evaluate.boxes import TrueFace, match_boxes
from engine.evaluate.film_tables import films_record, films_table
from engine.evaluate.films import FilmScore, evaluate_films
from engine.evaluate.folders import film_folder
from engine.exports.table import text_table
from engine.names import name_key
from engine.types import Analysis, Progress, Track, ignore_progress

FOLDER = PROJECT_DIR / "demo"
TRUTH = "trailer_truth.json"
HEIGHTS_PX = ((0, 60), (60, 120), (120, None))
YAWS_DEG = ((0, 30), (30, 60), (60, 101))
"""Classes, from the first and below the second."""
STEP = 2
"""Every second frame is rendered; those between are blends."""


@dataclass(frozen=True, slots=True)
class YawRecall:
    """Faces of ``low_px <= height < high_px`` (None: any above) turned ``low_deg <= |yaw| < high_deg``, of which
    `n_found` of `n_true` lie under a track's box (IoU 0.3 or more)."""

    low_px: int
    high_px: int | None
    low_deg: int
    high_deg: int
    n_found: int
    n_true: int


def evaluate_demo(folder: Path = FOLDER, progress: Progress = ignore_progress) -> dict[str, Any]:
    """Analyses the demo's trailer with its cast and scores it: the record of `films_record`, and ``yaw``, a row for
    each class of height and yaw. Raises EvaluationError."""
    film_folder(folder)
    faces = true_faces(folder / TRUTH)
    kept: list[YawRecall] = []

    def look(_score: FilmScore, analysis: Analysis) -> None:
        kept.extend(recall_by_yaw(faces, analysis.tracks))

    record = films_record(evaluate_films([folder], progress=progress, look=look))
    rows = [
        {
            "height_px": [row.low_px, row.high_px],
            "yaw_deg": [row.low_deg, row.high_deg],
            "n_found": row.n_found,
            "n_true": row.n_true,
        }
        for row in kept
    ]
    return {**record, "yaw": rows}


def true_faces(path: Path) -> list[tuple[TrueFace, float]]:
    """The visible faces of the rendered frames, each with its yaw in degrees, 0 or more. Raises EvaluationError."""
    try:
        truth = json.loads(path.read_text("utf-8"))
        fps = truth["fps"]
        return [
            (
                TrueFace(
                    (face["frame"] + 0.5) / fps,
                    name_key(person["name"]),
                    (face["x1"], face["y1"], face["x2"], face["y2"]),
                    "clear",
                ),
                abs(face["yaw"]),
            )
            for person in truth["people"]
            for face in person["frames"]
            if face["visible"] and face["frame"] % STEP == 0
        ]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path} is not the exact truth of a rendered film ({error}).") from error


def recall_by_yaw(faces: Sequence[tuple[TrueFace, float]], tracks: Sequence[Track]) -> list[YawRecall]:
    """How many of `faces`, each with its yaw, the tracks show: a row for each class of height and yaw with a face."""
    yaw_of = dict(faces)
    matches = match_boxes(list(yaw_of), tracks)
    rows = []
    for low_px, high_px in HEIGHTS_PX:
        for low_deg, high_deg in YAWS_DEG:
            of_class = [
                match
                for match in matches
                if low_px <= match.face.height_px
                and (high_px is None or match.face.height_px < high_px)
                and low_deg <= yaw_of[match.face] < high_deg
            ]
            if of_class:
                n_found = sum(match.track_id is not None for match in of_class)
                rows.append(YawRecall(low_px, high_px, low_deg, high_deg, n_found, len(of_class)))
    return rows


def demo_text(record: dict[str, Any]) -> str:
    """The record of `evaluate_demo` as text."""
    rows = [
        (
            f"{row['height_px'][0]} to {row['height_px'][1]} px"
            if row["height_px"][1]
            else f"{row['height_px'][0]} px and more",
            f"{row['yaw_deg'][0]} to {row['yaw_deg'][1]} degrees",
            f"{row['n_found']} of {row['n_true']}",
            f"{row['n_found'] / row['n_true']:.3f}",
        )
        for row in record["yaw"]
    ]
    return f"{films_table(record)}\n\n{text_table(('rendered faces', 'turned by', 'found', 'recall'), rows)}"
