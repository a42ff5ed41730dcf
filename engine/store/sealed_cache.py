"""What pictures show, kept from one time to the next, so that only new ones are looked at.

A diskcache (SQLite underneath): several threads and processes may use it at once, and what is in it survives a killed
process. It is no record of anything: whatever fails or does not add up counts as unknown, and a cache that is damaged
is thrown away. Values are bytes with a checksum, never pickles.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import diskcache

_DIGEST_BYTES = 16  # of the checksum in front of each value: against damage, not against an attacker

_T = TypeVar("_T")


class _PlainDisk(diskcache.Disk):
    """Refuses what is pickled: reading a pickle runs what it says."""

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        if mode != diskcache.core.MODE_RAW:
            raise ValueError("expected bytes in the row itself")
        return super().fetch(mode, filename, value, read)

    def get(self, key: Any, raw: bool) -> Any:
        if not raw:
            raise ValueError("expected a text as key")
        return super().get(key, raw)


class SealedCache:
    """Bytes for each picture, by its SHA-256 and the id of the looker, in the folder `folder`, made when it is first
    used. As a context manager it closes the files at the end. Beyond `size_limit_bytes` the oldest go first. `kept` is
    called, in any thread, whenever something was kept."""

    def __init__(self, folder: Path, size_limit_bytes: int, kept: Callable[[], None]) -> None:
        self._folder, self._size_limit_bytes, self._kept = folder, size_limit_bytes, kept
        self._cache: diskcache.Cache | None = None
        self._is_broken = False
        self._lock = threading.Lock()

    def load(self, sha256: str, looker_id: str) -> bytes | None:
        """What `save` was given; None if there is nothing, or if it is not whole any more."""
        sealed = self._do(lambda cache: cache.get(f"{sha256}:{looker_id}"))
        if not isinstance(sealed, bytes):
            return None
        digest, content = sealed[:_DIGEST_BYTES], sealed[_DIGEST_BYTES:]
        return content if _digest(content) == digest else None

    def save(self, sha256: str, looker_id: str, content: bytes) -> None:
        if self._do(lambda cache: cache.set(f"{sha256}:{looker_id}", _digest(content) + content)):
            self._kept()

    def forget(self, is_gone: Callable[[str], bool]) -> None:
        """Forgets every picture whose SHA-256 `is_gone`; nothing is left of them on the disk."""

        def work(cache: diskcache.Cache) -> None:
            for key in list(cache.iterkeys()):
                if is_gone(str(key).partition(":")[0]):
                    cache.delete(key)

        if self._folder.is_dir():
            self._do(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            if self._cache is not None:
                self._cache.close()
                self._cache = None

    def _do(self, work: Callable[[diskcache.Cache], _T]) -> _T | None:
        """`work` on the cache, None if that fails. A damaged cache is thrown away, and this goes on without one where
        a new one is no better; one that is merely locked or on a full disk is left as it is."""
        for _ in range(2):
            cache = self._opened()
            if cache is None:
                return None
            try:
                return work(cache)
            except (diskcache.Timeout, OSError, sqlite3.OperationalError):
                return None
            except (sqlite3.Error, ValueError, TypeError, KeyError):
                self._throw_away(cache)
        return None

    def _opened(self) -> diskcache.Cache | None:
        with self._lock:
            for _ in range(2):
                if self._cache is not None or self._is_broken:
                    break
                try:
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    self._cache = _open(self._folder, self._size_limit_bytes)
                except (diskcache.Timeout, OSError):
                    self._is_broken = True
                except Exception:  # what stands in its tables may be anything, and diskcache trusts it
                    shutil.rmtree(self._folder, ignore_errors=True)
            self._is_broken = self._is_broken or self._cache is None
            return self._cache

    def _throw_away(self, cache: diskcache.Cache) -> None:
        with self._lock:
            if self._cache is cache:
                cache.close()
                self._cache = None
                shutil.rmtree(self._folder, ignore_errors=True)


def _open(folder: Path, size_limit_bytes: int) -> diskcache.Cache:
    return diskcache.Cache(
        str(folder),
        disk=_PlainDisk,
        size_limit=size_limit_bytes,
        eviction_policy="least-recently-stored",  # reading then writes nothing
        sqlite_secure_delete=1,  # deleted vectors are overwritten, not only unlinked
        sqlite_mmap_size=0,  # a mapped file that another process cuts short would end this one
        disk_min_file_size=1 << 30,  # a value in a file of its own would not be overwritten when it is deleted
    )


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:_DIGEST_BYTES]
