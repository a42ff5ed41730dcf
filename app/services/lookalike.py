"""Who looks like whom, as the page asks: the nearest people of a gallery for each face of photos that are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.services import lookalike_galleries, photos
from app.services.photos import PhotoRecord
from engine.config import PROJECT_DIR
from engine.errors import MediaError

if TYPE_CHECKING:
    from engine.identity.index import FaceIndex
    from engine.pipeline.lookalike import FaceMatches, Match

SAMPLES_DIR = PROJECT_DIR / "demo" / "selfies"


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
    return photos.take_file(path)


def answer(photo_ids: Sequence[str], gallery: str, k: int, max_distance: float) -> Answer:
    """Who of the gallery looks like each face of a photo, or like one person in several photos.

    Raises MediaError if a photo is forgotten, or one of several shows more than one face; GalleryError if the gallery
    cannot be searched.
    """
    from engine.pipeline.lookalike import lookalikes

    held = [photos.held_photo(photo_id) for photo_id in photo_ids]
    index = index_of(gallery)
    found = lookalikes([one.photo for one in held], index, k, max_distance)
    pictures = lookalike_galleries.may_have_pictures(index)
    return Answer(
        tuple(photos.record(photo_id, one) for photo_id, one in zip(photo_ids, held, strict=True)),
        index.name,
        lookalike_galleries.source_of(index),
        found.n_people,
        max_distance,
        found.by_chance,
        tuple(_face(one, photo_ids, index, pictures) for one in found.faces),
    )


def index_of(gallery: str) -> FaceIndex:
    """The gallery, ready to be searched. Raises GalleryError, StorageError."""
    return lookalike_galleries.open_gallery(gallery, photos.models)


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
