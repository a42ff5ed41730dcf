"""The galleries that come with Dramatis: names and measurements of faces, whose pictures a person may have fetched."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from app.services.gallery_records import CastPerson, ReadyRecord
from app.services.store import store
from engine.config import lfw_dir
from engine.errors import GalleryError
from engine.identity.index_files import read_manifest
from engine.names import name_key
from engine.pipeline.galleries import copy_saved, named_gallery
from engine.store import ready_pictures
from engine.store.indexes import GalleryIndexes

FOLDER = "ready"
"""Stands in addresses where the number of a cast's folder stands."""
LFW = "Labeled Faces in the Wild"
"""In the licence note of a gallery that was made from its pictures."""

_log = logging.getLogger(__name__)


def ready() -> tuple[ReadyRecord, ...]:
    """The galleries that come with Dramatis, by name; damaged ones are passed over and said in the log."""
    found = []
    for name, folder in GalleryIndexes(store()).ready().items():
        try:
            manifest = read_manifest(folder)
        except GalleryError as error:
            _log.warning("%s", error)
            continue
        if manifest is not None:
            found.append(ReadyRecord(name, manifest.n_people, manifest.count, manifest.note))
    return tuple(found)


def known(name: str) -> ReadyRecord:
    """The gallery of this name that comes with Dramatis. Raises GalleryError if there is none."""
    found = next((one for one in ready() if name_key(one.name) == name_key(name)), None)
    if found is None:
        raise GalleryError(f"There is no cast called {name} any more.")
    return found


def people(name: str) -> tuple[CastPerson, ...]:
    """Whom a gallery that comes with Dramatis holds. Raises GalleryError if there is none of this name."""
    gallery, note = named_gallery(store(), name)
    pictures = Counter(gallery.names)
    shown = {}
    if were_fetched(note):
        for person, path in zip(gallery.names, gallery.paths, strict=True):
            shown.setdefault(person, f"/cast-pictures/{FOLDER}/{quote(path)}")
    return tuple(CastPerson(person, pictures[person], shown.get(person)) for person in gallery.people)


def were_fetched(licence_note: str) -> bool:
    """Whether the pictures behind a gallery may be here: asked for each card, so no picture is looked for."""
    return LFW in licence_note and any(lfw_dir().iterdir())


def picture(path: str) -> Path | None:
    """The fetched picture that a gallery calls `path`, None if it is not here. Its publisher's files are of another
    size than those that the gallery was made from, so the name is all there is to know it by."""
    return ready_pictures.ready_picture(path)


def own_copy(name: str) -> str:
    """Saves a copy that can be changed, and returns its name. Raises GalleryError if there is no such gallery,
    StorageError."""
    return copy_saved(store(), known(name).name).name
