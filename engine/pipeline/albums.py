"""Albums as wholes: a folder of pictures looked at, its faces grouped into people and saved, and deleted again.

What each picture shows is kept by its content, so that an import that is killed goes on where it was, and one more
looks at new pictures alone. The album as it was stays until the new one is saved.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine import __version__, config
from engine.config import AnalysisSettings
from engine.errors import MediaError, StorageError
from engine.identity.everybody import MAX_PICTURE_BYTES, EverybodyLooker, KnownPictures, PictureFaces
from engine.identity.gallery import in_order
from engine.identity.looks import Networks
from engine.identity.picture_groups import ALBUM_DISTANCE
from engine.media.folder_pictures import pictures_below
from engine.names import is_one_line, name_key, one_line
from engine.pipeline.people import IN_PICTURES, keep_strangers, name_people
from engine.store.albums import NO_NUMBER, AlbumPicture, AlbumRepository, SeenPicture
from engine.store.database import Store
from engine.store.film_records import FilmRecord
from engine.store.films import FilmRepository
from engine.store.inspections import forget_inspections, subject_key
from engine.store.jobs import JobRepository
from engine.store.look_cache import FaceCache
from engine.timeline import Interval
from engine.types import Analysis, FaceSamples, Gallery, Progress, Track, VideoInfo, ignore_progress
from engine.vision.model_ids import DETECTOR_ID, EMBEDDER_ID

_AHEAD = 4  # pictures a thread that wait to be told: their content is not kept


@dataclass(frozen=True, slots=True)
class ImportedAlbum:
    """An album after an import: its record, its pictures, and how many of them the networks were asked about."""

    album: FilmRecord
    pictures: tuple[AlbumPicture, ...]
    n_looked: int

    @property
    def n_pictures(self) -> int:
        """Different pictures that can be read."""
        return len({one.number for one in self.pictures} - {NO_NUMBER})

    @property
    def problems(self) -> tuple[AlbumPicture, ...]:
        return tuple(one for one in self.pictures if one.problem is not None)


def import_album(
    store: Store,
    folder: Path,
    title: str = "",
    gallery: Gallery | None = None,
    progress: Progress = ignore_progress,
    looked: Callable[[], None] = lambda: None,
) -> ImportedAlbum:
    """Looks at every picture in `folder` and below, groups the faces into people, names those of `gallery`, and saves
    all that as the album of this folder. Without a `title` a new album is called as its folder.

    A person's seconds are the pictures that show that one, for a picture lasts from its number to the next. Takes as
    many threads as there are processors; memory grows with the faces, by some 3 kB each. `progress` hears the phases
    "album", "names" and "saving", and may raise to stop. `looked` is called, in any thread, whenever a picture was
    looked at and need not be again.

    Raises MediaError if the folder cannot be read or holds no picture that can, ModelError, StorageError; an album
    that was there stays as it was.
    """
    paths = pictures_below(folder)
    if not paths:
        raise MediaError(f"There is no picture in {folder}; name a folder with JPEG, PNG, TIFF or WebP files.")
    root = folder.resolve()
    with FaceCache(config.album_faces_dir(), looked) as known:
        looks = _look_at_all(paths, root, _looker(), known, progress)
    faces = {one.seen.sha256: one.faces for one in looks if one.seen.problem is None}
    if not faces:
        first = looks[0].seen
        raise MediaError(
            f"None of the {len(looks)} pictures in {folder} can be read (the first, {first.path}, {first.problem}); "
            "use JPEG, PNG, TIFF or WebP files."
        )
    progress("names", 0.0)
    albums, films = AlbumRepository(store), FilmRepository(store)
    title = one_line(title)
    sha256 = albums.add(root, title or one_line(root.name) or "Pictures").sha256
    pictures = albums.put_pictures(sha256, [one.seen for one in looks])
    analysis = _analysis(_known(films, sha256), pictures, faces, gallery, films)
    progress("saving", 0.0)
    films.save_analysis(keep_strangers(analysis, films))
    if title:
        films.retitle(sha256, title)
    return ImportedAlbum(_known(films, sha256), pictures, sum(one.is_new for one in looks))


def find_album(store: Store, name: str) -> FilmRecord:
    """The album called `name`, or of the folder `name`. Raises MediaError if there is none, or more than one."""
    albums = AlbumRepository(store).albums()
    found = [album for album in albums if name_key(album.title) == name_key(name)]
    if not found and name:
        found = [album for album in albums if album.path == Path(name).resolve()]
    if not found:
        raise MediaError(f"There is no album called {name}; ./dramatis album list shows those there are.")
    if len(found) > 1:
        folders = " and ".join(str(album.path) for album in found)
        raise MediaError(f"{len(found)} albums are called {name}; say the folder of the one you mean: {folders}.")
    return found[0]


def delete_album(store: Store, album: FilmRecord) -> None:
    """Deletes an album with its people, its names, its jobs that ended, the faces cut from it, what is kept of its
    pictures, and the pictures themselves if they were uploaded; a folder of the user's stays. Raises StorageError."""
    try:
        shutil.rmtree(config.pictures_dir(album.token))
        if is_uploaded(album):
            shutil.rmtree(album.path, ignore_errors=False)
    except OSError as error:
        raise StorageError(
            f"The files of {album.title} cannot be deleted ({error.strerror}); make the data folder yours to write."
        ) from error
    albums = AlbumRepository(store)
    forget_inspections(subject_key("film", album.sha256))
    JobRepository(store).forget_film(album.sha256)
    albums.delete(album.sha256)
    needed = albums.contents()
    with FaceCache(config.album_faces_dir()) as known:
        known.forget(lambda sha256: sha256 not in needed)


