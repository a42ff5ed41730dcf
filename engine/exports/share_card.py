"""A likeness as one picture to send to somebody: the two faces, the name, the distance and what it means."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

WIDTH_PX, HEIGHT_PX = 1200, 630
"""The size that messengers and social networks show whole."""

_MARGIN, _FACE, _TOP = 60, 300, 78
_TEXT_LEFT = 2 * _FACE + 2 * _MARGIN + 24 + 24
_GROUND, _INK, _SOFT, _ACCENT, _TILE = "#f8f5f1", "#1f1a1c", "#5d5456", "#7a1f3d", "#e3dcd5"
_NAME_SIZES = (54, 46, 38, 32)
_NAME_LINES = 4
_OTHER_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial Unicode.ttf", "arial.ttf")
"""For letters that Pillow's own font has not; taken where the system has one of them."""


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
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), _GROUND)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH_PX, 12), fill=_ACCENT)
    _paste(image, card.own, _MARGIN)
    right = _MARGIN + _FACE + 24
    if card.theirs is not None:
        _paste(image, card.theirs, right)
    else:
        pen.rounded_rectangle((right, _TOP, right + _FACE, _TOP + _FACE), 18, fill=_TILE)
        centre = (right + _FACE / 2, _TOP + _FACE / 2)
        initials = _writable(card.initials)
        pen.text(centre, initials, font=_font(initials, 110), fill=_SOFT, anchor="mm")
    _name(pen, _writable(card.name))
    below = _TOP + _FACE + 56
    pen.text((_MARGIN, below), f"Distance {card.distance:.2f}:", font=_font("", 40), fill=_ACCENT)
    _lines(pen, (_MARGIN, below + 56), card.meaning, 32, _INK, WIDTH_PX - 2 * _MARGIN)
    foot = _writable(f"Dramatis · {card.source}" if card.source else "Dramatis")
    _lines(pen, (_MARGIN, HEIGHT_PX - 66), foot, 24, _SOFT, WIDTH_PX - 2 * _MARGIN, most=1)
    image.save(out := io.BytesIO(), "PNG", optimize=True)
    return out.getvalue()


def _paste(image: Image.Image, jpeg: bytes, left: int) -> None:
    with Image.open(io.BytesIO(jpeg)) as face:
        shown = face.convert("RGB").resize((_FACE, _FACE), Image.Resampling.LANCZOS)
    mask = Image.new("L", (_FACE, _FACE), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, _FACE - 1, _FACE - 1), 18, fill=255)
    image.paste(shown, (left, _TOP), mask)


def _name(pen: ImageDraw.ImageDraw, name: str) -> None:
    """The name beside the faces, as large as it fits."""
    wide = WIDTH_PX - _TEXT_LEFT - _MARGIN
    pen.text((_TEXT_LEFT, _TOP + 4), "looks like", font=_font("", 30), fill=_SOFT)
    for size in _NAME_SIZES:
        if len(_wrapped(pen, name, size, wide)) * size * 1.2 <= _FACE - 60:
            break
    _lines(pen, (_TEXT_LEFT, _TOP + 52), name, size, _INK, wide, most=_NAME_LINES)


def _lines(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, ink: str, wide: int, most: int = 3
) -> None:
    lines = _wrapped(pen, text, size, wide)
    if len(lines) > most:
        last = lines[most - 1]
        while last and pen.textlength(f"{last} …", font=_font(last, size)) > wide:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last} …"]
    for number, line in enumerate(lines):
        pen.text((at[0], at[1] + number * size * 1.2), line, font=_font(line, size), fill=ink)


def _wrapped(pen: ImageDraw.ImageDraw, text: str, size: int, wide: int) -> list[str]:
    """`text` in lines of at most `wide` pixels; a word that is wider than a line is broken."""
    font, lines, line = _font(text, size), [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if pen.textlength(longer, font=font) <= wide:
            line = longer
            continue
        if line:
            lines.append(line)
        while pen.textlength(word, font=font) > wide:
            cut = next(n for n in range(len(word), 0, -1) if n == 1 or pen.textlength(word[:n], font=font) <= wide)
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return [*lines, line] if line else lines


def _font(text: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, or another one if `text` has letters that it lacks."""
    return _loaded("" if _is_plain(text) else _other_font(), size)


def _is_plain(text: str) -> bool:
    return all(letter.isascii() or letter in "–…’·" for letter in text)


def _writable(text: str) -> str:
    """`text`, without its accents where no font here has them."""
    if _is_plain(text) or _other_font():
        return text
    parts = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


@lru_cache(maxsize=64)
def _loaded(name: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


@lru_cache(maxsize=1)
def _other_font() -> str:
    for name in _OTHER_FONTS:
        try:
            ImageFont.truetype(name, 20)
        except OSError:
            continue
        return name
    return ""
