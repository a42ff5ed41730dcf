"""Casts as the pages see them: the saved galleries, and the pictures that one is being made of."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from app.services import jobs
from app.services.store import store
from engine.config import cast_dir
from engine.errors import GalleryError, MediaError
from engine.names import name_key
from engine.pipeline.galleries import delete_gallery, forget_unused, refuse_while_used
from engine.store.cast_folders import MAX_PICTURE_BYTES, CastFolder, CastFolders
from engine.store.galleries import GalleryRepository
from engine.store.overviews import GalleryOverview, gallery_overviews

MAX_PICTURE_MB = MAX_PICTURE_BYTES // 1_000_000

_starting = threading.Lock()


@dataclass(frozen=True, slots=True)
class CastPerson:
    """Somebody in a saved cast; `picture` is the address of a small one, None where there is none to show."""

    name: str
    n_pictures: int
    picture: str | None


@dataclass(frozen=True, slots=True)
class CastRecord:
    """A saved cast. `folder_id` names its pictures, with which it can be changed; None for one built elsewhere.
    `left_out` are (picture, reason); `created_at` is UTC."""

    name: str
    people: tuple[CastPerson, ...]
    n_pictures: int
    created_at: datetime
    left_out: tuple[tuple[str, str], ...]
    folder_id: str | None


@dataclass(frozen=True, slots=True)
class DraftPerson:
    """Somebody in a cast being made; `pictures` are (file name, address of a small one)."""

    name: str
    pictures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The pictures of a cast. `name` may be "" while it is new; `is_built`: a gallery of this name is saved."""

    id: str
    name: str
    people: tuple[DraftPerson, ...]
    is_built: bool
    changed_at: datetime

    @property
    def n_pictures(self) -> int:
        return sum(len(person.pictures) for person in self.people)


def casts() -> tuple[CastRecord, ...]:
    """The saved casts, the newest first."""
    folders = {name_key(folder.name): folder for folder in reversed(_folders().all()) if folder.name}
    return tuple(_cast(gallery, folders.get(name_key(gallery.name))) for gallery in gallery_overviews(store()))


def cast(name: str) -> CastRecord | None:
    """The saved cast of this name."""
    return next((one for one in casts() if name_key(one.name) == name_key(name)), None)


def draft(draft_id: str) -> Draft:
    """The pictures of a cast. Raises GalleryError if they are gone."""
    return _draft(_folders().get(draft_id), _built_names())


def drafts() -> tuple[Draft, ...]:
    """The casts begun and never built that hold something, the one changed last first."""
    built = _built_names()
    return tuple(
        _draft(folder, built)
        for folder in _folders().all()
        if name_key(folder.name) not in built and (folder.name or folder.people)
    )


def new_draft() -> Draft:
    """A cast without name and people: the one there is, or a new one. Asking twice makes one, so a page may ask."""
    with _starting:
        folders = _folders()
        built = _built_names()
        folders.expire(built)
        empty = next((one for one in folders.all() if not one.name and not one.people), None)
        return _draft(empty or folders.create(), built)


def rename_draft(draft_id: str, name: str) -> str:
    """Names a cast and returns the name, cleaned. Raises GalleryError if another cast has it, or if this one is saved
    already: its films know it by its name."""
    folders = _folders()
    key, built = name_key(name), _built_names()
    old = folders.get(draft_id)
    if name_key(old.name) in built and key != name_key(old.name):
        raise GalleryError(f"The cast {old.name} is saved under this name; make a new cast for another one.")
    taken = [name_key(one.name) for one in folders.all() if one.id != draft_id]
    if key in taken or (key in built and key != name_key(old.name)):
        raise GalleryError(f"There is a cast called {name.strip()} already; take another name, or change that one.")
    return folders.rename(draft_id, name)


def add_person(draft_id: str, name: str) -> str:
    """Adds somebody without pictures yet; the name as it is kept."""
    return _folders().add_person(draft_id, name)


def rename_person(draft_id: str, person: str, name: str) -> str:
    return _folders().rename_person(draft_id, person, name)


