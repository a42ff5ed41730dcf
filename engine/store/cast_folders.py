"""Folders of pictures that a gallery is built from: one for each cast, in it one for each person.

CAST_DIR/<id>/<Person Name>/<number>.<ending>, with the cast's own name in CAST_DIR/<id>/.cast.json. Ids and file
names are made here. A person's folder is their name, cleaned, because a gallery takes names from folders; to find a
person their name is compared with the folders there are, so no text from outside ever becomes part of a path unseen.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import shutil
import threading
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from engine.config import private_dir
from engine.errors import GalleryError, MediaError, StorageError
from engine.files import write_whole
from engine.media.images import PICTURE_FORMATS, load_image, picture_files
from engine.names import name_key
from engine.types import check_note

MAX_PICTURE_BYTES = 10_000_000
MAX_PICTURE_PIXELS = 40_000_000
"""A photo of today's telephones has 12 to 50 megapixels, as a JPEG 3 to 8 MB; a face needs a tenth of one."""
MAX_PEOPLE = 500
MAX_PICTURES_OF_PERSON = 100
MAX_NAME_LENGTH = 80
MAX_NAME_BYTES = 200
"""File systems take folder names of up to 255 bytes."""
DRAFT_KEPT_FOR = timedelta(days=14)
SMALL_PX = 192

_ID = re.compile(r"[A-Za-z0-9_-]{16}")
NOTE = ".cast.json"
_SMALL = ".small"
_ENDINGS = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp"}
_ENDINGS |= {"TIFF": ".tif", "AVIF": ".avif", "JPEG2000": ".jp2", "HEIF": ".heic"}
_changing = threading.RLock()


@dataclass(frozen=True, slots=True)
class FolderPerson:
    """Somebody with pictures, or still without; `files` are names in the person's folder, sorted."""

    name: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CastFolder:
    """The pictures of a cast. `name` is "" until somebody gave one; `people` by name; `changed_at` UTC. What it is to
    be built with: `licence_note` says under which terms the pictures may be used, `augment` is for thin galleries."""

    id: str
    name: str
    path: Path
    people: tuple[FolderPerson, ...]
    changed_at: datetime
    licence_note: str = ""
    augment: bool = False

    @property
    def n_pictures(self) -> int:
        return sum(len(person.files) for person in self.people)


def clean_name(text: str) -> str:
    """`text` as the name of a person or a cast: one line, no control characters, nothing that means a place in a
    file system. "" if nothing is left.

    >>> clean_name("  Anna \\u202e Lee "), clean_name("../../etc/passwd"), clean_name("..")
    ('Anna Lee', 'etc passwd', '')
    """
    # Not `names.one_line`: joiners become spaces too, or two folders could look the same and be two people.
    shown = "".join(" " if c in "/\\:\0" or unicodedata.category(c)[0] == "C" else c for c in text)
    name = " ".join(unicodedata.normalize("NFC", shown).split()).lstrip(". ")[:MAX_NAME_LENGTH].strip()
    while len(name.encode()) > MAX_NAME_BYTES:
        name = name[:-1].strip()
    return name


