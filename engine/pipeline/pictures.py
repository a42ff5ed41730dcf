"""The pictures that stand for a film and the people in it: all made from the film again whenever they are missing.

A film's pictures share one folder. A person's picture is named by a digest of the person's id, a face's also by its
time and place, so that a name never stands for another face after the film was analysed again.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.config import private_dir
from engine.errors import MediaError, StorageError
from engine.files import write_whole
from engine.media.stills import face_crop, frames_at, jpeg_bytes, shrunk
from engine.store.films import FilmRepository
from engine.types import Analysis, Frame

PREVIEW_NAME = "preview.mp4"
POSTER_PX = 640
POSTER_SHARE = 0.1  # where nobody is seen: late enough to be past titles and fades from black

Wanted = tuple[float, Callable[[np.ndarray], np.ndarray], Path]
"""A picture to make: when in the film, what of the frame, and where to put it."""

Frames = Callable[[Path, Sequence[float]], Iterator[Frame]]
"""The frame on show in a film at each of some rising times; raises MediaError."""

LEADS = 3
"""The poster shows one of so many people seen longest, not a stranger who came close to the camera once."""


@dataclass(frozen=True, slots=True)
class FaceAt:
    """Where a face is seen in a film: face `index` of a track, `t_s` seconds in, in pixels of the upright frame."""

    track_id: int
    index: int
    t_s: float
    box_xyxy: tuple[float, float, float, float]
    quality: float = 0.0


def best_faces(analysis: Analysis) -> dict[str, FaceAt]:
    """Person id -> the face of best quality among the person's tracks; people without faces are left out."""
    tracks = {track.id: track for track in analysis.tracks}
    found = {}
    for person in analysis.people:
        faces = [
            FaceAt(track_id, i, float(samples.t_s[i]), _box(samples.boxes_xyxy[i]), float(samples.quality[i]))
            for track_id in person.track_ids
            for samples in [tracks[track_id].faces]
            for i in range(len(samples))
        ]
        if faces:
            found[person.id] = max(faces, key=lambda face: face.quality)
    return found


def stored_best_faces(films: FilmRepository, sha256: str) -> dict[str, FaceAt]:
    """What `best_faces` says of the film's latest analysis, from the database; {} if there is none."""
    best = films.best_faces(sha256)
    faces = films.faces(sha256, sorted({track_id for track_id, _ in best.values()}))
    return {
        person_id: FaceAt(track_id, i, face.t_s, _box(face.box_xyxy), face.quality)
        for person_id, (track_id, i) in best.items()
        for face in [faces[track_id][i]]
    }


class FilmPictures:
    """The pictures of one film, kept in `folder`; `film_path` is None where the film itself is gone, and then only
    pictures made before can be had. `frames` reads it, by default as a
    film.

    Several threads and processes may ask at once: one decodes, the others wait and find what it made. All that make
    something raise MediaError if the film cannot be read, StorageError if the folder cannot be written.
    """

    def __init__(self, film_path: Path | None, folder: Path, frames: Frames | None = None) -> None:
        self.film_path = film_path
        self.folder = folder
        self._frames = frames

    @property
    def poster(self) -> Path:
        """Where the poster is, once it was made."""
        return self.folder / "poster.jpg"

    @property
    def preview(self) -> Path:
        """Where the film as a browser can play it is, if it had to be made (see `engine.media.preview`)."""
        return self.folder / PREVIEW_NAME

    def person(self, person_id: str) -> Path:
        """Where the picture of a person is, once it was made."""
        return self.folder / f"person_{_digest(person_id)}.jpg"

    def write_all(
        self, faces: Mapping[str, FaceAt], duration_s: float, progress: Callable[[float], None] | None = None
    ) -> None:
        """Poster and people's pictures of a new analysis, in one pass over the film; older ones and all faces of older
        analyses go. `progress` is told the share done, 0 to 1; what it raises ends the work."""
        wanted = [(face.t_s, _face(face), self.person(person_id)) for person_id, face in faces.items()]
        wanted.append(self._wanted_poster(faces, duration_s))
        with self._alone():
            self._write(wanted, progress)
            keep = {path for _, _, path in wanted}
            for old in [*self.folder.glob("person_*.jpg"), *self.folder.glob("crop_*.jpg")]:
                if old not in keep:
                    old.unlink(missing_ok=True)

    def write_poster(self, faces: Mapping[str, FaceAt], duration_s: float) -> Path:
        """The poster, made now if it is not there."""
        return self._made([self._wanted_poster(faces, duration_s)])[0]

    def write_person(self, person_id: str, face: FaceAt) -> Path:
        """A person's picture, made now from `face` if there is none."""
        return self._made([(face.t_s, _face(face), self.person(person_id))])[0]

    def crop(self, face: FaceAt) -> Path:
        """A face's picture, made now if it is not there. For several of a track `crops` is many times faster."""
        return self.crops([face])[0]

    def crops(self, faces: Sequence[FaceAt]) -> list[Path]:
        """The faces' pictures, in their order; those that are not there are made in one pass over the film."""
        return self._made([(face.t_s, _face(face), self._crop_path(face)) for face in faces])

    def _crop_path(self, face: FaceAt) -> Path:
        place = _digest(f"{face.t_s!r} {[float(value) for value in face.box_xyxy]}")[:8]
        return self.folder / f"crop_{face.track_id}_{face.index}_{place}.jpg"

    def _wanted_poster(self, faces: Mapping[str, FaceAt], duration_s: float) -> Wanted:
        leads = list(faces.values())[:LEADS]
        best = max(leads, key=lambda face: face.quality * _height(face), default=None)
        t_s = POSTER_SHARE * duration_s if best is None else best.t_s
        return t_s, lambda image: shrunk(image, POSTER_PX), self.poster

    def _made(self, wanted: Sequence[Wanted]) -> list[Path]:
        paths = [path for _, _, path in wanted]
        if not all(path.is_file() for path in paths):
            with self._alone():
                self._write([one for one in wanted if not one[2].is_file()], None)
        return paths

    def _write(self, wanted: Sequence[Wanted], progress: Callable[[float], None] | None) -> None:
        if not wanted:
            return
        if self.film_path is None:
            raise MediaError("The film's file is not there any more, so no picture can be made; add the film again.")
        wanted, frames = sorted(wanted, key=lambda one: one[0]), self._frames or frames_at
        for n, (frame, (_, cut, path)) in enumerate(
            zip(frames(self.film_path, [one[0] for one in wanted]), wanted, strict=True), start=1
        ):
            picture = jpeg_bytes(cut(frame.image))
            try:
                write_whole(path, picture)
            except OSError as error:
                raise _unwritable(error) from error
            if progress:
                progress(n / len(wanted))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        private_dir(self.folder)
        try:
            lock = (self.folder / ".lock").open("w")
        except OSError as error:
            raise _unwritable(error) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _face(face: FaceAt) -> Callable[[np.ndarray], np.ndarray]:
    return lambda image: face_crop(image, face.box_xyxy)


def _box(box_xyxy: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(value) for value in box_xyxy)
    return left, top, right, bottom


def _height(face: FaceAt) -> float:
    return face.box_xyxy[3] - face.box_xyxy[1]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _unwritable(error: OSError) -> StorageError:
    return StorageError(
        f"A picture of the film cannot be written ({error.strerror or error}); free some space on the disk."
    )
