"""Saved galleries as wholes: built, sent, received, merged and deleted. What fails or is killed leaves them as they
were; only what pictures show is kept meanwhile, so that work goes on where it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from engine import config
from engine.errors import GalleryError, MediaError
from engine.identity.gallery import Gathered, build_gallery, gather
from engine.identity.gallery_merge import keep_apart, merge_galleries, merge_notes
from engine.identity.gallery_sources import GallerySource, folder_source, open_source
from engine.identity.looks import FaceFacts, FaceLooker, Networks
from engine.names import name_key, one_line
from engine.store.cast_folders import CastFolder, CastFolders
from engine.store.cast_pictures import put_pictures
from engine.store.database import Store
from engine.store.galleries import GalleryRepository
from engine.store.gallery_file import write_gallery_file
from engine.store.gallery_reader import open_gallery_file
from engine.store.indexes import GalleryIndexes
from engine.store.inspections import forget_inspections, subject_key
from engine.store.jobs import ACTIVE, JobRepository
from engine.store.look_cache import LookCache
from engine.types import Gallery, Progress, ignore_progress
from engine.vision.model_ids import DETECTOR_ID, EMBEDDER_ID

if TYPE_CHECKING:
    from engine.pipeline.models import Models

MAX_NAME_LENGTH = 200
N_VIEWS = 7
"""Of a face, besides itself and its mirror image: measured so in docs/measurements.md."""


def build_saved(
    store: Store,
    source: Path,
    name: str,
    licence_note: str | None = None,
    progress: Progress = ignore_progress,
    augment: bool = False,
    looked: Callable[[], None] = lambda: None,
) -> Gathered:
    """Builds the gallery `name` from a folder, zip or CSV and saves it in the place of the one of that name, whose
    licence note stays unless there is a new one, and whose corrections are put over it. Pictures that were looked at
    before are not again. With `augment` the vectors of people with few pictures are means over views of their faces.
    `looked` is called, in any thread, whenever a picture was looked at and need not be again.

    Raises GalleryError, MediaError, ModelError, StorageError; the old gallery is untouched then.
    """
    galleries, name = GalleryRepository(store), _name(name)
    before = galleries.contents(name) if _is_saved(galleries, name) else frozenset()
    with LookCache(config.looks_dir(), looked) as looks:
        with open_source(source) as found:
            steady = _looker(N_VIEWS) if augment else None
            gathered = gather(found, name, _looker(), looks, progress, steady)
        progress("saving", 0.0)
        saved = galleries.save(gathered.gallery, licence_note)
        if gone := before - galleries.contents():
            looks.forget(gone.__contains__)
    return replace(gathered, gallery=saved)


def gallery_of_folder(path: str, store: Store, models: Models, progress: Progress = ignore_progress) -> Gallery | None:
    """The gallery of the folder `path`, called as it is, or None where the name of a gallery is meant: there is no such
    folder, or some gallery is called so (./NAME is the folder then). Neither it nor what its pictures show is kept.
    Raises as `build_gallery` does."""
    folder = Path(path)
    is_name = path == folder.name
    if not folder.exists() or (is_name and name_key(path) in map(name_key, GalleryIndexes(store).names())):
        return None
    name = folder.resolve().name
    return build_gallery(folder, name, models.detector, models.aligner, models.embedder, progress)


def named_gallery(store: Store, name: str) -> tuple[Gallery, str]:
    """The gallery called `name`, a saved one or one that comes with the project, and its licence note. Raises
    GalleryError if there is none or it cannot be used, StorageError."""
    indexes = GalleryIndexes(store)
    return indexes.gallery(name, EMBEDDER_ID), indexes.licence_note(name)


def delete_gallery(store: Store, name: str) -> str:
    """Deletes a saved gallery with its vectors, its stored pictures, its index, and what is kept of its pictures; its
    name as it was spelt. Films named with it keep their names.

    Raises GalleryError if there is none, it comes with the project, or a job uses it, StorageError.
    """
    GalleryIndexes(store).refuse_ready(name, "and cannot be deleted; only a gallery of your own can be.")
    galleries = GalleryRepository(store)
    name = galleries.spelling(name)
    refuse_while_used(store, name)
    folders = CastFolders(config.cast_dir())
    galleries.delete(name)
    forget_inspections(subject_key("gallery", name))
    for folder in _folders_of(folders, name):
        folders.delete(folder.id)
    forget_unused(store)
    return name


def forget_unused(store: Store) -> None:
    """Forgets what pictures show that are in no saved gallery."""
    needed = GalleryRepository(store).contents()
    with LookCache(config.looks_dir()) as looks:
        looks.forget(lambda sha256: sha256 not in needed)


def refuse_while_used(store: Store, name: str) -> None:
    """Raises GalleryError while a job reads or writes the gallery `name`."""
    for job in JobRepository(store).visible():
        used = job.spec.get("name") if job.kind == "gallery" else job.spec.get("gallery")
        if job.state in ACTIVE and used and name_key(used) == name_key(name):
            raise GalleryError(f"{name} is being used for {job.title}; wait for it, or cancel that first.")


def export_gallery(store: Store, name: str, path: Path, pictures: bool = False, source: Path | None = None) -> Gallery:
    """Writes a gallery, saved or ready, to the file `path`. With `pictures` they are put in too: from `source`, a
    folder, zip or CSV, or those stored with a gallery that was made in the app.

    Raises GalleryError if there is no such gallery or a picture is missing, StorageError; an older file stays then.
    """
    gallery, note = named_gallery(store, name)
    if not pictures:
        write_gallery_file(path, gallery, note)
        return gallery
    with _source_of(gallery, source) as found:
        write_gallery_file(path, gallery, note, _by_content(found))
    return gallery


def import_gallery(store: Store, path: Path, name: str | None = None) -> Gallery:
    """Saves the gallery in the file `path`, as `name` if there is one, with its pictures if it has them. Nothing is
    stored before all of it has been checked.

    Raises GalleryError, ModelError, MediaError if it cannot be used or there is a gallery of that name, StorageError.
    """
    with open_gallery_file(path, EMBEDDER_ID) as file:
        gallery = replace(file.gallery, name=_name(name or file.gallery.name))
        endings = {sha256: PurePosixPath(member).suffix for sha256, member in file.pictures.items()}
        file.check_pictures()
        return _save_new(store, gallery, file.licence_note, endings, file.picture)


def merged_gallery(
    store: Store, first: str, second: str, name: str, apart: Collection[str] = ()
) -> tuple[Gallery, str]:
    """What `merge_saved` would save, and its licence note; nothing is stored. Raises as that does."""
    (one, first_note), (other, second_note) = named_gallery(store, first), named_gallery(store, second)
    merged = merge_galleries(one, keep_apart(one, other, apart), _name(name))
    return merged, merge_notes(first_note, second_note)


def merge_saved(store: Store, first: str, second: str, name: str, apart: Collection[str] = ()) -> Gallery:
    """Saves the gallery `name` of the people of two, saved or ready, with the licence notes of both, and with their
    pictures if all are stored. People of one name are one person, but for the names in `apart`. The two stay as they
    are.

    Raises GalleryError if one is missing or there is one called `name`, ModelError if their models differ,
    StorageError.
    """
    merged, note = merged_gallery(store, first, second, name, apart)
    folders = CastFolders(config.cast_dir())
    stored = [folder for half in (first, second) for folder in _folders_of(folders, half) if folder.people]
    pictures: dict[str, Callable[[], bytes]] = {}
    endings: dict[str, str] = {}
    for folder in stored:
        source = folder_source(folder.path)
        for sha256, (shown, read) in _contents(source).items():
            pictures[sha256], endings[sha256] = read, PurePosixPath(shown).suffix.lower()
    if not set(merged.sha256) <= set(pictures):
        endings = {}  # a cast with some of its pictures would lose the others' people when it is changed
    return _save_new(store, merged, note, endings, lambda sha256: pictures[sha256]())


def copy_saved(store: Store, name: str) -> Gallery:
    """Saves a copy of a gallery, such as one that comes with the project and is only looked at, as "My NAME" with its
    licence note; its pictures stay where they are. Raises GalleryError if it is missing, StorageError."""
    gallery, note = named_gallery(store, name)
    galleries = GalleryRepository(store)
    first = _name(f"My {gallery.name}")
    further = (_name(f"{first} {number}") for number in count(2))
    free = next(one for one in chain([first], further) if not _is_saved(galleries, one))
    return galleries.save(replace(gallery, name=free), note, is_new=True)


def known_facts(contents: Sequence[str]) -> tuple[FaceFacts | None, ...]:
    """What is known of the face in each picture, by content, from when it was looked at; None where nothing is."""
    looker_id = _looker().id  # who is looked at several times was looked at once before
    with LookCache(config.looks_dir()) as looks:
        found = (looks.get(sha256, looker_id) for sha256 in contents)
        return tuple(None if look is None else look.facts for look in found)


def stored_pictures(name: str) -> dict[str, Path]:
    """The pictures that are stored with a gallery, by their path in it; {} where none are."""
    folders = [folder for folder in _folders_of(CastFolders(config.cast_dir()), name) if folder.n_pictures]
    if not folders:
        return {}
    folder = folders[0]
    return {f"{one.name}/{file}": folder.path / one.name / file for one in folder.people for file in one.files}


def _looker(n_views: int = 0) -> FaceLooker:
    def load() -> Networks:
        from engine.pipeline.models import Models

        return Models().networks

    return FaceLooker(load, DETECTOR_ID, EMBEDDER_ID, n_views)


def _save_new(
    store: Store, gallery: Gallery, note: str, endings: dict[str, str], read: Callable[[str], bytes]
) -> Gallery:
    galleries, folders = GalleryRepository(store), CastFolders(config.cast_dir())
    taken = [name for name in galleries.names() if name_key(name) == name_key(gallery.name)]
    taken += [folder.name for folder in _folders_of(folders, gallery.name) if endings]
    if taken:
        raise GalleryError(f"There is a gallery called {taken[0]} already; choose another name.")
    if not endings:
        galleries.save(gallery, note, is_new=True)
        return gallery
    with put_pictures(config.cast_dir(), gallery, endings, read) as placed:
        galleries.save(placed, note, is_new=True)
    return placed


def _name(text: str) -> str:
    name = one_line(text)
    if not name_key(name) or len(name) > MAX_NAME_LENGTH:
        raise GalleryError(f"A gallery needs a name of 1 to {MAX_NAME_LENGTH} letters or digits; choose another one.")
    return name


def _is_saved(galleries: GalleryRepository, name: str) -> bool:
    return name_key(name) in map(name_key, galleries.names())


def _folders_of(folders: CastFolders, name: str) -> list[CastFolder]:
    return [folder for folder in folders.all() if folder.name and name_key(folder.name) == name_key(name)]


@contextmanager
def _source_of(gallery: Gallery, source: Path | None) -> Iterator[GallerySource]:
    if source is not None:
        with open_source(source) as found:
            yield found
        return
    folders = [folder for folder in _folders_of(CastFolders(config.cast_dir()), gallery.name) if folder.n_pictures]
    if not folders:
        raise GalleryError(
            f"The pictures of {gallery.name} are not stored here; say with --from what it was built from."
        )
    yield folder_source(folders[0].path)


def _by_content(source: GallerySource) -> dict[str, Callable[[], bytes]]:
    return {sha256: read for sha256, (_, read) in _contents(source).items()}


def _contents(source: GallerySource) -> dict[str, tuple[str, Callable[[], bytes]]]:
    """SHA-256 -> name and reader of the pictures that can be read."""
    found = {}
    for picture in source.pictures:
        try:
            found[hashlib.sha256(picture.read()).hexdigest()] = picture.shown, picture.read
        except MediaError:
            continue
    return found
