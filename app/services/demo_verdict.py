"""How well the analysis of the demo's film did, against the truth that its rendering knows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from app.services import demo
from app.services.store import store
from engine.names import name_key
from engine.store.corrections import CorrectionLog
from engine.store.films import FilmRecord, FilmRepository

TRUTH = demo.FILM.with_name("trailer_truth.csv")


@dataclass(frozen=True, slots=True)
class JudgedPerson:
    """Seconds on screen of somebody of the cast, as said, and truly: `least_s` with a clear view of the face,
    `most_s` with any."""

    name: str
    said_s: float
    least_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`f1`, `precision` and `recall` (0..1) of the cast's clear seconds; `error_s`, the median over the cast of what is
    said too much or too little; of `n_strangers` true strangers `n_found` are found, as `n_said` people, of whose
    seconds the share `purity` is that one's."""

    f1: float
    precision: float
    recall: float
    error_s: float
    n_strangers: int
    n_found: int
    n_said: int
    purity: float
    people: tuple[JudgedPerson, ...]


def verdict(film: FilmRecord) -> Verdict | None:
    """The latest analysis of the demo's film against the truth; None for any other film, one that was not analysed, or
    one in which nobody has a name of the cast."""
    if film.latest_analysis_id is None or not demo.is_there() or not TRUTH.is_file():
        return None
    if film.sha256 != demo.film_sha256():
        return None
    # Corrections change who is who, so each makes another verdict.
    log = CorrectionLog(store())
    return _judged(film.latest_analysis_id, tuple(one.id for one in log.active(film.sha256)))


@lru_cache(maxsize=2)
def _judged(analysis_id: int, _corrections: tuple[int, ...]) -> Verdict | None:
    # Only where the demo is looked at: they bring a solver along.
    from engine.evaluate.screentime import median_error_s, read_truth, score_analysis
    from engine.evaluate.strangers import score_strangers

    analysis = FilmRepository(store()).load_analysis(analysis_id, faces=False)
    cast = sorted(folder.name for folder in demo.PICTURES.iterdir() if folder.is_dir())
    keys = {name_key(name) for name in cast}
    if not any(name_key(person.name) in keys for person in analysis.people):
        return None
    truth = read_truth(TRUTH)
    score, strangers = score_analysis(analysis, truth, cast), score_strangers(analysis, truth, keys)
    return Verdict(
        f1=score.clear.f1,
        precision=score.clear.precision,
        recall=score.clear.recall,
        error_s=median_error_s(score.people) or 0.0,
        n_strangers=strangers.n_true,
        n_found=strangers.n_matched,
        n_said=strangers.n_clusters,
        purity=strangers.purity,
        people=tuple(JudgedPerson(one.name, one.said_s, one.clear_s, one.visible_s) for one in score.people),
    )
