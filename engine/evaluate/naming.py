"""How many answers it takes to name a film's strangers: a film analysed without a cast, and a person who knows them."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.config import AnalysisSettings
from engine.errors import EvaluationError
from engine.evaluate.boxes import read_boxes
from engine.evaluate.films import film_gallery
from engine.evaluate.folders import film_folder
from engine.evaluate.grouping import people_of_tracks
from engine.evaluate.screentime import Truth, read_truth, score_analysis
from engine.pipeline import correct
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.pipeline.rerun import known_tracks
from engine.pipeline.strangers import cast_of, named_shares
from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.types import Analysis, Person, Progress, ignore_progress

MOST_ANSWERS = 40


def evaluate_naming(folder: Path, progress: Progress = ignore_progress) -> dict[str, Any]:
    """Analyses the film of `folder` with its cast and without. Then, always of the stranger seen longest, says who that
    is by most of the seconds that the truth tells (nobody: ignores them), one answer each, and scores the clear seconds
    of the cast after each answer. A plain record; raises EvaluationError if the folder has no cast."""
    film = film_folder(folder)
    if film.cast is None:
        raise EvaluationError(f"{folder} has no cast, which names are compared with; name a folder with one.")
    truth, models, settings = read_truth(film.truth), Models(), AnalysisSettings()
    names = [one.name for one in film.cast.iterdir() if one.is_dir()]
    bare = analyse_video(film.clip, None, settings, models, progress)
    known = known_tracks(bare, settings, models.ids)
    gallery = film_gallery(film, models, progress)
    with_cast = analyse_video(film.clip, gallery, settings, models, progress, known=known)
    person_of = people_of_tracks(bare, truth, read_boxes(film.boxes))
    seconds = {track.id: track.interval.duration_s for track in bare.tracks}
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(Path(scratch) / "dramatis.sqlite3")
        films = FilmRepository(store)
        analysis_id = films.save_analysis(bare)
        scores = [_f1(films.load_analysis(analysis_id, faces=False), truth, names)]
        while len(scores) <= MOST_ANSWERS and (left := cast_of(store, bare.video_sha256).strangers):
            called = _who(left[0], person_of, seconds)
            if called is None:
                correct.ignore(store, bare.video_sha256, [left[0].id])
            else:
                correct.name(store, bare.video_sha256, [left[0].id], called)
            scores.append(_f1(films.load_analysis(analysis_id, faces=False), truth, names))
        shares = named_shares(store, bare.video_sha256)
    return {
        "name": folder.resolve().name,
        "f1_with_cast": score_analysis(with_cast, truth, names).clear.f1,
        "f1": scores,
        "named_share": list(shares),
        "n_strangers": len(bare.people),
    }


def naming_text(record: dict[str, Any]) -> str:
    """The record as lines: the film, and F1 and the share of face time named after each answer."""
    lines = [
        f"{record['name']}: {record['n_strangers']} strangers; with the cast F1 is {record['f1_with_cast']:.3f}",
        "answers      F1   face time named",
    ]
    for answers, (f1, share) in enumerate(zip(record["f1"], record["named_share"], strict=True)):
        lines.append(f"{answers:7}   {f1:.3f}   {100 * share:13.0f} %")
    return "\n".join(lines)


def _who(person: Person, person_of: dict[int, str], seconds: dict[int, float]) -> str | None:
    votes: Counter[str] = Counter()
    for number in person.track_ids:
        if number in person_of:
            votes[person_of[number]] += seconds[number]
    return votes.most_common(1)[0][0] if votes else None


def _f1(analysis: Analysis, truth: Truth, names: list[str]) -> float:
    """Whoever has the name of one of the cast counts as that one, as somebody known by pictures does."""
    people = tuple(replace(one, kind="known") if one.name in names else one for one in analysis.people)
    return score_analysis(replace(analysis, people=people), truth, names).clear.f1
