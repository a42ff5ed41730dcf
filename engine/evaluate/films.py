"""Whole films with a truth: analysed and scored, one at a time and together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.config import AnalysisSettings
from engine.evaluate.boxes import BoxRecall, box_recall, match_boxes, read_boxes
from engine.evaluate.folders import FilmFolder, film_folder
from engine.evaluate.screentime import (
    PersonScore,
    Score,
    ScreenTimeScore,
    Truth,
    clear_on_grid,
    read_truth,
    said_and_true,
    score_analysis,
)
from engine.evaluate.strangers import StrangerScore, identity_f1_of, score_strangers
from engine.identity.gallery import build_gallery, people_of_folder
from engine.names import name_key
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.types import Analysis, Gallery, Progress, ignore_progress


@dataclass(frozen=True, slots=True)
class FilmScore:
    """A film's figures. `clear_on_grid` is the clear score counted in cells of 0.1 s. `idf1` and `idf1_every` are over
    everybody said and true, whatever they are called: with hard seconds free, and with every visible second wanted.
    `elapsed_s` is the time of the analysis, the cast's pictures included. `boxes` is empty without annotated faces."""

    name: str
    duration_s: float
    elapsed_s: float
    cast: ScreenTimeScore
    clear_on_grid: Score
    strangers: StrangerScore
    idf1: float
    idf1_every: float
    boxes: tuple[BoxRecall, ...]

    @property
    def people(self) -> tuple[PersonScore, ...]:
        """The cast and the true strangers."""
        return (*self.cast.people, *self.strangers.people)


def evaluate_films(
    folders: Iterable[Path],
    settings: AnalysisSettings | None = None,
    progress: Progress = ignore_progress,
    look: Callable[[FilmScore, Analysis], None] = lambda _score, _analysis: None,
) -> list[FilmScore]:
    """Analyses the film of each folder and scores it; `look` may look at each analysis as well. Raises EvaluationError
    before the first analysis if a folder or a truth is none, and what `analyse_video` and `build_gallery` raise."""
    films = [(folder, film_folder(folder)) for folder in folders]
    truths = [read_truth(film.truth) for _, film in films]
    for _, film in films:
        read_boxes(film.boxes)
    models = Models()
    scores = []
    for (folder, film), truth in zip(films, truths, strict=True):
        began_s = time.monotonic()
        gallery = film_gallery(film, models, progress)
        analysis = analyse_video(film.clip, gallery, settings or AnalysisSettings(), models, progress)
        scores.append(score_film(folder.resolve().name, film, analysis, truth, time.monotonic() - began_s))
        look(scores[-1], analysis)
    return scores


def film_gallery(film: FilmFolder, models: Models, progress: Progress = ignore_progress) -> Gallery | None:
    """The gallery of the film's cast; None if nobody has pictures."""
    if film.cast is None:
        return None
    return build_gallery(film.cast, "cast", models.detector, models.aligner, models.embedder, progress)


def score_film(name: str, film: FilmFolder, analysis: Analysis, truth: Truth, elapsed_s: float) -> FilmScore:
    """All figures of one analysis of the film."""
    cast = people_of_folder(film.cast) if film.cast else []
    keys = {name_key(person) for person in cast}
    faces = match_boxes(read_boxes(film.boxes), analysis.tracks)
    on_grid = (clear_on_grid(said, of) for _, said, of in said_and_true(analysis, truth, cast))
    idf1, idf1_every = identity_f1_of(analysis, truth)
    return FilmScore(
        name=name,
        duration_s=analysis.video.duration_s,
        elapsed_s=elapsed_s,
        cast=score_analysis(analysis, truth, cast),
        clear_on_grid=sum(on_grid, Score(0, 0, 0)),
        strangers=score_strangers(analysis, truth, keys, faces),
        idf1=idf1,
        idf1_every=idf1_every,
        boxes=tuple(box_recall(faces)),
    )


def boxes_together(films: Sequence[FilmScore]) -> list[BoxRecall]:
    """The annotated faces of all films, class by class."""
    sums: dict[tuple[int, int | None, str], tuple[int, int]] = {}
    for recall in (recall for film in films for recall in film.boxes):
        key = (recall.low_px, recall.high_px, recall.visibility)
        found, true = sums.get(key, (0, 0))
        sums[key] = (found + recall.n_found, true + recall.n_true)
    return [BoxRecall(*key, *counts) for key, counts in sums.items()]
