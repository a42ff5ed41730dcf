"""``lookalike`` as a command: what it takes, and its outcome as text.

Heavy rooms are imported inside, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.gallery_commands import Outcome, left_out_report

if TYPE_CHECKING:
    from engine.store.database import Store
    from engine.types import Progress


def add_options(parser: argparse.ArgumentParser) -> None:
    """Makes `parser` that of ``lookalike``. Parsed options have `action`, an `engine.gallery_commands.Action`."""
    parser.set_defaults(action=_lookalike)
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


def _lookalike(options: argparse.Namespace, store: Store, progress: Progress) -> Outcome:
    from engine.exports.lookalike import lookalike_json, lookalike_text
    from engine.identity.index import FaceIndex
    from engine.pipeline.galleries import gallery_of_folder
    from engine.pipeline.lookalike import faces_of_photo, lookalikes
    from engine.pipeline.models import Models
    from engine.store.indexes import GalleryIndexes

    models = Models()
    photos = [faces_of_photo(photo, models) for photo in options.photos]
    gallery = gallery_of_folder(options.gallery, store, models, progress)
    if gallery is None:
        index = GalleryIndexes(store).open(options.gallery, models.embedder.model_id, progress)
    else:
        index = FaceIndex.of_gallery(gallery)
    people = [name.strip() for name in options.cast.split(",") if name.strip()] if options.cast else None
    answer = lookalikes(photos, index, options.k, options.max_distance, people)
    text = lookalike_json(answer) if options.json else lookalike_text(answer)
    return Outcome(text, left_out_report(gallery) if gallery else "")


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)
