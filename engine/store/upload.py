"""What an upload is, what may be wrong with one, and how a file's name from a stranger is shown."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import StorageError
from engine.names import one_line

NAME_CHARS = 200
"""Longest name that is kept: file systems allow 255 bytes."""


class NoSuchUpload(StorageError):
    """There is no upload of this id (any more). Nothing was changed."""


class BadUpload(StorageError):
    """A name, a size or an offset that makes no sense, or an upload that is not complete. Nothing was changed."""


class TooMuch(StorageError):
    """A chunk is larger than the largest one allowed, or goes beyond the size announced. Nothing of it was kept."""


class NoRoom(StorageError):
    """The quota, the disk or the number of uploads leaves no room. What was received before is kept."""


class OutOfStep(StorageError):
    """A chunk does not follow what was received: `received` is the offset wanted. Nothing of it was kept."""

    def __init__(self, message: str, received: int) -> None:
        super().__init__(message)
        self.received = received


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload. `name` is for display only; `received` of `n_bytes` are on disk. `sha256` is set when the file has
    become a film (it is not here any more then)."""

    id: str
    name: str
    n_bytes: int
    received: int
    sha256: str | None = None


def shown_name(name: str) -> str:
    """A file's name as a user may be shown it: no folders, no control or direction characters, 200 characters at most.

    >>> shown_name("C:\\\\films\\\\..\\\\My film.mp4"), shown_name("../../etc/passwd"), shown_name("  \\n")
    ('My film.mp4', 'passwd', 'film')
    """
    name = str(name).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return one_line(name)[:NAME_CHARS].strip(" .") or "film"
