"""Who is it? A picture of each person against a gallery of the others, as Labeled Faces in the Wild allows it.

People with two pictures or more are the gallery, with the first picture of each kept out to ask with. *Closed set*: how
often the person asked for is the nearest, or among the five nearest people. *Open set*: people with one picture alone
ask too, who are not in the gallery; an answer is given up to the distance at which one in a hundred of them gets one,
and DIR is the share of people in the gallery who are then named, and named rightly (Grother, Ngan: FRVT 1:N).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EvaluationError
from engine.evaluate.kept_vectors import kept_vectors
from engine.evaluate.people_pictures import pictures_of_people
from engine.exports.table import text_table
from engine.types import Progress, ignore_progress

FALSE_IDENTIFICATIONS = 0.01
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Identification:
    """`rank_1` and `rank_5` of `n_asked` people in a gallery of `n_gallery` pictures of as many people, and `dir`, all
    in 0..1, with the distance `max_distance` up to which `n_strangers` get an answer in `FALSE_IDENTIFICATIONS` of
    cases. `every_rank_1` is rank 1 of every picture of these people in turn, against all their others."""

    rank_1: float
    rank_5: float
    every_rank_1: float
    dir: float
    max_distance: float
    n_asked: int
    n_gallery: int
    n_strangers: int


def evaluate_identification(folder: Path, jitter: int = 0, progress: Progress = ignore_progress) -> dict[str, Any]:
    """Scores the pictures of `folder` as a plain record: each by the vector of its face or, with `jitter`, by the mean
    over the face, its mirror image and that many jittered views, who asks as well as whom the gallery holds. Raises
    EvaluationError, MediaError."""
    people = pictures_of_people(folder)
    person = np.repeat(np.arange(len(people)), [len(of) for of in people.values()])
    vectors = kept_vectors([path for of in people.values() for path in of], progress, jitter)
    try:
        return {"jitter": jitter, **asdict(identify(vectors, person))}
    except ValueError as error:
        raise EvaluationError(
            f"{folder} needs people with two pictures or more, and people with one; it has {error}; add some."
        ) from error


def identify(vectors: np.ndarray, person: np.ndarray) -> Identification:
    """Scores `vectors` (n, d) float32 of the people `person` (n,), numbers. Raises ValueError unless some have several
    pictures and some one."""
    _, firsts, of, counts = np.unique(person, return_index=True, return_inverse=True, return_counts=True)
    asked, strangers = firsts[counts > 1], firsts[counts == 1]
    if not len(asked) or not len(strangers):
        raise ValueError(f"{len(asked)} of these and {len(strangers)} of those")
    several = np.flatnonzero(counts[of] > 1)
    gallery = np.setdiff1d(several, asked)
    # Sorted by person, so that the nearest picture of each is one reduction.
    gallery = gallery[np.argsort(of[gallery], kind="stable")]
    names, starts = np.unique(of[gallery], return_index=True)
    to_people = _to_people(vectors, asked, gallery, starts)
    own = np.searchsorted(names, of[asked])
    right = to_people[np.arange(len(asked)), own]
    nearer = (to_people < right[:, None]).sum(axis=1)
    to_strangers = np.sort(_to_people(vectors, strangers, gallery, starts).min(axis=1))
    # The farthest distance at which no more than this share of strangers is given a name.
    n_false = int(FALSE_IDENTIFICATIONS * len(strangers))
    limit = float(to_strangers[n_false - 1]) if n_false else float(np.nextafter(to_strangers[0], 0))
    return Identification(
        rank_1=float((nearer == 0).mean()),
        rank_5=float((nearer < 5).mean()),
        every_rank_1=_every_rank_1(vectors[several], of[several]),
        dir=float(((nearer == 0) & (right <= limit)).mean()),
        max_distance=limit,
        n_asked=len(asked),
        n_gallery=len(gallery),
        n_strangers=len(strangers),
    )


def identification_table(record: dict[str, Any]) -> str:
    """The record of `evaluate_identification` as text."""
    rows = [
        ("rank 1", f"{record['rank_1']:.4f}"),
        ("rank 5", f"{record['rank_5']:.4f}"),
        ("rank 1, every picture in turn", f"{record['every_rank_1']:.4f}"),
        (f"DIR at {FALSE_IDENTIFICATIONS:.0%} false, up to {record['max_distance']:.3f}", f"{record['dir']:.4f}"),
    ]
    views = f", each the mean of {record['jitter'] + 2} views" if record["jitter"] else ""
    return (
        f"{record['n_asked']} people asked for, {record['n_gallery']} pictures of them in the gallery, "
        f"{record['n_strangers']} strangers{views}\n{text_table(('', 'share'), rows)}"
    )


def _apart(vectors: np.ndarray, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distances (rows, others) float64."""
    x, y = vectors[rows].astype(np.float64), vectors[others].astype(np.float64)
    return np.sqrt(np.clip((x**2).sum(1)[:, None] + (y**2).sum(1)[None] - 2 * (x @ y.T), 0, None))


def _to_people(vectors: np.ndarray, rows: np.ndarray, gallery: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Distances (rows, people) to the nearest picture of each person, whose pictures begin at `starts`."""
    blocks = [rows[i : i + _BLOCK] for i in range(0, len(rows), _BLOCK)]
    return np.concatenate([np.minimum.reduceat(_apart(vectors, block, gallery), starts, axis=1) for block in blocks])


def _every_rank_1(vectors: np.ndarray, person: np.ndarray) -> float:
    right = 0
    every = np.arange(len(person))
    for start in range(0, len(person), _BLOCK):
        rows = every[start : start + _BLOCK]
        apart = _apart(vectors, rows, every)
        apart[np.arange(len(rows)), rows] = np.inf
        right += int((person[apart.argmin(axis=1)] == person[rows]).sum())
    return right / len(person)
