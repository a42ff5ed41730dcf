"""One person of a film as the page of that person shows it: the faces, where each was seen, and which lie apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from app.services.film_views import shown_name
from app.services.store import file_of, known_film, store
from engine.config import pictures_dir
from engine.errors import DecisionError
from engine.identity.face_map import FaceMap, face_map, from_middle, mean_vectors
from engine.identity.sureness import doubtful_times
from engine.identity.two_people import two_people
from engine.identity.visibility import Sights, hard_moments
from engine.names import name_key
from engine.pipeline.correct import people_of
from engine.store.albums import AlbumRepository
from engine.store.corrections import CorrectionLog
from engine.store.films import FilmRepository, Outline, TrackOutline
from engine.types import Person, Track


@dataclass(frozen=True, slots=True)
class Face:
    """One track of the person: its number, the index of its best face among its faces (None: it has none), and when it
    is seen. `decided`: a person said whose it is; `hard`: for most of its time hard to see; `doubtful`: less than sure
    to be this person's. `far` is how far it lies from the middle of the person's faces, `x` and `y` where in their map;
    None without a face."""

    track: int
    index: int | None
    start_s: float
    end_s: float
    decided: bool
    hard: bool
    doubtful: bool
    far: float | None
    x: float | None
    y: float | None


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the film as one is chosen among others. `face` is the best one, (track, index), None without; `named`
    says that there is a name and not only a number."""

    id: str
    name: str
    named: bool
    seconds: float
    n_faces: int
    face: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with all faces, in the order of time. `kept` is the share of the differences between them that the map
    shows. `kind` and `named_by_hand` say where the name is from, `ignored` that nobody is to be asked about it.
    `others` are the film's other people, those with a name first, longest on screen first."""

    id: str
    name: str
    kind: Literal["known", "unknown"]
    named_by_hand: bool
    ignored: bool
    seconds: float
    faces: tuple[Face, ...]
    kept: float
    face: tuple[int, int] | None
    others: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class PersonPage:
    """What the page of a person needs: the film, and the person, None for somebody who is not in it (any more).
    `pictures` says whether pictures of faces can be shown. In an album a second is a picture, and `paths` are theirs in
    its folder by number; None for a film."""

    token: str
    title: str
    analysis_id: int
    pictures: bool
    person: PersonView | None
    paths: dict[int, str] | None = None

    @property
    def in_album(self) -> bool:
        return self.paths is not None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two halves of a person's tracks by number, each in the order of time, the one seen longer first. `reason` says in
    a sentence what speaks for two people, or that nothing does (then not `sensible`)."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    sensible: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Together:
    """Two people as if they were one: `seconds` on screen, of which both are seen at once for `both_s`."""

    one: Somebody
    other: Somebody
    seconds: float
    both_s: float


def person_page(token: str, person_id: str) -> PersonPage | None:
    """The page of a person of a film or an album; None for an unknown one and one that was never analysed."""
    film = FilmRepository(store()).by_token(token) if token else None
    if film is None or film.latest_analysis_id is None:
        return None
    made = tuple(one.id for one in CorrectionLog(store()).active(film.sha256))
    view = _view(store(), film.sha256, film.latest_analysis_id, made, person_id)
    if film.kind == "album":
        paths = {one.number: one.path for one in AlbumRepository(store()).pictures(film.sha256)}
        return PersonPage(token, film.title, film.latest_analysis_id, film.path.is_dir(), view, paths)
    pictures = file_of(film) is not None or (pictures_dir(token) / "poster.jpg").is_file()
    return PersonPage(token, film.title, film.latest_analysis_id, pictures, view)


def known_person(token: str, person_id: str) -> PersonView:
    """The person of the film. Raises DecisionError if there is none."""
    page = person_page(token, person_id)
    if page is None or page.person is None:
        raise DecisionError("This person is not in the film any more; go back to the film.")
    return page.person


