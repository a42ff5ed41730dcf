"""The folders that protocols over films run on: a clip, its truth, and pictures of its cast."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.errors import EvaluationError

_LAYOUTS = (("clip.mp4", "truth.csv", "cast"), ("trailer.mp4", "trailer_truth.csv", "gallery"))


@dataclass(frozen=True, slots=True)
class FilmFolder:
    """`cast` is None where nobody has pictures: then everybody is a stranger. `boxes` is None where no faces of single
    frames are annotated."""

    clip: Path
    truth: Path
    cast: Path | None
    boxes: Path | None = None


def film_folder(folder: Path) -> FilmFolder:
    """Finds ``clip.mp4``, ``truth.csv`` and, if there, ``cast/`` and ``boxes.csv`` in `folder`, or the demo's
    ``trailer.mp4``, ``trailer_truth.csv`` and ``gallery/``. Raises EvaluationError if clip or truth are missing."""
    boxes = folder / "boxes.csv"
    for clip, truth, cast in _LAYOUTS:
        if (folder / clip).is_file() and (folder / truth).is_file():
            return FilmFolder(
                folder / clip,
                folder / truth,
                folder / cast if (folder / cast).is_dir() else None,
                boxes if boxes.is_file() else None,
            )
    raise EvaluationError(
        f"{folder} is no evaluation folder: it needs clip.mp4, truth.csv (person,start_s,end_s,visibility) and, "
        "for names, cast/<Person Name>/*.jpg."
    )
