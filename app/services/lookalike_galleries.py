"""The galleries that the lookalike page searches: one's own, those that come ready, and the demo's pictures."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.services import demo, ready_galleries
from app.services.store import store
from engine.config import cast_dir
from engine.names import name_key
from engine.store.cast_folders import CastFolder, CastFolders
from engine.store.galleries import GalleryRepository
from engine.vision.model_ids import EMBEDDER_ID

if TYPE_CHECKING:
    from engine.identity.index import FaceIndex
    from engine.pipeline.models import Models

_making_demo = threading.Lock()
_demo_index: list[FaceIndex] = []
_demo_share = 0.0  # of the demo's pictures that are read, while they are


@dataclass(frozen=True, slots=True)
class GalleryChoice:
    """A gallery that can be searched: its name, and where it is from, "" for one's own."""

    name: str
    origin: str = ""


def choices() -> tuple[GalleryChoice, ...]:
    """The galleries: those that come ready first, for they answer somebody who has none of their own."""
    from engine.store.indexes import GalleryIndexes

    ready = tuple(GalleryChoice(name, "comes with Dramatis") for name in GalleryIndexes(store()).ready())
    own = tuple(GalleryChoice(name) for name in GalleryRepository(store()).names())
    extra = (GalleryChoice(demo.CAST, "rendered people"),) if _is_demo(demo.CAST) else ()
    return ready + own + extra


def open_gallery(name: str, models: Callable[[], Models]) -> FaceIndex:
    """The gallery called `name`, to be searched. The demo's is read from its pictures, once in the life of the process.

    Raises GalleryError if there is none, or its index is damaged or of another network; StorageError.
    """
    from engine.store.indexes import GalleryIndexes

    if not _is_demo(name):
        return GalleryIndexes(store()).open(name, EMBEDDER_ID)
    with _making_demo:
        if not _demo_index:
            _demo_index.append(_read_demo(models()))
        return _demo_index[0]


def reading() -> tuple[int, int] | None:
    """How many of the demo's pictures are read, and of how many, while they are being read."""
    if not _making_demo.locked() or _demo_index:
        return None
    n_pictures = sum(1 for _ in demo.PICTURES.glob("*/*.jpg"))
    return round(_demo_share * n_pictures), n_pictures


def picture_of(index: FaceIndex, row: int) -> Path | None:
    """The picture that the face `row` of a gallery is from, None if it is not here, or not the same any more."""
    path, sha256 = index.picture(row)
    if _is_demo(index.name):
        found = demo.PICTURES / path
    elif (folder := _folder(index.name)) is not None:
        found = _in_folder(folder, path)
    else:
        return ready_galleries.picture(path) if ready_galleries.were_fetched(index.note) else None
    same = found is not None and found.is_file() and hashlib.sha256(found.read_bytes()).hexdigest() == sha256
    return found if same else None


def may_have_pictures(index: FaceIndex) -> bool:
    """Whether pictures of a gallery's people may be here: asked for each card, so no picture is opened."""
    if _is_demo(index.name) or _folder(index.name) is not None:
        return True
    return ready_galleries.were_fetched(index.note)


def source_of(index: FaceIndex) -> str:
    """Where a gallery's people are from, in the words of a card."""
    if ready_galleries.LFW in index.note:
        return f"from {ready_galleries.LFW}"
    return "from the demo" if _is_demo(index.name) else f"from the gallery {index.name}"


def _read_demo(models: Models) -> FaceIndex:
    from engine.identity.gallery import build_gallery
    from engine.identity.index import FaceIndex

    def tell(_phase: str, share: float) -> None:
        global _demo_share
        _demo_share = share

    tell("", 0.0)
    gallery = build_gallery(demo.PICTURES, demo.CAST, models.detector, models.aligner, models.embedder, tell)
    return FaceIndex.of_gallery(gallery)


def _in_folder(folder: CastFolder, path: str) -> Path | None:
    """Where a cast's picture is that its gallery calls `path`, ``<Person>/<file>``; None if it is not there."""
    person, _, file = path.rpartition("/")
    # Looked up among the files there are: no text becomes part of a path unseen.
    known = {one.name: one.files for one in folder.people}
    return folder.path / person / file if file in known.get(person, ()) else None


def _folder(name: str) -> CastFolder | None:
    return next((one for one in CastFolders(cast_dir()).all() if name_key(one.name) == name_key(name)), None)


def _is_own(name: str) -> bool:
    return name_key(name) in set(map(name_key, GalleryRepository(store()).names()))


def _is_demo(name: str) -> bool:
    """Whether the demo's own pictures are meant; a saved gallery of that name takes their place."""
    return name_key(name) == name_key(demo.CAST) and demo.PICTURES.is_dir() and not _is_own(name)
