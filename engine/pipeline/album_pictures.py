"""The pictures that stand for an album and the people in it: cut from its own pictures, as a film's from its frames."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from engine.config import pictures_dir
from engine.errors import MediaError
from engine.identity.everybody import MAX_PICTURE_BYTES
from engine.media.images import MAX_PIXELS
from engine.media.photo import load_photo
from engine.pipeline.import_film import film_file
from engine.pipeline.pictures import FilmPictures
from engine.store.albums import AlbumPicture, AlbumRepository
from engine.store.database import Store
from engine.store.film_records import FilmRecord
from engine.types import Frame


def pictures_of(film: FilmRecord, store: Store) -> FilmPictures:
    """The pictures of a film or of an album of the store."""
    folder = pictures_dir(film.token)
    if film.kind == "film":
        return FilmPictures(film_file(film), folder)

    def frames(root: Path, times_s: Sequence[float]) -> Iterator[Frame]:
        return album_frames(root, partial(AlbumRepository(store).picture_at, film.sha256), times_s)

    return FilmPictures(film.path, folder, frames)


def album_frames(
    root: Path, picture_at: Callable[[float], AlbumPicture | None], times_s: Sequence[float]
) -> Iterator[Frame]:
    """What `picture_at` gives for each of the rising `times_s`, read from the folder `root`.

    Raises MediaError where a picture is gone, cannot be read, or became another one since the album was imported.
    """
    shown: Frame | None = None
    for time_s in times_s:
        picture = picture_at(time_s)
        if picture is None:
            raise MediaError(f"No picture of the album in {root} can be read any more; import the folder again.")
        if shown is None or shown.t_s != picture.number:
            shown = _frame(root, picture)
        yield shown


def _frame(root: Path, picture: AlbumPicture) -> Frame:
    try:
        content = (root / picture.path).read_bytes()
    except OSError as error:
        raise MediaError(
            f"{picture.path} of the album in {root} cannot be read ({error.strerror}); put it back, or import the "
            "folder again."
        ) from error
    if hashlib.sha256(content).hexdigest() != picture.sha256:
        raise MediaError(f"{picture.path} was changed since the album in {root} was imported; import the folder again.")
    image = load_photo(content, picture.path, max_bytes=MAX_PICTURE_BYTES, max_pixels=MAX_PIXELS)
    return Frame(image, float(picture.number))
