"""Pictures of many people as one flat album, looked at and grouped as an import does it.

What may be chosen, the distance up to which groups are joined, is chosen on some people and measured on others. People
with `FEWEST_PICTURES` or more are divided by name: every third one belongs to the choice, with all who have fewer but
two at least; the album is drawn from the rest, person by person, until it is full.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from engine import config
from engine.errors import EvaluationError
from engine.evaluate.clusters import ClusterScore, score_clusters
from engine.evaluate.grouping import FEWEST_PICTURES
from engine.evaluate.people_pictures import FARTHEST_SHARE, pictures_of_people
from engine.exports.table import text_table
from engine.identity.cluster import POOR_VIEWS
from engine.identity.everybody import EverybodyLooker, PictureFaces
from engine.identity.evidence import rise
from engine.identity.picture_groups import ALBUM_DISTANCE, grouped
from engine.pipeline.models import Models
from engine.store.look_cache import FaceCache
from engine.types import Progress, ignore_progress
from engine.vision.model_ids import DETECTOR_ID, EMBEDDER_ID

N_PICTURES = 2000
N_DRAWS = 3
DISTANCES = (0.48, 0.5, 0.52, 0.53, 0.54, 0.55, 0.56, 0.58, 0.6)
_CHOICE_EVERY = 3
WANTED_F1 = 0.98
"""How many answers it takes to get there is told."""


def evaluate_albums(folder: Path, progress: Progress = ignore_progress) -> dict[str, Any]:
    """The figures as a plain record. Raises EvaluationError if `folder` has too few people, MediaError."""
    of_people = {name: paths for name, paths in pictures_of_people(folder).items() if len(paths) >= 2}
    many = [name for name, paths in of_people.items() if len(paths) >= FEWEST_PICTURES]
    choice = [name for name in of_people if name not in many] + many[::_CHOICE_EVERY]
    rest = [name for i, name in enumerate(many) if i % _CHOICE_EVERY]
    if not rest:
        raise EvaluationError(
            f"{folder} has too few people with {FEWEST_PICTURES} pictures; name a folder where two or more have them."
        )
    faces = _faces([path for name in (*choice, *rest) for path in of_people[name]], progress)
    chosen_on = [path for name in choice for path in of_people[name]]
    draws = []
    for seed in range(N_DRAWS):
        paths = draw(of_people, rest, N_PICTURES, np.random.default_rng(seed))
        album = grouped_album(paths, faces, ALBUM_DISTANCE)
        more = {"n_pictures": len(paths), "answers": answers_to(WANTED_F1, *album)}
        draws.append(_record(score_clusters(*album), ALBUM_DISTANCE) | more)
        progress("grouping", (seed + 1) / (N_DRAWS + len(DISTANCES)))
    choices = []
    for i, distance in enumerate(DISTANCES):
        choices.append(_record(score_album(chosen_on, faces, distance), distance))
        progress("grouping", (N_DRAWS + i + 1) / (N_DRAWS + len(DISTANCES)))
    return {
        "max_distance": ALBUM_DISTANCE,
        "draws": draws,
        "choice": {"n_pictures": len(chosen_on), "n_people": len(choice), "distances": choices},
    }


def albums_table(record: dict[str, Any]) -> str:
    """The record of `evaluate_albums` as text."""
    head = ("", "pictures", "people", "B3 precision", "recall", "F1", "groups a person")

    def row(name: str, n_pictures: int, of: dict[str, Any]) -> tuple[str, ...]:
        figures = (f"{of[key]:.3f}" for key in ("precision", "recall", "f1"))
        groups = f"{of['n_clusters'] / of['n_people']:.2f}"
        return (name, str(n_pictures), str(of["n_people"]), *figures, groups)

    draws = [row(f"album {i}", one["n_pictures"], one) for i, one in enumerate(record["draws"], start=1)]
    choice = record["choice"]
    best = max(choice["distances"], key=lambda one: one["f1"])
    choices = [
        row(f"{one['max_distance']:.2f}{'*' if one is best else ' '}", choice["n_pictures"], one)
        for one in choice["distances"]
    ]
    return (
        f"albums, groups joined up to {record['max_distance']:.2f}\n{text_table(head, draws)}\n"
        f"answers until B-cubed F1 is {WANTED_F1:.2f}: {', '.join(str(one['answers']) for one in record['draws'])}\n\n"
        f"other people, on whom the distance was chosen\n{text_table(('distance', *head[1:]), choices)}\n"
        "* the best B-cubed F1"
    )


def draw(
    of_people: Mapping[str, Sequence[Path]], names: Sequence[str], n: int, random: np.random.Generator
) -> list[Path]:
    """`n` pictures (fewer if there are not so many) of people drawn from `names`, all that there are of each but the
    last one."""
    found: list[Path] = []
    for i in random.permutation(len(names)):
        if len(found) >= n:
            break
        found += of_people[names[i]]
    return found[:n]


def score_album(paths: Sequence[Path], faces: Mapping[Path, PictureFaces], max_distance: float) -> ClusterScore:
    """The groups of `grouped_album`, scored."""
    return score_clusters(*grouped_album(paths, faces, max_distance))


def answers_to(f1: float, people: Sequence[str], labels: Sequence[int]) -> int:
    """How many answers it takes until the groups reach a B-cubed F1: each brings all faces that one group has of a
    person into the group that has most of that person, the largest such lot first."""
    people, labels = np.array(people), np.array(labels)
    lots = []
    for person in np.unique(people):
        groups, counts = np.unique(labels[people == person], return_counts=True)
        home = groups[counts.argmax()]
        found = zip(groups.tolist(), counts.tolist(), strict=True)
        lots += [(n, str(person), group, int(home)) for group, n in found if group != home]
    lots.sort(key=lambda lot: (-lot[0], lot[1:]))
    for n_answers, (_, person, group, home) in enumerate([(0, "", 0, 0), *lots]):
        labels[(people == person) & (labels == group)] = home
        if score_clusters(people.tolist(), labels.tolist()).f1 >= f1:
            return n_answers
    return len(lots)


def grouped_album(
    paths: Sequence[Path], faces: Mapping[Path, PictureFaces], max_distance: float
) -> tuple[list[str], list[int]]:
    """All `faces` of the pictures grouped: person and group of those in the middle, whose person is the picture's
    folder. A picture in which none was found there counts as a group of its own."""
    people, items = [], []
    for picture, path in enumerate(paths):
        found = faces[path]
        middle = middle_of(found)
        items += [(picture, found.vectors[k], found.quality[k], k == middle) for k in range(len(found))]
        if middle is not None:
            people.append(path.parent.name)
    if items:
        numbers, vectors, quality, is_scored = (np.array(column) for column in zip(*items, strict=True))
        labels = grouped(vectors, POOR_VIEWS * rise(quality) / 2, numbers, max_distance)[is_scored].tolist()
    else:
        labels = []
    missed = [path.parent.name for path in paths if middle_of(faces[path]) is None]
    return [*people, *missed], [*labels, *(-1 - i for i in range(len(missed)))]


def middle_of(faces: PictureFaces) -> int | None:
    """The face nearest the middle of its picture, None if none is near."""
    middles = faces.boxes_xyxy.reshape(-1, 2, 2).mean(axis=1)
    away = np.abs(middles - np.array([faces.width, faces.height]) / 2).max(axis=1) / max(faces.width, faces.height, 1)
    return int(away.argmin()) if away.min(initial=np.inf) < FARTHEST_SHARE else None


def _faces(paths: Sequence[Path], progress: Progress) -> dict[Path, PictureFaces]:
    models = Models()
    looker = EverybodyLooker(lambda: models.networks, DETECTOR_ID, EMBEDDER_ID)

    def look(path: Path) -> PictureFaces:
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        found = known.get(sha256, looker.id)
        if found is None:
            known.put(sha256, looker.id, found := looker.look(content))
        return found

    found = {}
    with FaceCache(config.album_faces_dir()) as known, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            for path, faces in zip(paths, pool.map(look, paths), strict=True):
                found[path] = faces
                progress("pictures", len(found) / len(paths))
        finally:
            pool.shutdown(cancel_futures=True)
    return found


def _record(score: ClusterScore, max_distance: float) -> dict[str, Any]:
    return {
        "max_distance": max_distance,
        "precision": score.precision,
        "recall": score.recall,
        "f1": score.f1,
        "n_people": score.n_people,
        "n_clusters": score.n_clusters,
    }
