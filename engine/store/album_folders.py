"""Pictures that are sent for an album, each below a folder of its own: ALBUMS_DIR/<id>/<as it was called>.

Ids are made here. A picture keeps its path below the folder it was sent from, cleaned part by part, for people know
their pictures by it; no text from outside ever becomes part of a path unseen.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path

from engine.config import private_dir
from engine.errors import MediaError, StorageError
from engine.files import write_whole
from engine.media.images import PICTURE_SUFFIXES
from engine.store.cast_folders import clean_name
from engine.store.incoming import FREE_RESERVE_BYTES

MAX_PICTURE_BYTES = 15_000_000
"""Of a picture that is sent: one request holds it. Larger ones are looked at where they are."""
MAX_DEPTH = 8

_ID = re.compile(r"[A-Za-z0-9_-]{16}")


class AlbumFolders:
    """The folders below one folder. Raises MediaError for an album or a picture that is not wanted, StorageError where
    the disk fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self) -> str:
        """The id of a new, empty folder."""
        album_id = secrets.token_urlsafe(12)
        private_dir(self._folder / album_id)
        return album_id

    def path(self, album_id: str) -> Path:
        if not _ID.fullmatch(album_id) or not (self._folder / album_id).is_dir():
            raise MediaError("The pictures sent for this album are gone; send them again.")
        return self._folder / album_id

    def add(self, album_id: str, shown: str, content: bytes) -> str:
        """Keeps a picture that was called `shown` ("Summer/IMG_1.jpg") as it came, and returns its path in the folder;
        another picture of that name gets a number. Whether it can be read is told when the album is looked at."""
        root = self.path(album_id)
        if not content:
            raise MediaError("is empty (0 bytes)")
        if len(content) > MAX_PICTURE_BYTES:
            raise MediaError(f"is larger than {MAX_PICTURE_BYTES // 1_000_000} MB; save it smaller")
        *folders, name = shown.replace("\\", "/").split("/")
        stem, suffix = os.path.splitext(name)
        if suffix.lower() not in PICTURE_SUFFIXES:
            raise MediaError("is not called like a picture; use JPEG, PNG, TIFF or WebP files")
        name = (clean_name(stem) or "picture") + suffix
        try:
            folder = root
            for part in list(filter(None, map(clean_name, folders)))[-MAX_DEPTH:]:
                folder = private_dir(folder / part)
            path = _free(folder, name, content)
            if not path.exists():
                if shutil.disk_usage(root).free - len(content) < FREE_RESERVE_BYTES:
                    raise StorageError("cannot be kept: the disk is nearly full; free some space on it")
                write_whole(path, content)
            os.utime(root)  # somebody is at it: `engine.pipeline.import_film.tidy` leaves it alone
        except OSError as error:
            raise StorageError(
                f"The picture cannot be kept ({error.strerror}); free some space on the disk."
            ) from error
        return path.relative_to(root).as_posix()


def _free(folder: Path, name: str, content: bytes) -> Path:
    """Where the picture goes: under its name, or with a number if another picture has it; the same one stays where it
    is."""
    stem, suffix = os.path.splitext(name)
    path, number = folder / name, 1
    while path.exists() and not (path.is_file() and path.read_bytes() == content):
        number += 1
        path = folder / f"{stem} ({number}){suffix}"
    return path
