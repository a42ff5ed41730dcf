"""Long work as the pages see it: what waits, runs and ended, and how to ask for more of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.services.store import file_of, known_film, store
from engine.config import AnalysisSettings
from engine.errors import MediaError, SettingsError
from engine.names import name_key
from engine.store.films import FilmRepository
from engine.store.jobs import ACTIVE, JobRecord, JobRepository

_PHASES = {
    "reading": "Reading the film",
    "shots": "Finding the cuts",
    "faces": "Finding and following faces",
    "names": "Putting names to the faces",
    "saving": "Saving the result",
    "pictures": "Cutting out faces",
    "preview": "Making a copy that plays in the browser",
    "gallery": "Looking at the pictures",
    "steadying": "Looking again at people with few pictures",
    "album": "Looking at the pictures",
    "map": "Making a map of the faces",
    "k-means": "Grouping by K-means",
    "x-means": "Grouping by X-means",
    "neighbours": "Grouping by Chinese Whispers",
    "whispers": "Grouping by Chinese Whispers",
}

# Two clicks at once must not become two jobs for one film: who asks second sees the first one's job.
_asking = threading.Lock()


def job_dicts() -> list[dict[str, Any]]:
    """Every job worth showing, newest first, as JSON values.

    {id, kind: "analyse"|"gallery"|"album"|"inspect", title, state: "queued"|"running"|"done"|"failed"|"cancelled",
    phase: a few words or "", percent: 0..100, left: "about 2 min left" or "", place: 0 running, 1 next in line, error:
    a sentence or "", film: token of the film or album, or None, gallery: name or None, people: number found or None,
    ahead: (kind, title) of the job that is worked on while this one waits, or None, can_cancel, stopping: a stop was
    asked for, so_far: [[name, seconds], ...] found up to now, left_out: [[picture, reason], ...] of a built cast or an
    album, looked: how many of its pictures were new, None where that is not known}
    """
    jobs = JobRepository(store()).visible()
    tokens = _tokens({job.spec["video_sha256"] for job in jobs if job.kind == "analyse" and "film" not in job.spec})
    ahead = next(((job.kind, job.title) for job in jobs if job.state == "running"), None)
    return [_job_dict(job, tokens, ahead) for job in jobs]


def active_job(film_token: str) -> dict[str, Any] | None:
    """The job in which this film or album waits or is worked on, None if there is none."""
    return next((job for job in job_dicts() if job["film"] == film_token and job["state"] in ACTIVE), None)


def submit_analysis(
    film_token: str,
    gallery: str | None = None,
    cast: Sequence[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    owner: str = "",
    *,
    partial: bool = False,
) -> int:
    """Puts the film in line and returns the job's id; a film that is in line or worked on already keeps its job.

    `gallery` is the name of a saved cast (None: everybody is a stranger), `cast` the people of it that are expected
    (None: all), `settings` what differs from the defaults, `partial` takes a film that is cut off as it is. Raises
    MediaError if the film is not known or its file is gone, SettingsError, StorageError.
    """
    chosen = _changed_settings(settings or {})
    film = known_film(film_token)
    path = file_of(film)
    if path is None:
        raise MediaError(f"The file of {film.title!r} is gone from this machine; add the film again.")
    spec = {
        "film": film.token,
        "video_sha256": film.sha256,
        "path": str(path),
        "title": film.title,
        "gallery": gallery,
        "cast": list(cast) if gallery and cast is not None else None,
        "settings": chosen,
        "partial": partial,
    }
    with _asking:
        running = active_job(film.token)
        return running["id"] if running else JobRepository(store()).submit("analyse", film.title, spec, owner).id


def submit_gallery(
    folder: Path | str, name: str, owner: str = "", *, licence_note: str | None = None, augment: bool = False
) -> int:
    """Asks for the gallery `name` to be built from FOLDER/<Person>/*.jpg; the job's id. A cast of this name that is
    being built already keeps its job. Without a `licence_note` a gallery that is there keeps its own; `augment` looks
    several times at people with few pictures."""
    with _asking:
        jobs = JobRepository(store())
        for job in jobs.visible():
            same = job.kind == "gallery" and name_key(job.spec["name"]) == name_key(name)
            if same and job.state in ACTIVE:
                return job.id
        spec = {"folder": str(folder), "name": name, "licence_note": licence_note, "augment": augment}
        return jobs.submit("gallery", name, spec, owner).id


def submit_album(token: str, owner: str = "", *, gallery: str | None = None) -> int:
    """Asks for the pictures of the album to be looked at, those that are known already aside, and for people of the
    saved cast `gallery` to be named; the job's id. An album that is in line or looked at already keeps its job. Raises
    MediaError if it is not known."""
    album = known_film(token)
    spec = {
        "film": album.token,
        "video_sha256": album.sha256,
        "folder": str(album.path),
        "title": album.title,
        "gallery": gallery,
    }
    with _asking:
        running = active_job(album.token)
        return running["id"] if running else JobRepository(store()).submit("album", album.title, spec, owner).id


def cancel(job_id: int) -> None:
    """Stops a job: one in line at once, a running one within seconds. An ended one stays as it is."""
    JobRepository(store()).request_cancel(job_id)


def dismiss(job_id: int) -> None:
    """Takes an ended job off the list."""
    JobRepository(store()).dismiss(job_id)


def default_settings() -> dict[str, Any]:
    """The settings of an analysis, by name, as they are where nobody chose anything."""
    return AnalysisSettings().as_dict()


def left_in_words(left_s: float | None) -> str:
    """Seconds as a person would say them; "" where nothing is known.

    >>> [left_in_words(seconds) for seconds in (None, 4, 44, 130, 3599, 7900)]
    ['', 'a few seconds left', 'about 50 s left', 'about 2 min left', 'about 1 h left', 'about 2 h 10 min left']
    """
    if left_s is None:
        return ""
    if left_s < 10:
        return "a few seconds left"
    if left_s < 55:
        return f"about {10 * -int(-left_s // 10)} s left"
    minutes = max(1, round(left_s / 60))
    if minutes < 60:
        return f"about {minutes} min left"
    hours, minutes = divmod(10 * round(left_s / 600), 60)
    return f"about {hours} h {minutes} min left" if minutes else f"about {hours} h left"


def _job_dict(job: JobRecord, tokens: Mapping[str, str], ahead: tuple[str, str] | None) -> dict[str, Any]:
    result = job.result or {}
    film = None
    if job.kind in ("analyse", "album", "inspect"):
        film = job.spec.get("film") or tokens.get(job.spec["video_sha256"])
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "phase": _PHASES.get(job.phase, "Starting") if job.state == "running" else "",
        "percent": 100 if job.state == "done" else min(99, int(100 * (job.fraction or 0.0))),
        "left": left_in_words(job.left_s) if job.state == "running" else "",
        "place": job.place,
        "ahead": ahead if job.state == "queued" else None,
        "error": job.error or "",
        "film": film,
        "gallery": job.spec.get("name") if job.kind == "gallery" else job.spec.get("gallery"),
        "people": result.get("people"),
        "can_cancel": job.state in ACTIVE and not job.cancel_requested,
        "stopping": job.state == "running" and bool(job.cancel_requested),
        "so_far": result.get("so_far", []),
        "left_out": result.get("left_out", []),
        "looked": result.get("looked"),
    }


def _tokens(hashes: set[str]) -> dict[str, str]:
    """SHA-256 -> token of those films that are known."""
    films = FilmRepository(store())
    found = {sha256: films.by_sha256(sha256) for sha256 in hashes}
    return {sha256: film.token for sha256, film in found.items() if film is not None}


def _changed_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What of `settings` differs from the defaults. Raises SettingsError for a value that makes no sense."""
    known = default_settings()
    if unknown := set(settings) - set(known):
        raise SettingsError(f"There is no setting called {sorted(unknown)[0]}; load the page again.")
    chosen = asdict(AnalysisSettings(**settings))
    return {name: value for name, value in chosen.items() if value != known[name]}
