"""Casts as the pages see them: the saved galleries, and the pictures that one is being made of."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from urllib.parse import quote

from app.services import jobs, ready_galleries
from app.services.gallery_records import CastPerson, CastRecord, Draft, DraftPerson, LeftOutPicture
from app.services.store import store
from engine.config import cast_dir
from engine.errors import GalleryError, MediaError
from engine.names import name_key, one_line
from engine.pipeline.galleries import delete_gallery, forget_unused, refuse_while_used
from engine.store.cast_folders import MAX_PICTURE_BYTES, CastFolder, CastFolders
from engine.store.galleries import GalleryRepository
from engine.store.overviews import GalleryOverview, gallery_overviews

MAX_PICTURE_MB = MAX_PICTURE_BYTES // 1_000_000

_log = logging.getLogger(__name__)
_starting = threading.Lock()


def casts() -> tuple[CastRecord, ...]:
    """The saved casts, the newest first."""
    folders = {name_key(folder.name): folder for folder in reversed(_folders().all()) if folder.name}
    return tuple(_cast(gallery, folders.get(name_key(gallery.name))) for gallery in gallery_overviews(store()))


def cast(name: str) -> CastRecord | None:
    """The saved cast of this name."""
    return next((one for one in casts() if name_key(one.name) == name_key(name)), None)


def known(name: str) -> CastRecord:
    """The saved cast of this name. Raises GalleryError if there is none."""
    found = cast(name)
    if found is None:
        raise GalleryError(f"There is no cast called {name} any more.")
    return found


def to_export(name: str) -> tuple[bool, str]:
    """Whether the pictures of a cast, saved or ready, can be exported with it, and its licence note. Raises
    GalleryError if there is none."""
    saved = cast(name)
    if saved is None:
        return False, ready_galleries.known(name).licence_note
    return saved.folder_id is not None, saved.licence_note


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


def set_licence(name: str, note: str) -> str:
    """Gives a saved cast another licence note and returns it, cleaned. Raises GalleryError."""
    note = _note(note)
    GalleryRepository(store()).set_licence_note(name, note)
    return note


def set_draft_licence(draft_id: str, note: str) -> None:
    """Keeps the licence note of a cast being made; that of one that is saved counts at once. Raises GalleryError."""
    folders, note = _folders(), _note(note)
    folders.build_with(draft_id, licence_note=note)
    name = folders.get(draft_id).name
    if name_key(name) in _built_names():
        set_licence(name, note)


def set_augment(draft_id: str, augment: bool) -> None:
    """Whether people with few pictures get the mean over several views of each face."""
    _folders().build_with(draft_id, augment=augment)


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
    note = None if name_key(folder.name) in _built_names() else folder.licence_note
    return jobs.submit_gallery(folder.path, folder.name, owner, licence_note=note, augment=folder.augment)


def is_taken(name: str) -> bool:
    """Whether a cast, saved or being made, is called so, however it is written."""
    keys = _built_names() | {name_key(folder.name) for folder in _folders().all()}
    return name_key(one_line(name)) in keys


def delete(name: str) -> None:
    """Deletes a saved cast with its pictures and face vectors. Films named with it keep their names."""
    delete_gallery(store(), known(name).name)


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


def _note(text: str) -> str:
    """A licence note as a gallery's file may hold it: lines of text, none of them at the end empty."""
    return "\n".join(map(one_line, text.splitlines())).strip()


def _cast(gallery: GalleryOverview, folder: CastFolder | None) -> CastRecord:
    people = tuple(
        CastPerson(person.name, person.n_pictures, _first_picture(folder, person.paths)) for person in gallery.people
    )
    left_out = tuple(
        LeftOutPicture(one.path, one.reason, one.kind, _first_picture(folder, (one.path,))) for one in gallery.left_out
    )
    return CastRecord(
        gallery.name,
        people,
        gallery.n_pictures,
        gallery.created_at,
        left_out,
        folder.id if folder else None,
        gallery.licence_note,
    )


def _draft(folder: CastFolder, built: set[str]) -> Draft:
    people = tuple(
        DraftPerson(person.name, tuple((file, _address(folder.id, person.name, file)) for file in person.files))
        for person in folder.people
    )
    is_built = bool(folder.name) and name_key(folder.name) in built
    note = GalleryRepository(store()).licence_note(folder.name) if is_built else folder.licence_note
    return Draft(folder.id, folder.name, people, is_built, folder.changed_at, note, folder.augment)


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
