"""The job "gallery": pictures of people become a saved gallery.

Spec: {folder: where <Person>/*.jpg are, name, licence_note: text or None to keep the one there is, augment}.
Result: {name, people, pictures, looked: how many of all pictures were new, left_out: [[path, reason], ...]}.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from engine.jobs.task import Task
from engine.pipeline.galleries import build_saved
from engine.pipeline.pieces import note_piece


def run(task: Task) -> dict[str, Any]:
    """Builds and saves; a gallery of the same name is replaced. What an earlier attempt looked at is not looked at
    again. Raises GalleryError, MediaError, ModelError, StorageError."""
    spec = task.job.spec
    augment = bool(spec.get("augment"))
    # How long the second look takes depends on how many people have few pictures: at most several times the first.
    task.plan({"gallery": 1.0, **({"steadying": 1.0} if augment else {}), "saving": 0.01})
    built = build_saved(
        task.store,
        Path(spec["folder"]),
        spec["name"],
        spec.get("licence_note"),
        task.progress,
        augment,
        # So that a job that is killed again and again, and looks at more pictures each time, is not given up.
        looked=partial(note_piece, task.folder),
    )
    gallery = built.gallery
    return {
        "name": gallery.name,
        "people": len(gallery.people),
        "pictures": len(gallery.names),
        "looked": built.n_looked,
        "left_out": [[left_out.path, left_out.reason] for left_out in gallery.left_out],
    }
