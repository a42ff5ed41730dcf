"""Folders of pictures that the owner of this machine allows to be made albums of, without a copy."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.media.images import PICTURE_SUFFIXES
from engine.pipeline.import_film import FOLDER_DEPTH, MAX_LISTED, MAX_SEEN, allowed_folders
from engine.store.upload import shown_name


@dataclass(frozen=True, slots=True)
class AllowedAlbum:
    """A folder that holds `n_pictures`, itself or deeper: at least so many, where a whole disk is below. `id` says
    nothing about the path; `name` is its path from the allowed folder on, for display."""

    id: str
    name: str
    path: Path
    n_pictures: int


def allowed_albums(folders: Sequence[Path] | None = None) -> list[AllowedAlbum]:
    """The allowed folders, and those at most `FOLDER_DEPTH` levels below, that hold pictures; sorted by name,
    `MAX_LISTED` at most. Hidden ones, links to folders and whatever cannot be read are left out."""
    found = {}
    for folder in allowed_folders() if folders is None else folders:
        root = folder.resolve()
        for path, n_pictures in _counted(root).items():
            parts = (root.name, *path.relative_to(root).parts)
            name = "/".join(shown_name(part) for part in parts)
            found[_id(path)] = AllowedAlbum(_id(path), name, path, n_pictures)
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.id))[:MAX_LISTED]


def allowed_album(id: str, folders: Sequence[Path] | None = None) -> Path | None:
    """The path of the folder that `allowed_albums` lists under this id; None if it does not (any more)."""
    return next((one.path for one in allowed_albums(folders) if one.id == id), None)


def _counted(root: Path) -> Counter[Path]:
    """Pictures in and below each folder down to `FOLDER_DEPTH`."""
    found: Counter[Path] = Counter()
    n_seen = 0
    for here, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        n_seen += len(folders) + len(files)
        n = sum(not name.startswith(".") and Path(name).suffix.lower() in PICTURE_SUFFIXES for name in files)
        if n:
            below = Path(here).relative_to(root).parts[:FOLDER_DEPTH]
            for depth in range(len(below) + 1):
                found[root.joinpath(*below[:depth])] += n
        if n_seen > MAX_SEEN:  # a page must not wait for a whole disk
            break
    return found


def _id(path: Path) -> str:
    return hashlib.sha256(b"album:" + os.fsencode(path)).hexdigest()[:24]
