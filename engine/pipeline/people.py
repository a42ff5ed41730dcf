"""Tracks to people: names from the gallery, numbers for the rest that outlive another analysis, and the seconds of
each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.config import AnalysisSettings
from engine.identity.bounds import Bounds, seconds_bounds
from engine.identity.cluster import cluster_tracks
from engine.identity.continuity import keep_identities
from engine.identity.evidence import KnownFaces, known_faces
from engine.identity.pairs import Pairs, film_pairs, picture_pairs
from engine.identity.picture_groups import cluster_pictures
from engine.identity.recognise import Recognition, recognise
from engine.names import name_key
from engine.store.films import FilmRepository
from engine.timeline import Interval, Timeline
from engine.types import Analysis, Candidates, Chances, Gallery, Person, Track


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """Everybody in a film, longest screen time first, and what ties each track to its person. Keys are track ids;
    a stranger's track has no distance (None). `candidates`, who each face is like, and `chances`, who each track may
    be, are {} without a gallery."""

    people: tuple[Person, ...]
    person_of_track: dict[int, str]
    distance_of_track: dict[int, float | None]
    candidates: dict[int, tuple[Candidates, ...]]
    chances: dict[int, Chances]


Decided = Mapping[int, str]
"""Track id -> whose it is because a person said so."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What tracks tell each other about who they are, and how those without a name are grouped."""

    pairs_of: Callable[[Sequence[Track]], Pairs]
    cluster: Callable[[Sequence[Track], AnalysisSettings, Decided], list[list[int]]]


def _cluster_tracks(tracks: Sequence[Track], settings: AnalysisSettings, decided: Decided) -> list[list[int]]:
    return cluster_tracks(tracks, settings.stranger_distance, settings.stranger_method, decided)


def _cluster_pictures(tracks: Sequence[Track], settings: AnalysisSettings, decided: Decided) -> list[list[int]]:
    return cluster_pictures(tracks, settings.stranger_distance, decided)


IN_FILMS = Ways(film_pairs, _cluster_tracks)
IN_PICTURES = Ways(picture_pairs, _cluster_pictures)


def name_people(
    tracks: Sequence[Track],
    gallery: Gallery | None,
    settings: AnalysisSettings,
    shots: Sequence[Interval],
    decided: Decided | None = None,
    ways: Ways = IN_FILMS,
) -> NamedPeople:
    """Names the tracks of people in `gallery`, clusters the rest, and numbers the strangers by screen time:
    unknown_1 is seen longest. No tracks, no people; no shots, no bounds. Strangers' tracks of which a person `decided`
    whose they are, by id, are put together, and kept apart, as that says."""
    by_id = {track.id: track for track in tracks}
    recognised = recognised_tracks(tracks, gallery and known_faces(gallery), settings, ways)
    known: dict[str, list[Track]] = {}
    strangers = []
    for track in tracks:
        name = recognised[track.id].name if track.id in recognised else None
        if name is None:
            strangers.append(track)
        else:
            known.setdefault(name, []).append(track)
    people = []
    for name, of_person in known.items():
        sureness = {track.id: recognised[track.id].chance_of(name) for track in tracks}
        bounds = _bounds(of_person, tracks, sureness, shots, settings)
        people.append(_person(f"known:{name_key(name)}", name, "known", of_person, sureness, bounds))

    groups = [[by_id[i] for i in group] for group in ways.cluster(strangers, settings, decided or {})]
    groups.sort(key=lambda group: (-_timeline(group).duration_s, group[0].start_s))
    for number, group in enumerate(groups, start=1):
        sureness = {track.id: recognised[track.id].chance_of(None) if recognised else 1.0 for track in group}
        bounds = _bounds(group, (), sureness, shots, settings)
        people.append(_person(f"unknown:{number}", f"unknown_{number}", "unknown", group, sureness, bounds))

    people.sort(key=lambda person: (-person.screen_time_s, person.id))
    named = {track.id for of_person in known.values() for track in of_person}
    return NamedPeople(
        tuple(people),
        {track_id: person.id for person in people for track_id in person.track_ids},
        {track.id: recognised[track.id].distance if track.id in named else None for track in tracks},
        {number: of.candidates for number, of in recognised.items()},
        {number: of.chances for number, of in recognised.items()},
    )


def recognised_tracks(
    tracks: Sequence[Track], known: KnownFaces | None, settings: AnalysisSettings, ways: Ways = IN_FILMS
) -> dict[int, Recognition]:
    """Who of the `known` the tracks are, keyed by track id; {} where nobody is."""
    if known is None:
        return {}
    return recognise(tracks, known, settings.max_distance, settings.min_probability, ways.pairs_of)


def _person(
    person_id: str, name: str, kind: str, tracks: Sequence[Track], sureness: dict[int, float], bounds: Bounds | None
) -> Person:
    seconds = np.array([track.interval.duration_s for track in tracks]) + 1e-6
    return Person(
        id=person_id,
        name=name,
        kind=kind,
        timeline=_timeline(tracks),
        confidence=float(np.average([sureness[track.id] for track in tracks], weights=seconds)),
        track_ids=tuple(track.id for track in tracks),
        low_s=bounds.low_s if bounds else None,
        high_s=bounds.high_s if bounds else None,
    )


def _bounds(
    own: Sequence[Track],
    everybody: Sequence[Track],
    sureness: dict[int, float],
    shots: Sequence[Interval],
    settings: AnalysisSettings,
) -> Bounds | None:
    """Of a stranger only the tracks in the group count: who else might belong to it is not known."""
    if not shots:
        return None
    mine = {track.id for track in own}
    others = [(track, sureness[track.id]) for track in everybody if track.id not in mine]
    return seconds_bounds([(track, sureness[track.id]) for track in own], others, shots, 1 / settings.looked_fps)


def _timeline(tracks: Iterable[Track]) -> Timeline:
    return Timeline(track.interval for track in tracks)


def keep_strangers(analysis: Analysis, films: FilmRepository) -> Analysis:
    """`analysis` with the numbers that its strangers had in earlier analyses of the film, and numbers never used
    before for the others: to be called before it is saved. Raises StorageError."""

    def earlier() -> Iterator[Analysis]:
        for analysis_id in films.strangers_last_seen(analysis.video_sha256):
            found, said = films.load_analysis(analysis_id, faces=False), films.said(analysis_id)
            yield found if said is None else replace(found, people=_strangers(found, said))

    highest = films.highest_unknown_number(analysis.video_sha256)
    known = earlier()
    return keep_identities(analysis, next(known, None), highest, known)


def _strangers(found: Analysis, said: Iterable[Person]) -> tuple[Person, ...]:
    """The strangers of a corrected analysis: who is one now, and, with the tracks that are left, who was one by what
    the analysis `said`. Whoever was named is no stranger any more; found again, it is still the stranger who was."""
    owner = {
        number: person
        for people in (said, found.people)
        for person in people
        if person.kind == "unknown"
        for number in person.track_ids
    }
    tracks: dict[str, list[Track]] = {}
    for track in found.tracks:
        if track.id in owner:
            tracks.setdefault(owner[track.id].id, []).append(track)
    by_id = {person.id: person for person in owner.values()}
    return tuple(
        replace(by_id[person_id], timeline=_timeline(own), track_ids=tuple(track.id for track in own))
        for person_id, own in tracks.items()
    )
