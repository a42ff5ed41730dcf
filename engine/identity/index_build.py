"""An index built from a gallery into files, and opened again. What the files are: `engine.identity.index_files`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

from engine.errors import GalleryError
from engine.identity import index_files
from engine.identity.forest import N_TREES, open_forest, write_forest
from engine.identity.index import FaceIndex, other_network
from engine.identity.index_files import Manifest, refusal
from engine.types import Gallery, Progress, check_note, ignore_progress

ALL_COMPARED_UP_TO = 200_000
"""Faces up to which comparing all takes no longer, on average, than a forest that misses as few as 1 in 1000
(docs/measurements.md)."""

_TRIES = 5  # to open an index that is being replaced: each needs another publication between two reads


N_HEAD_BYTES = 16
"""Of a vector, float32 little-endian, in a fingerprint: a picture that is looked at otherwise gives other numbers."""


def fingerprint(rows: Iterable[tuple[str, str, str, bytes]]) -> str:
    """What stands for the content of a gallery: equal for equal (name, path, SHA-256 of the picture, first bytes of the
    vector) in equal order."""
    digest = hashlib.sha256()
    for name, path, sha256, head in rows:
        digest.update("\0".join((name, path, sha256)).encode(errors="surrogatepass") + head + b"\n")
    return digest.hexdigest()


def build_index(
    gallery: Gallery,
    folder: Path,
    note: str = "",
    progress: Progress = ignore_progress,
    all_compared_up_to: int = ALL_COMPARED_UP_TO,
) -> Manifest:
    """Puts an index of `gallery` into `folder`, in the place of the one that is there; with a forest if there are more
    faces than `all_compared_up_to`. Raises StorageError, with the old index untouched; GalleryError for a note that is
    too long; ValueError for vectors with something in them that is no number."""
    check_note(note)
    if not np.isfinite(gallery.vectors).all():
        raise ValueError("gallery: a vector holds something that is no number")
    n_trees = N_TREES if len(gallery.names) > all_compared_up_to else 0
    heads = [vector.tobytes() for vector in gallery.vectors[:, : N_HEAD_BYTES // 4].astype("<f4")]
    number = {name: i for i, name in enumerate(gallery.people)}
    people = {"people": gallery.people, "person": [number[name] for name in gallery.names]}
    rows = list(zip(gallery.paths, gallery.sha256, strict=True))
    writers = {
        "vectors": lambda path: gallery.vectors.astype("<f4", copy=False).tofile(path),
        "people": lambda path: path.write_bytes(_json(people)),
        "pictures": lambda path: path.write_bytes(_json(rows)),
    }
    if n_trees:
        writers["annoy"] = lambda path: write_forest(path, gallery.vectors, n_trees)
    manifest = Manifest(
        name=gallery.name,
        model_id=gallery.model_id,
        metric=index_files.METRIC,
        dimension=gallery.vectors.shape[1],
        count=len(gallery.names),
        n_people=len(gallery.people),
        n_trees=n_trees,
        fingerprint=fingerprint(zip(gallery.names, gallery.paths, gallery.sha256, heads, strict=True)),
        note=note,
        parts={},
    )
    if n_trees:
        progress("index", 0.0)
    return index_files.publish(folder, manifest, writers)


def open_index(folder: Path, model_id: str) -> FaceIndex | None:
    """The index in `folder`, None if there is none; vectors and forest are mapped once all files are checked.

    Raises GalleryError, with what to do, if it is damaged or was made with another network than `model_id`,
    StorageError if it cannot be read.
    """
    for _ in range(_TRIES):
        manifest = index_files.read_manifest(folder)
        if manifest is None:
            return None
        if manifest.model_id != model_id:
            raise GalleryError(other_network(manifest.name, manifest.model_id, model_id))
        try:
            index_files.check_parts(folder, manifest)
            return _mapped(folder, manifest)
        except FileNotFoundError as error:  # replaced since the manifest was read, or lost
            missing = Path(error.filename).name
    raise refusal(folder, f"{missing} is missing")


def _mapped(folder: Path, manifest: Manifest) -> FaceIndex:
    paths = {name: folder / part.file for name, part in manifest.parts.items()}
    shape = (manifest.count, manifest.dimension)
    try:
        record = json.loads(paths["people"].read_bytes())
        people, person_of_row = [str(name) for name in record["people"]], np.array(record["person"], np.int64)
        if len(people) != manifest.n_people or person_of_row.shape != shape[:1]:
            raise ValueError("other numbers than the manifest's")
        if len(person_of_row) and not 0 <= person_of_row.min() <= person_of_row.max() < len(people):
            raise ValueError("somebody without a name")
        forest = open_forest(paths["annoy"], shape[1], shape[0], manifest.n_trees) if manifest.n_trees else None
    except FileNotFoundError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise refusal(folder, f"its parts do not agree with its manifest: {error}") from error
    # An empty file cannot be mapped.
    vectors = np.memmap(paths["vectors"], "<f4", "r", shape=shape) if manifest.count else np.empty(shape, np.float32)
    content = paths["pictures"].read_bytes()

    @cache
    def pictures() -> list[list[str]]:
        """Parsed when first asked for: few need it, and it is as long as the gallery."""
        rows = json.loads(content)
        if len(rows) != manifest.count:
            raise refusal(folder, "its pictures are not as many as its faces")
        return rows

    return FaceIndex(
        manifest.name,
        manifest.model_id,
        manifest.note,
        vectors.view(np.ndarray),
        people,
        person_of_row,
        pictures,
        forest,
    )


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")
