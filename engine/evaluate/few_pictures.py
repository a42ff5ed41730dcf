"""What is lost with few pictures of each person: one film named with all pictures of its cast, and with a few of them
drawn at random, several times. The film is looked at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from engine.config import AnalysisSettings
from engine.errors import EvaluationError
from engine.evaluate.films import film_gallery
from engine.evaluate.folders import film_folder
from engine.evaluate.screentime import ScreenTimeScore, read_truth, score_analysis
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.pipeline.rerun import known_tracks
from engine.types import Gallery, Progress, ignore_progress

SEED = 3  # draws are the same in every run


def evaluate_few_pictures(
    folder: Path, n_pictures: int = 3, n_draws: int = 10, progress: Progress = ignore_progress
) -> dict[str, Any]:
    """F1 of the clear seconds and of every visible one, and clear precision, with all pictures and in each of `n_draws`
    with `n_pictures` of each person, as a plain record. Raises EvaluationError."""
    film = film_folder(folder)
    truth = read_truth(film.truth)
    if n_pictures < 1 or n_draws < 1:
        raise EvaluationError("There is no drawing of less than one picture or less than once; give numbers above 0.")
    models, settings = Models(), AnalysisSettings()
    gallery = film_gallery(film, models, progress)
    if gallery is None:
        raise EvaluationError(f"{folder} has no cast to recognise; add cast/<Person Name>/*.jpg.")
    whole = analyse_video(film.clip, gallery, settings, models, progress)
    known = known_tracks(whole, settings, models.ids)
    random = np.random.default_rng(SEED)
    draws = []
    for i in range(n_draws):
        few = drawn(gallery, n_pictures, random)
        again = analyse_video(film.clip, few, settings, models, video_sha256=whole.video_sha256, known=known)
        draws.append(_figures(score_analysis(again, truth, gallery.people)))
        progress("drawing pictures", (i + 1) / n_draws)
    counts = [gallery.names.count(person) for person in gallery.people]
    return {
        "name": folder.resolve().name,
        "n_people": len(counts),
        "all": {"n_pictures": [min(counts), max(counts)], **_figures(score_analysis(whole, truth, gallery.people))},
        "few": {"n_pictures": n_pictures, **{key: mean(draw[key] for draw in draws) for key in draws[0]}},
        "draws": draws,
    }


def drawn(gallery: Gallery, n_pictures: int, random: np.random.Generator) -> Gallery:
    """The gallery with `n_pictures` of each person, or all of who has no more, in their order."""
    names = np.array(gallery.names)
    rows: list[int] = []
    for person in gallery.people:
        own = np.flatnonzero(names == person)
        rows += random.choice(own, min(n_pictures, len(own)), replace=False).tolist()
    rows.sort()
    return replace(
        gallery,
        names=tuple(gallery.names[i] for i in rows),
        paths=tuple(gallery.paths[i] for i in rows),
        sha256=tuple(gallery.sha256[i] for i in rows),
        vectors=gallery.vectors[rows],
    )


def _figures(score: ScreenTimeScore) -> dict[str, float]:
    return {"f1": score.clear.f1, "precision": score.clear.precision, "f1_every_visible": score.every.f1}
