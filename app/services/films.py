"""One analysed film as its page shows it: its people and their moments, and the names that a person gives them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from app.services import media
from app.services.store import file_of, known_film, store
from app.services.sureness import Likely, doubtful_times, perhaps
from engine.config import pictures_dir
from engine.errors import DramatisError
from engine.identity.roles import MAIN_SHARE, PASSER_BY_S, Role, roles
from engine.names import one_line
from engine.store.corrections import RENAME, CorrectionLog
from engine.store.films import FilmRecord, FilmRepository
from engine.store.outlines import Outline, TrackOutline
from engine.types import Person

MAX_NAME_LENGTH = 100
_SAME_S = 0.5  # bounds nearer to each other than this say no more than the seconds alone


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody in a film. `named_by_hand` says that a person chose the name; `intervals` are (start, end) in seconds,
    rising and disjoint, and `seconds` is their sum. `doubts` are the parts of them in which the answer is doubtful, and
    `perhaps` is who of the cast a stranger may well be; () and None where names were not given by probability.
    `bounds` are the seconds at the least and at the most, None where they are not known or say nothing more. `role`
    is "main" or "other": whether a stranger is a mere passer-by depends on a limit that can be chosen."""

    id: str
    name: str
    kind: Literal["known", "unknown"]
    named_by_hand: bool
    seconds: float
    share: float
    intervals: tuple[tuple[float, float], ...]
    doubts: tuple[tuple[float, float], ...] = ()
    perhaps: Likely | None = None
    bounds: tuple[float, float] | None = None
    role: Role = Role("other", "")

    def is_passer_by(self, limit_s: float = PASSER_BY_S) -> bool:
        """Whether this is a stranger seen for less than `limit_s` in all; who gave a name has met a person."""
        return self.kind == "unknown" and not self.named_by_hand and self.seconds < limit_s

    @property
    def first_s(self) -> float:
        return self.intervals[0][0]

    @property
    def last_s(self) -> float:
        return self.intervals[-1][1]


@dataclass(frozen=True, slots=True)
class FilmView:
    """The latest analysis of a film. `people` longest on screen first, only those who are seen at all; `shots` are the
    moments where one begins. `revision` changes when a name is given or taken back. Main people are seen for
    `main_share` of the longest time. Dates are UTC."""

    token: str
    title: str
    duration_s: float
    width: int
    height: int
    analysis_id: int
    revision: int
    analysed_at: datetime
    engine_version: str
    settings: dict[str, Any]
    gallery: str | None
    cast: tuple[str, ...]
    shots: tuple[float, ...]
    people: tuple[PersonView, ...]
    warnings: tuple[str, ...]
    n_frames_damaged: int
    main_share: float = MAIN_SHARE
    passer_by_s: float = PASSER_BY_S

    @property
    def least(self) -> float | None:
        """How probable a name had to be; None where names were not given by probability."""
        return self.settings.get("min_probability") if self.gallery else None

    def person(self, person_id: str) -> PersonView | None:
        return next((person for person in self.people if person.id == person_id), None)


