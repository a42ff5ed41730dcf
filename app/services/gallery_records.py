"""Casts as plain records: what the pages show of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CastPerson:
    """Somebody in a saved cast; `picture` is the address of a small one, None where there is none to show."""

    name: str
    n_pictures: int
    picture: str | None


@dataclass(frozen=True, slots=True)
class LeftOutPicture:
    """A picture that gave no face to a cast; `kind` is the reason as many pictures share it, `picture` the address of
    a small one, None where there is none to show."""

    path: str
    reason: str
    kind: str
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class CastRecord:
    """A saved cast. `folder_id` names its pictures, with which it can be changed; None for one built elsewhere.
    `licence_note` says under which terms its pictures may be used, "" where nothing was said; `created_at` is UTC."""

    name: str
    people: tuple[CastPerson, ...]
    n_pictures: int
    created_at: datetime
    left_out: tuple[LeftOutPicture, ...]
    folder_id: str | None
    licence_note: str = ""


@dataclass(frozen=True, slots=True)
class ReadyRecord:
    """A gallery that comes with Dramatis: names and measurements of faces, no pictures."""

    name: str
    n_people: int
    n_pictures: int
    licence_note: str


@dataclass(frozen=True, slots=True)
class DraftPerson:
    """Somebody in a cast being made; `pictures` are (file name, address of a small one)."""

    name: str
    pictures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The pictures of a cast. `name` may be "" while it is new; `is_built`: a gallery of this name is saved. `augment`:
    it is to be built with several views of each face where there are few pictures."""

    id: str
    name: str
    people: tuple[DraftPerson, ...]
    is_built: bool
    changed_at: datetime
    licence_note: str = ""
    augment: bool = False

    @property
    def n_pictures(self) -> int:
        return sum(len(person.pictures) for person in self.people)
