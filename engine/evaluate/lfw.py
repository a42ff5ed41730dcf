"""Labeled Faces in the Wild, its verification protocol: 6,000 pairs of pictures in ten folds.

``pairs.txt`` as published with the pictures: the number of folds and of pairs of each kind; then for each fold that
many lines ``person, number, number`` of one person and as many ``person, number, person, number`` of two. The networks
were trained on other pictures, so this is the protocol "unrestricted, with labelled outside data".
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EvaluationError
from engine.evaluate.people_pictures import picture_vectors, pictures_of_people
from engine.evaluate.verification import verify
from engine.types import Progress, ignore_progress


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures by the names of their files without the suffix, whether they show one person, and the fold."""

    one: str
    other: str
    same: bool
    fold: int


def read_pairs(path: Path) -> list[Pair]:
    """Reads ``pairs.txt``. Raises EvaluationError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"The pairs {path} cannot be read ({error}).") from error
    try:
        n_folds, n_each = (int(number) for number in lines[0].split())
        rows = [line.split() for line in lines[1:] if line.strip()]
        if min(n_folds, n_each) < 1 or len(rows) != 2 * n_folds * n_each:
            raise ValueError("as many lines as said")
        pairs = []
        for i, row in enumerate(rows):
            same = len(row) == 3
            one, a, other, b = (row[0], row[1], row[0], row[2]) if same else row
            pairs.append(Pair(_picture(one, a), _picture(other, b), same, i // (2 * n_each)))
    except (ValueError, IndexError) as error:
        raise EvaluationError(
            f"{path} is no list of pairs as LFW publishes it: folds and pairs of each kind, then person, number, "
            "number and person, number, person, number for each fold."
        ) from error
    return pairs


def evaluate_lfw(folder: Path, jitter: int = 0, progress: Progress = ignore_progress) -> dict[str, Any]:
    """The protocol over the pictures and ``pairs.txt`` of `folder` as a plain record, with ``results`` for the face as
    it stands and, with `jitter`, for the mean over that many jittered views of it, as dlib does, and for the mean over
    the face, its mirror image and these views. Raises EvaluationError, MediaError."""
    pairs = read_pairs(folder / "pairs.txt")
    paths = {path.stem: path for of_person in pictures_of_people(folder).values() for path in of_person}
    names = sorted({name for pair in pairs for name in (pair.one, pair.other)})
    missing = [name for name in names if name not in paths]
    if missing:
        raise EvaluationError(
            f"{len(missing)} pictures of the pairs are not in {folder}, the first is {missing[0]}.jpg; put them there."
        )
    found = picture_vectors([paths[name] for name in names], jitter, progress=progress)
    place = {name: i for i, name in enumerate(names)}
    ones, others = np.array([[place[pair.one] for pair in pairs], [place[pair.other] for pair in pairs]])
    same, folds = np.array([pair.same for pair in pairs]), np.array([pair.fold for pair in pairs])
    results = []
    for views, vectors in (("one", found.plain), ("jittered", found.jittered), ("all", found.steady)):
        if vectors is not None:
            distances = np.linalg.norm(vectors[ones].astype(np.float64) - vectors[others], axis=1)
            results.append({"views": views, **asdict(verify(distances, same, folds))})
    return {"jitter": jitter, "n_pictures": len(names), "n_default_box": found.n_default, "results": results}


def _picture(person: str, number: str) -> str:
    return f"{person}_{int(number):04d}"
