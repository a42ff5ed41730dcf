"""Whose faces the inspector looks at: a cast, saved or ready, a film, or an album."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.services import galleries, ready_galleries
from app.services.store import known_film, store
from engine.config import cast_dir
from engine.errors import DecisionError, GalleryError
from engine.names import name_key
from engine.store.cast_names import cast_called
from engine.store.films import FilmRepository
from engine.store.galleries import GalleryRepository

if TYPE_CHECKING:
    from engine.pipeline.inspect import InspectedFaces

Kind = Literal["cast", "ready", "film", "album"]


@dataclass(frozen=True, slots=True)
class Subject:
    """`id` is a cast's name, or the token of a film or an album. `sha256` is that of a film, "" for casts; `analysis`
    its latest one, 0 for casts; `folder` names the stored pictures of a cast, "" where there are none; it is "ready"
    where those are shown that were fetched for galleries that come with Dramatis."""

    kind: Kind
    id: str
    title: str
    sha256: str = ""
    analysis: int = 0
    folder: str = ""

    @property
    def is_cast(self) -> bool:
        return self.kind in ("cast", "ready")

    @property
    def may_change(self) -> bool:
        """Ready galleries are only looked at."""
        return self.kind != "ready"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the subjects there are, for the list: how many people and pictures or faces."""

    kind: Kind
    id: str
    title: str
    n_people: int
    n_faces: int | None


def choices() -> tuple[Choice, ...]:
    """What can be inspected: casts, those that come with Dramatis, films and albums with people."""
    found = [Choice("cast", one.name, one.name, len(one.people), one.n_pictures) for one in galleries.casts()]
    found += [Choice("ready", one.name, one.name, one.n_people, one.n_pictures) for one in ready_galleries.ready()]
    for film in FilmRepository(store()).films():
        if film.latest_analysis_id is not None and film.people:
            kind: Kind = "album" if film.kind == "album" else "film"
            found.append(Choice(kind, film.token, film.title, len(film.people), None))
    return tuple(found)


def subject(cast: str = "", film: str = "") -> Subject:
    """The cast of this name, or the film or album of this token. Raises DramatisError if there is none, or the film was
    not analysed."""
    if film:
        record = known_film(film)
        if record.latest_analysis_id is None:
            raise DecisionError("This film was not analysed yet; analyse it, and its faces can be inspected.")
        kind: Kind = "album" if record.kind == "album" else "film"
        return Subject(kind, film, record.title, record.sha256, record.latest_analysis_id)
    own = next((name for name in GalleryRepository(store()).names() if name_key(name) == name_key(cast)), None)
    if own is not None:
        folder = cast_called(cast_dir(), own) or _fetched(GalleryRepository(store()).licence_note(own))
        return Subject("cast", own, own, folder=folder)
    one = next((ready for ready in ready_galleries.ready() if name_key(ready.name) == name_key(cast)), None)
    if one is None:
        raise GalleryError(f"There is no cast called {cast} any more; choose another one.")
    return Subject("ready", one.name, one.name, folder=_fetched(one.licence_note))


def _fetched(licence_note: str) -> str:
    return ready_galleries.FOLDER if ready_galleries.were_fetched(licence_note) else ""


def faces_of(one: Subject) -> InspectedFaces:
    """The faces of a subject. Raises DramatisError if it is gone."""
    from engine.pipeline.inspect import film_faces, gallery_faces

    found = gallery_faces(store(), one.id) if one.is_cast else film_faces(store(), one.sha256)
    if found is None:
        raise DecisionError("This film is not in Dramatis any more; choose another one.")
    return found


def changeable(one: Subject) -> None:
    """Raises DramatisError for a subject that is only looked at."""
    if not one.may_change:
        raise GalleryError(f"{one.title} comes with Dramatis and is only looked at; make a copy to change it.")
