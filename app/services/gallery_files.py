"""Files that casts come from and leave as: a zip or a list of pictures, and a cast as one file.

Whatever arrives is checked before any of it is believed; what is refused is refused in a sentence that calls the file
as its owner does.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.services import galleries
from app.services.store import store
from engine.config import cast_dir, outgoing_dir
from engine.errors import DramatisError, GalleryError, MediaError, StorageError
from engine.identity.gallery_sources import csv_list, zip_source
from engine.names import name_key, one_line
from engine.pipeline.galleries import export_gallery, import_gallery
from engine.store.cast_folders import MAX_PEOPLE, CastFolders
from engine.store.gallery_reader import open_gallery_file
from engine.store.incoming import Incoming
from engine.vision.model_ids import EMBEDDER_ID

STEP_S = 1.5
"""How long one request takes pictures out of a zip: the page shows how far it is between two of them."""
IS_THERE = "is the same picture as one that is there"
_LEFT_OVER_S = 3600.0  # an export takes minutes at most; what is older was left by a process that was killed


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A cast's file, open and already without a name on disk: it is gone when it is closed."""

    content: BinaryIO
    n_bytes: int
    name: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What a cast's file holds, before any of it is kept. `is_taken`: a cast of its name is here already."""

    upload_id: str
    file: str
    name: str
    n_people: int
    n_faces: int
    has_pictures: bool
    licence_note: str
    is_taken: bool


def take_zip(draft_id: str, upload_id: str, start: int) -> dict[str, Any]:
    """Takes pictures of the zip, from the one numbered `start` on, into a cast being made, as many as `STEP_S` lets:
    {n: pictures in it, next: the first not taken yet, problems: [[picture, reason], ...]}. Once all are taken the zip
    is deleted. Raises DramatisError; the zip is deleted then too."""
    folders = CastFolders(cast_dir())
    try:
        with _arrived(upload_id) as (path, _), zip_source(path) as source:
            n_people = len({name_key(picture.person) for picture in source.pictures})
            if n_people > MAX_PEOPLE:
                raise GalleryError(
                    f"It holds {n_people} people and a cast here {MAX_PEOPLE} at most; "
                    "./dramatis gallery build takes it in the terminal."
                )
            held = {name_key(one.name): set(one.files) for one in folders.get(draft_id).people}
            problems: list[list[str]] = []
            until, at = time.monotonic() + STEP_S, start
            for picture in source.pictures[start:]:
                at += 1
                try:
                    file = folders.add_picture(draft_id, picture.person, picture.read())
                except (MediaError, GalleryError) as error:
                    problems.append([picture.shown, str(error)])
                else:
                    known = held.setdefault(name_key(picture.person), set())
                    if file in known:
                        problems.append([picture.shown, IS_THERE])
                    known.add(file)
                if time.monotonic() > until:
                    break
            found = {"n": len(source.pictures), "next": at, "problems": problems}
    except DramatisError:
        forget(upload_id)
        raise
    if found["next"] >= found["n"]:
        forget(upload_id)
    return found


def read_list(content: bytes, called: str) -> dict[str, Any]:
    """A CSV of person and picture: {rows: [[person, picture], ...], problems: [[line, reason], ...]}. Where the
    pictures are, the browser knows; a path in it means no file of this machine. Raises GalleryError."""
    rows, left_out = csv_list(content, one_line(called)[:200] or "the list")
    return {"rows": rows, "problems": [[one.path, one.reason] for one in left_out]}


def export(name: str, pictures: bool) -> ExportFile:
    """Writes a cast, or a gallery that comes with Dramatis, to a file and opens that. Raises GalleryError if there is
    none, or a picture is missing, StorageError."""
    folder = outgoing_dir()
    _sweep(folder)
    handle, made = tempfile.mkstemp(prefix="cast-", dir=folder)
    os.close(handle)
    path = Path(made)
    try:
        gallery = export_gallery(store(), name, path, pictures)
        # Written anew in its place: opened by its name, and without one from here on.
        content = path.open("rb")
    except OSError as error:
        raise StorageError(f"The file cannot be read back ({error.strerror}); try again.") from error
    finally:
        path.unlink(missing_ok=True)
    return ExportFile(content, os.fstat(content.fileno()).st_size, gallery.name)


def offered(upload_id: str) -> Offered:
    """What the cast's file holds that was sent. Raises DramatisError if it is none that can be used; it is deleted
    then."""
    try:
        with _arrived(upload_id) as (path, called), open_gallery_file(path, EMBEDDER_ID) as file:
            gallery = file.gallery
            return Offered(
                upload_id,
                called,
                gallery.name,
                len(gallery.people),
                len(gallery.names),
                bool(file.pictures),
                file.licence_note,
                galleries.is_taken(gallery.name),
            )
    except DramatisError:
        forget(upload_id)
        raise


def take_cast(upload_id: str, name: str) -> str:
    """Saves the cast in the file that was sent, under `name`, and returns that as it is kept. Raises DramatisError; the
    file stays, so that another name can be tried."""
    if not name_key(one_line(name)):
        raise GalleryError("The cast needs a name; type one.")
    if galleries.is_taken(name):
        raise GalleryError(f"There is a cast called {one_line(name)} already; take another name.")
    with _arrived(upload_id) as (path, _):
        gallery = import_gallery(store(), path, name)
    forget(upload_id)
    return gallery.name


def forget(upload_id: str) -> None:
    """Deletes a file that was sent; nothing happens if there is none."""
    Incoming().discard(upload_id)


@contextmanager
def _arrived(upload_id: str) -> Iterator[tuple[Path, str]]:
    """The file of a complete upload, and what its owner calls it; in the sentences of errors that name stands in the
    place of the path here."""
    incoming = Incoming()
    called = incoming.status(upload_id).name
    path = incoming.finish(upload_id)
    try:
        yield path, called
    except (GalleryError, MediaError) as error:
        raise type(error)(str(error).replace(str(path), called)) from error


def _sweep(folder: Path) -> None:
    for path in folder.iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - _LEFT_OVER_S:
                path.unlink()
