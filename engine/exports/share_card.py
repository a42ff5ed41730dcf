"""A likeness as one picture to send to somebody: the two faces, the name, the distance and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ImageDraw

from engine.exports.card_drawing import (
    ACCENT,
    INK,
    MARGIN_PX,
    SOFT,
    TILE,
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

_FACE, _TOP = 300, 78
_TEXT_LEFT = 2 * _FACE + 2 * MARGIN_PX + 24 + 24
_NAME_SIZES = (54, 46, 38, 32)
_NAME_LINES = 4


@dataclass(frozen=True, slots=True)
class ShareCard:
    """What stands on a card. `own` and `theirs` are pictures of faces, JPEG; without `theirs` the `initials` stand in
    their place. `meaning` says what the `distance` means, `source` where the person's pictures are from."""

    own: bytes
    theirs: bytes | None
    initials: str
    name: str
    distance: float
    meaning: str
    source: str


def share_card(card: ShareCard) -> bytes:
    """The card as PNG, `WIDTH_PX` wide and `HEIGHT_PX` high; long names are set smaller, then cut."""
    image = blank()
    pen = ImageDraw.Draw(image)
    paste(image, card.own, MARGIN_PX, _TOP, _FACE)
    right = MARGIN_PX + _FACE + 24
    if card.theirs is not None:
        paste(image, card.theirs, right, _TOP, _FACE)
    else:
        pen.rounded_rectangle((right, _TOP, right + _FACE, _TOP + _FACE), 18, fill=TILE)
        centre = (right + _FACE / 2, _TOP + _FACE / 2)
        initials = writable(card.initials)
        pen.text(centre, initials, font=font(initials, 110), fill=SOFT, anchor="mm")
    _name(pen, writable(card.name))
    below = _TOP + _FACE + 56
    pen.text((MARGIN_PX, below), f"Distance {card.distance:.2f}:", font=font("", 40), fill=ACCENT)
    lines(pen, (MARGIN_PX, below + 56), card.meaning, 32, INK, WIDTH_PX - 2 * MARGIN_PX)
    foot(pen, card.source)
    return encoded(image)


def _name(pen: ImageDraw.ImageDraw, name: str) -> None:
    """The name beside the faces, as large as it fits."""
    wide = WIDTH_PX - _TEXT_LEFT - MARGIN_PX
    pen.text((_TEXT_LEFT, _TOP + 4), "looks like", font=font("", 30), fill=SOFT)
    for size in _NAME_SIZES:
        if len(wrapped(pen, name, size, wide)) * size * 1.2 <= _FACE - 60:
            break
    lines(pen, (_TEXT_LEFT, _TOP + 52), name, size, INK, wide, most=_NAME_LINES)
