"""Zip files from strangers: everything is checked by their directory before a byte is unpacked, and nothing of them is
ever written to disk.

What is refused: names that lead out of a folder, links, names that occur twice, passwords, rare ways of packing, and
bombs, that is too many members, too much in all, or members that claim to shrink as no picture does.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.errors import MediaError
from engine.names import is_one_line

HIGHEST_RATIO = 200
"""Unpacked to packed size; DEFLATE reaches 1032. JPEG stays near 1, the flattest photo as BMP under 50."""
RATIO_FROM_BYTES = 1_000_000
"""Smaller members may shrink as they like: they harm nobody."""
_DIRECTORY_BYTES = 512  # of a member in the directory, at most on average: 46 and its name, extra fields and comment
_FOOT_BYTES = 65_557  # the end of the directory, 22 bytes, after which a comment of up to 65,535 may stand
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How many members a zip may have, and how many bytes one member and all of them together, unpacked."""

    n_members: int
    member_bytes: int
    total_bytes: int


class Archive:
    """The files of an open zip, by name: relative, parts divided by "/". Made by `open_archive`; may be shared by
    threads."""

    def __init__(self, path: Path, opened: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
        self._path, self._opened, self._members = path, opened, members

    @property
    def names(self) -> tuple[str, ...]:
        """The files' names, in the order of the zip's directory."""
        return tuple(self._members)

    def read(self, name: str) -> bytes:
        """The content of the file `name`, of no more bytes than the directory said. Raises KeyError if there is none,
        MediaError if it is damaged."""
        try:
            return self._opened.read(self._members[name])
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise MediaError(f"{name} in {self._path} is damaged; copy the file again from its source.") from error


@contextmanager
def open_archive(path: Path, limits: ArchiveLimits) -> Iterator[Archive]:
    """The zip `path`, checked. Raises MediaError, one sentence, if it cannot be read or holds what is refused."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise MediaError(f"The file {path} cannot be read ({error.strerror}); check its name.") from error
    with stream:
        try:
            if _directory_bytes(stream) > limits.n_members * _DIRECTORY_BYTES:
                raise MediaError(f"{path} holds more than {limits.n_members:,} files; divide it.")
            opened = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, struct.error, ValueError, OverflowError, OSError, NotImplementedError) as error:
            raise MediaError(f"{path} is no zip file, or it is cut off; copy it again from its source.") from error
        with opened:
            yield Archive(path, opened, _checked(path, opened.infolist(), limits))


def _directory_bytes(stream: BinaryIO) -> int:
    """How large the zip's directory says it is: it is read into memory whole, so this comes first."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _FOOT_BYTES))
    foot = stream.read()
    at = foot.rfind(b"PK\5\6")
    if at < 0:
        raise zipfile.BadZipFile("no end of a directory")
    (n_bytes,) = struct.unpack_from("<I", foot, at + 12)
    if at >= 20 and foot[at - 20 : at - 16] == b"PK\6\7":  # large zips say it again with 64 bits
        (place,) = struct.unpack_from("<Q", foot, at - 12)
        stream.seek(min(place, size))
        (n_bytes,) = struct.unpack_from("<Q", stream.read(56), 40)
    return n_bytes


def _checked(path: Path, found: list[zipfile.ZipInfo], limits: ArchiveLimits) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    if len(found) > limits.n_members:
        raise MediaError(f"{path} holds more than {limits.n_members:,} files; divide it.")
    total = 0
    for info in found:
        name = _name(info)
        if not _leads_inside(name):
            raise MediaError(f"{path} holds a file that would lead out of its folder ({name!r:.80}); it was not read.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise MediaError(f"{path} holds a link ({name!r:.80}); pack the files themselves.")
        if info.is_dir() or name.endswith("/"):
            continue
        if name in members:
            raise MediaError(f"{path} holds {name!r:.80} twice; pack it again.")
        if info.flag_bits & _ENCRYPTED_FLAG or info.compress_type not in _PACKED:
            raise MediaError(f"{path} has a password or is packed in a rare way; pack it as an ordinary zip.")
        total += info.file_size
        if info.file_size > limits.member_bytes or total > limits.total_bytes:
            raise MediaError(
                f"{path} holds more than {limits.member_bytes // 1_000_000:,} MB in a file or "
                f"{limits.total_bytes // 1_000_000:,} MB in all; divide it."
            )
        if info.file_size > max(RATIO_FROM_BYTES, HIGHEST_RATIO * info.compress_size):
            raise MediaError(f"{path} claims to hold much more than it could ({name!r:.80}); it was not read.")
        members[name] = info
    return members


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name with "/" between its parts. Many programs write UTF-8 without saying so, and old ones of
    Windows divide by backslashes."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass  # it is what it seems, in the old code page
    return name.replace("\\", "/")


def _leads_inside(name: str) -> bool:
    parts = name.removesuffix("/").split("/")
    return all(part not in ("", ".", "..") for part in parts) and ":" not in parts[0] and is_one_line(name)