@dataclass(frozen=True, slots=True)
class FilmState:
    """What is there of a film: its latest analysis (None before the first), whether its file can be found, whether a
    browser can play it (or its preview), and whether pictures of it can be shown: those cut out before stay when the
    file goes."""

    token: str
    title: str
    view: FilmView | None
    file_there: bool
    playable: bool
    pictures: bool


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a rename did: the names before and now, and whether somebody else in the film has that name too."""

    before: str
    name: str
    shared: bool


def film_state(token: str) -> FilmState | None:
    """What is there of the film, looked up once; None if there is no such film."""
    record = FilmRepository(store()).by_token(token)
    if record is None:
        return None
    try:
        media.playable_film(record)
        playable = True
    except DramatisError:
        playable = False
    file_there = file_of(record) is not None
    pictures = file_there or (pictures_dir(token) / "poster.jpg").is_file()
    return FilmState(token, record.title, _latest(record), file_there, playable, pictures)


def film_view(token: str) -> FilmView | None:
    """The film's latest analysis with today's names; None for an unknown film and one that was never analysed."""
    record = FilmRepository(store()).by_token(token)
    return None if record is None else _latest(record)


def rename(token: str, person_id: str, name: str) -> Renamed:
    """Gives somebody in a film a name that stands above whatever an analysis says, until it is undone.

    Raises DramatisError for a name without letters, one that looks like a stranger's number, and a film or person
    that is not there.
    """
    record = known_film(token)
    view = _known_view(record)
    person = view.person(person_id)
    if person is None:
        raise DramatisError("This person is not in the film's latest analysis; reload the page.")
    cleaned = clean_name(name)
    if not any(char.isalnum() for char in cleaned):
        raise DramatisError("A name needs a letter; type one, or press Esc to leave it as it is.")
    if cleaned.casefold().startswith("unknown_"):
        raise DramatisError("Names that begin with unknown_ are for people without one; choose another.")
    others = {other.name.casefold() for other in view.people if other.id != person_id}
    log = CorrectionLog(store())
    log.append(record.sha256, RENAME, {"person_id": person_id, "name": cleaned})
    return Renamed(person.name, cleaned, cleaned.casefold() in others)


def undo(token: str) -> Renamed | None:
    """Takes back the last name given in this film: what it was and is now; None if there is none left to take back."""
    record = known_film(token)
    log = CorrectionLog(store())
    last = log.last_undoable(record.sha256)
    if last is None:
        return None
    log.undo(last.id)
    view = _known_view(record)
    person = view.person(last.payload.get("person_id", ""))
    before = str(last.payload.get("name", ""))
    return Renamed(before, person.name if person else before, shared=False)


def clean_name(name: str) -> str:
    """A name as it is kept: one line, 100 characters at most."""
    return one_line(name)[:MAX_NAME_LENGTH].strip()


def shown_name(name: str, of_folder: bool) -> str:
    """A name as a page shows it: that of a folder of pictures has spaces where the folder has underscores.

    >>> shown_name("Anna_Lee", True), shown_name("unknown_1", False)
    ('Anna Lee', 'unknown_1')
    """
    return " ".join(name.replace("_", " ").split()) or name if of_folder else name


def _known_view(record: FilmRecord) -> FilmView:
    view = _latest(record)
    if view is None:
        raise DramatisError("This film has no analysis any more; go to the list of films.")
    return view


def _latest(record: FilmRecord) -> FilmView | None:
    if record.latest_analysis_id is None:
        return None
    named = tuple(correction.id for correction in CorrectionLog(store()).active(record.sha256))
    return _view(store(), record.sha256, record.latest_analysis_id, named, record.title)


@lru_cache(maxsize=8)
def _view(of_store: object, sha256: str, analysis_id: int, named: tuple[int, ...], title: str) -> FilmView | None:
    # The arguments are all that the answer depends on: an analysis never changes once it is saved.
    outline = FilmRepository(of_store).outline(sha256)
    return None if outline is None else _from_outline(outline, sum(named))


def _from_outline(outline: Outline, revision: int) -> FilmView:
    film = outline.film
    # A file can be longer than it says; nobody is on screen for more than all of it.
    ends = [person.timeline.end_s for person in outline.people if person.timeline]
    duration_s = max([film.duration_s, *ends])
    least = outline.settings.get("min_probability")
    tracks_of: dict[str, list[TrackOutline]] = {}
    for track in outline.tracks:
        tracks_of.setdefault(track.person_id or "", []).append(track)
    shown = [
        replace(person, name=shown_name(person.name, person.kind == "known" and person.id not in outline.named_by_hand))
        for person in outline.people
        if person.timeline
    ]
    role_of = roles(shown, MAIN_SHARE, passer_by_s=0.0)
    people = [
        PersonView(
            id=person.id,
            name=person.name,
            kind=person.kind,
            named_by_hand=person.id in outline.named_by_hand,
            seconds=person.screen_time_s,
            share=person.screen_time_s / duration_s,
            intervals=tuple((interval.start_s, interval.end_s) for interval in person.timeline),
            doubts=doubtful_times(tracks_of.get(person.id, ())),
            perhaps=perhaps(tracks_of.get(person.id, ()), least) if person.kind == "unknown" else None,
            bounds=_bounds(person),
            role=role_of[person.id],
        )
        for person in shown
    ]
    people.sort(key=lambda person: -person.seconds)
    return FilmView(
        token=film.token,
        title=film.title,
        duration_s=duration_s,
        width=film.width,
        height=film.height,
        analysis_id=outline.analysis_id,
        revision=revision,
        analysed_at=outline.created_at,
        engine_version=outline.engine_version,
        settings=outline.settings,
        gallery=outline.gallery,
        cast=outline.cast,
        shots=tuple(shot.start_s for shot in outline.shots),
        people=tuple(people),
        warnings=outline.warnings,
        n_frames_damaged=outline.n_frames_damaged,
    )


def _bounds(person: Person) -> tuple[float, float] | None:
    if person.low_s is None or person.high_s is None:
        return None
    low_s, high_s = min(person.low_s, person.screen_time_s), max(person.high_s, person.screen_time_s)
    return (low_s, high_s) if high_s - low_s > _SAME_S else None
