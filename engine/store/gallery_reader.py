"""A gallery's file from somebody else, read: everything in it is checked before anything of it is believed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from engine.errors import GalleryError, ModelError
from engine.media.archive import Archive, ArchiveLimits, open_archive
from engine.media.images import PICTURE_SUFFIXES, load_image
from engine.names import is_one_line, name_key
from engine.store.gallery_file import (
    LEFT_OUT,
    LEFT_OUT_COLUMNS,
    MANIFEST,
    PEOPLE,
    PEOPLE_COLUMNS,
    PICTURES,
    SCHEMA,
    VECTORS,
)
from engine.types import MAX_NOTE_LENGTH, Gallery, LeftOut

LIMITS = ArchiveLimits(n_members=200_000, member_bytes=1_000_000_000, total_bytes=50_000_000_000)
"""1 GB of vectors are two million faces; pictures as for a gallery's zip (`engine.identity.gallery_sources`)."""
MAX_TEXT_LENGTH = 1000  # of a name, a path or a reason; a path is a folder's and a file's name of up to 255 bytes each
_MANIFEST_BYTES = 1_000_000
_TABLES = (VECTORS, PEOPLE, LEFT_OUT)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class GalleryFile:
    """What a file holds. `pictures` are the names in `archive` of the rows' pictures by SHA-256; {} if it has none."""

    gallery: Gallery
    licence_note: str
    pictures: dict[str, str]
    archive: Archive

    def check_pictures(self) -> None:
        """Raises GalleryError, MediaError unless every picture is one, and has the content that it is said to have.
        Decodes them all, in as many threads as there are processors."""
        with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="check") as pool:
            try:
                for _ in pool.map(self._check, self.pictures):
                    pass
            finally:
                pool.shutdown(cancel_futures=True)

    def _check(self, sha256: str) -> None:
        load_image(self.picture(sha256))

    def picture(self, sha256: str) -> bytes:
        """The picture with this content, undecoded. Raises GalleryError, MediaError if it has another one."""
        content = self.archive.read(self.pictures[sha256])
        if hashlib.sha256(content).hexdigest() != sha256:
            raise GalleryError(f"The picture {sha256[:12]} has a wrong checksum; ask for the gallery's file again.")
        return content


@contextmanager
def open_gallery_file(path: Path, model_id: str) -> Iterator[GalleryFile]:
    """The gallery in the file `path`, with vectors of the model `model_id`; its pictures are read inside the block.

    Raises GalleryError if it is none, was changed, or holds what no gallery holds, ModelError if its vectors come from
    another model, MediaError if it is no zip, cut off, too large or hostile. Each is one sentence.
    """
    with open_archive(path, LIMITS) as archive:
        try:
            yield _read(archive, model_id)
        except _Wrong as wrong:
            raise GalleryError(f"{path} is no gallery that can be used: {wrong}; ask for it again.") from wrong


class _Wrong(Exception):
    """What is wrong with the file, to be put into a sentence."""


def _read(archive: Archive, model_id: str) -> GalleryFile:
    names = set(archive.names)
    if missing := {MANIFEST, *_TABLES} - names:
        raise _Wrong(f"{sorted(missing)[0]} is missing")
    manifest = _manifest(archive)
    if manifest["model_id"] != model_id:
        raise ModelError(
            f"The gallery was made with another model ({_short(manifest['model_id'])}, here it is {model_id}); "
            "build it from its pictures."
        )
    contents = {name: archive.read(name) for name in _TABLES}
    for name, content in contents.items():
        if manifest["sha256"].get(name) != hashlib.sha256(content).hexdigest():
            raise _Wrong(f"{name} has a wrong checksum")
    rows = _rows(contents[PEOPLE], PEOPLE, PEOPLE_COLUMNS, manifest["n_faces"])
    left_out = _rows(contents[LEFT_OUT], LEFT_OUT, LEFT_OUT_COLUMNS, manifest["n_left_out"])
    vectors = _vectors(contents[VECTORS], manifest["n_faces"], manifest["vector_length"])
    for person, path, sha256 in rows:
        if not name_key(person):
            raise _Wrong("somebody in it has no name")
        if not _leads_inside(path) or not _SHA256.fullmatch(sha256):
            raise _Wrong(f"a picture in it is called {_short(path)}")
    for _, _, sha256 in left_out:
        if sha256 and not _SHA256.fullmatch(sha256):
            raise _Wrong("a checksum in it is none")
    if len({(name_key(person), sha256) for person, _, sha256 in rows}) != len(rows):
        raise _Wrong("somebody in it has the same picture twice")
    gallery = Gallery(
        manifest["name"],
        manifest["model_id"],
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        tuple(row[2] for row in rows),
        vectors,
        tuple(LeftOut(*row) for row in left_out),
    )
    if len(gallery.people) != manifest["n_people"] or len(set(map(name_key, gallery.people))) != len(gallery.people):
        raise _Wrong("its people are not as many as it says")
    pictures = _pictures(names - {MANIFEST, *_TABLES}, set(gallery.sha256), manifest["n_pictures"])
    return GalleryFile(gallery, manifest["licence_note"], pictures, archive)


