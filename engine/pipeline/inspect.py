"""The faces of a whole gallery, film or album side by side: whose they are, what is odd about them, and their map."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from engine.identity.clusterings import WAYS
from engine.identity.face_places import face_places
from engine.identity.inspect import Divided, Pair, near_duplicates, same_person, two_under_one
from engine.identity.looks import FaceFacts
from engine.media.picture_hash import N_BITS, picture_hash
from engine.pipeline.galleries import known_facts, named_gallery, stored_pictures
from engine.store.database import Store
from engine.store.films import FilmRepository
from engine.store.gallery_corrections import GalleryLog
from engine.store.inspections import load_inspection, save_inspection, subject_key
from engine.types import Gallery, Progress, ignore_progress

WEIGHTS = {"map": 5.0, "k-means": 5.0, "x-means": 2.0, "neighbours": 0.3, "whispers": 0.5}
"""The phases of `inspect_faces` and about how long each takes."""


@dataclass(frozen=True, slots=True)
class InspectedFaces:
    """n faces. `keys` (n,) are what corrections call them: the SHA-256 of a gallery's picture, the number of a film's
    track. `owners` (n,) int64 are numbers of `people`, each (id, name), sorted by name; `vectors` (n, d) float32.
    `where` are paths of pictures, or seconds of a film as text; `index` (n,) int64 is the best face of a film's track,
    -1 in galleries. `facts` are None where they are not known; `by_hand` (n,) bool: a person said whose it is.
    `subject` and `version` (a film's analysis) tell whose map is kept: the keys mean the same faces as long as both
    are the same."""

    subject: str
    version: int
    keys: tuple[str, ...]
    owners: np.ndarray
    people: tuple[tuple[str, str], ...]
    vectors: np.ndarray
    where: tuple[str, ...]
    index: np.ndarray
    facts: tuple[FaceFacts | None, ...]
    by_hand: np.ndarray


@dataclass(frozen=True, slots=True)
class Suspicions:
    """What may be wrong: pairs of people who may be one, people who may be two, and pairs of faces of one picture (row,
    row, distance), each with the likeliest first."""

    same: tuple[Pair, ...]
    divided: tuple[Divided, ...]
    twice: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """Places of n faces, `plane` (n, 2) and `space` (n, 3) float32 within -1 and 1, and for each way of
    `engine.identity.clusterings.WAYS` that is done the group of each, (n,) int64. `kept`: the share of what differs
    that `space` shows."""

    plane: np.ndarray
    space: np.ndarray
    kept: float
    groups: dict[str, np.ndarray]


def gallery_faces(store: Store, name: str) -> InspectedFaces:
    """The faces of a gallery, saved or ready. Raises GalleryError, StorageError."""
    gallery, _ = named_gallery(store, name)
    ids = {person: number for number, person in enumerate(gallery.people)}
    log = GalleryLog(store)
    by_hand = log.by_hand(name) if log.has(name) else frozenset()
    return InspectedFaces(
        subject_key("gallery", gallery.name),
        0,
        gallery.sha256,
        np.array([ids[person] for person in gallery.names], np.int64),
        tuple((person, person) for person in gallery.people),
        gallery.vectors,
        gallery.paths,
        np.full(len(gallery.names), -1),
        known_facts(gallery.sha256),
        np.array([sha256 in by_hand for sha256 in gallery.sha256], bool),
    )


def film_faces(store: Store, video_sha256: str) -> InspectedFaces | None:
    """The best face of each track of a film's or an album's latest analysis that has one and is somebody's; None if it
    was never analysed."""
    films = FilmRepository(store)
    outline = films.outline(video_sha256)
    if outline is None:
        return None
    best = films.best_face_of_tracks(outline.analysis_id)
    people = sorted((one for one in outline.people if one.track_ids), key=lambda one: one.name.casefold())
    ids = {person.id: number for number, person in enumerate(people)}
    tracks = [track for track in outline.tracks if track.id in best and track.person_id in ids]
    seen = films.faces(video_sha256, [track.id for track in tracks])
    # Each face's moment, and how many tracks are visible at it.
    starts = np.sort([track.start_s for track in outline.tracks])
    ends = np.sort([track.end_s for track in outline.tracks])
    facts = []
    for track in tracks:
        face = seen[track.id][best[track.id].index]
        together = np.searchsorted(starts, face.t_s, side="right") - np.searchsorted(ends, face.t_s, side="right")
        height_px = face.box_xyxy[3] - face.box_xyxy[1]
        facts.append(FaceFacts(max(1, int(together)), float(height_px), float(face.quality)))
    vectors = [best[track.id].vector for track in tracks]
    return InspectedFaces(
        subject_key("film", video_sha256),
        outline.analysis_id,
        tuple(str(track.id) for track in tracks),
        np.array([ids[track.person_id] for track in tracks], np.int64),
        tuple((person.id, person.name) for person in people),
        np.array(vectors, np.float32).reshape(len(tracks), -1),
        tuple(f"{track.start_s:.3f}" for track in tracks),
        np.array([best[track.id].index for track in tracks], np.int64),
        tuple(facts),
        np.array([track.decided for track in tracks], bool),
    )


def suspicions(faces: InspectedFaces, hashes: np.ndarray | None = None) -> Suspicions:
    """What may be wrong in these faces: 2 s for 5,000. `hashes` as for `near_duplicates`; a film's tracks are not
    compared so, for two moments of one shot are nearly one picture."""
    of_gallery = not len(faces.index) or faces.index[0] < 0
    return Suspicions(
        tuple(same_person(faces.vectors, faces.owners)),
        tuple(two_under_one(faces.vectors, faces.owners)),
        tuple(near_duplicates(faces.vectors, hashes)) if of_gallery else (),
    )


def picture_hashes(gallery: Gallery, progress: Progress = ignore_progress) -> np.ndarray:
    """(n, 64) bool: what each picture of a saved gallery looks like (`engine.media.picture_hash`), all False where it
    is not stored here. 0.4 ms each."""
    pictures = stored_pictures(gallery.name)
    hashes = np.zeros((len(gallery.paths), N_BITS), bool)
    for row, (path, sha256) in enumerate(zip(gallery.paths, gallery.sha256, strict=True)):
        found = pictures.get(path)
        content = found.read_bytes() if found is not None and found.is_file() else b""
        if content and hashlib.sha256(content).hexdigest() == sha256:
            hashes[row] = picture_hash(content)
        progress("pictures", (row + 1) / len(hashes))
    return hashes


def kept_inspection(faces: InspectedFaces) -> Inspection | None:
    """The map and groups of these faces if they were made, of these alone or of these and others: who is taken out
    leaves the others where they are."""
    arrays = load_inspection(faces.subject, faces.version)
    if arrays is None or not {"keys", "plane", "space", "kept"} <= set(arrays):
        return None
    places = {key: row for row, key in enumerate(arrays["keys"].tolist())}
    if not set(faces.keys) <= set(places):
        return None
    rows = np.array([places[key] for key in faces.keys], np.int64)
    groups = {way: arrays[way][rows] for way in WAYS if way in arrays}
    return Inspection(arrays["plane"][rows], arrays["space"][rows], float(arrays["kept"]), groups)


def inspect_faces(faces: InspectedFaces, progress: Progress = ignore_progress) -> Inspection:
    """Makes the map and groups of these faces and keeps each as soon as it is there: under a minute for 5,000. Raises
    StorageError, and what `progress` raises; what is kept stays then."""
    places = face_places(faces.vectors, progress)
    arrays = {"keys": np.array(faces.keys, np.str_), "plane": places.plane, "space": places.space}
    arrays |= {"kept": np.float64(places.kept)}
    save_inspection(faces.subject, faces.version, arrays)
    groups: dict[str, np.ndarray] = {}
    for way, group in WAYS.items():
        groups[way] = group(faces.vectors, progress=progress)
        save_inspection(faces.subject, faces.version, arrays | groups)
    return Inspection(places.plane, places.space, places.kept, groups)