def remove_person(draft_id: str, person: str) -> None:
    _folders().remove_person(draft_id, person)


def add_picture(draft_id: str, person: str, content: bytes) -> str:
    """Keeps a picture; its file name. Raises MediaError with the reason ("is damaged ...") if it cannot be used."""
    return _folders().add_picture(draft_id, person, content)


def remove_picture(draft_id: str, person: str, file: str) -> None:
    _folders().remove_picture(draft_id, person, file)


def small_picture(draft_id: str, person: str, file: str) -> Path | None:
    """The file of a small picture, None if there is none."""
    try:
        return _folders().small_picture(draft_id, person, file)
    except (GalleryError, MediaError):
        return None


def build(draft_id: str, owner: str = "") -> int:
    """Asks for the cast to be built from its pictures; the job's id. Raises GalleryError while something is missing."""
    folder = _folders().get(draft_id)
    if not folder.name:
        raise GalleryError("The cast needs a name; type one at the top.")
    if not folder.people:
        raise GalleryError("The cast holds nobody yet; add a person and their pictures.")
    empty = [person.name for person in folder.people if not person.files]
    if empty:
        raise GalleryError(f"{empty[0]} has no pictures yet; add some, or remove them from the cast.")
    if name_key(folder.name) in _built_names() and cast(folder.name).folder_id != draft_id:
        raise GalleryError(f"There is a cast called {folder.name} already; take another name.")
    return jobs.submit_gallery(folder.path, folder.name, owner)


def delete(name: str) -> None:
    """Deletes a saved cast with its pictures and face vectors. Films named with it keep their names."""
    if cast(name) is None:
        raise GalleryError(f"There is no cast called {name} any more.")
    delete_gallery(store(), name)


def discard(draft_id: str) -> None:
    """Deletes the pictures of a cast that was never built."""
    folder = _folders().get(draft_id)
    refuse_while_used(store(), folder.name)
    if name_key(folder.name) in _built_names():
        raise GalleryError(f"The cast {folder.name} is saved; delete it from the list of casts.")
    _folders().delete(draft_id)
    forget_unused(store())


def filled_folder(name: str, pictures: Path) -> Path:
    """The folder of the cast `name`, filled with FOLDER/<Person>/ unless it is there."""
    with _starting:
        known = next((one for one in _folders().all() if name_key(one.name) == name_key(name)), None)
        return (known or _folders().copy_of(pictures, name)).path


def _folders() -> CastFolders:
    return CastFolders(cast_dir())


def _built_names() -> set[str]:
    return set(map(name_key, GalleryRepository(store()).names()))


def _cast(gallery: GalleryOverview, folder: CastFolder | None) -> CastRecord:
    people = tuple(
        CastPerson(person.name, person.n_pictures, _first_picture(folder, person.paths)) for person in gallery.people
    )
    left_out = tuple((one.path, one.reason) for one in gallery.left_out)
    return CastRecord(
        gallery.name, people, gallery.n_pictures, gallery.created_at, left_out, folder.id if folder else None
    )


def _draft(folder: CastFolder, built: set[str]) -> Draft:
    people = tuple(
        DraftPerson(person.name, tuple((file, _address(folder.id, person.name, file)) for file in person.files))
        for person in folder.people
    )
    return Draft(
        folder.id, folder.name, people, bool(folder.name) and name_key(folder.name) in built, folder.changed_at
    )


def _first_picture(folder: CastFolder | None, paths: tuple[str, ...]) -> str | None:
    """The address of the first of `paths` ("Person/01.jpg") that is still in the folder."""
    if folder is None:
        return None
    files = {person.name: person.files for person in folder.people}
    for path in paths:
        person, _, file = path.rpartition("/")
        if file in files.get(person, ()):
            return _address(folder.id, person, file)
    return None


def _address(cast_id: str, person: str, file: str) -> str:
    return f"/cast-pictures/{cast_id}/{quote(person, safe='')}/{quote(file, safe='')}"