def _manifest(archive: Archive) -> dict[str, Any]:
    content = archive.read(MANIFEST)
    try:
        manifest = json.loads(content) if len(content) <= _MANIFEST_BYTES else None
    except (ValueError, RecursionError) as error:
        raise _Wrong("its manifest is no JSON") from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise _Wrong(f"its manifest is not of the kind {SCHEMA}")
    kinds = {"name": str, "model_id": str, "licence_note": str, "sha256": dict}
    kinds |= dict.fromkeys(("n_people", "n_faces", "n_left_out", "n_pictures", "vector_length"), int)
    for key, kind in kinds.items():
        value = manifest.get(key)
        if not isinstance(value, kind) or isinstance(value, bool) or (kind is int and value < 0):
            raise _Wrong(f"its manifest says nothing sensible of {key}")
    name, note = manifest["name"], manifest["licence_note"]
    if not name_key(name) or len(name) > MAX_TEXT_LENGTH or not is_one_line(name):
        raise _Wrong("its name is none")
    if len(note) > MAX_NOTE_LENGTH or not all(map(is_one_line, note.split("\n"))):
        raise _Wrong("its licence note is none")
    return manifest


def _rows(content: bytes, name: str, columns: tuple[str, ...], n_rows: int) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _Wrong(f"{name} is no table") from error
    if not rows or tuple(rows[0]) != columns or any(len(row) != len(columns) for row in rows):
        raise _Wrong(f"{name} has other columns than {', '.join(columns)}")
    if len(rows) - 1 != n_rows:
        raise _Wrong(f"{name} has {len(rows) - 1} rows and its manifest says {n_rows}")
    if any(len(cell) > MAX_TEXT_LENGTH or not is_one_line(cell) for row in rows for cell in row):
        raise _Wrong(f"{name} holds what is no name")
    return rows[1:]


def _vectors(content: bytes, n_rows: int, length: int) -> np.ndarray:
    """(n_rows, length) float32 of an npy file of version 1. The header is read by numpy, which takes it for a literal
    and runs nothing; the rest are bytes."""
    file = io.BytesIO(content)
    try:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("another version")
        shape, in_columns, dtype = np.lib.format.read_array_header_1_0(file)
    except Exception as error:  # a hostile header makes the parser raise whatever it trips over
        raise _Wrong(f"{VECTORS} is no array") from error
    if dtype != np.dtype("<f4") or in_columns or shape != (n_rows, length) or not length:
        raise _Wrong(f"{VECTORS} is not of the shape ({n_rows}, {length}) and 32 bits")
    if len(content) - file.tell() != 4 * n_rows * length:
        raise _Wrong(f"{VECTORS} is cut off or too long")
    vectors = np.frombuffer(content, "<f4", offset=file.tell()).reshape(n_rows, length)
    if not np.isfinite(vectors).all():
        raise _Wrong(f"{VECTORS} holds what is no number")
    return vectors


def _pictures(names: set[str], wanted: set[str], n_said: int) -> dict[str, str]:
    found = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        sha256, ending = file[:64], PurePosixPath(file).suffix
        if folder != PICTURES or sha256 not in wanted or ending not in PICTURE_SUFFIXES or file != sha256 + ending:
            raise _Wrong(f"it holds {_short(name)}, which belongs to no gallery")
        found[sha256] = name
    if len(found) != len(names) or len(found) != n_said or (found and len(found) != len(wanted)):
        raise _Wrong(f"it holds {len(names)} pictures and its manifest says {n_said}")
    return found


def _leads_inside(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return all(part not in ("", ".", "..") for part in parts)


def _short(text: str) -> str:
    return repr(text[:60])
