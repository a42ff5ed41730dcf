"""A face of a photo beside somebody of a gallery: their pictures, which parts make the likeness, a card to share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.services import lookalike, lookalike_galleries, photos
from engine.errors import GalleryError, MediaError

_N_KEPT = 256  # pictures of galleries' faces, 20 kB each: a page of twelve faces shows sixty


@dataclass(frozen=True, slots=True)
class Pair:
    """A face of a photo, and the picture `row` of `person` in a gallery; the name is compared, for a gallery may have
    been built anew since."""

    photo: str
    face: int
    gallery: str
    row: int
    person: str


@dataclass(frozen=True, slots=True)
class PairRecord:
    """What is said of a pair. `why` is one sentence; `parts` are (part of the face, how much farther the faces are
    without it than other people are), the strongest first."""

    person: str
    distance: float
    meaning: str
    source: str
    has_picture: bool
    why: str
    parts: tuple[tuple[str, float], ...]


def pair(asked: Pair) -> PairRecord:
    """Raises MediaError if the photo is forgotten, GalleryError if the gallery has changed."""
    index, distance, meaning = _measured(asked)
    why = _why(asked)
    return PairRecord(
        asked.person,
        distance,
        meaning,
        lookalike_galleries.source_of(index),
        lookalike_galleries.picture_of(index, asked.row) is not None,
        why.sentence,
        tuple((part.part, part.effect) for part in why.parts),
    )


def why_picture(asked: Pair) -> bytes:
    """The face of the photo with the parts coloured that make the likeness, JPEG. Raises as `pair` does."""
    from engine.pipeline.portraits import heat

    return heat(photos.portrait(asked.photo, asked.face), _why(asked).parts)


def person_picture(gallery: str, row: int, person: str) -> bytes:
    """The face `row` of a gallery as JPEG, aligned. Raises MediaError where its picture is not here."""
    index = _checked(gallery, row, person)
    path = lookalike_galleries.picture_of(index, row)
    if path is None:
        raise MediaError(f"There is no picture of {person} here.")
    return _person_portrait(path, index.picture(row)[1])


def card(asked: Pair, initials: str) -> bytes:
    """The pair as PNG, to be shared; where there is no picture of the person, their `initials`. Raises as `pair`
    does."""
    from engine.exports.share_card import ShareCard, share_card

    index, distance, meaning = _measured(asked)
    try:
        theirs = person_picture(asked.gallery, asked.row, asked.person)
    except MediaError:
        theirs = None
    own = photos.portrait(asked.photo, asked.face)
    name = asked.person.replace("_", " ")
    source = lookalike_galleries.source_of(index)
    return share_card(ShareCard(own, theirs, initials, name, distance, meaning, source))


def _checked(gallery: str, row: int, person: str):
    index = lookalike.index_of(gallery)
    if not 0 <= row < len(index) or index.name_of(row) != person:
        raise GalleryError(f"The gallery {gallery} has changed since; ask again.")
    return index


def _measured(asked: Pair):
    from engine.identity.calibration import calibration, in_words
    from engine.pipeline.why_match import face_nearest_to

    index = _checked(asked.gallery, asked.row, asked.person)
    _, distance = face_nearest_to([photos.held_face(asked.photo, asked.face)], index, asked.row)
    return index, distance, in_words(calibration(index.model_id).closer_than_strangers(distance))


@lru_cache(maxsize=64)
def _why(asked: Pair):
    from engine.pipeline.why_match import why_match

    index = _checked(asked.gallery, asked.row, asked.person)
    face = photos.held_face(asked.photo, asked.face)
    with photos.looking() as models:
        return why_match(face, index, asked.row, models.embedder)


@lru_cache(maxsize=_N_KEPT)
def _person_portrait(path: Path, _sha256: str) -> bytes:
    from engine.pipeline.portraits import portrait_of

    with photos.looking() as models:
        return portrait_of(path, models)
