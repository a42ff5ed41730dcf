"""A gallery from a folder of pictures: one sub-folder a person, each picture showing that person alone."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import GalleryError, MediaError
from engine.media.images import load_image, picture_files
from engine.names import name_key
from engine.types import Gallery, LeftOut, Progress, ignore_progress
from engine.vision.align import FaceAligner
from engine.vision.detect import MmodDetector
from engine.vision.embed import FaceEmbedder
from engine.vision.scales import find_faces

BACKGROUND_SHARE = 0.5  # faces less than this high, against the largest of the picture, stand in the background


def build_gallery(
    folder: Path,
    name: str,
    detector: MmodDetector,
    aligner: FaceAligner,
    embedder: FaceEmbedder,
    progress: Progress = ignore_progress,
) -> Gallery:
    """The gallery of `folder`, which holds ``<Person Name>/*.jpg``. A picture in which nobody or several people
    are found, or that cannot be read, is left out and reported, never guessed at.

    Raises GalleryError if the folder cannot be read, holds no people, two of its people share a name but for case,
    or no picture shows a face. Writes nothing.
    """
    people = _people_folders(folder)
    pictures = [(person, path) for person, path in people for path in _pictures(path)]
    if not pictures:
        raise GalleryError(
            f"There are no pictures in {folder}: put each person's pictures into a folder of their name, "
            f"like {folder.name}/Anna Lee/1.jpg."
        )
    names, paths, hashes, vectors, left_out = [], [], [], [], []
    seen: dict[str, str] = {}
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="gallery") as pool:
        looks = [pool.submit(_look, path, detector, aligner, embedder) for _, path in pictures]
        try:
            for i, ((person, path), future) in enumerate(zip(pictures, looks, strict=True)):
                look, shown = future.result(), str(path.relative_to(folder))
                progress("gallery", (i + 1) / len(pictures))
                if look.sha256 and seen.setdefault(look.sha256, shown) != shown:
                    left_out.append(LeftOut(shown, f"the same picture as {seen[look.sha256]}"))
                elif look.vector is None:
                    left_out.append(LeftOut(shown, look.reason))
                else:
                    names.append(person), paths.append(shown), hashes.append(look.sha256)
                    vectors.append(look.vector)
        finally:
            pool.shutdown(cancel_futures=True)
    if not vectors:
        raise GalleryError(
            f"None of the {len(pictures)} pictures in {folder} shows exactly one face "
            f"(the first, {left_out[0].path}: {left_out[0].reason}); use clear pictures of one person each."
        )
    return Gallery(
        name, embedder.model_id, tuple(names), tuple(paths), tuple(hashes), np.stack(vectors), tuple(left_out)
    )


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
    return [name for name, _ in _people_folders(folder)]


def _people_folders(folder: Path) -> list[tuple[str, Path]]:
    try:
        found = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError as error:
        raise GalleryError(
            f"The gallery folder {folder} cannot be read ({error.strerror}); check its name and permissions."
        ) from error
    if not found:
        raise GalleryError(
            f"The folder {folder} holds no people: put each person's pictures into a folder of their name, "
            f"like {folder.name}/Anna Lee/1.jpg."
        )
    by_key: dict[str, Path] = {}
    for path in found:
        twin = by_key.setdefault(name_key(path.name), path)
        if twin is not path:
            raise GalleryError(
                f"The folders {twin.name} and {path.name} in {folder} are one name in other letters; "
                "put their pictures into one folder, or give one of them another name."
            )
    return [(path.name, path) for path in found]


def _pictures(folder: Path) -> list[Path]:
    try:
        return picture_files(folder)
    except MediaError as error:
        raise GalleryError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Look:
    """What one picture gave: its content's hash ("" if it could not be read), the vector (128,) of the one person it
    shows, or None and the reason in a user's words."""

    sha256: str
    vector: np.ndarray | None
    reason: str = ""


def _look(path: Path, detector: MmodDetector, aligner: FaceAligner, embedder: FaceEmbedder) -> _Look:
    try:
        content = path.read_bytes()
    except OSError as error:
        return _Look("", None, f"cannot be read ({error.strerror})")
    digest = hashlib.sha256(content).hexdigest()
    try:
        image = load_image(path)
    except MediaError:
        return _Look(digest, None, "no picture that can be read")
    found = find_faces(detector, image)
    if not len(found):
        return _Look(digest, None, "no face found")
    heights = found.boxes_xyxy[:, 3] - found.boxes_xyxy[:, 1]
    main = heights >= BACKGROUND_SHARE * heights.max()
    if main.sum() > 1:
        return _Look(digest, None, f"{int(main.sum())} faces found, one expected")
    chips, _ = aligner.align(image, found.boxes_xyxy[main])
    return _Look(digest, embedder.embed(chips)[0])
