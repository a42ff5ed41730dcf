"""The commands about likeness and about ready galleries: what they take, and what they say.

Each answers the text for stdout; heavy rooms are imported inside, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine import config
from engine.errors import GalleryError

if TYPE_CHECKING:
    from engine.types import Progress

READY_NOTE = (
    "Names and vectors from Labeled Faces in the Wild (Huang, Ramesh, Berg, Learned-Miller, 2007), whose pictures were "
    "taken from the news and are for research; the pictures are not part of this gallery."
)

Command = Callable[[argparse.Namespace, "Progress", Callable[[str], None]], str]
"""Options, progress and a way to tell something on stderr in; the text for stdout out. Raises DramatisError."""


def add_lookalike(commands: argparse._SubParsersAction, common: argparse.ArgumentParser, command: Callable) -> None:
    """Adds ``lookalike``; parsed options have `text`, the `Command`, and `command`, which is to run it."""
    parser = commands.add_parser("lookalike", parents=[common], help="who of a gallery the faces of a photo look like")
    parser.set_defaults(command=command, text=_lookalike)
    parser.add_argument(
        "photos", type=Path, nargs="+", metavar="PHOTO", help="a photo; or several of one person, taken together"
    )
    parser.add_argument("--gallery", required=True, metavar="NAME_OR_FOLDER", help="the people to compare with")
    parser.add_argument("--cast", metavar='"Name,Name"', help="only these people of the gallery")
    parser.add_argument("-k", type=_positive, default=5, metavar="N", help="people named for each face (%(default)s)")
    parser.add_argument(
        "--max-distance", type=float, default=0.9, metavar="D", help="nobody farther than this (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="the answer as JSON")


def add_gallery_actions(
    actions: argparse._SubParsersAction, common: argparse.ArgumentParser, command: Callable
) -> None:
    """Adds ``gallery index``, ``gallery derive`` and ``gallery fetch-lfw``, as `add_lookalike` does."""
    index = actions.add_parser("index", parents=[common], help="build a gallery's index anew; it is done when needed")
    index.set_defaults(command=command, text=_index)
    index.add_argument("name", metavar="NAME")
    derive = actions.add_parser("derive", parents=[common], help="a ready gallery of names and vectors, no pictures")
    derive.set_defaults(command=command, text=_derive)
    derive.add_argument("folder", type=Path, metavar="FOLDER", help="<Person_Name>/*.jpg, or images/ with these")
    derive.add_argument("--names", type=Path, required=True, metavar="FILE", help="whom: a folder's name a line")
    derive.add_argument("--out", type=Path, required=True, metavar="DIR", help="the ready gallery; its name is DIR's")
    derive.add_argument("--note", default=READY_NOTE, help="where the pictures are from, and on which terms")
    fetch = actions.add_parser("fetch-lfw", parents=[common], help="bring the pictures behind the gallery of actors")
    fetch.set_defaults(command=command, text=_fetch_lfw)


def _lookalike(options: argparse.Namespace, progress: Progress, tell: Callable[[str], None]) -> str:
    from engine.exports.lookalike import lookalike_json, lookalike_text
    from engine.identity.gallery import build_gallery
    from engine.identity.index import FaceIndex
    from engine.pipeline.lookalike import faces_of_photo, lookalikes
    from engine.pipeline.models import Models
    from engine.store.database import open_store
    from engine.store.indexes import GalleryIndexes

    models = Models()
    photos = [faces_of_photo(photo, models) for photo in options.photos]
    folder = Path(options.gallery)
    if folder.is_dir():
        name = folder.resolve().name
        gallery = build_gallery(folder, name, models.detector, models.aligner, models.embedder, progress)
        for left_out in gallery.left_out:
            tell(f"left out of the gallery: {left_out.path}: {left_out.reason}")
        index = FaceIndex.of_gallery(gallery)
    else:
        indexes = GalleryIndexes(open_store(config.database_path()))
        index = indexes.open(options.gallery, models.embedder.model_id, progress)
    people = [name.strip() for name in options.cast.split(",") if name.strip()] if options.cast else None
    answer = lookalikes(photos, index, options.k, options.max_distance, people)
    return lookalike_json(answer) if options.json else lookalike_text(answer)


def _index(options: argparse.Namespace, progress: Progress, tell: Callable[[str], None]) -> str:
    from engine.store.database import open_store
    from engine.store.indexes import GalleryIndexes
    from engine.vision.embed import EMBEDDER_ID

    index = GalleryIndexes(open_store(config.database_path())).build(options.name, EMBEDDER_ID, progress)
    return f"{index.name}: {len(index.people)} people, {len(index)} faces in the index"


def _derive(options: argparse.Namespace, progress: Progress, tell: Callable[[str], None]) -> str:
    from engine.evaluate.ready_gallery import read_names, ready_gallery
    from engine.identity.index_build import build_index

    name = options.out.resolve().name
    if not name:
        raise GalleryError(f"{options.out} names no folder; give one, like indexes/actors.")
    gallery = ready_gallery(options.folder, read_names(options.names), name, progress)
    build_index(gallery, options.out, options.note, progress)
    for left_out in gallery.left_out:
        tell(f"left out: {left_out.path}: {left_out.reason}")
    return f"{gallery.name}: {len(gallery.people)} people, {len(gallery.names)} vectors in {options.out}"


def _fetch_lfw(options: argparse.Namespace, progress: Progress, tell: Callable[[str], None]) -> str:
    from engine.store.ready_pictures import fetch_lfw

    return f"The pictures are in {fetch_lfw(tell)}"


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)
