"""A gallery from pictures, each showing one person alone: who gets in, and what is left out and why."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from engine.errors import GalleryError, MediaError
from engine.identity.gallery_sources import GallerySource, SourcePicture, folder_source, people_folders
from engine.identity.looks import FaceLooker, KnownLooks, Look, NothingKnown
from engine.names import is_one_line, name_key
from engine.types import Gallery, LeftOut, Progress, ignore_progress

if TYPE_CHECKING:
    from engine.vision.align import FaceAligner
    from engine.vision.detect import MmodDetector
    from engine.vision.embed import FaceEmbedder

TWO_PEOPLE = "the same picture under two people"
"""How the reason begins for a picture that is said to show different people: it is in nobody's place, for which of the
two is right would be a guess."""
THIN_PICTURES = 2
"""With so many pictures or fewer the mean over views of a face gains something: docs/measurements.md."""
_AHEAD = 4  # pictures a thread that wait to be told: their content is not kept, so it need not be few

_Item, _Answer = TypeVar("_Item"), TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Gathered:
    """A gallery, and for how many of its source's pictures the networks were asked; the others were known."""

    gallery: Gallery
    n_looked: int


def gather(
    source: GallerySource,
    name: str,
    looker: FaceLooker,
    known: KnownLooks | None = None,
    progress: Progress = ignore_progress,
    steady: FaceLooker | None = None,
) -> Gathered:
    """The gallery called `name` of the pictures of `source`. A picture in which nobody or several people are found,
    that cannot be read, that is there twice, or that two people claim is left out and reported, never guessed at.
    Looks are taken from `known` and put there, one by one, so that work that is interrupted goes on where it was.
    The pictures of people who have `THIN_PICTURES` at most are looked at again by `steady`, if there is one.

    Takes as many threads as there are processors. Raises GalleryError if no picture shows a face, ModelError. Writes
    nothing but `known`.
    """
    pictures, known = source.pictures, known or NothingKnown()
    n_threads = os.cpu_count() or 1
    seen: list[_Seen] = []
    with ThreadPoolExecutor(n_threads, thread_name_prefix="gallery") as pool:
        try:
            for one in in_order(pool, lambda p: _see(p, looker, known), pictures, _AHEAD * n_threads):
                seen.append(one)
                progress("gallery", len(seen) / len(pictures))
        finally:
            pool.shutdown(cancel_futures=True)
    n_looked = sum(one.is_new for one in seen)
    gallery = _gallery(source, name, looker.model_id, seen)
    if steady is not None:
        held = Counter(gallery.names)
        rows = {(person, path) for person, path in zip(gallery.names, gallery.paths, strict=True)}
        for i, picture in enumerate(pictures):
            if (picture.person, picture.shown) in rows and held[picture.person] <= THIN_PICTURES:
                seen[i] = _see(picture, steady, known)
            progress("steadying", (i + 1) / len(pictures))
        gallery = _gallery(source, name, looker.model_id, seen)
    return Gathered(gallery, n_looked)


def build_gallery(
    folder: Path,
    name: str,
    detector: MmodDetector,
    aligner: FaceAligner,
    embedder: FaceEmbedder,
    progress: Progress = ignore_progress,
) -> Gallery:
    """As `gather` does, of the folder `folder`, which holds ``<Person Name>/*.jpg``. Keeps nothing.

    Raises GalleryError also if the folder cannot be read, holds no people, or two of its people share a name but for
    case.
    """
    source = folder_source(folder)
    looker = FaceLooker(lambda: (detector, aligner, embedder), detector.model_id, embedder.model_id)
    return gather(source, name, looker, progress=progress).gallery


def select_cast(gallery: Gallery, cast: list[str]) -> Gallery:
    """The gallery reduced to the people in `cast`, named as `name_key` compares. Raises GalleryError, listing whom
    it knows, if somebody is not in it."""
    wanted = {name_key(person): person for person in cast}
    known = {name_key(person): person for person in gallery.people}
    missing = [person for key, person in wanted.items() if key not in known]
    if missing:
        some = ", ".join(gallery.people[:8]) + (" ..." if len(gallery.people) > 8 else "")
        raise GalleryError(f"The gallery {gallery.name} has nobody called {missing[0]}; it knows {some}.")
    rows = [i for i, person in enumerate(gallery.names) if name_key(person) in wanted]
    return Gallery(
        gallery.name,
        gallery.model_id,
        tuple(gallery.names[i] for i in rows),
        tuple(gallery.paths[i] for i in rows),
        tuple(gallery.sha256[i] for i in rows),
        gallery.vectors[rows],
    )


def people_of_folder(folder: Path) -> list[str]:
    """The names of the people whose folders `folder` holds, sorted, whether or not their pictures are any good.
    Raises GalleryError as `build_gallery` does."""
    return [name for name, _ in people_folders(folder)]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A picture's content as SHA-256, "" if it could not be read, and what it shows."""

    sha256: str
    look: Look
    is_new: bool


def _see(picture: SourcePicture, looker: FaceLooker, known: KnownLooks) -> _Seen:
    if not is_one_line(picture.shown):
        return _Seen("", Look(None, "its name is no text; rename it"), False)
    try:
        content = picture.read()
    except MediaError as error:
        return _Seen("", Look(None, str(error)), False)
    sha256 = hashlib.sha256(content).hexdigest()
    look = known.get(sha256, looker.id)
    if look is not None:
        return _Seen(sha256, look, False)
    look = looker.look(content)
    known.put(sha256, looker.id, look)
    return _Seen(sha256, look, True)


def _gallery(source: GallerySource, name: str, model_id: str, seen: list[_Seen]) -> Gallery:
    claims: dict[str, dict[str, str]] = {}  # content -> key -> name of the people it is said to show
    for picture, one in zip(source.pictures, seen, strict=True):
        claims.setdefault(one.sha256, {}).setdefault(name_key(picture.person), picture.person)
    names, paths, hashes, vectors = [], [], [], []
    left_out = list(source.left_out)
    first: dict[str, str] = {}
    for picture, one in zip(source.pictures, seen, strict=True):
        reason = one.look.reason
        if one.sha256 and len(claims[one.sha256]) > 1:
            reason = two_people(claims[one.sha256].values())
        elif one.sha256 in first:
            reason = f"the same picture as {first[one.sha256]}"
        elif one.sha256:
            first[one.sha256] = picture.shown
        if reason:
            left_out.append(LeftOut(_shown(picture), reason, one.sha256))
        else:
            names.append(picture.person), paths.append(picture.shown), hashes.append(one.sha256)
            vectors.append(one.look.vector)
    if not vectors:
        n = len(source.pictures)
        raise GalleryError(
            f"None of the {n} pictures shows exactly one face (the first, {left_out[0].path}: {left_out[0].reason}); "
            "use clear pictures of one person each."
        )
    return Gallery(name, model_id, tuple(names), tuple(paths), tuple(hashes), np.stack(vectors), tuple(left_out))


def two_people(people: Iterable[str]) -> str:
    """The reason why a picture is left out that is said to show each of `people`."""
    return f"{TWO_PEOPLE}: {' and '.join(sorted(people))}"


def _shown(picture: SourcePicture) -> str:
    return picture.shown if is_one_line(picture.shown) else ascii(picture.shown)[1:-1]


def in_order(
    pool: ThreadPoolExecutor, work: Callable[[_Item], _Answer], items: Iterable[_Item], n_ahead: int
) -> Iterator[_Answer]:
    """The answers of `work` in the order of `items`, no more than `n_ahead` of them under way."""
    waiting: deque[Future[_Answer]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) >= n_ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