def proposal(token: str, person_id: str) -> Proposal:
    """How the person's faces would be divided among two people. Raises DramatisError if the person is not there, has
    fewer than two faces, or the faces are of another network."""
    film = known_film(token)
    found = two_people(FilmRepository(store()).tracks_of(film.sha256, person_id))
    if found is None:
        raise DecisionError("One face cannot be divided; the proposal needs two at least.")
    if found.n_together:
        times = "once" if found.n_together == 1 else f"{found.n_together} times"
        moment = "in the same picture" if film.kind == "album" else "at the same moment"
        reason = f"Two of these faces are visible {moment} {times}, so they are two people."
        if found.n_against:
            reason += f" Three are visible {moment} too: divide one of the halves again."
    elif found.sensible and found.within is not None:
        reason = (
            f"Faces of the two halves lie {found.between:.2f} apart on average, faces of one half {found.within:.2f}: "
            "this looks like two people."
        )
    elif found.sensible:
        reason = f"The two faces lie {found.between:.2f} apart: this looks like two people."
    elif found.within is None:
        reason = f"The two faces lie only {found.between:.2f} apart: this looks like one person."
    else:
        reason = (
            f"Faces of the two halves lie {found.between:.2f} apart on average, hardly more than faces of one half "
            f"({found.within:.2f}): this looks like one person."
        )
    return Proposal(found.first, found.second, found.sensible, reason)


def together(token: str, person_id: str, other_id: str) -> Together:
    """Two people of the film as if they were one. Raises DecisionError if one is not there."""
    record = known_film(token)
    one, other = people_of(store(), record.sha256).of([person_id, other_id])
    best = FilmRepository(store()).best_faces(record.sha256)
    outline = FilmRepository(store()).outline(record.sha256)
    seconds = (one.timeline | other.timeline).duration_s
    both = (one.timeline & other.timeline).duration_s
    return Together(_somebody(one, outline, best), _somebody(other, outline, best), seconds, both)


def namesake(token: str, person_id: str, name: str) -> Somebody | None:
    """Who else of the film has this name; None if nobody has."""
    people = person_page(token, person_id)
    others = people.person.others if people and people.person else ()
    return next((one for one in others if name_key(one.name) == name_key(name)), None)


@lru_cache(maxsize=4)
def _view(of_store: Any, sha256: str, analysis_id: int, made: tuple[int, ...], person_id: str) -> PersonView | None:
    # The arguments are all that the answer depends on: an analysis changes by corrections alone.
    films = FilmRepository(of_store)
    outline = films.outline(sha256)
    person = next((one for one in outline.people if one.id == person_id), None) if outline else None
    if outline is None or person is None or not person.track_ids:
        return None
    best = films.best_faces(sha256)
    faces, kept = _faces(films.tracks_of(sha256, person_id), {track.id: track for track in outline.tracks})
    others = [_somebody(one, outline, best) for one in outline.people if one.id != person_id and one.track_ids]
    others.sort(key=lambda one: (not one.named, -one.seconds))
    me = _somebody(person, outline, best)
    return PersonView(
        id=person.id,
        name=me.name,
        kind=person.kind,
        named_by_hand=person.id in outline.named_by_hand,
        ignored=person.id in outline.ignored,
        seconds=me.seconds,
        faces=faces,
        kept=kept,
        face=me.face,
        others=tuple(others),
    )


def _faces(tracks: Sequence[Track], outlines: dict[int, TrackOutline]) -> tuple[tuple[Face, ...], float]:
    tracks = sorted(tracks, key=lambda track: (track.start_s, track.id))
    seen = [track for track in tracks if len(track.faces)]
    vectors = mean_vectors(seen)
    placed: FaceMap = face_map(vectors)
    far = dict(zip((track.id for track in seen), from_middle(vectors).tolist(), strict=True))
    point = dict(zip((track.id for track in seen), placed.points.tolist(), strict=True))
    faces = []
    for track in tracks:
        x, y = point.get(track.id, (None, None))
        faces.append(
            Face(
                track=track.id,
                index=int(track.faces.quality.argmax()) if len(track.faces) else None,
                start_s=track.start_s,
                end_s=track.end_s,
                decided=outlines[track.id].decided,
                hard=2 * hard_moments([Sights.of(track)]).duration_s > track.end_s - track.start_s,
                doubtful=bool(doubtful_times([outlines[track.id]])),
                far=far.get(track.id),
                x=x,
                y=y,
            )
        )
    return tuple(faces), placed.kept


def _somebody(person: Person, outline: Outline, best: dict[str, tuple[int, int]]) -> Somebody:
    by_hand = person.id in outline.named_by_hand
    return Somebody(
        id=person.id,
        name=shown_name(person.name, person.kind == "known" and not by_hand),
        named=person.kind == "known" or by_hand,
        seconds=person.screen_time_s,
        n_faces=len(person.track_ids),
        face=best.get(person.id),
    )


def n_words(faces: Iterable[Any]) -> str:
    """How many faces, in words."""
    n = len(tuple(faces))
    return f"{n} face" if n == 1 else f"{n} faces"
