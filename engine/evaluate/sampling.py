"""What is lost by looking at few frames a second: one film analysed at several rates, against every frame."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from engine.config import AnalysisSettings
from engine.errors import EvaluationError
from engine.evaluate.films import film_gallery, score_film
from engine.evaluate.folders import film_folder
from engine.evaluate.screentime import read_truth
from engine.media.video import probe
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.types import Analysis, Progress, ignore_progress

RATES = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class RateScore:
    """One rate: `f1` of the cast's clear seconds and `idf1` of everybody's, against the truth; `median_difference_s`,
    the median over people of the absolute difference of their seconds from those at every frame, and
    `median_difference_share` of that difference as a share of the larger of the two (None if nobody is there at
    either); and the time of the analysis, without the cast's pictures."""

    sample_fps: float
    is_every_frame: bool
    f1: float
    idf1: float
    n_people: int
    median_difference_s: float | None
    median_difference_share: float | None
    elapsed_s: float


def evaluate_sampling(
    folder: Path, rates: Sequence[float] = RATES, progress: Progress = ignore_progress
) -> dict[str, Any]:
    """Analyses the film of `folder` at each of `rates` below its own frame rate, and at every frame, as a plain record.
    Every frame of a film of 24 frames a second takes three times as long as the default. Raises EvaluationError."""
    film = film_folder(folder)
    truth = read_truth(film.truth)
    fps = float(probe(film.clip).fps)
    if any(rate <= 0 for rate in rates):
        raise EvaluationError("Rates of sampling are frames a second; give numbers above 0.")
    models = Models()
    gallery = film_gallery(film, models, progress)
    found: list[tuple[float, Analysis, float]] = []
    for rate in (*sorted({rate for rate in rates if rate < fps}), fps):
        began_s = time.monotonic()
        analysis = analyse_video(film.clip, gallery, replace(AnalysisSettings(), sample_fps=rate), models, progress)
        found.append((rate, analysis, time.monotonic() - began_s))
    every = found[-1][1]
    scores = []
    for rate, analysis, elapsed_s in found:
        score = score_film(folder.name, film, analysis, truth, elapsed_s)
        pairs = seconds_of_both(analysis, every)
        scores.append(
            RateScore(
                sample_fps=rate,
                is_every_frame=rate == fps,
                f1=score.cast.clear.f1,
                idf1=score.idf1,
                n_people=len(analysis.people),
                median_difference_s=median(abs(a - b) for a, b in pairs) if pairs else None,
                median_difference_share=median(abs(a - b) / max(a, b) for a, b in pairs) if pairs else None,
                elapsed_s=elapsed_s,
            )
        )
    return {
        "name": folder.resolve().name,
        "duration_s": round(every.video.duration_s, 2),
        "has_cast": film.cast is not None,
        "rates": [
            {name: getattr(score, name) for name in RateScore.__slots__}  # plain values all
            for score in scores
        ],
    }


def seconds_of_both(analysis: Analysis, other: Analysis) -> list[tuple[float, float]]:
    """Seconds of each person in `analysis` and those of the same person in `other`, never both 0: named people by their
    name, strangers one-to-one so that they have most seconds in common. Who is in one of them alone has 0 in the
    other."""
    known, others_known = ({p.id: p.screen_time_s for p in a.people if p.kind == "known"} for a in (analysis, other))
    pairs = [(known.get(key, 0.0), others_known.get(key, 0.0)) for key in sorted(known.keys() | others_known.keys())]
    strangers, theirs = ([p for p in a.people if p.kind == "unknown"] for a in (analysis, other))
    common_s = np.array([[(a.timeline & b.timeline).duration_s for b in theirs] for a in strangers])
    found = zip(*linear_sum_assignment(-common_s.reshape(len(strangers), len(theirs))), strict=True)
    matched = {i: j for i, j in found if common_s[i, j] > 0}
    pairs += [
        (p.screen_time_s, theirs[matched[i]].screen_time_s if i in matched else 0.0) for i, p in enumerate(strangers)
    ]
    pairs += [(0.0, p.screen_time_s) for j, p in enumerate(theirs) if j not in matched.values()]
    return [pair for pair in pairs if max(pair) > 0]
