"""A gallery as one file that travels: a zip with a manifest, the vectors, the people, what was left out, and the
pictures if they are wanted. docs/architecture.md says what stands in it; `engine.store.gallery_reader` reads it.

Equal galleries give equal files, byte for byte: neither times nor this machine's paths stand in them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from engine.errors import GalleryError, StorageError
from engine.files import beside
from engine.media.images import PICTURE_SUFFIXES
from engine.types import Gallery

SCHEMA = "dramatis.gallery/1"
MANIFEST, VECTORS, PEOPLE, LEFT_OUT = "manifest.json", "vectors.npy", "people.csv", "left_out.csv"
PICTURES = "pictures"  # the folder of the pictures, each named by its SHA-256 with the ending of its kind
PEOPLE_COLUMNS = ("person", "path", "sha256")
LEFT_OUT_COLUMNS = ("path", "reason", "sha256")
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can state
_PRIVATE = 0o600 << 16  # where a zip keeps the rights of a file


def write_gallery_file(
    path: Path, gallery: Gallery, licence_note: str, pictures: Mapping[str, Callable[[], bytes]] | None = None
) -> None:
    """Writes `gallery` to `path`, whole or not at all, for its owner alone. With `pictures`, which gives the content
    by SHA-256, the picture of every row is put in too.

    Raises GalleryError if a picture is missing or has changed, StorageError if the file cannot be written; an older
    file stays then.
    """
    contents = {
        VECTORS: _npy(gallery.vectors),
        PEOPLE: _table(PEOPLE_COLUMNS, zip(gallery.names, gallery.paths, gallery.sha256, strict=True)),
        LEFT_OUT: _table(LEFT_OUT_COLUMNS, ((one.path, one.reason, one.sha256) for one in gallery.left_out)),
    }
    endings = {sha256: _ending(picture) for sha256, picture in zip(gallery.sha256, gallery.paths, strict=True)}
    manifest = {
        "schema": SCHEMA,
        "name": gallery.name,
        "model_id": gallery.model_id,
        "licence_note": licence_note,
        "n_people": len(gallery.people),
        "n_faces": len(gallery.names),
        "n_left_out": len(gallery.left_out),
        "n_pictures": len(endings) if pictures is not None else 0,
        "vector_length": gallery.vectors.shape[1],
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    try:
        with beside(path) as partial:
            with zipfile.ZipFile(partial, "w") as archive:
                _add(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
                for name, content in contents.items():
                    _add(archive, name, content)
                for sha256, ending in endings.items() if pictures is not None else ():
                    content = pictures[sha256]() if sha256 in pictures else b""
                    if hashlib.sha256(content).hexdigest() != sha256:
                        shown = gallery.paths[gallery.sha256.index(sha256)]
                        raise GalleryError(f"The picture {shown} is gone or has changed; build the gallery again.")
                    _add(archive, f"{PICTURES}/{sha256}{ending}", content, zipfile.ZIP_STORED)
            os.replace(partial, path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror or error}); choose another place.") from error


def _ending(path: str) -> str:
    ending = PurePosixPath(path).suffix.lower()
    return ending if ending in PICTURE_SUFFIXES else ".jpg"  # what it is, its content says


def _npy(vectors: np.ndarray) -> bytes:
    np.lib.format.write_array(
        file := io.BytesIO(), np.ascontiguousarray(vectors, "<f4"), version=(1, 0), allow_pickle=False
    )
    return file.getvalue()


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    writer = csv.writer(text := io.StringIO(), lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, packing: int = zipfile.ZIP_DEFLATED) -> None:
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.create_system, info.external_attr, info.compress_type = 3, _PRIVATE, packing
    archive.writestr(info, content)
