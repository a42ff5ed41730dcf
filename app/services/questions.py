"""Why is this person said to be on screen here? The faces behind one bar of the timeline, and whom they are like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.services.film_views import FilmView, PersonView, shown_name
from app.services.films import film_view
from app.services.store import file_of, known_film, store
from engine.errors import DramatisError
from engine.identity.sureness import KNOWN, Likely, mean_chances, nobody_of_cast
from engine.names import name_key
from engine.store.films import FilmRepository
from engine.store.outlines import TrackFace, TrackOutline

_MOST_CHANCES = 3


@dataclass(frozen=True, slots=True)
class Crop:
    """One face: where its picture is ("" where the film's file is gone), when it was seen, how far it lies from the
    person shown (None for somebody without pictures in the cast), and the next other one of the cast with their
    distance."""

    url: str
    t_s: float
    quality: float
    distance: float | None
    next_name: str | None
    next_distance: float | None


@dataclass(frozen=True, slots=True)
class Question:
    """One appearance, `start_s` to `end_s`, and what speaks for the name.

    `distance` is that of the tracks to the person named, None for strangers; `nearest` are up to two others of the cast
    with the mean distance of these faces, nearest first. `compared` says that distances were kept: not without a cast,
    nor in analyses made before they were. `limit` is the farthest that gets a name.

    `hard_s` is for how much of it the face is hard to see.

    `chances` are up to three of the cast, (name, probability), the likeliest first, but the one named before all
    others; `nobody` is the probability of being nobody of the cast, and `least` how probable a name had to be. They are
    None where there was no cast and in analyses that gave names by distance alone.
    """

    person_id: str
    name: str
    kind: Literal["known", "unknown"]
    named_by_hand: bool
    start_s: float
    end_s: float
    n_tracks: int
    crops: tuple[Crop, ...]
    distance: float | None
    nearest: tuple[tuple[str, float], ...]
    compared: bool
    gallery: str | None
    limit: float
    chances: tuple[tuple[str, float], ...] | None = None
    nobody: float | None = None
    least: float | None = None
    hard_s: float = 0.0


def question(token: str, person_id: str, t_s: float) -> Question:
    """The appearance of a person that holds the moment `t_s`, or the one nearest to it.

    Raises DramatisError if the film or the person is not there.
    """
    view = film_view(token)
    person = view.person(person_id) if view else None
    if view is None or person is None:
        raise DramatisError("This person is not in the film's latest analysis any more; reload the page.")
    start_s, end_s = min(person.intervals, key=lambda interval: _away(interval, t_s))
    films = FilmRepository(store())
    record = known_film(token)
    outline = films.outline(record.sha256)
    tracks = [
        track
        for track in outline.tracks
        if track.person_id == person_id and track.start_s < end_s and track.end_s > start_s
    ]
    faces = films.faces(record.sha256, [track.id for track in tracks])
    names = _names_today(view)
    own = person_id.removeprefix(KNOWN) if person_id.startswith(KNOWN) else None
    likely = mean_chances(tracks) if view.least is not None else None
    found = [(track, i, face) for track in tracks for i, face in enumerate(faces.get(track.id, ()))]
    address = f"/media/{token}/crop/{{}}/{{}}?analysis={view.analysis_id}" if file_of(record) else ""
    crops = [_crop(address.format(track.id, i), face, own, names) for track, i, face in found]
    return Question(
        person_id=person.id,
        name=person.name,
        kind=person.kind,
        named_by_hand=person.named_by_hand,
        start_s=start_s,
        end_s=end_s,
        n_tracks=len(tracks),
        crops=tuple(crops),
        distance=_mean_distance(tracks),
        nearest=nearest((face for _, _, face in found), own, names),
        compared=any(face.candidates for _, _, face in found),
        gallery=view.gallery,
        limit=float(view.settings["max_distance"]),
        chances=None if likely is None else _chances(likely, person, names),
        nobody=None if likely is None else nobody_of_cast(likely),
        least=None if likely is None else view.least,
        hard_s=sum(max(0.0, min(end_s, until_s) - max(start_s, from_s)) for from_s, until_s in person.hard),
    )


def nearest(faces: Iterable[TrackFace], own: str | None, names: dict[str, str]) -> tuple[tuple[str, float], ...]:
    """The two of the cast, `own` (a name's key) left out, to whom the faces are nearest on average.

    A face tells of its three nearest people only, so somebody counts who is among them for at least half of the faces.
    """
    n_faces, distances = 0, {}
    for face in faces:
        n_faces += 1
        for name, distance in face.candidates or ():
            if name_key(name) != own:
                distances.setdefault(name, []).append(distance)
    means = [(sum(of) / len(of), name) for name, of in distances.items() if 2 * len(of) >= n_faces]
    return tuple((_today(name, names), mean) for mean, name in sorted(means)[:2])


def _crop(url: str, face: TrackFace, own: str | None, names: dict[str, str]) -> Crop:
    candidates = face.candidates or ()
    mine = next((distance for name, distance in candidates if name_key(name) == own), None)
    other = next(((name, distance) for name, distance in candidates if name_key(name) != own), (None, None))
    return Crop(
        url=url,
        t_s=face.t_s,
        quality=face.quality,
        distance=mine,
        next_name=None if other[0] is None else _today(other[0], names),
        next_distance=other[1],
    )


def _names_today(view: FilmView) -> dict[str, str]:
    """Key of a name in the cast -> what that person is called in this film, where they are in it."""
    return {person.id.removeprefix(KNOWN): person.name for person in view.people if _is_of_cast(person)}


def _today(name: str, names: dict[str, str]) -> str:
    return names.get(name_key(name)) or shown_name(name, True)


def _is_of_cast(person: PersonView) -> bool:
    return person.id.startswith(KNOWN)


def _chances(likely: tuple[Likely, ...], person: PersonView, names: dict[str, str]) -> tuple[tuple[str, float], ...]:
    found = [(_today(one.name, names), one.chance) for one in likely if one.person_id != person.id]
    if _is_of_cast(person):
        own = sum(one.chance for one in likely if one.person_id == person.id)
        found.insert(0, (person.name, own))
    return tuple(found[:_MOST_CHANCES])


def _mean_distance(tracks: Iterable[TrackOutline]) -> float | None:
    """How far the appearance is from the person named: the mean over its tracks, weighted by their seconds."""
    measured = [(track.distance, track.end_s - track.start_s) for track in tracks if track.distance is not None]
    seconds = sum(length_s for _, length_s in measured)
    return sum(distance * length_s for distance, length_s in measured) / seconds if seconds else None


def _away(interval: tuple[float, float], t_s: float) -> float:
    start_s, end_s = interval
    return 0.0 if start_s <= t_s < end_s else max(start_s - t_s, t_s - end_s, 0.0) + 1e-9
