"""The files of an index: a manifest, and the parts it names, which are checked before anything reads them.

    manifest.json          what the index is of, and of every part its name, its size and its SHA-256
    vectors-<id>.f32       the vectors, row after row, float32, little-endian
    people-<id>.json       {"people": [name], "person": [number of each row]}
    pictures-<id>.json     [[path, sha256]] of each row
    annoy-<id>.ann         the forest, in an index that has one

An index is a build product. A new one is written beside the old one, under other names, and is the index from the
moment that its manifest takes the other's place; whoever has mapped the old parts keeps them until they close them.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.config import READY_INDEXES_DIR
from engine.errors import GalleryError, StorageError
from engine.files import beside, sync, write_whole
from engine.types import MAX_NOTE_LENGTH

MANIFEST = "manifest.json"
SCHEMA = "dramatis.index/1"
METRIC = "euclidean"
PARTS = ("vectors", "people", "pictures", "annoy")
_ENDINGS = {"vectors": "f32", "people": "json", "pictures": "json", "annoy": "ann"}
_PART_NAME = re.compile(r"(vectors|people|pictures|annoy)-[0-9a-f]{16}\.(f32|json|ann)")
_LARGEST_MANIFEST = 10_000 + 6 * MAX_NOTE_LENGTH  # bytes; ours have 1,000, and a letter of the note up to six
_LARGEST_COUNT = 2**31 - 1  # Annoy numbers rows with 32 bits
_LARGEST_TEXT = 2_000
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A file of an index, beside its manifest."""

    file: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index is of: `count` vectors of `dimension` from the network `model_id`, of `n_people` people of the
    gallery `name`. `fingerprint` stands for the gallery's content, `note` says where its pictures are from and on
    which terms, `n_trees` is 0 where there is no forest."""

    name: str
    model_id: str
    metric: str
    dimension: int
    count: int
    n_people: int
    n_trees: int
    fingerprint: str
    note: str
    parts: dict[str, Part]


def refusal(folder: Path, reason: str) -> GalleryError:
    """The error of an index that cannot be used, with what to do about it."""
    if folder.resolve().parent == READY_INDEXES_DIR:
        mend = "put that folder back as it came with the project"
    else:
        mend = "delete that folder and build it anew from its gallery"
    return GalleryError(f"The index in {folder} cannot be used ({reason}); {mend}.")


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in `folder`, or None if there is none. Raises GalleryError for one that says what none of ours says,
    StorageError if it cannot be read. Nothing is believed yet of what it says about its parts."""
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_MANIFEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError(f"The file {path} cannot be read ({error.strerror}); check its permissions.") from error
    try:
        if len(text) > _LARGEST_MANIFEST:
            raise ValueError("it is too long")
        return _manifest(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise refusal(folder, "its manifest is damaged") from error


def check_parts(folder: Path, manifest: Manifest) -> None:
    """Raises GalleryError unless every part is there with the size and the content that the manifest says, and the
    sizes agree with its counts; FileNotFoundError if one is missing. Reads all of them: a second for a gigabyte."""
    vectors = manifest.parts["vectors"]
    if vectors.n_bytes != manifest.count * manifest.dimension * 4:
        raise refusal(folder, f"{manifest.count} vectors do not fill {vectors.n_bytes} bytes")
    for part in manifest.parts.values():
        path = folder / part.file
        if path.stat().st_size != part.n_bytes:
            raise refusal(folder, f"{part.file} is not {part.n_bytes} bytes long")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != part.sha256:
                raise refusal(folder, f"{part.file} has been changed")


def publish(folder: Path, manifest: Manifest, writers: dict[str, Callable[[Path], None]]) -> Manifest:
    """Puts a new index in the place of the one in `folder`, which is made if it is not there: `writers` fill a file for
    each part. `manifest` comes back with its parts.

    Killed at any moment, it leaves the old index whole or the new one, and perhaps files that the next call removes.
    Raises StorageError if the disk does not allow it, with the old index untouched.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only_one(folder):
            parts = {name: _written(folder, name, write) for name, write in writers.items()}
            record = {"schema": SCHEMA} | asdict(manifest)
            record["parts"] = {name: asdict(part) for name, part in parts.items()}
            write_whole(folder / MANIFEST, json.dumps(record, indent=1, ensure_ascii=False).encode(), synced=True)
            _remove_others(folder, {part.file for part in parts.values()})
    except OSError as error:
        raise StorageError(
            f"The index in {folder} cannot be written ({error.strerror}); check the space and the permissions there."
        ) from error
    return _manifest(record)


def _written(folder: Path, name: str, write: Callable[[Path], None]) -> Part:
    with beside(folder / name) as partial:
        write(partial)
        sync(partial)
        with partial.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        part = Part(f"{name}-{digest[:16]}.{_ENDINGS[name]}", partial.stat().st_size, digest)
        # The same content has the same name: then an equal file takes the place of the other, which stays mapped.
        os.replace(partial, folder / part.file)
    return part


def _remove_others(folder: Path, kept: set[str]) -> None:
    for path in folder.iterdir():
        ours = _PART_NAME.fullmatch(path.name) or (path.name.startswith(".") and path.name.endswith(".partial"))
        if ours and path.name not in kept:
            path.unlink(missing_ok=True)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One publisher at a time: another one's unfinished parts would be taken for left ones."""
    with (folder / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _manifest(record: dict) -> Manifest:
    """`record` as a manifest; raises ValueError, TypeError or KeyError for anything that we would not have written."""
    if record["schema"] != SCHEMA or record["metric"] != METRIC:
        raise ValueError("another kind of index")
    texts = {key: _text(record[key]) for key in ("name", "model_id", "metric", "fingerprint")}
    texts["note"] = _text(record["note"], MAX_NOTE_LENGTH)
    numbers = {key: _number(record[key], _LARGEST_COUNT) for key in ("dimension", "count", "n_people", "n_trees")}
    parts = {}
    for name, part in record["parts"].items():
        found = Part(_text(part["file"]), _number(part["n_bytes"], 2**63), _text(part["sha256"]))
        # No name leads out of the folder, whoever wrote the manifest.
        if not _PART_NAME.fullmatch(found.file) or not found.file.startswith(f"{name}-"):
            raise ValueError("a part with a strange name")
        parts[name] = found
    wanted = set(PARTS) if numbers["n_trees"] else set(PARTS) - {"annoy"}
    if set(parts) != wanted:
        raise ValueError("parts are missing")
    if not 1 <= numbers["dimension"] <= 10_000 or numbers["n_people"] > numbers["count"]:
        raise ValueError("numbers that cannot be")
    return Manifest(**texts, **numbers, parts=parts)


def _text(value: object, longest: int = _LARGEST_TEXT) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise TypeError("a text was expected")
    return value


def _number(value: object, largest: int) -> int:
    if type(value) is not int or not 0 <= value <= largest:
        raise TypeError("a number was expected")
    return value
