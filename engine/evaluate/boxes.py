"""Which annotated faces of single frames were found: by height and by visibility.

``boxes.csv`` is ``t_s,person,x1,y1,x2,y2,visibility``: faces from hairline to chin without ears, in pixels of the
upright frame at the film's own size, in frames drawn at random.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from engine.errors import EvaluationError
from engine.names import name_key
from engine.trails import iou
from engine.types import Track

FOUND_IOU = 0.3  # a detector's square over a true face has 0.6 to 0.75; 3 px of annotation at 22 px take it to 0.4
HEIGHT_CLASSES_PX = ((22, 36), (36, 60), (60, None))
VISIBILITIES = ("clear", "hard")


@dataclass(frozen=True, slots=True)
class TrueFace:
    """An annotated face: at `t_s`, of the person with this `name_key`, its box, and clear or hard."""

    t_s: float
    person: str
    box_xyxy: tuple[float, float, float, float]
    visibility: str

    @property
    def height_px(self) -> float:
        return self.box_xyxy[3] - self.box_xyxy[1]


@dataclass(frozen=True, slots=True)
class BoxMatch:
    """An annotated face and the track that shows it, None if no track does."""

    face: TrueFace
    track_id: int | None


@dataclass(frozen=True, slots=True)
class BoxRecall:
    """Annotated faces of one class of height, ``low_px <= height < high_px`` (None: any height above), and of one
    visibility, and how many of them a track shows."""

    low_px: int
    high_px: int | None
    visibility: str
    n_found: int
    n_true: int

    @property
    def recall(self) -> float | None:
        """None where there is no such face."""
        return self.n_found / self.n_true if self.n_true else None


def read_boxes(path: Path | None) -> list[TrueFace]:
    """Reads ``boxes.csv``; no file, no faces. Raises EvaluationError."""
    if path is None:
        return []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"The annotated boxes {path} cannot be read ({error}).") from error
    faces = []
    for number, row in enumerate(rows, start=2):
        try:
            box = tuple(float(row[side]) for side in ("x1", "y1", "x2", "y2"))
            if row["visibility"] not in VISIBILITIES or not (box[0] < box[2] and box[1] < box[3]):
                raise ValueError(row["visibility"])
            faces.append(TrueFace(float(row["t_s"]), name_key(row["person"]), box, row["visibility"]))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise EvaluationError(
                f"Line {number} of {path} is not t_s,person,x1,y1,x2,y2,visibility with visibility clear or hard."
            ) from error
    return faces


def match_boxes(faces: Sequence[TrueFace], tracks: Sequence[Track]) -> list[BoxMatch]:
    """Each face with the track that shows it: at the face's moment, one-to-one, for the largest sum of IoU, and only
    where a pair's IoU is at least 0.3. A track stands where a straight line between its two nearest detections
    passes, at its first or last box before or after them."""
    found: list[BoxMatch] = []
    for t_s in sorted({face.t_s for face in faces}):
        now = [face for face in faces if face.t_s == t_s]
        there = [track for track in tracks if t_s in track.interval]
        places = np.array([_box_at(track, t_s) for track in there]).reshape(-1, 4)
        overlap = iou(np.array([face.box_xyxy for face in now]), places)
        overlap[overlap < FOUND_IOU] = 0
        track_of = {i: there[j].id for i, j in zip(*linear_sum_assignment(-overlap), strict=True) if overlap[i, j]}
        found += [BoxMatch(face, track_of.get(i)) for i, face in enumerate(now)]
    return found


def box_recall(matches: Sequence[BoxMatch]) -> list[BoxRecall]:
    """The share of faces found for each class of height and visibility, in that order; [] without any face. Faces
    under the smallest class count nowhere."""
    if not matches:
        return []
    recalls = []
    for low, high in HEIGHT_CLASSES_PX:
        for kind in VISIBILITIES:
            of_class = [
                match
                for match in matches
                if match.face.visibility == kind
                and low <= match.face.height_px
                and (high is None or match.face.height_px < high)
            ]
            recalls.append(BoxRecall(low, high, kind, sum(m.track_id is not None for m in of_class), len(of_class)))
    return recalls


def _box_at(track: Track, t_s: float) -> list[float]:
    return [float(np.interp(t_s, track.t_s, track.boxes_xyxy[:, side])) for side in range(4)]
