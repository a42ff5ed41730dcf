"""A film as large as any: three hours, 60 people, 5,000 appearances. Nothing of it was ever seen; it is for measuring
pages and for looking at them. ``python -P -m bench.big_film`` puts it into the data folder."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.config import AnalysisSettings, database_path
from engine.identity.bounds import SURE
from engine.store.database import Store, open_store
from engine.store.films import FilmRepository
from engine.timeline import Interval, Timeline
from engine.types import Analysis, Chances, FaceSamples, Person, Track, VideoInfo

DURATION_S = 3 * 3600.0
N_PEOPLE = 60
N_UNKNOWN = 22
N_PASSERS_BY = 5  # of them
N_APPEARANCES = 5000
N_SHOTS = 2400
MODEL = "dlib-resnet-1"
TITLE = "The Long Night of Saint Aurelian's Lighthouse (Director's Cut)"

FIRST = "Anna Béatrice Chidi Dagny Émile Farouk Gwendolyn Hideo Ines Joaquín Katarzyna Leopold Maëlle Olga".split()
LAST = "Achterberg Brown Castellanos-Ruiz Đorđević Eze Fitzgerald-Montgomery Győry Hughes Íñiguez".split()
LONGEST_NAME = "Wilhelmina Alexandrina Paulowna von Hohenberg-Sachsen-Coburg the Younger"


def names(rng: np.random.Generator) -> list[str]:
    """The known people's names: short, long, and with letters of several alphabets."""
    found = [LONGEST_NAME, "李小龍", "Юлия Константиновна", "Bo", "X Æ"]
    while len(found) < N_PEOPLE - N_UNKNOWN:
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        if name not in found:
            found.append(name)
    return found


@lru_cache(maxsize=1)
def big_analysis(path: Path = Path("/films/big_film.mp4"), sha256: str = "b" * 64) -> Analysis:
    """The analysis of that film; the same each time."""
    rng = np.random.default_rng(60)
    known = names(rng)
    strangers = [f"unknown_{n}" for n in range(1, N_UNKNOWN + 1)]
    # Few people are seen often and many seldom, as in films.
    weights = 1 / np.arange(1, N_PEOPLE + 1) ** 0.9
    order = rng.permutation(N_PEOPLE)
    people, tracks, person_of, distance_of, candidates, chances = [], [], {}, {}, {}, {}
    counts = np.maximum(1, np.round(N_APPEARANCES * weights / weights.sum())).astype(int)
    passing = order >= N_PEOPLE - N_PASSERS_BY
    counts[passing] = 1
    counts[np.argmin(passing)] += N_APPEARANCES - counts.sum()
    cast = tuple(sorted(known))
    for rank, who in enumerate(order):
        is_known = who < len(known)
        name = known[who] if is_known else strangers[who - len(known)]
        person_id = f"known:{name.casefold()}" if is_known else f"unknown:{who - len(known) + 1}"
        first = name if is_known else cast[rank % len(cast)]  # whom this one is like
        intervals = _appearances(rng, int(counts[rank]))
        if passing[rank]:
            intervals = [Interval(at.start_s, at.start_s + 0.2 + 0.1 * (rank % 6)) for at in intervals]
        mine = []
        for interval in intervals:
            number = len(tracks) + 1
            # The last one is never seen well.
            track = _track(rng, number, interval, poor=rank == N_PEOPLE - 1)
            tracks.append(track)
            mine.append(track)
            person_of[number] = person_id
            near = float(rng.uniform(0.3, 0.5) if is_known else rng.uniform(0.6, 0.8))
            distance_of[number] = near if is_known else None
            others = [other for other in rng.choice(cast, 4, replace=False) if other != first]
            nearest = [(first, near)]
            nearest += [(str(other), near + 0.1 * (k + 1)) for k, other in enumerate(others)]
            candidates[number] = tuple(tuple(nearest[:3]) for _ in range(len(track.faces)))
            chances[number] = _chances(rng, [name for name, _ in nearest[:3]], is_known, rank)
        seconds = [interval.duration_s for interval in intervals]
        sure = [chances[track.id][0][1] if is_known else 1 - sum(p for _, p in chances[track.id]) for track in mine]
        people.append(
            Person(
                id=person_id,
                name=name,
                kind="known" if is_known else "unknown",
                timeline=Timeline(intervals),
                confidence=float(np.average(sure, weights=seconds)),
                track_ids=tuple(track.id for track in mine),
                low_s=float(sum(s for s, chance in zip(seconds, sure, strict=True) if chance >= SURE)),
                high_s=float(sum(seconds) * 1.02 + 0.06 * len(seconds)),
            )
        )
    people.sort(key=lambda person: -person.screen_time_s)
    cuts = np.concatenate([[0.0], np.sort(rng.uniform(1, DURATION_S - 1, N_SHOTS - 1)), [DURATION_S]])
    return Analysis(
        video=VideoInfo(path, DURATION_S, Fraction(24000, 1001), 1920, 800, "h264"),
        video_sha256=sha256,
        engine_version="0.2.0",
        model_ids=(MODEL,),
        settings=AnalysisSettings().as_dict(),
        shots=tuple(Interval(a, b) for a, b in zip(cuts[:-1], cuts[1:], strict=True) if b > a),
        people=tuple(people),
        tracks=tuple(tracks),
        person_of_track=person_of,
        distance_of_track=distance_of,
        n_frames_damaged=3,
        warnings=("3 damaged pictures of the film were left out.",),
        candidates=candidates,
        chances=chances,
        gallery="Aurelian",
        cast=cast,
    )


