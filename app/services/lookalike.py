"""Who looks like whom, as the page asks: photos in, faces found, the nearest people of a gallery, and a pair of faces
beside each other. Photos are held by `app.services.photo_shelf` alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.services import lookalike_galleries
from app.services.photo_shelf import HeldPhoto, PhotoShelf
from engine.config import PROJECT_DIR
from engine.errors import MediaError
from engine.names import one_line

if TYPE_CHECKING:
    from engine.identity.index import FaceIndex
    from engine.pipeline.lookalike import FaceMatches, Match
    from engine.pipeline.models import Models

SAMPLES_DIR = PROJECT_DIR / "demo" / "selfies"
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


@dataclass(frozen=True, slots=True)
class MatchRecord:
    """Somebody of the gallery who looks like a face: that face (photo and number), the nearest of the person's pictures
    (`row` of the gallery), how far it is and what that means. `has_picture`: a picture may be here to be shown."""

    photo: str
    face: int
    row: int
    person: str
    distance: float
    meaning: str
    has_picture: bool


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """Who looks like a face: `faces` are (photo, number), several where photos of one person are taken together.
    `nearest` is the nearest person, however far."""

    faces: tuple[tuple[str, int], ...]
    matches: tuple[MatchRecord, ...]
    nearest: MatchRecord | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one photo, or for several of one person. `by_chance`: how near the nearest of so many strangers is
    in half of all cases."""

    photos: tuple[PhotoRecord, ...]
    gallery: str
    source: str
    n_people: int
    max_distance: float
    by_chance: float
    faces: tuple[FaceAnswer, ...]


def max_photo_bytes() -> int:
    from engine.media.photo import MAX_PHOTO_BYTES

    return MAX_PHOTO_BYTES


def get_ready() -> None:
    """Loads the networks, so that the first photo need not wait for them. Raises ModelError."""
    _models()


def samples() -> tuple[str, ...]:
    """The names of the photos that can be tried; () where the demo is not there."""
    return tuple(sorted(path.name for path in SAMPLES_DIR.glob("*.jpg")))


def sample(name: str) -> Path | None:
    """The file of a photo that can be tried."""
    return SAMPLES_DIR / name if name in samples() else None


def take_sample(name: str) -> str:
    """Takes a sample as if it had been sent; its id. Raises MediaError if there is none."""
    path = sample(name)
    if path is None:
        raise MediaError("There is no such sample; choose another one.")
    return take(path.read_bytes(), name)


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
    return _record(photo_id, _shelf.get(photo_id))


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


def answer(photo_ids: Sequence[str], gallery: str, k: int, max_distance: float) -> Answer:
    """Who of the gallery looks like each face of a photo, or like one person in several photos.

    Raises MediaError if a photo is forgotten, or one of several shows more than one face; GalleryError if the gallery
    cannot be searched.
    """
    from engine.pipeline.lookalike import lookalikes

    held = [_shelf.get(photo_id) for photo_id in photo_ids]
    index = index_of(gallery)
    found = lookalikes([one.photo for one in held], index, k, max_distance)
    pictures = lookalike_galleries.may_have_pictures(index.name)
    return Answer(
        tuple(_record(photo_id, one) for photo_id, one in zip(photo_ids, held, strict=True)),
        index.name,
        lookalike_galleries.source_of(index),
        found.n_people,
        max_distance,
        found.by_chance,
        tuple(_face(one, photo_ids, index, pictures) for one in found.faces),
    )


def index_of(gallery: str) -> FaceIndex:
    """The gallery, ready to be searched. Raises GalleryError, StorageError."""
    return lookalike_galleries.open_gallery(gallery, _models)


def held_face(photo_id: str, number: int):
    """A face of a photo with its vector and the picture that the network saw. Raises MediaError if there is none."""
    held = _shelf.get(photo_id)
    if not 1 <= number <= len(held.photo.faces):
        raise MediaError("There is no such face in this photo.")
    return held.photo.faces[number - 1]


@contextmanager
def looking():
    """The networks, for one thread at a time: two photos side by side take twice as long each."""
    with _looking:
        yield _models()


@contextmanager
def _turn():
    if not _waiting.acquire(blocking=False):
        raise MediaError("Other photos are being looked at; send this one again in a moment.")
    try:
        with _looking:
            yield
    finally:
        _waiting.release()


def _models() -> Models:
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Models:
    from engine.pipeline.models import Models

    return Models()


def _looked_at(image, name: str) -> HeldPhoto:
    from engine.pipeline import portraits
    from engine.pipeline.lookalike import faces_of_image

    models = _models()
    found = faces_of_image(image, models, name, chips=True)
    boxes = [face.box_xyxy for face in found.faces]
    return HeldPhoto(found, portraits.preview(image), portraits.portraits(image, boxes, models))


def _record(photo_id: str, held: HeldPhoto) -> PhotoRecord:
    found = held.photo
    boxes = []
    for face in found.faces:
        # Boxes may reach beyond the photo.
        left, right = (min(max(face.box_xyxy[i] / found.width, 0.0), 1.0) for i in (0, 2))
        top, bottom = (min(max(face.box_xyxy[i] / found.height, 0.0), 1.0) for i in (1, 3))
        boxes.append(FaceBox(face.number, left, top, right - left, bottom - top))
    return PhotoRecord(photo_id, found.name, found.width, found.height, tuple(boxes))


def _face(found: FaceMatches, photo_ids: Sequence[str], index: FaceIndex, pictures: bool) -> FaceAnswer:
    def match(one: Match) -> MatchRecord:
        from engine.identity.calibration import in_words
        from engine.pipeline.why_match import face_nearest_to

        row = one.pictures[0].row
        photo_number, face = found.faces[face_nearest_to([face for _, face in found.faces], index, row)[0]]
        meaning = in_words(one.closer_than_strangers)
        return MatchRecord(photo_ids[photo_number], face.number, row, one.name, one.distance, meaning, pictures)

    return FaceAnswer(
        tuple((photo_ids[number], face.number) for number, face in found.faces),
        tuple(map(match, found.matches)),
        None if found.nearest is None else match(found.nearest),
    )
