"""What the inspector finds, on pictures whose people are known: pictures put under a wrong name, people split under two
names, two people under one, how many people there are, and groups like dlib's. All draws are the same in every run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EvaluationError
from engine.evaluate.clusters import score_clusters
from engine.evaluate.kept_vectors import kept_vectors
from engine.evaluate.people_pictures import pictures_of_people
from engine.identity.chinese_whispers import NEAR, numbered, whispered
from engine.identity.clusterings import WAYS, k_means, x_means
from engine.identity.face_places import face_places
from engine.identity.inspect import LIKELY_TWO, oddness, same_person, two_under_one
from engine.types import Progress, ignore_progress

MANY_PICTURES = 10
SEEDS = 5
SWAPPED, FIRST = 0.05, 0.08  # of the pictures: put under a wrong name, and looked at
N_SPLIT, N_SUGGESTED = 20, 25
DRAWN_PEOPLE = tuple(range(1, 13))
N_MAPPED = 5000
_FEW_PEOPLE = 40  # so many are counted as they are; of more, some are drawn


def evaluate_inspector(folder: Path, progress: Progress = ignore_progress) -> dict[str, Any]:
    """The figures as a plain record. Raises EvaluationError, MediaError."""
    of_people = pictures_of_people(folder)
    paths = [path for pictures in of_people.values() for path in pictures]
    people = np.repeat(np.arange(len(of_people)), [len(pictures) for pictures in of_people.values()])
    vectors = kept_vectors(paths, progress)
    sizes = np.bincount(people)
    record: dict[str, Any] = {"n_people": len(sizes), "n_pictures": len(people)}
    many = np.flatnonzero(sizes >= MANY_PICTURES)
    if len(many) < 2:
        raise EvaluationError(f"Fewer than two people in {folder} have {MANY_PICTURES} pictures; name another folder.")
    chosen = np.isin(people, many)
    record["swapped"] = [_swapped(vectors[chosen], _renumbered(people[chosen]), seed) for seed in range(SEEDS)]
    progress("inspecting", 0.1)
    if len(many) >= N_SPLIT:
        record["split"] = {}
        for fewest in (MANY_PICTURES, 2):
            among = np.isin(people, np.flatnonzero(sizes >= fewest))
            of_draws = [_split(vectors[among], _renumbered(people[among]), seed) for seed in range(SEEDS)]
            record["split"][f"{fewest}"] = of_draws
    progress("inspecting", 0.3)
    record["two_under_one"] = _two_under_one(vectors[chosen], _renumbered(people[chosen]))
    few = len(sizes) <= _FEW_PEOPLE
    record["counted"] = (
        [_counted(vectors, people)] if few else [_counted(*_drawn(vectors, people, many, n)) for n in DRAWN_PEOPLE]
    )
    progress("inspecting", 0.7)
    record["whispers"] = _whispers(vectors[chosen], people[chosen])
    if len(people) >= N_MAPPED:
        record["n_timed"] = N_MAPPED
        record["seconds"] = _seconds(vectors[:N_MAPPED])
    progress("inspecting", 1.0)
    return record


def inspector_table(record: dict[str, Any]) -> str:
    """The same as text."""
    lines = [f"{record['n_pictures']} pictures of {record['n_people']} people"]
    found = record["swapped"]
    lines.append(
        f"swapped pictures in the first {FIRST:.0%} of the list: "
        f"{', '.join(f'{one:.1%}' for one in found)} ({SEEDS} draws of {SWAPPED:.0%})"
    )
    for fewest, of_draws in record.get("split", {}).items():
        among = f"people with {fewest} pictures or more"
        lines.append(
            f"of {N_SPLIT} people split in two, in the first {N_SUGGESTED} pairs, among {among}: "
            f"{', '.join(map(str, of_draws))}"
        )
    two = record["two_under_one"]
    lines.append(
        f"two people under one name: {two['mixed_found']:.1%} of {two['n_mixed']} said to be two, "
        f"and {two['alone_said']:.1%} of {two['n_alone']} who are one"
    )
    for one in record["counted"]:
        said = ", ".join(f"{way} {' '.join(map(str, numbers))}" for way, numbers in one["found"].items())
        lines.append(f"{one['n_people']:3} people: {said}")
    whispers = record["whispers"]
    same = "the same" if whispers["same"] else f"B-cubed {whispers['f1']:.4f}"
    lines.append(f"Chinese Whispers of {whispers['n_faces']} faces and dlib's: {same}")
    for what, seconds in record.get("seconds", {}).items():
        lines.append(f"{what} of {record['n_timed']} faces: {seconds:.1f} s of processor time")
    return "\n".join(lines)


def _swapped(vectors: np.ndarray, people: np.ndarray, seed: int) -> float:
    """Of the pictures put under a wrong name, the share in the first part of the list."""
    random = np.random.default_rng(seed)
    names = people.copy()
    moved = random.choice(len(people), max(2, round(SWAPPED * len(people))), replace=False)
    # The names of the drawn pictures go round among them: each gets that of another person, or keeps its own.
    names[moved] = people[np.roll(moved, 1)]
    wrong = names != people
    odd = oddness(vectors, numbered(names))
    first = np.argsort(-np.nan_to_num(odd, nan=-1.0), kind="stable")[: round(FIRST * len(people))]
    return float(wrong[first].sum() / wrong.sum())


def _split(vectors: np.ndarray, people: np.ndarray, seed: int) -> int:
    """How many of the people split in two are among the first suggested pairs."""
    random = np.random.default_rng(seed)
    sizes = np.bincount(people)
    names = people.copy()
    true = set()
    for number, person in enumerate(random.choice(np.flatnonzero(sizes >= 4), N_SPLIT, replace=False)):
        rows = random.permutation(np.flatnonzero(people == person))
        names[rows[: len(rows) // 2]] = len(sizes) + number
        true.add((int(person), len(sizes) + number))
    return sum((pair.first, pair.second) in true for pair in same_person(vectors, names, N_SUGGESTED))


def _two_under_one(vectors: np.ndarray, people: np.ndarray) -> dict[str, Any]:
    """Who is said to be two people: of all as they are, and of all put together two and two."""
    n_people = int(people.max()) + 1
    alone = two_under_one(vectors, people, n_people)
    order = np.random.default_rng(0).permutation(n_people)
    partner = np.arange(n_people)
    for a, b in zip(order[::2], order[1::2], strict=False):
        partner[b] = a
    mixed = two_under_one(vectors, numbered(partner[people]), n_people)
    return {
        "n_alone": len(alone),
        "alone_said": float(np.mean([one.gap >= LIKELY_TWO for one in alone])),
        "n_mixed": len(mixed),
        "mixed_found": float(np.mean([one.gap >= LIKELY_TWO for one in mixed])),
    }


def _drawn(
    vectors: np.ndarray, people: np.ndarray, many: np.ndarray, n_people: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    draws = []
    for seed in range(SEEDS):
        chosen = np.random.default_rng((n_people, seed)).choice(many, n_people, replace=False)
        rows = np.isin(people, chosen)
        draws.append((vectors[rows], people[rows]))
    return draws


def _counted(*draws: Any) -> dict[str, Any]:
    """How many people K-means and X-means find in each draw of (vectors, people)."""
    pairs = [draws] if isinstance(draws[0], np.ndarray) else list(draws)
    found = {
        "K-means": [int(k_means(vectors).max()) + 1 for vectors, _ in pairs],
        "X-means": [int(x_means(vectors).max()) + 1 for vectors, _ in pairs],
    }
    return {"n_people": len(set(pairs[0][1].tolist())), "found": found}


def _whispers(vectors: np.ndarray, people: np.ndarray) -> dict[str, Any]:
    import dlib

    ours = whispered(vectors)
    faces = [dlib.vector(vector.tolist()) for vector in vectors.astype(np.float64)]
    theirs = numbered(np.array(dlib.chinese_whispers_clustering(faces, NEAR), np.int64))
    same = bool((ours == theirs).all())
    return {"n_faces": len(people), "same": same, "f1": score_clusters(theirs, ours).f1}


def _seconds(vectors: np.ndarray) -> dict[str, float]:
    """Processor time of what runs in the background."""
    work: dict[str, Callable[..., Any]] = {"map": face_places, **WAYS}
    seconds = {}
    for what, do in work.items():
        began_s = time.process_time()
        do(vectors)
        seconds[what] = time.process_time() - began_s
    return seconds


def _renumbered(people: np.ndarray) -> np.ndarray:
    return np.unique(people, return_inverse=True)[1]
