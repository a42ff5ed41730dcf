"""What a long analysis has finished so far, kept so that it need not be done again after an interruption.

Imports none of the heavy rooms: a waiting worker looks into these folders too.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from engine.errors import StorageError
from engine.files import write_whole

_SUFFIX = ".piece"
_ELSEWHERE = "elsewhere"
_DIGEST_BYTES = hashlib.sha256().digest_size


class Pieces(Protocol):
    """Bytes by name. What `load` gives is what `save` was given, or nothing."""

    def load(self, name: str) -> bytes | None:
        """The bytes saved under `name`; None if there are none, or if they are not whole any more."""
        ...

    def save(self, name: str, content: bytes) -> None:
        """Keeps `content` under `name`, in the place of what was there. Raises StorageError."""
        ...


class FolderPieces:
    """Pieces as files of `folder`, which is made when the first one is saved. Each is written beside its place and
    moved there whole, after a checksum of itself. Safe to share between threads; two processes that save the same
    piece leave one of the two.

    `inherited` are folders of earlier attempts, in which a piece is looked up that is not here; nothing is written
    there.
    """

    def __init__(self, folder: Path, inherited: Sequence[Path] = ()) -> None:
        self._folder, self._inherited = folder, tuple(inherited)

    def load(self, name: str) -> bytes | None:
        for folder in (self._folder, *self._inherited):
            try:
                sealed = (folder / f"{name}{_SUFFIX}").read_bytes()
            except OSError:
                continue
            digest, content = sealed[:_DIGEST_BYTES], sealed[_DIGEST_BYTES:]
            if hashlib.sha256(content).digest() == digest:
                return content
        return None

    def save(self, name: str, content: bytes) -> None:
        sealed = hashlib.sha256(content).digest() + content
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._folder / f"{name}{_SUFFIX}", sealed, synced=True)
        except OSError as error:
            raise StorageError(
                f"What is finished so far cannot be kept in {self._folder} ({error.strerror or error}); free some "
                "space on its disk, then start again."
            ) from error


def note_piece(folder: Path) -> None:
    """Notes in `folder`, which must be there, that something was finished that is kept elsewhere. A disk that refuses
    the note is no reason to stop working."""
    with contextlib.suppress(OSError):
        (folder / f"{_ELSEWHERE}{_SUFFIX}").touch(mode=0o600)


def newest_piece_s(folder: Path) -> float:
    """When the newest piece in `folder` was finished or noted, in seconds since 1970; 0.0 if there is none."""
    return max((_modified_s(path) for path in folder.glob(f"*{_SUFFIX}")), default=0.0)


def _modified_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
