"""``family`` as a command: whom a child looks more like, as text, as JSON and as a picture to share.

Heavy rooms are imported inside, so that help and usage errors come at once.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import MediaError
from engine.gallery_commands import Outcome

if TYPE_CHECKING:
    import numpy as np

    from engine.pipeline.family import Family, Member
    from engine.pipeline.lookalike import PhotoFace
    from engine.pipeline.models import Models
    from engine.store.database import Store
    from engine.types import Progress

_FACE_OF = re.compile(r"(?P<photo>.+)#(?P<number>[1-9][0-9]{0,3})")


def add_family_options(parser: argparse.ArgumentParser) -> None:
    """Makes `parser` that of ``family``. Parsed options have `action`, an `engine.gallery_commands.Action`."""
    parser.set_defaults(action=_family)
    photo = "a photo of one person, or PHOTO#N for face N, counted from the left, of a photo of several"
    parser.add_argument("child", nargs="+", metavar="CHILD", help=photo)
    for parent in ("mother", "father"):
        parser.add_argument(
            f"--{parent}", nargs="+", action="extend", default=[], metavar="PHOTO", help="one photo or several"
        )
    parser.add_argument(
        "--relative", action="append", default=[], metavar="NAME=PHOTO", help="somebody else; again for more photos"
    )
    sex = parser.add_mutually_exclusive_group()
    for one in ("son", "daughter"):
        sex.add_argument(f"--{one}", dest="sex", action="store_const", const=one, help=f"the child is a {one}")
    parser.add_argument("--name", default="Child", help="what the child is called (%(default)s)")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.add_argument("--out", type=Path, metavar="CARD.png", help="draw a card to share")


def _family(options: argparse.Namespace, _store: Store, progress: Progress) -> Outcome:
    from engine.exports.family import family_json, family_text
    from engine.exports.files import write_together
    from engine.names import one_line
    from engine.pipeline.family import Member, family, views_of
    from engine.pipeline.models import Models

    if options.out is not None and options.out.suffix.lower() != ".png":
        raise MediaError(f"{options.out} is drawn as PNG; name a file that ends in .png.")
    people: dict[tuple[str, str], list[str]] = {(one_line(options.name) or "Child", "child"): options.child}
    for parent in ("mother", "father"):
        if photos := getattr(options, parent):
            people[parent.capitalize(), parent] = photos
    for named in options.relative:
        name, _, photo = named.partition("=")
        if not one_line(name) or not photo:
            raise MediaError(f"--relative {named} says no name and photo; write it as NAME=PHOTO.")
        people.setdefault((one_line(name), "relative"), []).append(photo)
    models = Models()
    n_photos, n_read = sum(map(len, people.values())), 0
    members: list[Member] = []
    first: dict[int, tuple[np.ndarray, PhotoFace]] = {}
    for (name, role), photos in people.items():
        views = []
        for photo in photos:
            image, face = _face(photo, models)
            first.setdefault(len(members), (image, face))
            views.append(views_of(face, models.embedder))
            n_read += 1
            progress("photos", n_read / n_photos)
        members.append(Member(name, role, tuple(views), (options.sex or "child") if role == "child" else "child"))
    found = family(members, models.embedder.model_id)
    notes = ""
    if options.out is not None:
        write_together({options.out: _card(found, first, models)})
        notes = f"Written: {options.out}"
    return Outcome(family_json(found) if options.json else family_text(found), notes)


def _face(named: str, models: Models) -> tuple[np.ndarray, PhotoFace]:
    """The photo, and the face that is meant."""
    from engine.media.images import load_image
    from engine.pipeline.lookalike import faces_of_image

    asked = _FACE_OF.fullmatch(named)
    # A file may be called so itself.
    path, number = (Path(asked["photo"]), int(asked["number"])) if asked and not Path(named).exists() else (named, None)
    image = load_image(Path(path))
    faces = faces_of_image(image, models, str(path), chips=True).faces
    many = f"{len(faces)} faces" if len(faces) > 1 else "one face"
    if number is None and len(faces) > 1:
        raise MediaError(f"{path} shows {many}; say which one is meant, counted from the left, as {path}#2.")
    if number is not None and number > len(faces):
        raise MediaError(f"There is no face {number} in {path}, which shows {many}; choose another number.")
    return image, faces[(number or 1) - 1]


def _card(found: Family, first: dict[int, tuple[np.ndarray, PhotoFace]], models: Models) -> bytes:
    from engine.exports.family_card import card_of, family_card
    from engine.pipeline.portraits import portraits

    def portrait(member: int) -> bytes:
        image, face = first[member]
        return portraits(image, [face.box_xyxy], models)[0]

    return family_card(card_of(found, found.children[0], portrait))
