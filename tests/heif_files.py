"""Photos as telephones write them, HEIC files, for tests: the reader that the engine uses cannot write any.

The picture is coded by FFmpeg's x265 and put into boxes as ISO/IEC 23008-12 lays them out. What a file says about
itself may be made to differ from what it holds.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np

VPS, SPS, PPS = 32, 33, 34
TILE_PX = 64


def heic(
    pixels: np.ndarray,
    brand: bytes = b"heic",
    quarter_turns: int = 0,
    mirrored: bool = False,
    exif: bytes | None = None,
    says_wh: tuple[int, int] | None = None,
    tiled: bool = False,
) -> bytes:
    """`pixels` (h, w, 3) RGB uint8, even height and width, as a HEIC file.

    The file asks its readers to turn the picture by so many `quarter_turns` counter-clockwise and then, if it is
    `mirrored`, to swap left and right. `exif` is a TIFF block. `says_wh` is the size that the file states instead of
    the true one. `tiled` files hold squares of 64 px, as telephones write them; height and width are multiples then.
    """
    height, width, _ = pixels.shape
    side = TILE_PX if tiled else None
    parts = [
        pixels[y : y + (side or height), x : x + (side or width)]
        for y in range(0, height, side or height)
        for x in range(0, width, side or width)
    ]
    streams = [_coded(part) for part in parts]
    tile_h, tile_w, _ = parts[0].shape
    size = says_wh or (width, height)
    properties = [_configuration(streams[0]), _ispe(*((tile_w, tile_h) if tiled else size))]
    items = [(b"hvc1", _picture_units(stream), [1, 2]) for stream in streams]
    references = b""
    if tiled:
        properties.append(_ispe(*size))
        layout = struct.pack(">BBBBHH", 0, 0, height // TILE_PX - 1, width // TILE_PX - 1, *size)
        items.append((b"grid", layout, [3]))
        n = len(streams)
        references += _box(b"dimg", struct.pack(f">HH{n}H", n + 1, n, *range(1, n + 1)))
    primary = len(items)
    transformed = []
    if quarter_turns:
        properties.append(_box(b"irot", bytes([quarter_turns])))
        transformed.append(len(properties))
    if mirrored:
        properties.append(_box(b"imir", bytes([1])))
        transformed.append(len(properties))
    items[-1] = (items[-1][0], items[-1][1], items[-1][2] + transformed)
    if exif is not None:
        items.append((b"Exif", struct.pack(">I", 0) + exif, []))
        references += _box(b"cdsc", struct.pack(">HHH", len(items), 1, primary))
    return _file(brand, primary, items, properties, references)


def _coded(pixels: np.ndarray) -> list[bytes]:
    """The units of the picture's HEVC stream, without start codes."""
    encoder = av.CodecContext.create("libx265", "w")
    encoder.height, encoder.width, _ = pixels.shape
    encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, 25)
    encoder.options = {"crf": "10", "x265-params": "log-level=none:info=0:keyint=1:range=full"}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24").reformat(format="yuvj420p")
    stream = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    return [unit.rstrip(b"\0") for unit in stream.split(b"\0\0\1") if unit.strip(b"\0")]


def _kind(unit: bytes) -> int:
    return unit[0] >> 1 & 63


def _picture_units(units: Sequence[bytes]) -> bytes:
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units if _kind(unit) < VPS)


def _configuration(units: Sequence[bytes]) -> bytes:
    """The hvcC box of ISO/IEC 14496-15, 8.3.3.1: one picture, 4:2:0, 8 bits, lengths of four bytes."""
    sets = {kind: next(unit for unit in units if _kind(unit) == kind) for kind in (VPS, SPS, PPS)}
    profile = sets[SPS].replace(b"\0\0\3", b"\0\0")[3:15]
    head = b"\1" + profile + struct.pack(">HBBBBHB", 0xF000, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0x0F) + bytes([len(sets)])
    arrays = (struct.pack(">BHH", 0x80 | kind, 1, len(unit)) + unit for kind, unit in sets.items())
    return _box(b"hvcC", head + b"".join(arrays))


def _ispe(width: int, height: int) -> bytes:
    return _full(b"ispe", struct.pack(">II", width, height))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def _full(kind: bytes, content: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags) + content)


def _file(
    brand: bytes,
    primary: int,
    items: Sequence[tuple[bytes, bytes, list[int]]],
    properties: Sequence[bytes],
    references: bytes,
) -> bytes:
    """`items` are (type, content, numbers of their properties), numbered from 1."""
    ftyp = _box(b"ftyp", brand + struct.pack(">I", 0) + b"mif1heic")
    infos = b"".join(_full(b"infe", struct.pack(">HH", i, 0) + kind + b"\0", 2) for i, (kind, _, _) in _numbered(items))
    owned = b"".join(struct.pack(">HB", i, len(own)) + bytes(own) for i, (_, _, own) in _numbered(items))

    def meta(at: int) -> bytes:
        places = b""
        for i, (_, content, _) in _numbered(items):
            places += struct.pack(">HHHII", i, 0, 1, at, len(content))
            at += len(content)
        parts = [
            _full(b"hdlr", bytes(4) + b"pict" + bytes(13)),
            _full(b"pitm", struct.pack(">H", primary)),
            _full(b"iloc", b"\x44\0" + struct.pack(">H", len(items)) + places),
            _full(b"iinf", struct.pack(">H", len(items)) + infos),
            _box(
                b"iprp",
                _box(b"ipco", b"".join(properties)) + _full(b"ipma", struct.pack(">I", len(items)) + owned),
            ),
        ]
        if references:
            parts.append(_full(b"iref", references))
        return _full(b"meta", b"".join(parts))

    head = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(head) + _box(b"mdat", b"".join(content for _, content, _ in items))


def _numbered(items: Sequence[tuple[bytes, bytes, list[int]]]):
    return enumerate(items, 1)