class CastFolders:
    """The folders below one folder. Raises GalleryError for a cast or person that is not there, StorageError where
    the disk fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str = "") -> CastFolder:
        """An empty cast."""
        cast_id = secrets.token_urlsafe(12)
        private_dir(self._folder / cast_id)
        self._write_note(cast_id, {"name": clean_name(name)})
        return self.get(cast_id)

    def get(self, cast_id: str) -> CastFolder:
        folder = self._path(cast_id)
        try:
            note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
            people = sorted((p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")), key=_key)
            changed_at = datetime.fromtimestamp(max(p.stat().st_mtime for p in (folder, *people)), UTC)
        except (OSError, ValueError) as error:
            raise GalleryError("The pictures of this cast are gone; make a new cast.") from error
        found = tuple(FolderPerson(p.name, tuple(path.name for path in picture_files(p))) for p in people)
        name, licence_note = str(note.get("name", "")), str(note.get("licence_note", ""))
        return CastFolder(cast_id, name, folder, found, changed_at, licence_note, note.get("augment") is True)

    def all(self) -> tuple[CastFolder, ...]:
        """Every cast, the one changed last first; damaged folders are passed over."""
        if not self._folder.is_dir():
            return ()
        casts = []
        for path in self._folder.iterdir():
            if _ID.fullmatch(path.name) and (path / NOTE).is_file():
                casts.append(self.get(path.name))
        return tuple(sorted(casts, key=lambda cast: cast.changed_at, reverse=True))

    def rename(self, cast_id: str, name: str) -> str:
        """Gives the cast a name and returns it, cleaned. Raises GalleryError if nothing is left of it."""
        cleaned = _required(name, "cast")
        self._change_note(cast_id, name=cleaned)
        return cleaned

    def build_with(self, cast_id: str, *, licence_note: str | None = None, augment: bool | None = None) -> None:
        """Keeps what the cast is to be built with; None leaves it as it is. Raises GalleryError for a licence note that
        is too long."""
        check_note(licence_note or "")
        self._change_note(cast_id, licence_note=licence_note, augment=augment)

    def add_person(self, cast_id: str, name: str) -> str:
        """The name under which the person is in the cast, in the spelling of who came first."""
        cleaned = _required(name, "person")
        with _changing:
            cast = self.get(cast_id)
            if found := _find(cast, cleaned):
                return found.name
            if len(cast.people) >= MAX_PEOPLE:
                raise GalleryError(f"A cast holds {MAX_PEOPLE} people at most; make a second one.")
            private_dir(cast.path / cleaned)
        return cleaned

    def rename_person(self, cast_id: str, person: str, name: str) -> str:
        cleaned = _required(name, "person")
        with _changing:
            cast, known = self._person(cast_id, person)
            other = _find(cast, cleaned)
            if other is not None and other.name != known.name:
                raise GalleryError(
                    f"{other.name} is in this cast already; remove one of the two, or take another name."
                )
            self._do(lambda: (cast.path / known.name).rename(cast.path / cleaned))
            self._do(lambda: shutil.rmtree(cast.path / _SMALL, ignore_errors=True))
        return cleaned

    def remove_person(self, cast_id: str, person: str) -> None:
        """Removes somebody with all their pictures; nothing happens if they are not there."""
        with _changing:
            cast = self.get(cast_id)
            if known := _find(cast, person):
                self._do(lambda: shutil.rmtree(cast.path / known.name))
                self._do(lambda: shutil.rmtree(cast.path / _SMALL, ignore_errors=True))

    def add_picture(self, cast_id: str, person: str, content: bytes) -> str:
        """Keeps a picture of `person` (added if new) as it came, and returns its file name; the same picture again is
        not kept twice. Raises MediaError, with the reason, if it is none that can be used."""
        ending = _checked(content)
        with _changing:
            name = self.add_person(cast_id, person)
            cast, known = self._person(cast_id, name)
            folder = cast.path / name
            for file in known.files:
                path = folder / file
                if path.stat().st_size == len(content) and path.read_bytes() == content:
                    return file
            if len(known.files) >= MAX_PICTURES_OF_PERSON:
                raise MediaError(f"{name} has {MAX_PICTURES_OF_PERSON} pictures already; more do not help.")
            number = 1 + max((int(Path(f).stem) for f in known.files if Path(f).stem.isdigit()), default=0)
            path = folder / f"{number:02d}{ending}"
            self._do(lambda: write_whole(path, content))
        return path.name

    def remove_picture(self, cast_id: str, person: str, file: str) -> None:
        """Removes one picture; nothing happens if it is not there."""
        with _changing:
            if path := self.picture(cast_id, person, file):
                small = self._small(cast_id, path)
                self._do(lambda: (path.unlink(), small.unlink(missing_ok=True)))

    def picture(self, cast_id: str, person: str, file: str) -> Path | None:
        """The file of a picture that is there."""
        cast = self.get(cast_id)
        known = _find(cast, person)
        return cast.path / known.name / file if known and file in known.files else None

    def small_picture(self, cast_id: str, person: str, file: str) -> Path | None:
        """A square JPEG of the upper middle of a picture, `SMALL_PX` wide, made at the first question."""
        path = self.picture(cast_id, person, file)
        if path is None:
            return None
        small = self._small(cast_id, path)
        if not small.is_file():
            private_dir(small.parent)
            image = Image.fromarray(load_image(path))
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 4
            square = image.resize((SMALL_PX, SMALL_PX), box=(left, top, left + side, top + side), reducing_gap=2.0)
            square.save(jpeg := io.BytesIO(), "JPEG", quality=85)
            self._do(lambda: write_whole(small, jpeg.getvalue()))
        return small

    def delete(self, cast_id: str) -> None:
        """Removes a cast's pictures; nothing happens if there are none."""
        if _ID.fullmatch(cast_id) and (self._folder / cast_id).is_dir():
            self._do(lambda: shutil.rmtree(self._folder / cast_id))

    def expire(self, keep: set[str]) -> None:
        """Deletes casts that nobody touched for `DRAFT_KEPT_FOR`, but for those whose `name_key` is in `keep`."""
        oldest = datetime.now(UTC) - DRAFT_KEPT_FOR
        for cast in self.all():
            if cast.changed_at < oldest and name_key(cast.name) not in keep:
                self.delete(cast.id)

    def copy_of(self, folder: Path, name: str) -> CastFolder:
        """A new cast with the pictures of FOLDER/<Person>/; unusable ones are passed over."""
        cast = self.create(name)
        for person in sorted(path for path in folder.iterdir() if path.is_dir()):
            for picture in picture_files(person):
                try:
                    self.add_picture(cast.id, person.name, picture.read_bytes())
                except MediaError:
                    continue
        return self.get(cast.id)

    def _path(self, cast_id: str) -> Path:
        if not _ID.fullmatch(cast_id) or not (self._folder / cast_id).is_dir():
            raise GalleryError("There is no such cast any more; make a new one.")
        return self._folder / cast_id

    def _person(self, cast_id: str, person: str) -> tuple[CastFolder, FolderPerson]:
        cast = self.get(cast_id)
        found = _find(cast, person)
        if found is None:
            raise GalleryError(f"There is nobody called {person} in this cast any more; add them again.")
        return cast, found

    def _small(self, cast_id: str, picture: Path) -> Path:
        named = f"{picture.parent.name}/{picture.name}"
        return self._path(cast_id) / _SMALL / f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.jpg"

    def _change_note(self, cast_id: str, **said: Any) -> None:
        with _changing:
            cast = self.get(cast_id)
            note = {"name": cast.name, "licence_note": cast.licence_note, "augment": cast.augment}
            self._write_note(cast_id, note | {key: value for key, value in said.items() if value is not None})

    def _write_note(self, cast_id: str, note: dict[str, Any]) -> None:
        path = self._path(cast_id) / NOTE
        text = json.dumps(note, ensure_ascii=False)
        self._do(lambda: write_whole(path, text.encode()))

    @staticmethod
    def _do(change) -> None:
        try:
            change()
        except OSError as error:
            raise StorageError(
                f"The cast cannot be changed on disk ({error.strerror}); check the space left."
            ) from error


