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
from engine.identity.sureness import KNOWN
from engine.names import name_key
from engine.pipeline import correct
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.pipeline.rerun import known_tracks
from engine.pipeline.strangers import cast_of, named_shares
from engine.store.corrections import CorrectionLog
from engine.store.database import Store, open_store
from engine.store.films import FilmRepository
from engine.types import Analysis, Person, Progress, ignore_progress

MOST_ANSWERS = 40


def evaluate_naming(folder: Path, progress: Progress = ignore_progress) -> dict[str, Any]:
    """Analyses the film of `folder` with its cast and without. Then a person who knows everybody answers, each answer
    one correction, always where it settles most seconds: who the stranger seen longest is, or to whom faces belong that
    are with somebody else. The clear seconds of the cast are scored after each answer. A plain record; raises
    EvaluationError if the folder has no cast."""
    film = film_folder(folder)
    if film.cast is None:
        raise EvaluationError(f"{folder} has no cast, which names are compared with; name a folder with one.")
    truth, models, settings = read_truth(film.truth), Models(), AnalysisSettings()
    names = [one.name for one in film.cast.iterdir() if one.is_dir()]
    bare = analyse_video(film.clip, None, settings, models, progress)
    known = known_tracks(bare, settings, models.ids)
    gallery = film_gallery(film, models, progress)
    with_cast = analyse_video(film.clip, gallery, settings, models, progress, known=known)
    # Where two people are there at once the truth does not tell tracks apart; there the analysis with the cast does.
    told = {number: who.name for who in with_cast.people if who.kind == "known" for number in who.track_ids}
    told |= people_of_tracks(bare, truth, read_boxes(film.boxes))
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(Path(scratch) / "dramatis.sqlite3")
        films = FilmRepository(store)
        analysis_id = films.save_analysis(bare)
        scores = [_f1(films.load_analysis(analysis_id, faces=False), truth, names)]
        while len(scores) <= MOST_ANSWERS and _answer(store, bare, told):
            scores.append(_f1(films.load_analysis(analysis_id, faces=False), truth, names))
        outline, steps = films.outline(bare.video_sha256), CorrectionLog(store).steps(bare.video_sha256)
        shares = named_shares(outline, steps) if outline and steps else ()
    return {
        "name": folder.resolve().name,
        "f1_with_cast": score_analysis(with_cast, truth, names).clear.f1,
        "f1": scores,
        "named_share": list(shares),
        "n_strangers": len(bare.people),
    }


def _answer(store: Store, analysis: Analysis, told: dict[int, str]) -> bool:
    """Gives the answer that settles most seconds; False if there is none left."""
    cast = cast_of(store, analysis.video_sha256)
    if cast is None:
        return False
    seconds = {track.id: track.interval.duration_s for track in analysis.tracks}
    named = {name_key(person.name): person for person in cast.named}
    misplaced: dict[tuple[str, str], list[int]] = {}
    for person in cast.named:
        for number in person.track_ids:
            right = name_key(told.get(number, person.name))
            if right != name_key(person.name) and right in named:
                misplaced.setdefault((person.id, named[right].id), []).append(number)
    worst = max(misplaced.items(), key=lambda one: sum(seconds[n] for n in one[1]), default=None)
    stranger = next(iter(cast.strangers), None)
    if worst and sum(seconds[n] for n in worst[1]) > (stranger.screen_time_s if stranger else 0.0):
        correct.move(store, analysis.video_sha256, worst[1], worst[0][1])
    elif stranger and (called := _who(stranger, told, seconds)):
        correct.name(store, analysis.video_sha256, [stranger.id], called)
    elif stranger:
        correct.ignore(store, analysis.video_sha256, [stranger.id])
    return bool(worst or stranger)


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
    cast = {name_key(one) for one in names}
    people = tuple(
        replace(one, kind="known", id=KNOWN + name_key(one.name)) if name_key(one.name) in cast else one
        for one in analysis.people
    )
    return score_analysis(replace(analysis, people=people), truth, names).clear.f1
