"""``why`` as a command: which parts of a face make it like somebody of a gallery, as text and as a picture.

Heavy rooms are imported inside, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import GalleryError, MediaError
from engine.gallery_commands import Outcome, left_out_report

if TYPE_CHECKING:
    from engine.identity.index import FaceIndex
    from engine.pipeline.lookalike import Match, Photo, PhotoFace
    from engine.store.database import Store
    from engine.types import Progress


def add_why_options(parser: argparse.ArgumentParser) -> None:
    """Makes `parser` that of ``why``. Parsed options have `action`, an `engine.gallery_commands.Action`."""
    parser.set_defaults(action=_why)
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("--gallery", required=True, metavar="NAME_OR_FOLDER", help="where the person is")
    parser.add_argument("--person", required=True, metavar="NAME", help="whom the face is compared with")
    parser.add_argument(
        "--face",
        type=int,
        metavar="N",
        help="which face, counted from the left (default: the one most like the person)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE.png", help="draw the face with its parts coloured")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")


def _why(options: argparse.Namespace, store: Store, progress: Progress) -> Outcome:
    from engine.exports.files import write_together
    from engine.exports.why import why_json, why_text
    from engine.identity.index import FaceIndex
    from engine.media.images import load_image
    from engine.pipeline.galleries import gallery_of_folder
    from engine.pipeline.lookalike import faces_of_image
    from engine.pipeline.models import Models
    from engine.pipeline.portraits import heat, portraits
    from engine.pipeline.why_match import why_match
    from engine.store.indexes import GalleryIndexes

    if options.out is not None and options.out.suffix.lower() != ".png":
        raise MediaError(f"{options.out} is drawn as PNG; name a file that ends in .png.")
    models = Models()
    image = load_image(options.photo)
    photo = faces_of_image(image, models, str(options.photo), chips=True)
    gallery = gallery_of_folder(options.gallery, store, models, progress)
    if gallery is None:
        index = GalleryIndexes(store).open(options.gallery, models.embedder.model_id, progress)
    else:
        index = FaceIndex.of_gallery(gallery)
    face, match = _pair(photo, options.face, index, options.person)
    found = why_match(face, index, match.pictures[0].row, models.embedder)
    notes = [left_out_report(gallery)] if gallery else []
    if options.out is not None:
        (portrait,) = portraits(image, [face.box_xyxy], models)
        write_together({options.out: heat(portrait, found.parts, "PNG")})
        notes.append(f"Written: {options.out}, warm what makes the likeness, cold what speaks against it")
    said = why_json(photo, face, index.name, match, found) if options.json else why_text(photo, face, match, found)
    return Outcome(said, "\n".join(filter(None, notes)))


def _pair(photo: Photo, number: int | None, index: FaceIndex, person: str) -> tuple[PhotoFace, Match]:
    """The face `number` of the photo, else the one nearest to the person, and the person's picture nearest to it."""
    from engine.pipeline.lookalike import lookalikes

    n_faces = len(photo.faces)
    if number is not None and not 1 <= number <= n_faces:
        many = f"{n_faces} faces, numbered from the left" if n_faces > 1 else "one face"
        raise MediaError(f"There is no face {number} in {photo.name}, which shows {many}; choose another --face.")
    asked = [face for face in photo.faces if number in (None, face.number)]
    answer = lookalikes([replace(photo, faces=tuple(asked))], index, k=1, people=[person])
    pairs = [(face, one.nearest) for face, one in zip(asked, answer.faces, strict=True) if one.nearest is not None]
    if not pairs:
        raise GalleryError(f"The gallery {index.name} has no picture of {person}; choose another --person.")
    return min(pairs, key=lambda pair: pair[1].distance)
