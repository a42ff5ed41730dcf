"""One analysed film as its page shows it: its people and their moments, and the names that a person gives them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from app.services import media
from app.services.film_views import FilmView, view_of
from app.services.store import file_of, known_film, store
from engine.config import pictures_dir
from engine.errors import DramatisError
from engine.identity.visibility import clear_people
from engine.names import one_line
from engine.store.corrections import RENAME, CorrectionLog
from engine.store.films import FilmRecord, FilmRepository
from engine.timeline import Timeline

MAX_NAME_LENGTH = 100


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
    films = FilmRepository(of_store)
    outline = films.outline(sha256)
    if outline is None:
        return None
    hard = _hard_moments(of_store, outline.analysis_id)
    view = view_of(outline, hard, sum(named))
    if not any(person.hard for person in view.people):
        return view
    place_of = {person.id: person.place for person in view.people}
    clear = replace(outline, people=clear_people(outline.people, hard))
    return replace(view, clear=view_of(clear, hard, view.revision, view.duration_s, place_of))


@lru_cache(maxsize=8)
def _hard_moments(of_store: object, analysis_id: int) -> dict[str, Timeline]:
    # Names come and go without it.
    return FilmRepository(of_store).hard_moments(analysis_id)
