"""Two galleries as one. Apart from order, spelling and the words of reasons it does not matter which comes first, nor
how often one of them is merged again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from engine.errors import ModelError
from engine.identity.gallery import TWO_PEOPLE, two_people
from engine.names import name_key, one_line
from engine.types import Gallery, LeftOut

_NAME_LENGTH = 80  # of a person in a cast's folder (`engine.store.cast_folders`)
_NOT_IN_FOLDERS = str.maketrans("/\\:", "   ")


def merge_galleries(first: Gallery, second: Gallery, name: str) -> Gallery:
    """The gallery called `name` of the people of both, the rows of `first` before those of `second`. People whose names
    compare equal are one, spelt as in `first`; the same picture of one person counts once. A picture that is said to
    show different people is left out, as when a gallery is built. What was left out of either is, unless the other has
    it.

    Raises ModelError if the vectors come from different models.
    """
    if first.model_id != second.model_id or first.vectors.shape[1] != second.vectors.shape[1]:
        raise ModelError(
            f"The galleries {first.name} and {second.name} hold vectors of two models ({first.model_id} and "
            f"{second.model_id}), which cannot be compared; build one of them again."
        )
    spelling: dict[str, str] = {}
    claims: dict[str, dict[str, None]] = {}  # content -> keys of the people it is said to show
    for gallery in (first, second):
        for person, sha256 in zip(gallery.names, gallery.sha256, strict=True):
            spelling.setdefault(name_key(person), person)
            claims.setdefault(sha256, {})[name_key(person)] = None
    left_out = dict.fromkeys(
        one for gallery in (first, second) for one in gallery.left_out if one.reason.startswith(TWO_PEOPLE)
    )
    disputed = {one.sha256: one.reason for one in left_out}
    for sha256, keys in claims.items():
        if len(keys) > 1:
            disputed.setdefault(sha256, two_people(spelling[key] for key in keys))
    rows: dict[tuple[str, str], tuple[str, np.ndarray]] = {}
    for gallery in (first, second):
        for person, path, sha256, vector in zip(
            gallery.names, gallery.paths, gallery.sha256, gallery.vectors, strict=True
        ):
            if sha256 not in disputed:
                rows.setdefault((name_key(person), sha256), (path, vector))
            else:
                left_out[LeftOut(path, disputed[sha256], sha256)] = None
    held = {sha256 for _, sha256 in rows}
    for gallery in (first, second):
        for one in gallery.left_out:
            if not one.sha256 or one.sha256 not in held:
                left_out[one] = None
    return Gallery(
        name,
        first.model_id,
        tuple(spelling[key] for key, _ in rows),
        tuple(path for path, _ in rows.values()),
        tuple(sha256 for _, sha256 in rows),
        np.array([vector for _, vector in rows.values()], np.float32).reshape(-1, first.vectors.shape[1]),
        tuple(left_out),
    )


def keep_apart(first: Gallery, second: Gallery, names: Collection[str]) -> Gallery:
    """`second` with other names for those of its people in `names` who are called like somebody of `first` and are not
    the same person: the gallery's own name stands behind theirs, and a number where that is taken too."""
    apart = set(map(name_key, names)) & set(map(name_key, first.people))
    taken = {name_key(person) for gallery in (first, second) for person in gallery.people}
    # A person's name may become a folder's, and the gallery's may hold what no folder is called by.
    behind = " ".join(one_line(second.name.translate(_NOT_IN_FOLDERS)).split()) or "2"
    renamed: dict[str, str] = {}
    for person in second.people:
        if name_key(person) not in apart:
            continue
        wanted, number = f"{person} ({behind})"[:_NAME_LENGTH].strip(), 2
        while name_key(wanted) in taken:
            wanted, number = f"{person[: _NAME_LENGTH - 5]} ({number})", number + 1
        taken.add(name_key(wanted))
        renamed[person] = wanted
    return replace(second, names=tuple(renamed.get(person, person) for person in second.names))


def merge_notes(first: str, second: str) -> str:
    """Both licence notes, one a line, each once."""
    return "\n".join(dict.fromkeys(line for note in (first, second) for line in note.splitlines() if line.strip()))
