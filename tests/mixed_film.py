"""A small film in which the analysis took two people for one: for tests of what people correct. Nobody ever saw it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.identity.evidence import CALIBRATED_FOR
from engine.store.database import Store
from engine.store.films import FilmRepository
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo

SHA256 = "d" * 64
ADA, MIXED, OTHER, BRIEF = "known:ada byron", "unknown:1", "unknown:2", "unknown:3"
"""Somebody of the cast; a stranger who is two people; one who is one; and one with a single track."""

N_ADA, N_FIRST, N_SECOND, N_OTHER = 6, 8, 4, 3
MIXED_TRACKS = tuple(range(N_ADA + 1, N_ADA + N_FIRST + N_SECOND + 1))
SECOND = MIXED_TRACKS[N_FIRST:]
"""The tracks of the second person within the mixed one."""

HARD, DOUBTFUL = MIXED_TRACKS[0], MIXED_TRACKS[1]
"""A track whose face is hard to see, and one that may well be Ada's."""


def mixed_analysis(path: Path = Path("/films/Mixed.mp4"), sha256: str = SHA256, n_first: int = N_FIRST) -> Analysis:
    """The analysis; with more tracks of the first of the two where `n_first` says so (then `SECOND` is others)."""
    groups = [
        (ADA, "Ada_Byron", [0] * N_ADA),
        (MIXED, "unknown_1", [1] * n_first + [2] * N_SECOND),
        (OTHER, "unknown_2", [3] * N_OTHER),
        (BRIEF, "unknown_3", [4]),
    ]
    tracks, people, of_track, chances = [], [], {}, {}
    for person_id, name, faces_of in groups:
        mine = []
        for who in faces_of:
            number = len(tracks) + 1
            mine.append(_track(number, who, 0.05 if number == HARD else 0.9))
            tracks.append(mine[-1])
            of_track[number] = person_id
            ada = 0.97 if person_id == ADA else 0.4 if number == DOUBTFUL else 0.02
            chances[number] = (("Ada_Byron", ada),)
        kind = "known" if person_id == ADA else "unknown"
        timeline = Timeline(track.interval for track in mine)
        people.append(Person(person_id, name, kind, timeline, 0.9, tuple(track.id for track in mine)))
    people.sort(key=lambda person: -person.screen_time_s)
    duration_s = tracks[-1].end_s + 10
    return Analysis(
        video=VideoInfo(path, duration_s, Fraction(25), 1280, 720, "h264"),
        video_sha256=sha256,
        engine_version="1",
        model_ids=(CALIBRATED_FOR,),
        settings={"min_probability": 0.6},
        shots=(Interval(0, duration_s),),
        people=tuple(people),
        tracks=tuple(tracks),
        person_of_track=of_track,
        distance_of_track=dict.fromkeys(of_track),
        chances=chances,
        gallery="Byrons",
        cast=("Ada_Byron",),
    )


def save_mixed_film(store: Store, **how: object) -> str:
    """Puts the film into the store; its token."""
    films, analysis = FilmRepository(store), mixed_analysis(**how)
    films.save_analysis(analysis)
    return films.by_sha256(analysis.video_sha256).token


def _track(number: int, who: int, quality: float) -> Track:
    """Two seconds of the face of the `who`-th person, one after the other, each with a gap behind it."""
    direction = np.random.default_rng(who).normal(size=128)
    noise = np.random.default_rng(1000 + number).normal(size=(2, 128))
    vectors = 0.53 * direction / np.linalg.norm(direction) + 0.27 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    start_s = 3.0 * number
    t_s = start_s + np.array([0.0, 1.0, 1.9])
    boxes = np.tile([100.0, 80, 260, 240], (3, 1))
    faces = FaceSamples(t_s[:2], boxes[:2], np.array([quality, quality / 2]), vectors, CALIBRATED_FOR)
    return Track(number, start_s, start_s + 2, t_s, boxes, np.ones(3), faces)
