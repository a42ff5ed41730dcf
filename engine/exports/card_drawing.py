"""What pictures to send to somebody are drawn with: their size and colours, faces with round corners, lines of text in
whatever letters a name has."""

from __future__ import annotations

import io
import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

WIDTH_PX, HEIGHT_PX = 1200, 630
"""The size that messengers and social networks show whole."""
MARGIN_PX = 60
GROUND, INK, SOFT, ACCENT, TILE = "#f8f5f1", "#1f1a1c", "#5d5456", "#7a1f3d", "#e3dcd5"

_OTHER_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial Unicode.ttf", "arial.ttf")
"""For letters that Pillow's own font has not; taken where the system has one of them."""


def blank() -> Image.Image:
    """A card with nothing but its ground and the stripe along its top."""
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), GROUND)
    ImageDraw.Draw(image).rectangle((0, 0, WIDTH_PX, 12), fill=ACCENT)
    return image


def foot(pen: ImageDraw.ImageDraw, source: str) -> None:
    """What made the card, and where its pictures are from, in one line at its end."""
    text = writable(f"Dramatis · {source}" if source else "Dramatis")
    lines(pen, (MARGIN_PX, HEIGHT_PX - 66), text, 24, SOFT, WIDTH_PX - 2 * MARGIN_PX, most=1)


def encoded(image: Image.Image) -> bytes:
    """The card as PNG."""
    image.save(out := io.BytesIO(), "PNG", optimize=True)
    return out.getvalue()


def paste(image: Image.Image, jpeg: bytes, left: int, top: int, side: int) -> None:
    """Puts a picture, JPEG, into a square of `side` pixels with round corners."""
    with Image.open(io.BytesIO(jpeg)) as face:
        shown = face.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), 18, fill=255)
    image.paste(shown, (left, top), mask)


def lines(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, ink: str, wide: int, most: int = 3
) -> None:
    """Writes `text` from `at`, left and top, in lines of at most `wide` pixels; beyond `most` lines it is cut."""
    broken = wrapped(pen, text, size, wide)
    if len(broken) > most:
        last = broken[most - 1]
        while last and pen.textlength(f"{last} …", font=font(last, size)) > wide:
            last = last[:-1]
        broken = [*broken[: most - 1], f"{last} …"]
    for number, line in enumerate(broken):
        pen.text((at[0], at[1] + number * size * 1.2), line, font=font(line, size), fill=ink)


def wrapped(pen: ImageDraw.ImageDraw, text: str, size: int, wide: int) -> list[str]:
    """`text` in lines of at most `wide` pixels; a word that is wider than a line is broken."""
    drawn, done, line = font(text, size), [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if pen.textlength(longer, font=drawn) <= wide:
            line = longer
            continue
        if line:
            done.append(line)
        while pen.textlength(word, font=drawn) > wide:
            cut = next(n for n in range(len(word), 0, -1) if n == 1 or pen.textlength(word[:n], font=drawn) <= wide)
            done.append(word[:cut])
            word = word[cut:]
        line = word
    return [*done, line] if line else done


def font(text: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, or another one if `text` has letters that it lacks."""
    return _loaded("" if _is_plain(text) else _other_font(), size)


def _is_plain(text: str) -> bool:
    return all(letter.isascii() or letter in "–…’·" for letter in text)


def writable(text: str) -> str:
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
