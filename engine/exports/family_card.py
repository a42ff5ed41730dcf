"""A child between two of the family as one picture to send to somebody: the faces, the distances, and who is nearer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from engine.exports.card_drawing import (
    ACCENT,
    HEIGHT_PX,
    INK,
    MARGIN_PX,
    SOFT,
    WIDTH_PX,
    blank,
    encoded,
    font,
    foot,
    lines,
    paste,
    wrapped,
    writable,
)
from engine.exports.told_family import headline, how_sure
from engine.pipeline.family import ChildAnswer, Family

_FACE, _TOP, _GAP = 240, 52, 130
_LABEL_PX, _HEAD_PX = 26, (46, 38, 32)
_WIDE = WIDTH_PX - 2 * MARGIN_PX


@dataclass(frozen=True, slots=True)
class CardFace:
    """A face on the card, JPEG, with its name; `distance` is that from the child, None for the child."""

    picture: bytes
    name: str
    distance: float | None = None
    is_nearer: bool = False


@dataclass(frozen=True, slots=True)
class FamilyCard:
    """What stands on a card: the `child`, one or two `others` to its sides, the headline and how sure it is."""

    child: CardFace
    others: tuple[CardFace, ...]
    headline: str
    how_sure: str


def card_of(family: Family, answer: ChildAnswer, portrait: Callable[[int], bytes]) -> FamilyCard:
    """The card of a child: mother and father to its sides, or else the two nearest. `portrait` gives the picture of
    the member at a place, JPEG."""
    said = answer.verdict
    if said is None:
        shown = [one.member for one in answer.nearest[:2]]
        nearer = shown[0] if answer.is_steady and len(shown) > 1 else None
    else:
        roles = [member.role for member in family.members]
        shown = [roles.index("mother"), roles.index("father")]
        nearer = roles.index(said.nearer) if said.is_decided else None
    others = tuple(
        CardFace(portrait(i), family.members[i].name, float(family.distances[answer.member, i]), is_nearer=i == nearer)
        for i in shown
    )
    child = CardFace(portrait(answer.member), family.members[answer.member].name)
    return FamilyCard(child, others, headline(family, answer), how_sure(family, answer))


def family_card(card: FamilyCard) -> bytes:
    """The card as PNG, `WIDTH_PX` wide and `HEIGHT_PX` high. The child stands between the others; who is nearer has a
    frame. Long headlines are set smaller, then cut. Raises ValueError for no others or more than two."""
    if not 1 <= len(card.others) <= 2:
        raise ValueError(f"expected one or two others, got {len(card.others)}")
    image = blank()
    pen = ImageDraw.Draw(image)
    row = [card.others[0], card.child, *card.others[1:]]
    left = (WIDTH_PX - len(row) * _FACE - (len(row) - 1) * _GAP) // 2
    for number, face in enumerate(row):
        _face(image, pen, face, left + number * (_FACE + _GAP))
    below = _TOP + _FACE + 62
    said = writable(card.headline)
    size = next((one for one in _HEAD_PX if len(wrapped(pen, said, one, _WIDE)) == 1), _HEAD_PX[-1])
    lines(pen, (MARGIN_PX, below), said, size, ACCENT, _WIDE, most=2)
    below += round(min(len(wrapped(pen, said, size, _WIDE)), 2) * size * 1.2) + 14
    lines(pen, (MARGIN_PX, below), card.how_sure, 28, INK, _WIDE, most=(HEIGHT_PX - 80 - below) // 34)
    foot(pen, "chances from KinFaceW-I; a likeness says nothing about descent")
    return encoded(image)


def _face(image: Image.Image, pen: ImageDraw.ImageDraw, face: CardFace, left: int) -> None:
    paste(image, face.picture, left, _TOP, _FACE)
    if face.is_nearer:
        box = (left - 7, _TOP - 7, left + _FACE + 6, _TOP + _FACE + 6)
        pen.rounded_rectangle(box, 24, outline=ACCENT, width=5)
    said = writable(face.name)
    distance = "" if face.distance is None else f" {face.distance:.2f}"
    wide = _FACE + _GAP - 20
    drawn = font(said, _LABEL_PX)
    shown = said
    while pen.textlength(f"{shown}{distance}", font=drawn) > wide:
        said = said[:-1]
        shown = f"{said}…"
    pen.text(
        (left + _FACE / 2, _TOP + _FACE + 30),
        f"{shown}{distance}",
        font=drawn,
        fill=INK if face.distance is None or face.is_nearer else SOFT,
        anchor="mm",
    )