def _key(path: Path) -> str:
    return name_key(path.name)


def _find(cast: CastFolder, name: str) -> FolderPerson | None:
    key = name_key(clean_name(name))
    return next((person for person in cast.people if name_key(person.name) == key), None)


def _required(text: str, of: str) -> str:
    cleaned = clean_name(text)
    if not cleaned:
        raise GalleryError(f"A {of} needs a name with letters or digits; type one.")
    return cleaned


def _checked(content: bytes) -> str:
    """The ending for a picture's file. Raises MediaError with the reason if it should not be kept."""
    if not content:
        raise MediaError("is empty (0 bytes)")
    if len(content) > MAX_PICTURE_BYTES:
        raise MediaError(f"is larger than {MAX_PICTURE_BYTES // 1_000_000} MB; save it smaller")
    try:
        with Image.open(io.BytesIO(content), formats=PICTURE_FORMATS) as image:
            pixels, ending = image.width * image.height, _ENDINGS.get(image.format or "")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        pixels, ending = MAX_PICTURE_PIXELS + 1, ".png"
    except Exception as error:  # any reader may trip over any bytes; what cannot be opened is no picture
        raise MediaError("is not a picture that can be read; use JPEG, PNG, WebP or HEIC") from error
    if ending is None:
        raise MediaError("is not a picture that can be read; use JPEG, PNG, WebP or HEIC")
    if pixels > MAX_PICTURE_PIXELS:
        raise MediaError(f"has more than {MAX_PICTURE_PIXELS // 1_000_000} megapixels; save it smaller")
    try:
        load_image(content)
    except MediaError as error:
        raise MediaError("is damaged or cut off; copy it again from its source") from error
    return ending
