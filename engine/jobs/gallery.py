"""The job "gallery": pictures of people become a saved gallery.

Spec: {folder: where <Person>/*.jpg are, name}. Result: {name, people, pictures, left_out: [[path, reason], ...]}.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.jobs.task import Task
from engine.pipeline.galleries import build_saved


def run(task: Task) -> dict[str, Any]:
    """Builds and saves; a gallery of the same name is replaced. What an earlier attempt looked at is not looked at
    again. Raises GalleryError, MediaError, ModelError, StorageError."""
    task.plan({"gallery": 1.0, "saving": 0.01})
    spec = task.job.spec
    gallery = build_saved(task.store, Path(spec["folder"]), spec["name"], progress=task.progress).gallery
    return {
        "name": gallery.name,
        "people": len(gallery.people),
        "pictures": len(gallery.names),
        "left_out": [[left_out.path, left_out.reason] for left_out in gallery.left_out],
    }
