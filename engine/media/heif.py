"""HEIC and HEIF photos, what telephones take, for Pillow: libheif decodes them in a child process, and how much it has
to decode is known before it begins.

A photo is mostly a grid of tiles, which are pictures of their own. libheif holds each tile to the size that the file
states for it, but sets no bound to what they come to together: a few kilobytes could ask for hours. So the boxes that
state it (ISO/IEC 23008-12 and 14496-12) are read here first. And two wrong bytes can make its binding crash: so it runs
in a process that may (`engine.media.heif_child`), which costs a quarter of a second.
"""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator

from PIL import Image, ImageFile

from engine.errors import StorageError
from engine.media.limits import environment

FORMAT = "HEIF"
SUFFIXES = frozenset({".heic", ".heif", ".hif"})
BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

MAX_CODED_PIXELS = 300_000_000
"""The tiles, the picture that they make, and what lies over it (how transparent, how far away it is), each counted. The
largest picture that is decoded at all has a third of this."""

MAX_BYTES = 150_000_000
"""A telephone's largest photos have a tenth of it. A file that only begins like a photo may be as large as any film,
and is read whole."""

TIMEOUT_S = 60
"""A photo of 12 megapixels takes a second of one processor."""

_Boxes = dict[bytes, list[bytes]]


class HeifPhoto(ImageFile.ImageFile):
    """A HEIF picture that Pillow has opened; when it is loaded it stands upright, as the file itself says, and has no
    EXIF data that could turn it again.

    Opening raises DecompressionBombError where too much would have to be decoded, OSError where the file is cut off,
    SyntaxError, as Pillow's readers do, where it is none that can be read. Loading raises OSError where it is damaged,
    StorageError where no child process can be started."""

    format = FORMAT
    format_description = "HEIF container"

    def _open(self) -> None:
        self._content = self.fp.read(MAX_BYTES + 1)
        if len(self._content) > MAX_BYTES:
            raise SyntaxError("no photo is as large as that")
        self._size, n_pixels = _stated(self._content)
        if n_pixels > MAX_CODED_PIXELS:
            raise Image.DecompressionBombError("more is to be decoded than is allowed")
        self._mode = "RGB"
        self.tile = []

    def load(self) -> Image.core.PixelAccess | None:
        if self._content:
            content, self._content = self._content, b""
            self._mode, self._size, pixels = _decoded(content)
            self.load_prepare()
            self.frombytes(pixels)
        return super().load()


def register() -> None:
    """Lets Pillow read HEIF."""
    Image.register_open(FORMAT, HeifPhoto, lambda head: head[4:8] == b"ftyp" and head[8:12] in BRANDS)


def _decoded(content: bytes) -> tuple[str, tuple[int, int], bytes]:
    """Mode, (width, height) and pixels."""
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", "engine.media.heif_child", str(TIMEOUT_S)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            env=environment(),
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OSError("it takes too long") from error
    except OSError as error:
        raise StorageError(f"A HEIC picture cannot be looked at now ({error.strerror}); try again.") from error
    head, _, pixels = child.stdout.partition(b"\n")
    if child.returncode != 0 or not pixels:
        raise OSError("it cannot be decoded")
    mode, width, height = head.decode().split()
    return mode, (int(width), int(height)), pixels


def _stated(content: bytes) -> tuple[tuple[int, int], int]:
    """(width, height) as stored, and how many pixels are decoded, of the picture that the file shows first."""
    meta = _children(_only(_children(content), b"meta")[4:])
    pitm = _only(meta, b"pitm")
    (primary,) = struct.unpack_from(">" + _id(pitm), pitm, 4)
    sizes = _sizes(_only(meta, b"iprp"))
    parts, above = _references(meta)
    known: dict[int, int] = {}

    def pixels(item: int, within: tuple[int, ...] = ()) -> int:
        if item in within or len(within) > 8:
            raise SyntaxError("a picture that is made of itself")
        if item not in sizes:
            raise SyntaxError("a picture without a size")
        if item not in known:
            width, height = sizes[item]
            known[item] = width * height + sum(pixels(part, (*within, item)) for part in parts[item])
        return known[item]

    n_pixels = sum(map(pixels, [primary, *above[primary]]))
    return sizes[primary], n_pixels


def _references(meta: _Boxes) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Of each item the items that it is made of, and those that belong to it as another channel."""
    parts: dict[int, list[int]] = defaultdict(list)
    above: dict[int, list[int]] = defaultdict(list)
    if b"iref" not in meta:
        return parts, above
    iref = _only(meta, b"iref")
    number = _id(iref)
    for kind, box in _boxes(iref[4:]):
        source, n = struct.unpack_from(f">{number}H", box)
        targets = struct.unpack_from(f">{n}{number}", box, struct.calcsize(f">{number}H"))
        if kind == b"dimg":
            parts[source].extend(targets)
        elif kind == b"auxl":
            for target in targets:
                above[target].append(source)
    return parts, above


def _sizes(iprp: bytes) -> dict[int, tuple[int, int]]:
    """Of each item the largest (width, height) that is stated for it."""
    boxes = _children(iprp)
    properties = [
        struct.unpack_from(">II", box, 4) if kind == b"ispe" else None for kind, box in _boxes(_only(boxes, b"ipco"))
    ]
    sizes: dict[int, tuple[int, int]] = {}
    for ipma in boxes.get(b"ipma", []):
        of_item = struct.Struct(f">{_id(ipma)}B")
        letter, mask = ("H", 0x7FFF) if ipma[3] & 1 else ("B", 0x7F)
        (n_items,) = struct.unpack_from(">I", ipma, 4)
        at = 8
        for _ in range(n_items):
            item, n = of_item.unpack_from(ipma, at)
            at += of_item.size
            for number in struct.unpack_from(f">{n}{letter}", ipma, at):
                place = number & mask
                size = properties[place - 1] if 0 < place <= len(properties) else None
                if size is not None:
                    sizes[item] = max(sizes.get(item, (0, 0)), size, key=math.prod)
            at += n * struct.calcsize(f">{letter}")
    return sizes


def _id(box: bytes) -> str:
    """How a box numbers items, as `struct` writes it: with 16 bits, in its later versions with 32."""
    return "H" if box[:1] == b"\0" else "I"


def _only(boxes: _Boxes, kind: bytes) -> bytes:
    """The box of that kind; two of them might be read differently by two readers."""
    found = boxes.get(kind, [])
    if len(found) != 1:
        raise SyntaxError(f"{len(found)} boxes {kind!r}")
    return found[0]


def _children(content: bytes) -> _Boxes:
    boxes: _Boxes = defaultdict(list)
    for kind, box in _boxes(content):
        boxes[kind].append(box)
    return boxes


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, what is in it) of one box after the other. Raises OSError if one is cut off: libheif would leave out the
    tiles that are missing."""
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, start)
            start += 8
        end = at + size if size else len(content)
        if end < start:
            raise SyntaxError("a box that is shorter than its head")
        if end > len(content):
            raise OSError("a box that is cut off")
        yield kind, content[start:end]
        at = end
