"""The job "gallery": pictures of people become a saved gallery.

Spec: {folder: where <Person>/*.jpg are, name}. Result: {name, people, pictures, left_out: [[path, reason], ...]}.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.identity.gallery import build_gallery
from engine.jobs.task import Task
from engine.pipeline.models import Models
from engine.store.galleries import GalleryRepository


def run(task: Task) -> dict[str, Any]:
    """Builds and saves; a gallery of the same name is replaced. Raises GalleryError, ModelError, StorageError."""
    task.plan({"gallery": 1.0, "saving": 0.01})
    models = Models()
    gallery = build_gallery(
        Path(task.job.spec["folder"]),
        task.job.spec["name"],
        models.detector,
        models.aligner,
        models.embedder,
        task.progress,
    )
    task.progress("saving", 0.0)
    GalleryRepository(task.store).save(gallery)
    return {
        "name": gallery.name,
        "people": len(gallery.people),
        "pictures": len(gallery.names),
        "left_out": [[left_out.path, left_out.reason] for left_out in gallery.left_out],
    }
