"""What the browser fetches of a film beside its page: the film itself, pictures, boxes, and files to keep; and of an
album its faces."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from app.services.store import file_of, known_film, store
from engine.errors import MediaError
from engine.store.corrections import CorrectionLog
from engine.store.database import Store
from engine.store.decided_names import RENAME
from engine.store.films import FilmRecord, FilmRepository

LONGEST_WINDOW_S = 120.0
"""Boxes are asked for in pieces, so that a film of three hours with sixty people never comes in one answer."""

_TIME_DIGITS, _BOX_DIGITS = 3, 1  # 1 ms, 0.1 px: finer than what is drawn


@dataclass(frozen=True, slots=True)
class Playable:
    """A file that browsers play, and what it is to be called."""

    path: Path
    content_type: str


@dataclass(frozen=True, slots=True)
class Boxes:
    """Faces in a stretch of film: `tracks` are {id, person, boxes: [[t, x1, y1, x2, y2], ...]}, times in seconds, boxes
    in pixels of the upright film; `analysis_id` says whose answer it is."""

    analysis_id: int
    tracks: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Export:
    """A result as a file to keep: its text, its type, and the film's title for its name."""

    text: str
    content_type: str
    title: str


def playable(token: str) -> Playable:
    """The film as a browser can play it: the preview if one had to be made, else the film's own file.

    Raises MediaError where there is neither.
    """
    return playable_film(known_film(token))


def playable_film(film: FilmRecord) -> Playable:
    """What `playable` says of a film that was looked up."""
    from engine.media.playable import content_type, is_browser_playable

    preview = _pictures(film).preview
    if preview.is_file():
        return Playable(preview, "video/mp4")
    path = file_of(film)
    if path is None:
        raise MediaError(f"The file of {film.title} is not there any more; add the film again.")
    if not is_browser_playable(path):
        raise MediaError(f"{film.title} cannot be played in a browser as it is; analysing it makes a copy that can.")
    return Playable(path, content_type(path))


def poster(token: str) -> Path:
    """A picture that stands for the film, made now if it is not there. Raises MediaError."""
    film = known_film(token)
    pictures = _pictures(film)
    if pictures.poster.is_file():
        return pictures.poster
    return pictures.write_poster(_best_faces(film), film.duration_s)


def person_picture(token: str, person_id: str) -> Path:
    """The best face of a person of the film's latest analysis. Raises MediaError."""
    film = known_film(token)
    pictures = _pictures(film)
    # What was cut out for a person after the analysis may show somebody else since faces were moved by hand.
    corrected = tuple(one.id for one in CorrectionLog(store()).active(film.sha256) if one.kind != RENAME)
    if not corrected and pictures.person(person_id).is_file():
        return pictures.person(person_id)
    face = _faces_of_people(store(), film.sha256, film.latest_analysis_id, corrected).get(person_id)
    if face is None:
        raise MediaError(f"There is no picture of this person in {film.title}.")
    return pictures.crop(face) if corrected else pictures.write_person(person_id, face)


def crop(token: str, track_id: int, index: int, alone: bool = False) -> Path:
    """Face `index` of a track of the film's latest analysis; with `alone` the track's other faces are not made ready on
    the way, for a page that shows one face of many tracks. Raises MediaError."""
    from engine.pipeline.pictures import FaceAt

    film = known_film(token)
    # A number that the database cannot hold is no track's.
    found = FilmRepository(store()).faces(film.sha256, [track_id]).get(track_id, ()) if track_id < 2**63 else ()
    if not 0 <= index < len(found):
        raise MediaError(f"There is no such face in {film.title}; reload the page.")
    faces = [FaceAt(track_id, n, face.t_s, face.box_xyxy, face.quality) for n, face in enumerate(found)]
    if alone:
        return _pictures(film).crop(faces[index])
    # The page asks for the others next, and one pass over the film makes them all.
    return _pictures(film).crops(faces)[index]


def boxes(token: str, from_s: float, to_s: float) -> Boxes:
    """Where faces are in ``[from_s, to_s)``, with one box before and after it for each track that goes on there.

    Raises MediaError for a film without an analysis, and for a window that is none or too long.
    """
    if not (math.isfinite(from_s) and math.isfinite(to_s) and 0 <= to_s - from_s <= LONGEST_WINDOW_S + 2):
        raise MediaError(f"Boxes come in stretches of {LONGEST_WINDOW_S:.0f} seconds; ask for a shorter one.")
    film = _analysed(token)
    assert film.latest_analysis_id is not None
    tracks = [
        {
            "id": track.id,
            "person": track.person_id,
            "boxes": [
                [round(t, _TIME_DIGITS), *(round(value, _BOX_DIGITS) for value in box)]
                for t, box in zip(track.t_s.tolist(), track.boxes_xyxy.tolist(), strict=True)
            ],
        }
        for track in FilmRepository(store()).boxes(film.sha256, from_s, to_s)
    ]
    return Boxes(film.latest_analysis_id, tracks)


def boxes_version(token: str) -> int:
    """Changes when the answers of `boxes` do. Raises MediaError for a film without an analysis."""
    film = _analysed(token)
    assert film.latest_analysis_id is not None
    return film.latest_analysis_id


def export(token: str, kind: Literal["json", "csv"], clear_only: bool = False) -> Export:
    """The latest analysis with today's names, as the command line writes it; with `clear_only` without the moments in
    which a face is hard to see. Raises MediaError."""
    from engine.exports.screentime_csv import screentime_csv
    from engine.exports.screentime_json import screentime_json

    film = _analysed(token)
    assert film.latest_analysis_id is not None
    films = FilmRepository(store())
    analysis = films.load_analysis(film.latest_analysis_id, faces=False)
    hard = films.hard_moments(film.latest_analysis_id)
    title = f"{film.title} (clear moments)" if clear_only else film.title
    if kind == "json":
        return Export(screentime_json(analysis, hard, clear_only), "application/json", title)
    # Spreadsheets take a file without this mark for one of their own country's letters.
    return Export("\ufeff" + screentime_csv(analysis, hard, clear_only), "text/csv; charset=utf-8", title)


def _analysed(token: str) -> FilmRecord:
    film = known_film(token)
    if film.latest_analysis_id is None:
        raise MediaError(f"{film.title} was not analysed yet; analyse it first.")
    return film


def _pictures(film: FilmRecord) -> Any:
    # What cuts pictures out of films takes tens of megabytes: loaded by the first one who asks for a picture.
    from engine.pipeline.album_pictures import pictures_of

    return pictures_of(film, store())


@lru_cache(maxsize=8)
def _faces_of_people(
    of_store: Store, sha256: str, analysis_id: int | None, corrected: tuple[int, ...]
) -> dict[str, Any]:
    # The arguments are all that the answer depends on.
    from engine.pipeline.pictures import stored_best_faces

    return stored_best_faces(FilmRepository(of_store), sha256)


def _best_faces(film: FilmRecord) -> dict[str, Any]:
    from engine.pipeline.pictures import stored_best_faces

    return stored_best_faces(FilmRepository(store()), film.sha256)
