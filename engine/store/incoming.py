"""Uploads on their way in: chunks of a file are put together on disk, and what is there outlives the server.

Each upload is a folder named by its id: `meta.json` (what the user called the file, and its size) and `part` (the bytes
so far, so that its size says how far the upload is). Nothing that a user sends is ever a name on disk. A lock on the
folder serialises requests for one upload, also between processes.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from engine import config
from engine.files import sync, write_whole
from engine.store.upload import BadUpload, NoRoom, NoSuchUpload, OutOfStep, TooMuch, Upload, shown_name

CHUNK_BYTES = 8 * 1024 * 1024
"""Largest chunk: a second at 64 Mbit/s, and what a worker thread holds in memory."""

QUOTA_BYTES = 200 * 10**9
"""Most that uploaded films may take together, finished or not: some 50 films of 4 GB."""

FREE_RESERVE_BYTES = 2 * 10**9
"""What is left on the disk at any rate: the database and the results must still be written."""

SETTLED_KEPT_S = 86_400.0
"""How long an upload that became a film is remembered, for a browser that did not hear the answer."""

MAX_UNFINISHED = 20
"""Uploads begun and not finished at one time; more are a mistake or mischief."""

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Incoming:
    """The unfinished uploads in `folder`, which together with the files in `films` stay below `quota_bytes` and leave
    `free_reserve_bytes` of the disk free. Any number of threads and processes may use one folder at the same time."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        films: Path | None = None,
        quota_bytes: int = QUOTA_BYTES,
        free_reserve_bytes: int = FREE_RESERVE_BYTES,
    ) -> None:
        self.folder = folder or config.incoming_dir()
        self.films = films or config.films_dir()
        self.quota_bytes = quota_bytes
        self.free_reserve_bytes = free_reserve_bytes

    def begin(self, name: str, n_bytes: int) -> Upload:
        """A new, empty upload. Raises BadUpload for an empty file and for a name that is a path (no browser sends
        one), NoRoom if there is no room for all of it."""
        if isinstance(n_bytes, bool) or not isinstance(n_bytes, int) or n_bytes < 1:
            raise BadUpload("The file is empty or its size is not known; choose another file.")
        if not isinstance(name, str) or any(char in name for char in "/\\\0") or name in (".", ".."):
            raise BadUpload("The name of the file is a path; send the name alone, without folders.")
        name = shown_name(name)
        with _failures(), _locked(self.folder):
            self._forget_settled()
            waiting = self.unfinished()
            if len(waiting) >= MAX_UNFINISHED:
                raise NoRoom(f"{MAX_UNFINISHED} uploads are not finished; finish or cancel some of them first.")
            self._check_room(n_bytes, waiting, name)
            upload = Upload(secrets.token_urlsafe(18), name, n_bytes, 0)
            folder = self.folder / upload.id
            folder.mkdir(mode=0o700)
            try:
                self._write_meta(upload)
                (folder / "part").touch(mode=0o600)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return upload

    def append(self, id: str, offset: int, data: bytes) -> int:
        """Adds `data`, which stands at `offset` of the file; returns how many bytes are there now.

        What is there already is not written again, so a chunk may be sent twice. Raises OutOfStep if bytes before
        `offset` are missing, TooMuch, NoRoom, NoSuchUpload; the upload is as it was before then.
        """
        if offset < 0:
            raise BadUpload("The chunk has a negative place in the file; send the upload again.")
        if len(data) > CHUNK_BYTES:
            raise TooMuch(f"A chunk may have {CHUNK_BYTES} bytes at most; send smaller ones.")
        with self.locked(id) as upload, _failures():
            if offset + len(data) > upload.n_bytes:
                raise TooMuch(f"{upload.name} was announced with {upload.n_bytes} bytes; start the upload again.")
            if offset > upload.received:
                raise OutOfStep(
                    f"The part of {upload.name} before byte {offset} is missing; go on at byte {upload.received}.",
                    upload.received,
                )
            fresh = memoryview(data)[upload.received - offset :]
            if upload.sha256 or not fresh:
                return upload.received
            self._check_room(upload.n_bytes - upload.received, self._begun_before(id), upload.name)
            return self._write(upload, fresh)

    def status(self, id: str) -> Upload:
        """How far an upload is. Raises NoSuchUpload."""
        folder = self._folder(id)
        try:
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            done = meta.get("sha256")
            received = meta["n_bytes"] if done else (folder / "part").stat().st_size
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError) as error:
            raise NoSuchUpload("This upload is not known here (any more); start it again.") from error
        return Upload(id, meta["name"], meta["n_bytes"], received, done)

    def finish(self, id: str) -> Path:
        """The file of a complete upload, safely on disk; it stays an upload until `settle` or `discard`. Raises
        BadUpload if bytes are missing, NoSuchUpload."""
        upload = self.status(id)
        if upload.received != upload.n_bytes or upload.sha256:
            missing = upload.n_bytes - upload.received
            raise BadUpload(f"{missing} bytes of {upload.name} are missing; go on with the upload.")
        part = self._folder(id) / "part"
        with _failures():
            sync(part)
        return part

    def settle(self, upload: Upload, sha256: str) -> None:
        """Remembers for a while that the upload became the film `sha256`, so that asking again gives the same answer;
        its bytes, where they still are here, are deleted. The caller holds the upload's lock."""
        with _failures():
            self._write_meta(replace(upload, sha256=sha256))
            (self._folder(upload.id) / "part").unlink(missing_ok=True)

    def discard(self, id: str) -> None:
        """Forgets an upload and deletes its bytes; nothing happens if there is none."""
        try:
            with self.locked(id):
                self.remove(id)
        except NoSuchUpload:
            return

    def remove(self, id: str) -> None:
        """What `discard` does, for a caller who holds the upload's lock."""
        folder = self._folder(id)
        with _failures():
            (folder / "meta.json").unlink(missing_ok=True)  # first: from here on it is unknown
            shutil.rmtree(folder)

    def expire(self, older_than_s: float) -> int:
        """Discards the uploads to which nothing was added for `older_than_s` seconds; returns how many."""
        limit, n_discarded = time.time() - older_than_s, 0
        for folder in self._folders():
            if _changed_at(folder) >= limit:
                continue
            self.discard(folder.name)
            shutil.rmtree(folder, ignore_errors=True)  # one that was being made or removed when the power went
            n_discarded += 1
        return n_discarded

    def unfinished(self) -> tuple[Upload, ...]:
        """The uploads that are not films yet, the oldest first."""
        found = []
        for folder in sorted(self._folders(), key=_begun_at):
            try:
                found.append(self.status(folder.name))
            except NoSuchUpload:
                continue
        return tuple(upload for upload in found if not upload.sha256)

    @contextmanager
    def locked(self, id: str) -> Iterator[Upload]:
        """The upload, which no other request changes meanwhile. Raises NoSuchUpload."""
        folder = self._folder(id)
        with _locked(folder):
            yield self.status(id)  # only now: it may have been discarded while this waited

    def _forget_settled(self) -> None:
        before = time.time() - SETTLED_KEPT_S
        for folder in self._folders():
            with suppress(NoSuchUpload):
                if self.status(folder.name).sha256 and _changed_at(folder) < before:
                    shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        return [Path(entry) for entry in os.scandir(self.folder) if _ID.fullmatch(entry.name) and entry.is_dir()]

    def _folder(self, id: str) -> Path:
        if not isinstance(id, str) or not _ID.fullmatch(id):
            raise NoSuchUpload("This upload is not known here (any more); start it again.")
        return self.folder / id

    def _begun_before(self, id: str) -> tuple[Upload, ...]:
        """When the disk shrinks under several uploads, the older ones may still finish."""
        waiting = self.unfinished()
        ids = [upload.id for upload in waiting]
        return waiting[: ids.index(id)] if id in ids else waiting

    def _check_room(self, n_bytes: int, others: tuple[Upload, ...], name: str) -> None:
        """Raises NoRoom unless `n_bytes` more fit beside the films and all that `others` still need."""
        free = shutil.disk_usage(self.folder).free - sum(other.n_bytes - other.received for other in others)
        if free - n_bytes < self.free_reserve_bytes:
            raise NoRoom(f"There is no room on the disk for {name} ({_size(n_bytes)}); free some space and go on.")
        received = sum(upload.received for upload in self.unfinished())
        needed = received + sum(other.n_bytes - other.received for other in others) + n_bytes
        if needed + _bytes_in(self.films) > self.quota_bytes:
            most = _size(self.quota_bytes)
            raise NoRoom(f"{name} ({_size(n_bytes)}) would take uploaded films past {most}; delete a film first.")

    def _write(self, upload: Upload, data: memoryview) -> int:
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(self._folder(upload.id) / "part", flags)
        try:
            done = 0
            while done < len(data):
                done += os.write(handle, data[done:])
        except OSError:
            os.ftruncate(handle, upload.received)
            raise
        finally:
            os.close(handle)
        return upload.received + len(data)

    def _write_meta(self, upload: Upload) -> None:
        meta = {"name": upload.name, "n_bytes": upload.n_bytes, "sha256": upload.sha256}
        write_whole(self.folder / upload.id / "meta.json", json.dumps(meta).encode())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoSuchUpload("This upload is not known here (any more); start it again.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NoRoom(
            f"The upload cannot be written ({error.strerror or error}); free some space on the disk and go on."
        ) from error


def _begun_at(folder: Path) -> tuple[float, str]:
    try:
        return (folder / "meta.json").stat().st_mtime, folder.name
    except OSError:
        return float("inf"), folder.name


def _changed_at(folder: Path) -> float:
    times = []
    for path in (folder, folder / "part", folder / "meta.json"):
        try:
            times.append(path.stat().st_mtime)
        except OSError:
            continue
    return max(times, default=float("inf"))


def _bytes_in(folder: Path) -> int:
    total = 0
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):  # deleted meanwhile
            total += entry.stat(follow_symlinks=False).st_size
    return total


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"
