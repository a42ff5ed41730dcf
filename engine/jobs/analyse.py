"""The job "analyse": who is on screen in a film, and the pictures that its page shows.

Spec: {video_sha256, path, title, gallery: name of a saved one | None, cast: [names] | None, settings: {those that are
not the default}, partial}. Result: {film: token, analysis_id, people: how many, warnings: [sentences]}; while faces are
looked for {so_far: [[name or "unknown", seconds], ...]}.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

from engine import config
from engine.config import AnalysisSettings
from engine.errors import Cancelled, DramatisError, MediaError, SettingsError
from engine.identity.gallery import select_cast
from engine.jobs.so_far import SoFar
from engine.jobs.task import Task
from engine.media.playable import is_browser_playable
from engine.media.preview import write_preview
from engine.pipeline.analyse_video import analyse_video, file_sha256
from engine.pipeline.import_film import film_file
from engine.pipeline.models import Models
from engine.pipeline.people import keep_strangers
from engine.pipeline.pictures import FilmPictures, stored_best_faces
from engine.pipeline.pieces import FolderPieces
from engine.pipeline.rerun import known_tracks
from engine.store.films import FilmRepository
from engine.store.galleries import GalleryRepository
from engine.store.jobs import JobRepository
from engine.store.outlines import Outline
from engine.types import Analysis, Gallery

WEIGHTS = {"reading": 0.01, "shots": 0.11, "faces": 1.0, "names": 0.01, "saving": 0.01, "pictures": 0.05}
PREVIEW_WEIGHT = 0.3
"""Measured on the demo's trailer (1280 x 720) as shares of the time that faces take; the last is for a film that must
be encoded anew for browsers."""

_SAVED = "saved"

_log = logging.getLogger(__name__)


def run(task: Task) -> dict[str, Any]:
    """Analyses, saves, and makes the pictures. What is finished is kept in the task's folder, and what an earlier
    attempt left there, or a failed job of the same film, is not done again.

    Raises MediaError if the film is gone, changed or unreadable, GalleryError, SettingsError, ModelError,
    StorageError. Once the analysis is saved nothing but a wish to stop ends the job badly: pictures that cannot be
    made are a warning.
    """
    spec = task.job.spec
    films = FilmRepository(task.store)
    settings = _settings(spec.get("settings") or {})
    path = _path(films, spec)
    needs_preview = not is_browser_playable(path)
    task.plan(WEIGHTS | ({"preview": PREVIEW_WEIGHT} if needs_preview else {}))

    own = FolderPieces(task.folder)
    was_saved = own.load(_SAVED) is not None
    if not was_saved:
        _check_content(path, spec["video_sha256"], task)
        analysis = _analysis(task, films, path, settings)
        task.progress("saving", 0.0)
        films.add(analysis.video, analysis.video_sha256, spec["title"])
        analysis_id = films.save_analysis(keep_strangers(analysis, films))
        own.save(_SAVED, str(analysis_id).encode())
    outline = films.outline(spec["video_sha256"])
    if outline is None:
        raise MediaError(f"The film {spec['title']!r} was deleted while it was analysed; add it again.")
    if outline.n_frames_damaged:
        needs_preview = True  # browsers stop at a damaged frame
        task.plan({"preview": PREVIEW_WEIGHT})
    if was_saved and task.is_last_attempt:
        troubles = ("Its pictures were not made, for twice that ended the work without a word.",)
    else:
        troubles = _make_pictures(task, films, outline, path, needs_preview)
    return {
        "film": outline.film.token,
        "analysis_id": outline.analysis_id,
        "people": len(outline.people),
        "warnings": [*outline.warnings, *troubles],
    }


def _analysis(task: Task, films: FilmRepository, path: Path, settings: AnalysisSettings) -> Analysis:
    spec = task.job.spec
    gallery = _gallery(task, spec)
    models = Models()
    so_far = SoFar(gallery, settings, task.note)
    analysis = analyse_video(
        path,
        gallery,
        settings,
        models,
        task.progress,
        partial=bool(spec.get("partial")),
        video_sha256=spec["video_sha256"],
        pieces=FolderPieces(task.folder, _failed_before(task)),
        known=known_tracks(films.latest(spec["video_sha256"]), settings, models.ids),
        finished=so_far.finished,
        called=spec["title"],
        decided=films.decided_tracks,
    )
    _log.info("Telling what was found so far took %.2f s.", so_far.spent_s)
    return analysis


def _make_pictures(
    task: Task, films: FilmRepository, outline: Outline, path: Path, needs_preview: bool
) -> tuple[str, ...]:
    """Poster, people and, if need be, a copy for browsers. A sentence for what could not be made: the analysis is
    saved, and its page makes pictures that are missing when it shows them."""
    film, duration_s = outline.film, outline.shots[-1].end_s
    pictures = FilmPictures(path, config.pictures_dir(film.token))
    try:
        faces = stored_best_faces(films, film.sha256)
        task.progress("pictures", 0.0)
        pictures.write_all(faces, duration_s, partial(task.progress, "pictures"))
        if needs_preview and not pictures.preview.is_file():
            task.progress("preview", 0.0)
            damaged = outline.n_frames_damaged > 0
            write_preview(path, pictures.preview, partial(task.progress, "preview"), damaged=damaged)
    except Cancelled:
        raise
    except DramatisError as error:
        _log.warning("%s", error)
        return (str(error),)
    return ()


def _settings(chosen: dict[str, Any]) -> AnalysisSettings:
    try:
        return AnalysisSettings(**chosen)
    except TypeError as error:
        raise SettingsError(
            f"The settings {', '.join(sorted(chosen))} are not all known; start the analysis again."
        ) from error


def _path(films: FilmRepository, spec: dict[str, Any]) -> Path:
    """Where the film is by now: the copy that is kept here if there is one."""
    film = films.by_sha256(spec["video_sha256"])
    path = film_file(film) if film else None
    path = path or Path(spec["path"])
    if not path.is_file():
        raise MediaError(
            f"The film {spec['title']!r} is not at {path} any more; put it back there, or add it from where it is."
        )
    return path


def _check_content(path: Path, sha256: str, task: Task) -> None:
    """A film in somebody's own folder may have become another one since it was added."""
    if path == config.films_dir() / sha256:
        return  # ours: written once, under this name
    if file_sha256(path, partial(task.progress, "reading")) != sha256:
        raise MediaError(f"The film {path} was changed since it was added; add it again.")


def _gallery(task: Task, spec: dict[str, Any]) -> Gallery | None:
    if not spec.get("gallery"):
        return None
    gallery = GalleryRepository(task.store).load(spec["gallery"])
    return select_cast(gallery, spec["cast"]) if spec.get("cast") is not None else gallery


def _failed_before(task: Task) -> list[Path]:
    """The folders of failed jobs of the same film. Pieces that fit no more are never found there."""
    mine = task.job.spec["video_sha256"]
    return [
        config.jobs_dir(job.id)
        for job in JobRepository(task.store).visible()
        if job.state == "failed" and job.kind == "analyse" and job.spec.get("video_sha256") == mine
    ]
