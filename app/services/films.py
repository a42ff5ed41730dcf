"""One analysed film as its page shows it: its people and their moments, and the names that a person gives them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from app.services import media
from app.services.demo_verdict import Verdict, verdict
from app.services.film_views import FilmView, view_of
from app.services.store import file_of, known_film, store
from engine.config import pictures_dir
from engine.errors import DramatisError
from engine.identity.visibility import clear_people
from engine.pipeline import correct
from engine.store.corrections import CorrectionLog
from engine.store.films import FilmRecord, FilmRepository
from engine.timeline import Timeline


@dataclass(frozen=True, slots=True)
class FilmState:
    """What is there of a film: its latest analysis (None before the first), whether its file can be found, whether a
    browser can play it (or its preview), whether pictures of it can be shown (those cut out before stay when the file
    goes), and of the demo how well its analysis did."""

    token: str
    title: str
    view: FilmView | None
    file_there: bool
    playable: bool
    pictures: bool
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a rename did: the names before and now, whether somebody else in the film had that name already, and whether
    other tracks are theirs than before (`moved`): then the whole film is another."""

    before: str
    name: str
    shared: bool
    moved: bool = False


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
    return FilmState(token, record.title, _latest(record), file_there, playable, pictures, verdict(record))


def film_view(token: str) -> FilmView | None:
    """The film's latest analysis with today's names; None for an unknown film and one that was never analysed."""
    record = FilmRepository(store()).by_token(token)
    return None if record is None else _latest(record)


def rename(token: str, person_id: str, name: str, author: str = "") -> Renamed:
    """Says who somebody in a film is, which stands above whatever an analysis says until it is undone. A stranger who
    is given the name of somebody in the film is that one.

    Raises DramatisError for a name without letters, one that looks like a stranger's number, and a film or person
    that is not there.
    """
    record = known_film(token)
    named = correct.name(store(), record.sha256, [person_id], name, author=author)
    return Renamed(named.before[0], named.name, named.shared, named.joined)


def undo(token: str) -> Renamed | None:
    """Takes back the last correction of this film: what the person it named is called then; None if there is none left
    to take back."""
    record = known_film(token)
    last = correct.undo(store(), record.sha256)
    if last is None:
        return None
    view = _known_view(record)
    given = last.payload.get("names") or [[last.payload.get("person_id", ""), last.payload.get("name", "")]]
    (person_id, before), *_ = given
    person = view.person(person_id)
    # A name that was all that was given leaves everybody's tracks where they were.
    moved = not before or bool(last.payload.get("joined"))
    return Renamed(before, person.name if person else before, shared=False, moved=moved)


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
