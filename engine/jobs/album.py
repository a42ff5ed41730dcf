"""The job "album": a folder of pictures becomes an album, its faces grouped into people.

Spec: {video_sha256: that of the album, film: its token, folder, title, gallery: name of a saved one | None}.
Result: {film: token, people: how many, pictures: how many that can be read, looked: how many of all were new, left_out:
[[path, reason], ...], warnings: [sentences]}.
"""

from __future__ import annotations

import logging
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from engine.errors import Cancelled, DramatisError
from engine.jobs.task import Task
from engine.pipeline.album_pictures import pictures_of
from engine.pipeline.albums import import_album
from engine.pipeline.galleries import named_gallery
from engine.pipeline.pictures import stored_best_faces
from engine.pipeline.pieces import note_piece
from engine.store.film_records import FilmRecord
from engine.store.films import FilmRepository

WEIGHTS = {"album": 1.0, "names": 0.02, "saving": 0.02, "pictures": 0.05}
N_PORTRAITS = 60
"""Of people whose faces are cut out at once, those in most pictures; others' are when they are asked for."""

_log = logging.getLogger(__name__)


def run(task: Task) -> dict[str, Any]:
    """Looks, groups and saves, and cuts out faces. What an earlier attempt looked at is not looked at again. Raises
    MediaError, GalleryError, ModelError, StorageError. Once the album is saved nothing but a wish to stop ends the job
    badly: faces that cannot be cut out are a warning."""
    spec = task.job.spec
    task.plan(WEIGHTS)
    gallery = named_gallery(task.store, spec["gallery"])[0] if spec.get("gallery") else None
    # Noted, so that a job that is killed again and again, and looks at more pictures each time, is not given up.
    looked = partial(note_piece, task.folder)
    imported = import_album(task.store, Path(spec["folder"]), "", gallery, task.progress, looked)
    album = imported.album
    return {
        "film": album.token,
        "people": len(album.people),
        "pictures": imported.n_pictures,
        "looked": imported.n_looked,
        "left_out": [[one.path, one.problem] for one in imported.problems],
        "warnings": list(_cut_out(task, album)),
    }


def _cut_out(task: Task, album: FilmRecord) -> tuple[str, ...]:
    """Poster and people; a sentence for what could not be made."""
    faces = stored_best_faces(FilmRepository(task.store), album.sha256)
    first = {person.id: faces[person.id] for person in islice(album.people, N_PORTRAITS) if person.id in faces}
    task.progress("pictures", 0.0)
    try:
        pictures_of(album, task.store).write_all(first, album.duration_s, partial(task.progress, "pictures"))
    except Cancelled:
        raise
    except DramatisError as error:
        _log.warning("%s", error)
        return (str(error),)
    return ()
