"""The indexes of the galleries: those of the store, built when they are first asked for, and those that come ready with
the project, which hold names and vectors but no pictures.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sqlalchemy import func

from engine import config
from engine.errors import GalleryError, StorageError
from engine.files import write_whole
from engine.identity.index import FaceIndex
from engine.identity.index_build import ALL_COMPARED_UP_TO, N_HEAD_BYTES, build_index, fingerprint, open_index
from engine.identity.index_files import MANIFEST, read_manifest
from engine.names import name_key
from engine.store import schema
from engine.store.database import Store
from engine.store.galleries import GalleryRepository, no_gallery
from engine.store.gallery_rows import rows_of, select_rows
from engine.store.index_folders import forget_index, index_folder
from engine.types import Gallery, Progress, ignore_progress

MOST_CHANGED = 0.1
"""Share of a large gallery's faces that may have changed before its forest, which takes minutes, is built anew."""

_SEEN = "seen"
"""File of an index: the version of the gallery that its fingerprint was last compared with, and that fingerprint."""


class GalleryIndexes:
    """The searchable galleries of a store and of the project."""

    def __init__(self, store: Store, ready: Path = config.READY_INDEXES_DIR) -> None:
        self._store, self._galleries, self._ready = store, GalleryRepository(store), ready

    def names(self) -> tuple[str, ...]:
        """What `open` takes: the store's galleries, then the ready ones that no gallery of the store is called like."""
        return self._galleries.names() + tuple(self.ready())

    def ready(self) -> dict[str, Path]:
        """Name -> folder of the ready galleries that no gallery of the store is called like."""
        own = {name_key(name) for name in self._galleries.names()}
        return {name: folder for name, folder in self._ready_folders().items() if name_key(name) not in own}

    def open(self, name: str, model_id: str, progress: Progress = ignore_progress) -> FaceIndex:
        """The index of the gallery called `name`, as the gallery is now: built if there is none yet. A ready gallery is
        found only where the store has none of that name.

        Raises GalleryError if there is no such gallery, or its index is damaged or of another network than `model_id`;
        StorageError.
        """
        if not self._is_own(name):
            return self._open_ready(name, model_id)
        folder = index_folder(name)
        manifest = read_manifest(folder)
        if manifest is not None and self._is_current(name, folder, manifest.fingerprint):
            return open_index(folder, model_id) or self.build(name, model_id, progress)
        if manifest is None or manifest.model_id != model_id:
            return self.build(name, model_id, progress)
        gallery = self._galleries.load(name)
        built = open_index(folder, model_id) if len(gallery.names) > ALL_COMPARED_UP_TO else None
        if built is not None:
            now = built.updated(gallery)
            if now.n_added + now.n_removed <= MOST_CHANGED * len(now):
                return now
        return self.build(name, model_id, progress)

    def gallery(self, name: str, model_id: str) -> Gallery:
        """The gallery called `name` as a record, the store's own or a ready one. Raises as `open` does."""
        if self._is_own(name):
            return self._galleries.load(name)
        return self._open_ready(name, model_id).as_gallery()

    def licence_note(self, name: str) -> str:
        """Under which terms the pictures of the gallery called `name` may be used, "" where nothing was said. Raises as
        `open` does."""
        if self._is_own(name):
            return self._galleries.licence_note(name)
        manifest = read_manifest(self._ready_folder(name))
        return manifest.note if manifest else ""

    def refuse_ready(self, name: str, why: str) -> None:
        """Raises GalleryError, with the reason `why` about the gallery, if `name` means a ready one."""
        ready = self._ready_name(name)
        if ready and not self._is_own(name):
            raise GalleryError(f"The gallery {ready} comes with the project {why}")

    def build(self, name: str, model_id: str, progress: Progress = ignore_progress) -> FaceIndex:
        """Builds the index of a gallery of the store anew and opens it. Raises as `open` does, and GalleryError for a
        ready gallery."""
        self.refuse_ready(name, "and so does its index; only that of a gallery of your own is built here.")
        version, gallery = self._galleries.version(name), self._galleries.load(name)
        if gallery.model_id != model_id:
            raise GalleryError(
                f"The gallery {name} was made with the network {gallery.model_id}, which this version no longer uses; "
                "build it anew from its pictures."
            )
        note = self._galleries.licence_note(name)
        manifest = build_index(gallery, index_folder(name), note, progress)
        _keep(index_folder(name) / _SEEN, f"{version} {manifest.fingerprint}")
        index = open_index(index_folder(name), model_id) or FaceIndex.of_gallery(gallery, note)
        if not rows_of(gallery) <= self._galleries.rows(name):
            forget_index(name)  # deleted meanwhile, or some of it: no vector outlives the face it is of
        return index

    def _is_own(self, name: str) -> bool:
        return name_key(name) in {name_key(own) for own in self._galleries.names()}

    def _open_ready(self, name: str, model_id: str) -> FaceIndex:
        index = open_index(self._ready_folder(name), model_id)
        if index is None:
            raise no_gallery(name, self.names())
        return index

    def _ready_folder(self, name: str) -> Path:
        ready = self._ready_name(name)
        if ready is None:
            raise no_gallery(name, self.names())
        return self._ready_folders()[ready]

    def _ready_name(self, name: str) -> str | None:
        return next((ready for ready in self._ready_folders() if name_key(ready) == name_key(name)), None)

    def _ready_folders(self) -> dict[str, Path]:
        """Name -> folder of the ready galleries: a folder's name is the gallery's."""
        return {path.parent.name: path.parent for path in sorted(self._ready.glob(f"*/{MANIFEST}"))}

    def _is_current(self, name: str, folder: Path, fingerprint: str) -> bool:
        """Whether the gallery is as its index with this fingerprint says. All of its rows are asked only once after it
        was saved: that takes longer than to open the index."""
        seen = f"{self._galleries.version(name)} {fingerprint}"
        with suppress(OSError, UnicodeDecodeError):
            if (folder / _SEEN).read_text(encoding="utf-8") == seen:
                return True
        if fingerprint != self._fingerprint(name):
            return False
        _keep(folder / _SEEN, seen)
        return True

    def _fingerprint(self, name: str) -> str:
        head = func.substr(schema.gallery_faces.c.vector, 1, N_HEAD_BYTES)
        with self._store.read() as connection:
            return fingerprint(connection.execute(select_rows(name, head)))


def _keep(path: Path, text: str) -> None:
    with suppress(StorageError):  # then it is found out again
        write_whole(path, text.encode())
