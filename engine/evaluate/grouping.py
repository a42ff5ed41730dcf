"""Ways of parting faces into people compared on faces whose people are known: pictures, or the tracks of a film."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from engine.config import AnalysisSettings
from engine.errors import EvaluationError
from engine.evaluate.boxes import TrueFace, match_boxes, read_boxes
from engine.evaluate.clusters import ClusterScore, score_clusters
from engine.evaluate.folders import film_folder
from engine.evaluate.people_pictures import picture_vectors, pictures_of_people
from engine.evaluate.screentime import Truth, present, read_truth
from engine.identity.cluster import stranger_distances
from engine.identity.likeness import TOGETHER_S, looks_of, seen_together
from engine.identity.partition import METHODS
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.timeline import Timeline
from engine.types import Analysis, Progress, ignore_progress

FEWEST_PICTURES = 5  # of a person, so that there is something to join
DISTANCES = (0.36, 0.4, 0.44, 0.48, 0.52, 0.56, 0.6)  # from the surest to the network's own training threshold


@dataclass(frozen=True, slots=True)
class MethodScore:
    """One method with one distance: its score and the processor time it took, in seconds of its thread."""

    method: str
    max_distance: float
    score: ClusterScore
    elapsed_s: float


def score_methods(
    distance: np.ndarray,
    people: Sequence[object],
    cannot: np.ndarray | None = None,
    distances: Sequence[float] = DISTANCES,
    progress: Progress = ignore_progress,
) -> list[MethodScore]:
    """Every method of `engine.identity.partition` with each of `distances` over the items of `distance` (n, n), against
    the true `people` (n,)."""
    scores = []
    for method, part in METHODS.items():
        for limit in distances:
            began_s = time.thread_time()
            labels = part(distance, limit, cannot=cannot)
            elapsed_s = time.thread_time() - began_s
            scores.append(MethodScore(method, limit, score_clusters(people, labels), elapsed_s))
            progress("grouping", len(scores) / (len(METHODS) * len(distances)))
    return scores


def best_of_each(scores: Sequence[MethodScore]) -> list[MethodScore]:
    """For each method, in the order they come, the score of the highest B-cubed F1; of equal ones the first. Chosen
    with the truth at hand: an upper bound of what a method can do, not a forecast."""
    best: dict[str, MethodScore] = {}
    for score in scores:
        if score.method not in best or score.score.f1 > best[score.method].score.f1:
            best[score.method] = score
    return list(best.values())


def evaluate_clusters(folder: Path, progress: Progress = ignore_progress) -> dict[str, Any]:
    """The comparison as a plain record: over the tracks of a film where `folder` is a film's evaluation folder, those
    whose person is beyond doubt (`people_of_tracks`), else over the pictures of all people who have at least five.
    Raises EvaluationError, MediaError."""
    if (folder / "truth.csv").is_file() or (folder / "trailer_truth.csv").is_file():
        what, (distance, people, cannot) = "tracks", _film_tracks(folder, progress)
    else:
        what, (distance, people, cannot) = "pictures", _pictures(folder, progress)
    scores = score_methods(distance, people, cannot, progress=progress)
    best = {id(score) for score in best_of_each(scores)}
    return {
        "items": what,
        "n_items": len(people),
        "n_people": len(set(people)),
        "methods": [
            {
                "method": s.method,
                "max_distance": s.max_distance,
                "best": id(s) in best,
                "f1": s.score.f1,
                **asdict(s.score),
                "elapsed_s": s.elapsed_s,
            }
            for s in scores
        ],
    }


Items = tuple[np.ndarray, list[str], np.ndarray | None]
"""Distances (n, n), the person of each item, and which are never one person, (n, n) bool, or None."""


def _pictures(folder: Path, progress: Progress) -> Items:
    of_people = {name: paths for name, paths in pictures_of_people(folder).items() if len(paths) >= FEWEST_PICTURES}
    if not of_people:
        raise EvaluationError(f"Nobody in {folder} has {FEWEST_PICTURES} pictures; name a folder where people have.")
    paths = [path for of_person in of_people.values() for path in of_person]
    vectors = picture_vectors(paths, progress=progress).plain.astype(np.float64)
    return cdist(vectors, vectors), [name for name, of_person in of_people.items() for _ in of_person], None


def _film_tracks(folder: Path, progress: Progress) -> Items:
    film = film_folder(folder)
    truth, faces = read_truth(film.truth), read_boxes(film.boxes)
    analysis = analyse_video(film.clip, None, AnalysisSettings(), Models(), progress)
    person_of = people_of_tracks(analysis, truth, faces)
    tracks = [track for track in analysis.tracks if track.id in person_of and len(track.faces)]
    looks = looks_of(tracks)
    cannot = seen_together(looks, looks)
    np.fill_diagonal(cannot, False)
    distance = stranger_distances(tracks)
    distance[~np.isfinite(distance)] = 0  # the methods are told by `cannot`
    return distance, [person_of[track.id] for track in tracks], cannot


def people_of_tracks(analysis: Analysis, truth: Truth, faces: Sequence[TrueFace]) -> dict[int, str]:
    """The person of the truth for each track's id, where it is beyond doubt: all annotated faces in the track are that
    person's; or none is annotated, and that person, alone of all, is there (clear, hard or body) for longer than 0.2 s
    of it, and for at least half of it. Two people visible at once whom no box tells apart are left out, as are tracks
    of nobody."""
    votes: dict[int, set[str]] = {track.id: set() for track in analysis.tracks}
    for match in match_boxes(faces, analysis.tracks):
        if match.track_id is not None:
            votes[match.track_id].add(match.face.person)
    there = {person: present(kinds) for person, kinds in truth.items()}
    person_of = {}
    for track in analysis.tracks:
        during = Timeline([track.interval])
        common_s = {person: (during & line).duration_s for person, line in there.items()}
        alone = {person for person, seconds in common_s.items() if seconds > TOGETHER_S}
        candidates = votes[track.id] or {person for person in alone if common_s[person] >= during.duration_s / 2}
        if len(candidates) == 1 and (votes[track.id] or len(alone) == 1):
            person_of[track.id] = candidates.pop()
    return person_of