def _appearances(rng: np.random.Generator, n: int) -> list[Interval]:
    """`n` disjoint stretches, in a few knots as scenes are, a hundredth of a second apart at least."""
    apart = 0.02 * np.arange(n)
    starts = np.maximum.accumulate(np.sort(rng.uniform(0, DURATION_S - 60, n)) - apart) + apart
    lengths = np.clip(rng.lognormal(0.8, 0.8, n), 0.2, 40)
    ends = np.minimum(starts + lengths, np.append(starts[1:], DURATION_S) - 0.01)
    return [Interval(float(start), float(end)) for start, end in zip(starts, ends, strict=True)]


def _chances(rng: np.random.Generator, likeliest: list[str], is_known: bool, rank: int) -> Chances:
    """Probabilities as a film has them: most tracks are plain, the turned and the dark ones are not; every fifth of the
    people is harder to tell than the others."""
    hard = rng.random() < (0.5 if rank % 5 == 2 else 0.03)
    if is_known:
        first = rng.uniform(0.6, 0.8) if hard else 1 - rng.exponential(0.02)
        first = float(np.clip(first, 0.6, 0.9999))
    else:
        first = float(rng.uniform(0.25, 0.6) if hard or rank % 5 == 2 else min(0.2, rng.exponential(0.02)))
    second = float(min(first, 1 - first) * rng.uniform(0, 0.6))
    return tuple(zip(likeliest, (first, second, second * 0.3), strict=True))


def _track(rng: np.random.Generator, number: int, interval: Interval, poor: bool) -> Track:
    n = int(np.clip(interval.duration_s * 2, 2, 5))
    t_s = np.linspace(interval.start_s, interval.end_s - 0.001, n)
    left, top, size = rng.uniform(100, 1500), rng.uniform(40, 500), rng.uniform(60, 240)
    drift = np.linspace(0, rng.uniform(-80, 80), n)
    boxes = np.stack([left + drift, np.full(n, top), left + drift + size, np.full(n, top + size)], axis=1)
    vectors = rng.normal(size=(2, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    faces = FaceSamples(t_s[:2], boxes[:2], _quality(number, rng.uniform(0.4, 1, 2), poor), vectors, MODEL)
    return Track(number, interval.start_s, interval.end_s, t_s, boxes, np.full(n, 0.9), faces)


def _quality(number: int, quality: np.ndarray, poor: bool) -> np.ndarray:
    """Every fifth track ends in a view that is hard to see, every fortieth has no other, nor has a `poor` one; two
    faces a track."""
    if poor or number % 40 == 0:
        return np.full(2, 0.05)
    return np.array([quality[0], 0.05 if number % 5 == 0 else quality[1]])


def save_big_film(store: Store, path: Path = Path("/films/big_film.mp4")) -> str:
    """Puts the film into the store; its token."""
    films = FilmRepository(store)
    analysis = big_analysis(path)
    films.save_analysis(analysis)
    films.retitle(analysis.video_sha256, TITLE)
    return films.by_sha256(analysis.video_sha256).token


if __name__ == "__main__":
    import sys

    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("/films/big_film.mp4")
    sys.stdout.write(save_big_film(open_store(database_path()), path) + "\n")
