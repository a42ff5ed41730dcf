"""Who in a gallery looks like the people in a photo: faces out of pictures, and for each the nearest people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import GalleryError, MediaError
from engine.identity.calibration import calibration
from engine.identity.index import FaceIndex, Method, PersonFound
from engine.media.images import load_image
from engine.pipeline.models import Models
from engine.types import checked
from engine.vision.scales import find_everybody

DEFAULT_MATCHES = 5
DEFAULT_MAX_DISTANCE = 0.9
"""Four of five pairs of strangers are nearer (`engine.identity.calibration`): about anybody may be shown as a likeness,
only not those who look less alike than people mostly do."""

N_PICTURES = 3  # of each person in an answer


@dataclass(frozen=True, slots=True)
class PhotoFace:
    """A face of a photo: `number` from 1, left to right; `box_xyxy` in pixels of the upright photo; `vector` (128,)
    float32; `chip` (150, 150, 3) RGB uint8, aligned, or None if it was not asked for."""

    number: int
    box_xyxy: tuple[float, float, float, float]
    vector: np.ndarray
    chip: np.ndarray | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", checked("vector", self.vector, (None,), np.float32))


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of that name, upright, and its faces from left to right; there is at least one."""

    name: str
    width: int
    height: int
    model_id: str
    faces: tuple[PhotoFace, ...]


@dataclass(frozen=True, slots=True)
class MatchPicture:
    """A picture of somebody in the gallery: its row there, its path in the gallery's folder, its content's SHA-256, and
    how far its face is."""

    row: int
    path: str
    sha256: str
    distance: float


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody of the gallery: how far the nearest picture is, what share of strangers, 0..1, are farther from each
    other than that, and the nearest pictures."""

    name: str
    distance: float
    closer_than_strangers: float
    pictures: tuple[MatchPicture, ...]


@dataclass(frozen=True, slots=True)
class FaceMatches:
    """Who looks like a face, or like several faces of one person in several photos: `faces` are (number of the photo
    from 0, face). `matches` are the nearest people first, none beyond the answer's distance; `nearest` is the first of
    all, whatever its distance, None in an empty gallery."""

    faces: tuple[tuple[int, PhotoFace], ...]
    matches: tuple[Match, ...]
    nearest: Match | None


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """The answer for a photo, a face an entry, or for several photos of one person, with one entry.

    `gallery` and `note` are the gallery's name and where it is from; `n_people` and `n_faces` were searched, by
    `method`. `by_chance` is the distance at which the nearest of so many strangers is in half of all cases.
    """

    photos: tuple[Photo, ...]
    gallery: str
    note: str
    model_id: str
    n_people: int
    n_faces: int
    max_distance: float
    method: Method
    by_chance: float
    faces: tuple[FaceMatches, ...]


def faces_of_photo(source: Path | bytes, models: Models, *, chips: bool = False, name: str = "") -> Photo:
    """All faces of a picture file, or of the bytes of one called `name`; with `chips`, as pictures too. Raises
    MediaError if it is no picture that can be read, or shows no face."""
    name = name or (str(source) if isinstance(source, Path) else "the photo")
    return faces_of_image(load_image(source), models, name, chips=chips)


def faces_of_image(image: np.ndarray, models: Models, name: str, *, chips: bool = False) -> Photo:
    """All faces of a photo (h, w, 3) RGB uint8 called `name`; with `chips`, as pictures too. Raises MediaError if it
    shows no face."""
    boxes = find_everybody(models.detector, image).boxes_xyxy
    if not len(boxes):
        raise MediaError(
            f"No face was found in {name}; use a photo in which eyes, nose and mouth can be seen, from about the front."
        )
    boxes = boxes[np.lexsort((boxes[:, 1], boxes[:, 0] + boxes[:, 2]))]
    aligned, _ = models.aligner.align(image, boxes)
    vectors = models.embedder.embed(aligned)
    faces = tuple(
        PhotoFace(i + 1, tuple(box.tolist()), vector, chip if chips else None)
        for i, (box, vector, chip) in enumerate(zip(boxes, vectors, aligned, strict=True))
    )
    return Photo(name, image.shape[1], image.shape[0], models.embedder.model_id, faces)


def lookalikes(
    photos: Sequence[Photo],
    index: FaceIndex,
    k: int = DEFAULT_MATCHES,
    max_distance: float = DEFAULT_MAX_DISTANCE,
    people: Sequence[str] | None = None,
) -> Lookalikes:
    """The `k` people of the gallery nearest to each face of a photo, or to one person of whom there are several photos
    with one face each: then a picture is as far as it is from the nearest of them. Among `people` only, if given.

    Raises GalleryError if the gallery holds vectors of another network, nobody, or not these people; MediaError if one
    of several photos shows more than one face.
    """
    for photo in photos:
        if photo.model_id != index.model_id:
            raise GalleryError(
                f"The gallery {index.name} was made with the network {index.model_id}, the photo's faces with "
                f"{photo.model_id}; build the gallery anew from its pictures."
            )
        if len(photos) > 1 and len(photo.faces) > 1:
            raise MediaError(
                f"{photo.name} shows {len(photo.faces)} faces, and of several photos each must show one person alone; "
                "cut that person out of it, or leave it out."
            )
    if not len(index):
        raise GalleryError(f"The gallery {index.name} is empty; build it from pictures.")
    rows = None if people is None else index.rows_of(people)
    table = calibration(index.model_id)

    def match(found: PersonFound) -> Match:
        pictures = (
            MatchPicture(row, *index.picture(row), distance)
            for row, distance in zip(found.rows, found.distances, strict=True)
        )
        return Match(found.name, found.distance, table.closer_than_strangers(found.distance), tuple(pictures))

    if len(photos) > 1:
        questions = [tuple((i, photo.faces[0]) for i, photo in enumerate(photos))]
    else:
        questions = [((0, face),) for photo in photos for face in photo.faces]
    answers, methods = [], set()
    for question in questions:
        found = index.people_like(np.stack([face.vector for _, face in question]), k, N_PICTURES, rows)
        near = [match(one) for one in found.people]
        methods.add(found.method)
        kept = tuple(one for one in near if one.distance <= max_distance)
        answers.append(FaceMatches(question, kept, near[0] if near else None))
    n_people = len(index.people) if people is None else len(people)
    return Lookalikes(
        tuple(photos),
        index.name,
        index.note,
        index.model_id,
        n_people,
        len(index) if rows is None else len(rows),
        max_distance,
        "forest" if "forest" in methods else "all compared",
        table.nearest_of_strangers(n_people),
        tuple(answers),
    )
