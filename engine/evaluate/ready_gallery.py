"""A gallery that can be passed on: names and vectors of people on a list, made from pictures that may not be.

The list holds a folder's name a line, as ``Person_Name``, or ``Person_Name = Name`` for another way to write it; lines
that begin with # are for readers.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from engine.errors import GalleryError
from engine.evaluate.kept_vectors import kept_file, kept_vectors
from engine.evaluate.people_pictures import pictures_of_people
from engine.names import name_key
from engine.types import Gallery, LeftOut, Progress, ignore_progress
from engine.vision.embed import EMBEDDER_ID

UNLIKE = 0.62
"""A picture whose median distance to the other pictures of the person, two at least, is more is taken for somebody
else's: of pairs of pictures of one person 1.3 % are farther (`engine.identity.calibration`)."""


def read_names(path: Path) -> dict[str, str]:
    """Folder's name -> person's name of a list. Raises GalleryError if it cannot be read or names somebody twice."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GalleryError(f"The list of names {path} cannot be read ({error}); check its path.") from error
    names: dict[str, str] = {}
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        folder, _, name = (part.strip() for part in line.partition("="))
        name = name or folder.replace("_", " ")
        if folder in names or name_key(name) in map(name_key, names.values()):
            raise GalleryError(f"The list {path} names {name} twice; take one line out.")
        names[folder] = name
    if not names:
        raise GalleryError(f"The list {path} names nobody; write a folder's name a line.")
    return names


def ready_gallery(folder: Path, names: dict[str, str], name: str, progress: Progress = ignore_progress) -> Gallery:
    """The gallery called `name` of the people `names` of the pictures in `folder`, ``<Person_Name>/*.jpg`` or
    ``images/`` with these, the face in the middle of each. Paths begin with the person's folder; pictures unlike the
    person's others are left out. Raises GalleryError if somebody has no folder, EvaluationError, MediaError."""
    pictures = pictures_of_people(folder)
    missing = [person for person in names if person not in pictures]
    if missing:
        raise GalleryError(f"{folder} has no pictures of {missing[0]}; take the name off the list.")
    every = [path for of in pictures.values() for path in of]
    wanted = [path for person in names for path in pictures[person]]
    if kept_file(every).exists():
        place = {path: i for i, path in enumerate(every)}
        vectors = kept_vectors(every)[[place[path] for path in wanted]]
    else:
        vectors = kept_vectors(wanted, progress)
    people = np.array([names[path.parent.name] for path in wanted])
    paths = [f"{path.parent.name}/{path.name}" for path in wanted]
    odd = np.array([_is_odd(vectors, people, i) for i in range(len(wanted))])
    rows = np.flatnonzero(~odd)
    return Gallery(
        name,
        EMBEDDER_ID,
        tuple(people[rows].tolist()),
        tuple(paths[i] for i in rows),
        tuple(hashlib.sha256(wanted[i].read_bytes()).hexdigest() for i in rows),
        vectors[rows],
        tuple(LeftOut(paths[i], "unlike the other pictures of this person") for i in np.flatnonzero(odd)),
    )


def _is_odd(vectors: np.ndarray, people: np.ndarray, row: int) -> bool:
    others = np.flatnonzero(people == people[row])
    others = others[others != row]
    if len(others) < 2:
        return False
    return bool(np.median(np.linalg.norm(vectors[others] - vectors[row], axis=1)) > UNLIKE)
