"""The job "inspect": the map and the groups of many faces, which take longer than a page may.

Spec: {gallery: name | None, video_sha256: of a film or an album | None, film: its token | None, title}.
Result: {faces: how many}.
"""

from __future__ import annotations

from typing import Any

from engine.errors import GalleryError
from engine.jobs.task import Task
from engine.pipeline.inspect import WEIGHTS, film_faces, gallery_faces, inspect_faces


def run(task: Task) -> dict[str, Any]:
    """Makes and keeps them. Raises GalleryError if the gallery or the film is gone, StorageError."""
    spec = task.job.spec
    task.plan(WEIGHTS)
    gallery = spec.get("gallery")
    faces = gallery_faces(task.store, gallery) if gallery else film_faces(task.store, spec["video_sha256"])
    if faces is None:
        raise GalleryError(f"{task.job.title} is not in Dramatis any more; there is nothing to inspect.")
    inspect_faces(faces, task.progress)
    return {"faces": len(faces.keys)}
