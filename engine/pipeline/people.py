"""Tracks to people: names from the gallery, numbers for the rest that outlive another analysis, and the seconds of
each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.config import AnalysisSettings
from engine.identity.cluster import cluster_tracks
from engine.identity.continuity import keep_identities
from engine.identity.recognise import Recognition, face_candidates, person_distances, recognise
from engine.names import name_key
from engine.store.films import FilmRepository
from engine.timeline import Timeline
from engine.types import Analysis, Candidates, Gallery, Person, Track

SURELY_ONE_DISTANCE = 0.42  # tracks of one film within this are one person; anything from 0.34 to 0.46 gives the same


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """Everybody in a film, longest screen time first, and what ties each track to its person. Keys are track ids;
    a stranger's track has no distance (None). `candidates`, who each face is like, is {} without a gallery."""

    people: tuple[Person, ...]
    person_of_track: dict[int, str]
    distance_of_track: dict[int, float | None]
    candidates: dict[int, tuple[Candidates, ...]]


def name_people(tracks: Sequence[Track], gallery: Gallery | None, settings: AnalysisSettings) -> NamedPeople:
    """Names the tracks of people in `gallery`, clusters the rest, and numbers the strangers by screen time:
    unknown_1 is seen longest. No tracks, no people."""
    named = named_tracks(tracks, gallery, settings.max_distance)
    known: dict[str, list[Track]] = {}
    for track in tracks:
        if track.id in named:
            known.setdefault(named[track.id].name, []).append(track)
    people = []
    for name, of_person in known.items():
        ratios = [_clearness(named[t.id].distance, named[t.id].distance + named[t.id].margin) for t in of_person]
        people.append(_person(f"known:{name_key(name)}", name, "known", of_person, ratios))

    strangers = [track for track in tracks if track.id not in named]
    groups = _clusters(strangers, settings.stranger_distance)
    groups.sort(key=lambda group: (-_timeline(group).duration_s, group[0].start_s))
    for number, group in enumerate(groups, start=1):
        ratios = [_clearness(settings.max_distance, _nearest_known(track, gallery)) for track in group]
        people.append(_person(f"unknown:{number}", f"unknown_{number}", "unknown", group, ratios))

    people.sort(key=lambda person: (-person.screen_time_s, person.id))
    return NamedPeople(
        tuple(people),
        {track_id: person.id for person in people for track_id in person.track_ids},
        {track.id: named[track.id].distance if track.id in named else None for track in tracks},
        {track.id: face_candidates(track.faces, gallery) for track in tracks} if gallery else {},
    )


def named_tracks(tracks: Sequence[Track], gallery: Gallery | None, max_distance: float) -> dict[int, Recognition]:
    """Who of `gallery` the tracks are, keyed by track id; strangers are absent. Tracks that are surely one person are
    judged together. No tracks or no gallery, no names."""
    return recognise(_clusters(tracks, SURELY_ONE_DISTANCE), gallery, max_distance) if gallery else {}


def _clusters(tracks: Sequence[Track], max_distance: float) -> list[list[Track]]:
    by_id = {track.id: track for track in tracks}
    return [[by_id[i] for i in group] for group in cluster_tracks(tracks, max_distance)]


def _person(person_id: str, name: str, kind: str, tracks: Sequence[Track], ratios: Sequence[float]) -> Person:
    seconds = [track.interval.duration_s for track in tracks]
    return Person(
        id=person_id,
        name=name,
        kind=kind,
        timeline=_timeline(tracks),
        confidence=float(np.average(ratios, weights=np.array(seconds) + 1e-6)),
        track_ids=tuple(track.id for track in tracks),
    )


def _timeline(tracks: Iterable[Track]) -> Timeline:
    return Timeline(track.interval for track in tracks)


def _clearness(near: float, far: float) -> float:
    """0 where the two answers are equally near, towards 1 the farther the second one is."""
    return float(np.clip(1 - near / far, 0, 1)) if far > 0 else 0.0


def _nearest_known(track: Track, gallery: Gallery | None) -> float:
    return min(person_distances(track.faces, gallery).values()) if gallery else float("inf")


def keep_strangers(analysis: Analysis, films: FilmRepository) -> Analysis:
    """`analysis` with the numbers that its strangers had in earlier analyses of the film, and numbers never used
    before for the others: to be called before it is saved. Raises StorageError."""
    earlier = (films.load_analysis(i, faces=False) for i in films.strangers_last_seen(analysis.video_sha256))
    highest = films.highest_unknown_number(analysis.video_sha256)
    return keep_identities(analysis, next(earlier, None), highest, earlier)
