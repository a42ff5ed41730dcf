"""A film of nobody but strangers: 500 people, 2,500 tracks, 20,000 faces. Nothing of it was ever seen; it is for
measuring the page of strangers and for looking at it. ``python -P -m bench.many_strangers`` puts it into the data
folder."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.config import AnalysisSettings, database_path
from engine.store.database import Store, open_store
from engine.store.films import FilmRepository
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo
from engine.vision.model_ids import EMBEDDER_ID

N_PEOPLE, N_TRACKS, N_FACES = 500, 5, 8
_APART, _ALIKE = 0.9, 0.3  # Euclidean, of two people's faces and of one person's


def strangers_analysis(
    n_people: int = N_PEOPLE,
    n_tracks: int = N_TRACKS,
    n_faces: int = N_FACES,
    *,
    title: str = "Nobody You Know",
    sha256: str = "5" * 64,
    first: int = 0,
) -> Analysis:
    """Strangers `first`, `first` + 1 ..., each with `n_tracks` tracks of `n_faces` faces; the same each time, so two
    films may have some in common. The one named first is seen longest; no two at once."""
    people, tracks, t_s = [], [], 0.0
    for n in range(n_people):
        rng = np.random.default_rng(first + n)
        centre = rng.normal(0, _APART / np.sqrt(256), 128)
        mine = []
        for _ in range(n_tracks):
            length = 0.5 + 3.0 * (n_people - n) / n_people
            times = t_s + np.linspace(0, 0.9 * length, n_faces)
            left, top = rng.uniform(0, 400), rng.uniform(0, 150)
            boxes = np.tile([left, top, left + 80, top + 100], (n_faces, 1))
            vectors = centre + rng.normal(0, _ALIKE / np.sqrt(256), (n_faces, 128))
            faces = FaceSamples(times, boxes, rng.uniform(0.4, 1, n_faces), vectors, EMBEDDER_ID)
            mine.append(Track(len(tracks) + 1, t_s, t_s + length, times, boxes, np.ones(n_faces), faces))
            tracks.append(mine[-1])
            t_s += length + 0.1
        timeline = Timeline(track.interval for track in mine)
        ids = tuple(track.id for track in mine)
        people.append(Person(f"unknown:{n + 1}", f"unknown_{n + 1}", "unknown", timeline, 1.0, ids))
    return Analysis(
        video=VideoInfo(Path(f"/films/{title}.mp4"), t_s + 1, Fraction(25), 640, 360, "h264"),
        video_sha256=sha256,
        engine_version="0.3.0",
        model_ids=("mmod", EMBEDDER_ID),
        settings=AnalysisSettings().as_dict(),
        shots=(Interval(0, t_s + 1),),
        people=tuple(people),
        tracks=tuple(tracks),
        person_of_track={number: person.id for person in people for number in person.track_ids},
        distance_of_track=dict.fromkeys(track.id for track in tracks),
    )


def save_strangers(store: Store, analysis: Analysis) -> str:
    """Puts the film into a store and returns its token."""
    films = FilmRepository(store)
    films.add(analysis.video, analysis.video_sha256, analysis.video.path.stem)
    films.save_analysis(analysis)
    return films.by_sha256(analysis.video_sha256).token


if __name__ == "__main__":
    print(f"/unknowns?film={save_strangers(open_store(database_path()), strangers_analysis())}")
