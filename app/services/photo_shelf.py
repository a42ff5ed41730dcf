"""Photos that somebody is asking about: held in memory, few and not for long, and never written to a disk."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import MediaError

if TYPE_CHECKING:
    from engine.pipeline.lookalike import Photo

KEPT_S = 30 * 60.0
"""After the last question about a photo."""
MOST_PHOTOS = 64
MOST_BYTES = 128_000_000
"""Of all browsers together; a portrait takes half a megabyte, a photo of forty people five."""

_A_FACE_BYTES = 150 * 150 * 3 + 128 * 4  # the picture that the network saw, and its answer


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class HeldPhoto:
    """A photo somebody asks about: its faces, a smaller copy of it and a picture of each face, both JPEG. What else is
    found out about it may be kept by a weak reference, to be forgotten with it."""

    photo: Photo
    preview: bytes
    portraits: tuple[bytes, ...]

    @property
    def n_bytes(self) -> int:
        return len(self.preview) + sum(map(len, self.portraits)) + _A_FACE_BYTES * len(self.photo.faces)


class PhotoShelf:
    """Photos by ids that nobody can guess: who holds the id may see the photo. The one asked for longest ago goes when
    there are too many. `now` gives seconds."""

    def __init__(
        self,
        most_photos: int = MOST_PHOTOS,
        most_bytes: int = MOST_BYTES,
        kept_s: float = KEPT_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_photos, self._most_bytes, self._kept_s, self._now = most_photos, most_bytes, kept_s, now
        self._held: OrderedDict[str, tuple[float, HeldPhoto]] = OrderedDict()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def put(self, photo: HeldPhoto) -> str:
        """Takes in a photo; its id."""
        photo_id = secrets.token_urlsafe(16)
        with self._lock:
            self._held[photo_id] = (self._now(), photo)
            self._tidy()
            self._tidy_later()
        return photo_id

    def get(self, photo_id: str) -> HeldPhoto:
        """The photo. Raises MediaError if it is forgotten."""
        with self._lock:
            self._tidy()
            if photo_id not in self._held:
                raise MediaError("This photo is forgotten by now; choose it again.")
            _, photo = self._held.pop(photo_id)
            self._held[photo_id] = (self._now(), photo)
            return photo

    def forget(self, photo_ids: Iterable[str]) -> None:
        with self._lock:
            for photo_id in photo_ids:
                self._held.pop(photo_id, None)

    def __len__(self) -> int:
        with self._lock:
            return len(self._held)

    @property
    def n_bytes(self) -> int:
        with self._lock:
            return self._n_bytes()

    def _n_bytes(self) -> int:
        return sum(photo.n_bytes for _, photo in self._held.values())

    def _tidy(self) -> None:
        oldest = self._now() - self._kept_s
        while self._held:
            asked_at, _ = next(iter(self._held.values()))
            if asked_at >= oldest and len(self._held) <= self._most_photos and self._n_bytes() <= self._most_bytes:
                return
            self._held.popitem(last=False)

    def _tidy_later(self) -> None:
        """Has photos forgotten also when nobody asks any more; one timer for them all."""
        if self._timer is None and self._held:
            self._timer = threading.Timer(self._kept_s, self._on_time)
            self._timer.daemon = True
            self._timer.start()

    def _on_time(self) -> None:
        with self._lock:
            self._timer = None
            self._tidy()
            self._tidy_later()
