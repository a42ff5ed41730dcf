"""A gallery's pictures brought into a folder of their own (`engine.store.cast_folders`), all of them or none: so that a
gallery that came as a file can be changed like one that was made here."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from engine.config import private_dir
from engine.errors import GalleryError, StorageError
from engine.media.images import PICTURE_SUFFIXES
from engine.store.cast_folders import MAX_PEOPLE, NOTE, clean_name
from engine.types import Gallery

_UNFINISHED = ".new-"
_LEFT_OVER_S = 3600.0  # what is older was left by a process that was killed


@contextmanager
def put_pictures(
    folder: Path, gallery: Gallery, endings: dict[str, str], read: Callable[[str], bytes]
) -> Iterator[Gallery]:
    """A new cast below `folder` with the picture of each row of `gallery`; gives `gallery` with the paths that its
    pictures have there. `endings` (".jpg") and `read` are asked by SHA-256. If the block fails, the cast goes.

    Raises GalleryError if it has more people than a cast or a name that no folder can have, StorageError if the disk
    fails, and what `read` raises; nothing is left of the cast then.
    """
    paths = _paths(gallery, endings)
    private_dir(folder)
    _sweep(folder)
    cast = folder / secrets.token_urlsafe(12)
    unfinished = folder / f"{_UNFINISHED}{cast.name}"
    try:
        private_dir(unfinished)
        for path, sha256 in zip(paths, gallery.sha256, strict=True):
            picture = unfinished / path
            private_dir(picture.parent)
            picture.write_bytes(read(sha256))
        (unfinished / NOTE).write_text(json.dumps({"name": gallery.name}, ensure_ascii=False), encoding="utf-8")
        unfinished.rename(cast)
    except OSError as error:
        raise StorageError(
            f"The gallery's pictures cannot be kept ({error.strerror or error}); free some space on the disk."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    try:
        yield replace(gallery, paths=paths)
    except BaseException:
        shutil.rmtree(cast, ignore_errors=True)
        raise


def _paths(gallery: Gallery, endings: dict[str, str]) -> tuple[str, ...]:
    """<Person>/<file> for each row; the file keeps its name where that is one and free, whatever the letters' case."""
    if len(gallery.people) > MAX_PEOPLE:
        raise GalleryError(f"Pictures of more than {MAX_PEOPLE} people are not kept; take the gallery without them.")
    taken: set[str] = set()
    paths = []
    for person, path, sha256 in zip(gallery.names, gallery.paths, gallery.sha256, strict=True):
        if clean_name(person) != person:
            raise GalleryError(f"No folder can be called {person!r:.80}; take the gallery without its pictures.")
        named, ending = PurePosixPath(path).name, endings[sha256]
        keeps = PurePosixPath(named).suffix.lower() in PICTURE_SUFFIXES and clean_name(named) == named
        wanted = f"{person}/{named}" if keeps else f"{person}/01{ending}"
        number = 1
        while wanted.casefold() in taken:
            wanted, number = f"{person}/{number:02d}{ending}", number + 1
        taken.add(wanted.casefold())
        paths.append(wanted)
    return tuple(paths)


def _sweep(folder: Path) -> None:
    for path in folder.glob(f"{_UNFINISHED}*"):
        if path.stat().st_mtime < time.time() - _LEFT_OVER_S:
            shutil.rmtree(path, ignore_errors=True)