def is_uploaded(album: FilmRecord) -> bool:
    """Whether the album's pictures are copies that are kept here."""
    return album.path.parent == config.albums_dir().resolve() and album.path.is_dir()


def _known(films: FilmRepository, sha256: str) -> FilmRecord:
    album = films.by_sha256(sha256)
    if album is None:
        raise StorageError("The album was deleted while its pictures were looked at; import its folder again.")
    return album


def _looker() -> EverybodyLooker:
    def load() -> Networks:
        from engine.pipeline.models import Models

        return Models().networks

    return EverybodyLooker(load, DETECTOR_ID, EMBEDDER_ID)


@dataclass(frozen=True, slots=True)
class _Looked:
    seen: SeenPicture
    faces: PictureFaces
    is_new: bool


def _look_at_all(
    paths: Sequence[Path], root: Path, looker: EverybodyLooker, known: KnownPictures, progress: Progress
) -> list[_Looked]:
    n_threads = os.cpu_count() or 1
    looks: list[_Looked] = []
    with ThreadPoolExecutor(n_threads, thread_name_prefix="album") as pool:
        try:
            for one in in_order(pool, lambda path: _look(path, root, looker, known), paths, _AHEAD * n_threads):
                looks.append(one)
                progress("album", len(looks) / len(paths))
        finally:
            pool.shutdown(cancel_futures=True)
    return looks


def _look(path: Path, root: Path, looker: EverybodyLooker, known: KnownPictures) -> _Looked:
    shown = path.relative_to(root).as_posix()
    if not is_one_line(shown):
        return _unread(ascii(shown)[1:-1], "has a name that is no text; rename it.")
    try:
        if path.stat().st_size > MAX_PICTURE_BYTES:
            return _unread(shown, f"is larger than {MAX_PICTURE_BYTES // 1_000_000} MB; save it smaller.")
        content = path.read_bytes()
    except OSError as error:
        return _unread(shown, f"cannot be read ({error.strerror}); check its permissions and its disk.")
    sha256 = hashlib.sha256(content).hexdigest()
    faces = known.get(sha256, looker.id)
    is_new = faces is None
    if faces is None:
        faces = looker.look(content)
        known.put(sha256, looker.id, faces)
    return _Looked(SeenPicture(shown, sha256, faces.width, faces.height, faces.problem or None), faces, is_new)


def _unread(shown: str, problem: str) -> _Looked:
    return _Looked(SeenPicture(shown, "", 0, 0, problem), PictureFaces.unreadable(problem), False)


def _analysis(
    album: FilmRecord,
    pictures: Sequence[AlbumPicture],
    faces: dict[str, PictureFaces],
    gallery: Gallery | None,
    films: FilmRepository,
) -> Analysis:
    """Who is in the album, as the analysis of a film of a second a picture; what people decided about its faces stands
    above what they look like."""
    numbered = {one.number: faces[one.sha256] for one in pictures if one.number != NO_NUMBER}
    tracks = picture_tracks(numbered)
    video = VideoInfo(
        album.path,
        album.duration_s,
        Fraction(1),
        max(one.width for one in numbered.values()),
        max(one.height for one in numbered.values()),
        "pictures",
    )
    settings = AnalysisSettings(sample_fps=1.0, stranger_distance=ALBUM_DISTANCE)
    people = name_people(tracks, gallery, settings, (), films.decided_tracks(album.sha256, tracks), IN_PICTURES)
    return Analysis(
        video=video,
        video_sha256=album.sha256,
        engine_version=__version__,
        model_ids=(DETECTOR_ID, EMBEDDER_ID),
        settings=settings.as_dict(),
        shots=(Interval(0.0, video.duration_s),),
        people=people.people,
        tracks=tracks,
        person_of_track=people.person_of_track,
        distance_of_track=people.distance_of_track,
        candidates=people.candidates,
        chances=people.chances,
        gallery=gallery.name if gallery else None,
        cast=gallery.people if gallery else (),
    )


def picture_tracks(numbered: dict[int, PictureFaces]) -> tuple[Track, ...]:
    """A track for each face of the pictures, by their number: seen once, from its picture's number to the next."""
    tracks: list[Track] = []
    for number, faces in sorted(numbered.items()):
        t_s = np.array([float(number)])
        for k in range(len(faces)):
            one = slice(k, k + 1)
            samples = FaceSamples(t_s, faces.boxes_xyxy[one], faces.quality[one], faces.vectors[one], EMBEDDER_ID)
            box, score = faces.boxes_xyxy[one], faces.scores[one]
            tracks.append(Track(len(tracks) + 1, float(number), number + 1.0, t_s, box, score, samples))
    return tuple(tracks)
