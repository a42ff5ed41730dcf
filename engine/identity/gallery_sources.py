"""Where a gallery's pictures come from: a folder FOLDER/<Person Name>/*.jpg, a zip of such a folder, or a CSV of
person,picture. All give the same: a list of pictures with the name of whom each shows, and no picture read yet."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from engine.errors import GalleryError, MediaError
from engine.media.archive import Archive, ArchiveLimits, open_archive
from engine.media.images import PICTURE_SUFFIXES, picture_files
from engine.names import name_key, one_line
from engine.types import LeftOut

MAX_PICTURE_BYTES = 300_000_000
"""The largest picture that `load_image` decodes, 100 megapixels, without any compression."""
ZIP_LIMITS = ArchiveLimits(n_members=200_000, member_bytes=MAX_PICTURE_BYTES, total_bytes=50_000_000_000)
"""Fifteen times all of LFW by pictures; 50 GB are 10,000 photos of a telephone."""
MAX_CSV_BYTES = 100_000_000  # a million rows
MAX_NAME_LENGTH = 200  # file systems take folder names of up to 255 bytes
_HEADERS = ({"person", "name"}, {"picture", "path", "file", "image"})  # of the two columns, by `name_key`


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """A picture of `person`; `shown` is what it is called in the gallery and in reports. `read` gives its bytes or
    raises MediaError, the reason alone, without a subject ("cannot be read (...)")."""

    person: str
    shown: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class GallerySource:
    """The pictures found, sorted by person and name in a folder or zip, as they stand in a CSV. `left_out` are rows
    of a CSV that name no picture."""

    pictures: tuple[SourcePicture, ...]
    left_out: tuple[LeftOut, ...] = ()


@contextmanager
def open_source(path: Path) -> Iterator[GallerySource]:
    """The pictures of a folder, a .zip or a .csv, to be read inside the block.

    Raises GalleryError if it cannot be read, holds no people or no pictures, or two folders share a name but for case;
    MediaError for a zip that is damaged or hostile.
    """
    if path.suffix.lower() == ".zip" and path.is_file():
        with zip_source(path) as source:
            yield source
    elif path.suffix.lower() == ".csv" and path.is_file():
        yield csv_source(path)
    else:
        yield folder_source(path)


@contextmanager
def zip_source(path: Path) -> Iterator[GallerySource]:
    """The pictures of a zip, whatever it is called, to be read inside the block. Raises as `open_source` does."""
    with open_archive(path, ZIP_LIMITS) as archive:
        found = _in_zip(path, archive.names)
        yield GallerySource(
            tuple(SourcePicture(person, shown, partial(_read_member, archive, name)) for person, shown, name in found)
        )


def folder_source(folder: Path) -> GallerySource:
    """The pictures of FOLDER/<Person Name>/*.jpg. Raises GalleryError as `open_source` does."""
    people = people_folders(folder)
    found = [
        SourcePicture(person, f"{path.name}/{picture.name}", partial(_read_file, picture))
        for person, path in people
        for picture in _pictures(path)
    ]
    if not found:
        raise GalleryError(
            f"There are no pictures in {folder}: put each person's pictures into a folder of their name, "
            f"like {folder.name}/Anna Lee/1.jpg."
        )
    return GallerySource(tuple(found))


def people_folders(folder: Path) -> list[tuple[str, Path]]:
    """(name, folder) of the people whose folders `folder` holds, sorted, whether or not there are pictures in them.
    Raises GalleryError as `open_source` does."""
    try:
        found = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError as error:
        raise GalleryError(
            f"The gallery folder {folder} cannot be read ({error.strerror}); check its name and permissions."
        ) from error
    if not found:
        raise GalleryError(
            f"The folder {folder} holds no people: put each person's pictures into a folder of their name, "
            f"like {folder.name}/Anna Lee/1.jpg."
        )
    _refuse_twins(folder, [path.name for path in found])
    return [(path.name, path) for path in found]


def csv_source(path: Path) -> GallerySource:
    """The pictures of a CSV in UTF-8 with the columns person and picture, divided by commas or semicolons; a first row
    that says so is no row. Paths are relative to the CSV's folder. A row that names no person or no file is left out
    under its line number, counted from 1.

    Raises GalleryError if the file cannot be read or is no CSV, or no row is any good.
    """
    pictures: list[SourcePicture] = []
    left_out: list[LeftOut] = []
    spelling: dict[str, str] = {}
    for line, row in _csv_rows(_csv_text(path, _csv_content(path)), path):
        person, named, reason = _row(row)
        if not reason and not _is_file(path.parent / named):
            reason = f"there is no picture {one_line(named)[:MAX_NAME_LENGTH]!r}"
        if reason:
            left_out.append(LeftOut(f"line {line}", reason))
        else:
            person = spelling.setdefault(name_key(person), person)
            pictures.append(SourcePicture(person, _label(named), partial(_read_file, path.parent / named)))
    if not pictures:
        why = f" (the first, {left_out[0].path}: {left_out[0].reason})" if left_out else ""
        raise GalleryError(f"No line of {path} names a person and a picture{why}; write them like Anna Lee,anna/1.jpg.")
    return GallerySource(tuple(pictures), tuple(left_out))


def csv_list(content: bytes, called: str) -> tuple[list[tuple[str, str]], list[LeftOut]]:
    """(person, picture) of each row of a CSV as for `csv_source`, and the rows left out. No file is looked at: the
    pictures' paths are only what the list says. Raises GalleryError, with the list's name `called`, as that does."""
    rows: list[tuple[str, str]] = []
    left_out: list[LeftOut] = []
    path = Path(called)
    for line, row in _csv_rows(_csv_text(path, content), path):
        person, named, reason = _row(row)
        if reason:
            left_out.append(LeftOut(f"line {line}", reason))
        else:
            rows.append((person, named))
    if not rows:
        raise GalleryError(f"No line of {called} names a person and a picture; write them like Anna Lee,anna/1.jpg.")
    return rows, left_out


def _csv_rows(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of each row that is not empty and no header."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 0
    while True:
        begins, is_first = line + 1, line == 0
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise GalleryError(f"Line {rows.line_num} of {path} is no line of a CSV ({error}); mend it.") from error
        if row is None:
            break
        line = rows.line_num
        if not any(cell.strip() for cell in row) or (is_first and _is_header(row)):
            continue
        yield begins, row


def _csv_content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_CSV_BYTES + 1)
    except OSError as error:
        raise GalleryError(f"The list {path} cannot be read ({error.strerror}); check its permissions.") from error


def _csv_text(path: Path, content: bytes) -> str:
    if len(content) > MAX_CSV_BYTES:
        raise GalleryError(f"The list {path} is larger than {MAX_CSV_BYTES // 1_000_000} MB; divide it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise GalleryError(f"Line {line} of {path} is not UTF-8; save the list in that encoding.") from error


def _is_header(row: list[str]) -> bool:
    return len(row) == 2 and all(name_key(cell) in names for cell, names in zip(row, _HEADERS, strict=True))


def _row(row: list[str]) -> tuple[str, str, str]:
    """Person, picture, and what is wrong with this row ("" if nothing is)."""
    if len(row) != 2:
        return "", "", f"{len(row)} columns, two expected: person and picture"
    person, named = one_line(row[0]), row[1].strip()
    if not name_key(person) or len(person) > MAX_NAME_LENGTH:
        return "", "", "a person's name is missing" if not name_key(person) else "the person's name is too long"
    return person, named, ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False  # what no file can be called is no file


def _label(named: str) -> str:
    """What a picture is called in the gallery: its path, without the ways up and out, which mean nothing elsewhere."""
    return "/".join(part for part in PurePosixPath(named).parts if part not in ("/", "//", ".."))


def _in_zip(path: Path, names: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(person, <Person>/<file>, name in the zip) of each picture; a folder around all of them does not matter."""
    if any(len(part) > MAX_NAME_LENGTH for name in names for part in name.split("/")):
        raise GalleryError(f"{path} holds a name of more than {MAX_NAME_LENGTH} letters; shorten it.")
    found = [PurePosixPath(name).parts for name in names]
    seen = [
        parts
        for parts in found
        if PurePosixPath(parts[-1]).suffix.lower() in PICTURE_SUFFIXES
        and not any(part.startswith(".") or part == "__MACOSX" for part in parts)
    ]
    n_at_depth = {depth: sum(len(parts) == depth for parts in seen) for depth in (2, 3)}
    around = len({parts[0] for parts in seen}) == 1 and n_at_depth[3] > n_at_depth[2]
    pictures = sorted((parts[around:], parts) for parts in seen if len(parts) == 2 + around)
    if not pictures:
        raise GalleryError(
            f"There are no pictures of people in {path}: pack a folder that holds a folder for each person, "
            "like Anna Lee/1.jpg."
        )
    _refuse_twins(path, list(dict.fromkeys(person for (person, _), _ in pictures)))
    return [(person, f"{person}/{file}", "/".join(parts)) for (person, file), parts in pictures]


def _refuse_twins(where: Path, people: list[str]) -> None:
    by_key: dict[str, str] = {}
    for person in people:
        twin = by_key.setdefault(name_key(person), person)
        if twin != person:
            raise GalleryError(
                f"The folders {twin} and {person} in {where} are one name in other letters; "
                "put their pictures into one folder, or give one of them another name."
            )


def _pictures(folder: Path) -> list[Path]:
    try:
        return picture_files(folder)
    except MediaError as error:
        raise GalleryError(str(error)) from error


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_PICTURE_BYTES:
                raise MediaError(f"larger than {MAX_PICTURE_BYTES // 1_000_000} MB")
            return file.read()
    except OSError as error:
        raise MediaError(f"cannot be read ({error.strerror})") from error


def _read_member(archive: Archive, name: str) -> bytes:
    try:
        return archive.read(name)
    except MediaError as error:
        raise MediaError("damaged in the zip") from error
