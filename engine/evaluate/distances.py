"""How near strangers are to each other, and how far pictures of one person: the table of `engine.identity.calibration`.

Every picture is compared with every other one. The folder is ``<Person_Name>/*.jpg``, or ``images/`` with these.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EvaluationError
from engine.evaluate.kept_vectors import kept_vectors
from engine.evaluate.people_pictures import pictures_of_people
from engine.exports.table import text_table
from engine.types import Progress, ignore_progress
from engine.vision.embed import EMBEDDER_ID

STEP = 0.01  # of the table: shares change by less than a factor of 2 in one, wherever pairs are
_FARTHEST = 1.6  # nothing is farther
_BLOCK = 512
_FINE = 20_000  # bins of the histogram up to the farthest: 0.00008 each


def evaluate_distances(folder: Path, progress: Progress = ignore_progress) -> dict[str, Any]:
    """Shares of pairs nearer than 0, `STEP`, twice that ..., of two people and of one, as a plain record. Raises
    EvaluationError, MediaError."""
    people = pictures_of_people(folder)
    person = np.repeat(np.arange(len(people)), [len(of) for of in people.values()])
    if len(people) < 2 or len(person) == len(people):
        raise EvaluationError(f"{folder} needs two people, and one of them with two pictures.")
    vectors = kept_vectors([path for of in people.values() for path in of], progress)
    other, same = pair_histograms(vectors, person)
    return {
        "model_id": EMBEDDER_ID,
        "source": "Labeled Faces in the Wild",
        "n_people": len(people),
        "n_pictures": len(person),
        "n_pairs_strangers": int(other.sum()),
        "n_pairs_same": int(same.sum()),
        "step": STEP,
        "strangers": _nearer(other),
        "same": _nearer(same),
    }


def pair_histograms(vectors: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of pairs by distance (`_FINE` equal bins up to `_FARTHEST`), of two people and of one. `vectors` (n, d)
    float32, `person` (n,) numbers."""
    square = (vectors.astype(np.float64) ** 2).sum(axis=1)
    counts = np.zeros((2, _FINE), np.int64)
    for start in range(0, len(vectors), _BLOCK):
        rows = slice(start, start + _BLOCK)
        apart = square[rows, None] + square[None, start:] - 2 * (vectors[rows] @ vectors[start:].T)
        apart = np.sqrt(np.clip(apart, 0, None))
        once = np.triu(np.ones(apart.shape, bool), 1)
        alike = person[rows, None] == person[None, start:]
        for i, which in enumerate((once & ~alike, once & alike)):
            bins = (apart[which] * (_FINE / _FARTHEST)).astype(np.int64)
            counts[i] += np.bincount(np.minimum(bins, _FINE - 1), minlength=_FINE)
    return counts[0], counts[1]


def _nearer(histogram: np.ndarray) -> list[float]:
    below = np.concatenate([[0], np.cumsum(histogram)]) / histogram.sum()
    at = np.round(np.arange(0, _FARTHEST + STEP / 2, STEP) * (_FINE / _FARTHEST)).astype(int)
    return [float(f"{share:.4g}") if share < 0.5 else round(float(share), 7) for share in below[at]]


def distances_table(record: dict[str, Any]) -> str:
    """The record of `evaluate_distances` as text."""
    rows = []
    for distance in np.arange(0.3, 1.01, 0.05):
        i = round(distance / record["step"])
        rows.append((f"{distance:.2f}", f"{record['strangers'][i]:.3%}", f"{record['same'][i]:.3%}"))
    return (
        f"{record['n_pairs_strangers']} pairs of two people and {record['n_pairs_same']} of one, "
        f"{record['n_pictures']} pictures of {record['n_people']} people\n"
        f"{text_table(('nearer than', 'two people', 'one person'), rows)}"
    )
