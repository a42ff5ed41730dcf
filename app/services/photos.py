"""Photos that somebody asks about: taken in, their faces found, shown, forgotten. They are held by
`app.services.photo_shelf` alone; the pages about likeness share them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.services.photo_shelf import HeldPhoto, PhotoShelf
from engine.errors import MediaError
from engine.names import one_line

if TYPE_CHECKING:
    from engine.pipeline.lookalike import PhotoFace
    from engine.pipeline.models import Models

MOST_WAITING = 6
"""Photos that may wait while another one is looked at; each holds up to 15 MB and a thread of the server."""

_LONGEST_NAME = 80

_shelf = PhotoShelf()
_loading = threading.Lock()
_looking = threading.Lock()
_waiting = threading.BoundedSemaphore(MOST_WAITING)


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A face of a photo: its number from 1, left to right, and where it is in shares of the photo's sides."""

    number: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A photo that is held; sizes in pixels, upright."""

    id: str
    name: str
    width: int
    height: int
    faces: tuple[FaceBox, ...]


def max_photo_bytes() -> int:
    from engine.media.photo import MAX_PHOTO_BYTES

    return MAX_PHOTO_BYTES


def get_ready() -> None:
    """Loads the networks, so that the first photo need not wait for them. Raises ModelError."""
    models()


def take_file(path: Path) -> str:
    """Takes a picture that comes with the project as if it had been sent; its id."""
    return take(path.read_bytes(), path.name)


def take(content: bytes, name: str) -> str:
    """Finds everybody in a photo and holds it; its id. Raises MediaError if it cannot be read, shows nobody, or too
    many photos wait; nothing is held then."""
    from engine.media.photo import load_photo

    name = one_line(name)[:_LONGEST_NAME].strip() or "The photo"
    with _turn():
        return _shelf.put(_looked_at(load_photo(content, name), name))


def forget(photo_ids: Sequence[str]) -> None:
    _shelf.forget(photo_ids)


def photo(photo_id: str) -> PhotoRecord:
    """Raises MediaError if the photo is forgotten."""
    return record(photo_id, _shelf.get(photo_id))


def known(photo_ids: Sequence[str]) -> tuple[PhotoRecord, ...]:
    """Those of the photos that are still held."""
    found = []
    for photo_id in photo_ids:
        try:
            found.append(photo(photo_id))
        except MediaError:
            continue
    return tuple(found)


def preview(photo_id: str) -> bytes:
    """The photo as JPEG. Raises MediaError if it is forgotten."""
    return _shelf.get(photo_id).preview


def portrait(photo_id: str, number: int) -> bytes:
    """A face of the photo as JPEG, aligned. Raises MediaError if there is none."""
    held = _shelf.get(photo_id)
    if not 1 <= number <= len(held.portraits):
        raise MediaError("There is no such face in this photo.")
    return held.portraits[number - 1]


def held_photo(photo_id: str) -> HeldPhoto:
    """A photo with all that is known of it. Raises MediaError if it is forgotten."""
    return _shelf.get(photo_id)


def held_face(photo_id: str, number: int) -> PhotoFace:
    """A face of a photo with its vector and the picture that the network saw. Raises MediaError if there is none."""
    held = held_photo(photo_id)
    if not 1 <= number <= len(held.photo.faces):
        raise MediaError("There is no such face in this photo.")
    return held.photo.faces[number - 1]


@contextmanager
def looking():
    """The networks, for one thread at a time: two photos side by side take twice as long each."""
    with _looking:
        yield models()


@contextmanager
def _turn():
    if not _waiting.acquire(blocking=False):
        raise MediaError("Other photos are being looked at; send this one again in a moment.")
    try:
        with _looking:
            yield
    finally:
        _waiting.release()


def models() -> Models:
    """The networks, loaded at first use. Raises ModelError."""
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Models:
    from engine.pipeline.models import Models

    return Models()


def _looked_at(image, name: str) -> HeldPhoto:
    from engine.pipeline import portraits
    from engine.pipeline.lookalike import faces_of_image

    networks = models()
    found = faces_of_image(image, networks, name, chips=True)
    boxes = [face.box_xyxy for face in found.faces]
    return HeldPhoto(found, portraits.preview(image), portraits.portraits(image, boxes, networks))


def record(photo_id: str, held: HeldPhoto) -> PhotoRecord:
    """What a page is told of a photo that is held."""
    found = held.photo
    boxes = []
    for face in found.faces:
        # Boxes may reach beyond the photo.
        left, right = (min(max(face.box_xyxy[i] / found.width, 0.0), 1.0) for i in (0, 2))
        top, bottom = (min(max(face.box_xyxy[i] / found.height, 0.0), 1.0) for i in (1, 3))
        boxes.append(FaceBox(face.number, left, top, right - left, bottom - top))
    return PhotoRecord(photo_id, found.name, found.width, found.height, tuple(boxes))
