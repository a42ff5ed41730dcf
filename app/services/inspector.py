"""What the inspector shows: all faces as columns, what may be wrong, the map, and how it is made."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.services import jobs
from app.services.film_views import shown_name
from app.services.inspector_subjects import Subject, faces_of
from app.services.ready_galleries import FOLDER
from app.services.store import store
from engine.names import unknown_number
from engine.store.corrections import CorrectionLog
from engine.store.galleries import GalleryRepository
from engine.store.jobs import ACTIVE, JobRepository

AT_ONCE = 150
"""So many faces get their map while the page waits, which takes two seconds at the most; more are a job."""
KEY_LETTERS = 12
"""Of a picture's SHA-256: enough to tell a million pictures apart, and a fifth of the whole to send."""
MOST_HASHED = 2000
"""Pictures that are read to find those that are there twice, 1 ms each; in a larger cast their faces alone tell."""
_DIGITS = 3

_asking = threading.Lock()


@dataclass(frozen=True, slots=True)
class InspectorMap:
    """Points of n faces, in the order of the columns: `plane` [(x, y)], `space` [(x, y, z)] within -1 and 1, `groups`
    by the name of the way, the number of each face's group; `kept` the share of what differs that space shows."""

    plane: list[list[float]]
    space: list[list[float]]
    groups: dict[str, list[int]]
    kept: float

    def n_groups(self, way: str) -> int:
        return max(self.groups[way], default=-1) + 1


def columns(one: Subject) -> dict[str, Any]:
    """The faces of a subject as columns, for the page's scripts: `people` [[id, name, number of faces]], and by face
    `key`, `owner` (a number of `people`), `odd` (null: the only face of that person), `hand` 0 or 1, `n_faces`,
    `height` and `quality` (null: not known), `where` and `index`. Raises DramatisError if it is gone."""
    faces, odd = _seen(one, _version(one))
    counts = [0] * len(faces.people)
    for owner in faces.owners.tolist():
        counts[owner] += 1
    named = one.is_cast
    return {
        "kind": one.kind,
        "id": one.id,
        "title": one.title,
        "may_change": one.may_change,
        "analysis": one.analysis,
        "folder": one.folder,
        "people": [
            [person, shown_name(name, named or unknown_number(name) is None), n]
            for (person, name), n in zip(faces.people, counts, strict=True)
        ],
        "key": [key[:KEY_LETTERS] for key in faces.keys],
        "owner": faces.owners.tolist(),
        "odd": [None if math.isnan(far) else round(far, _DIGITS) for far in odd.tolist()],
        "hand": [int(hand) for hand in faces.by_hand.tolist()],
        "n_faces": [None if of is None else of.n_faces for of in faces.facts],
        "height": [None if of is None else round(of.height_px) for of in faces.facts],
        "quality": [None if of is None else round(of.quality, 2) for of in faces.facts],
        "where": list(faces.where),
        "index": faces.index.tolist(),
    }


def suspicions(one: Subject) -> dict[str, Any]:
    """What may be wrong, for the scripts: `same` [[person, person, between, excess, row, row, whether it is likely]],
    `divided` [[person, [rows of the smaller half], between, within or null, gap, whether it is likely]], `twice`
    [[row, row, distance]], each with the likeliest first. Raises DramatisError if the subject is gone."""
    from engine.identity.inspect import LIKELY_SAME, LIKELY_TWO

    found = _suspected(one, _version(one))
    return {
        "same": [
            [
                pair.first,
                pair.second,
                round(pair.between, _DIGITS),
                round(pair.excess, _DIGITS),
                *pair.rows,
                pair.excess <= LIKELY_SAME,
            ]
            for pair in found.same
        ],
        "divided": [
            [
                half.person,
                list(half.second),
                round(half.between, _DIGITS),
                None if half.within is None else round(half.within, _DIGITS),
                round(half.gap, _DIGITS),
                half.gap >= LIKELY_TWO,
            ]
            for half in found.divided
        ],
        "twice": [[a, b, round(apart, _DIGITS)] for a, b, apart in found.twice],
    }


def face_map(one: Subject) -> InspectorMap | None:
    """The map of a subject's faces: made at once for `AT_ONCE` at most, else if it was made before; None otherwise.
    Raises DramatisError if the subject is gone."""
    from engine.pipeline.inspect import inspect_faces, kept_inspection

    faces, _ = _seen(one, _version(one))
    found = kept_inspection(faces)
    if found is None and len(faces.keys) <= AT_ONCE:
        with _asking:
            found = kept_inspection(faces) or inspect_faces(faces)
    if found is None:
        return None
    groups = {way: labels.tolist() for way, labels in found.groups.items()}
    return InspectorMap(found.plane.round(4).tolist(), found.space.round(4).tolist(), groups, found.kept)


def make_map(one: Subject, owner: str = "") -> int:
    """Puts the making of the map in line; the job's id. One that is in line or worked on already is kept."""
    with _asking:
        running = map_job(one)
        if running is not None:
            return running["id"]
        gallery, film = (one.id, None) if one.is_cast else (None, one.id)
        spec = {"gallery": gallery, "video_sha256": one.sha256 or None, "film": film, "title": one.title}
        return JobRepository(store()).submit("inspect", one.title, spec, owner).id


def map_job(one: Subject) -> dict[str, Any] | None:
    """The job in which the map waits or is made, None if there is none."""
    for job in jobs.job_dicts():
        whose = job["gallery"] if one.is_cast else job["film"]
        if job["kind"] == "inspect" and whose == one.id and job["state"] in ACTIVE:
            return job
    return None


def whole_keys(one: Subject, keys: list[str]) -> list[str]:
    """The faces that the page calls `keys`, as corrections call them; those that are gone are left out."""
    faces, _ = _seen(one, _version(one))
    known = {key[:KEY_LETTERS]: key for key in faces.keys}
    return [known[key] for key in keys if key in known]


def people_of_faces(one: Subject, keys: list[str]) -> list[str]:
    """The ids of the people whose faces (`whole_keys`) these are, each once."""
    faces, _ = _seen(one, _version(one))
    wanted = set(keys)
    owners = (owner for key, owner in zip(faces.keys, faces.owners.tolist(), strict=True) if key in wanted)
    return [faces.people[owner][0] for owner in dict.fromkeys(owners)]


def _version(one: Subject) -> str:
    """Another text when the faces, or whose they are, may be others."""
    if one.kind == "cast":
        return GalleryRepository(store()).version(one.id)
    if one.kind == "ready":
        return ""
    made = ",".join(str(correction.id) for correction in CorrectionLog(store()).active(one.sha256))
    return f"{one.analysis} {made}"


@lru_cache(maxsize=3)
def _seen(one: Subject, _version: str) -> tuple[Any, Any]:
    """The faces, and how odd each is: the last few are kept in memory."""
    from engine.identity.inspect import oddness

    faces = faces_of(one)
    return faces, oddness(faces.vectors, faces.owners)


@lru_cache(maxsize=3)
def _suspected(one: Subject, version: str) -> Any:
    """What may be wrong, as `_seen`: two seconds for 5,000 faces."""
    from engine.pipeline.galleries import named_gallery
    from engine.pipeline.inspect import picture_hashes
    from engine.pipeline.inspect import suspicions as suspected

    faces, _ = _seen(one, version)
    hashed = one.folder not in ("", FOLDER) and len(faces.keys) <= MOST_HASHED
    return suspected(faces, picture_hashes(named_gallery(store(), one.id)[0]) if hashed else None)
