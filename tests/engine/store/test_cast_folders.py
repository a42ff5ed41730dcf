"""Folders of pictures for a cast: what names and pictures may be, and that nothing reaches outside its folder."""

from __future__ import annotations

import io
import os
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import GalleryError, MediaError
from engine.store import cast_folders
from engine.store.cast_folders import CastFolders, clean_name
from tests.heif_files import heic


@pytest.fixture
def folders(tmp_path: Path) -> CastFolders:
    return CastFolders(tmp_path / "casts")


def picture(colour: str = "red", kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A picture of a few bytes that claims to be as large as that."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        (" . ", ""),
        ("Anna Lee", "Anna Lee"),
        ("Anna_Lee", "Anna_Lee"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\Windows\\x", "C Windows x"),
        ("a\0b\nc", "a b c"),
        ("\u202egnp.exe", "gnp.exe"),
        ("é", "é"),
        ("e\u0301", "é"),
        ("x" * 300, "x" * 80),
    ],
)
def test_names_mean_no_place(text, cleaned):
    assert clean_name(text) == cleaned


def test_long_names_fit_a_file_system():
    assert len(clean_name("千" * 300).encode()) <= cast_folders.MAX_NAME_BYTES


def test_a_cast_grows_and_shrinks(folders):
    cast = folders.create()
    assert (cast.name, cast.people, cast.n_pictures) == ("", (), 0)
    assert folders.rename(cast.id, " The  cast ") == "The cast"
    assert folders.add_person(cast.id, "Anna Lee") == "Anna Lee"
    assert folders.add_picture(cast.id, "anna_lee", picture()) == "01.jpg"
    assert folders.add_picture(cast.id, "Anna Lee", picture("blue", "PNG")) == "02.png"
    assert folders.add_picture(cast.id, "Anna Lee", picture()) == "01.jpg", "the same picture again"
    assert folders.add_picture(cast.id, "Ben", picture()) == "01.jpg", "somebody new"
    found = folders.get(cast.id)
    assert [(person.name, person.files) for person in found.people] == [
        ("Anna Lee", ("01.jpg", "02.png")),
        ("Ben", ("01.jpg",)),
    ]
    assert found.name == "The cast"
    assert oct(found.path.stat().st_mode)[-3:] == "700"
    assert folders.picture(cast.id, "Anna Lee", "02.png").read_bytes() == picture("blue", "PNG")
    folders.remove_picture(cast.id, "Anna Lee", "01.jpg")
    folders.remove_picture(cast.id, "Anna Lee", "01.jpg")
    assert folders.rename_person(cast.id, "Ben", "Ben Roth") == "Ben Roth"
    with pytest.raises(GalleryError, match="already"):
        folders.rename_person(cast.id, "Ben Roth", "ANNA LEE")
    assert folders.rename_person(cast.id, "Anna Lee", "ANNA LEE") == "ANNA LEE"
    folders.remove_person(cast.id, "Ben Roth")
    assert [(person.name, person.files) for person in folders.get(cast.id).people] == [("ANNA LEE", ("02.png",))]
    folders.delete(cast.id)
    assert folders.all() == ()


@pytest.mark.parametrize("cast_id", ["", "..", "../casts", "/etc", "a" * 15, "x" * 16, "é" * 16])
def test_ids_that_nobody_gave_are_refused(folders, cast_id):
    folders.create("Other")
    for ask in (folders.get, lambda i: folders.add_picture(i, "Anna", picture()), lambda i: folders.rename(i, "x")):
        with pytest.raises(GalleryError):
            ask(cast_id)
    folders.delete(cast_id)
    assert len(folders.all()) == 1


@pytest.mark.parametrize("file", ["../../secret", "..", ".cast.json", "/etc/passwd", "01.jpg/..", ""])
def test_no_file_but_pictures_is_given_out(folders, tmp_path, file):
    cast = folders.create("One")
    folders.add_picture(cast.id, "Anna", picture())
    (tmp_path / "secret").write_text("secret")
    for person in ("Anna", "..", ".", ""):
        assert folders.picture(cast.id, person, file) is None
        assert folders.small_picture(cast.id, person, file) is None


def test_a_telephones_photo_is_kept_as_it_came_and_shown_as_jpeg(folders):
    cast = folders.create("One")
    content = heic(np.full((64, 128, 3), 200, np.uint8), quarter_turns=1)
    file = folders.add_picture(cast.id, "Anna", content)
    assert file.endswith(".heic") and folders.picture(cast.id, "Anna", file).read_bytes() == content
    with Image.open(folders.small_picture(cast.id, "Anna", file)) as small:
        assert small.format == "JPEG"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"not a picture", "is not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is not a picture"),
        (picture()[:200], "damaged|not a picture"),
        (picture(size=(400, 300))[:-600], "damaged"),
        (huge_png(20_000, 20_000), "megapixels"),
        (huge_png(8_000, 6_000), "megapixels"),
        (huge_png(2_000_000_000, 2), "megapixels|not a picture"),
    ],
    ids=["empty", "text", "svg", "eps", "heic", "start", "cut-off", "bomb", "large", "wide"],
)
def test_what_is_no_usable_picture_is_not_kept(folders, content, reason):
    cast = folders.create("One")
    with pytest.raises(MediaError, match=reason):
        folders.add_picture(cast.id, "Anna", content)
    assert folders.get(cast.id).n_pictures == 0
    assert not [path for path in folders.get(cast.id).path.rglob("*") if path.is_file() and path.name != ".cast.json"]


def test_large_files_and_crowds_are_refused(folders, monkeypatch):
    cast = folders.create("One")
    monkeypatch.setattr(cast_folders, "MAX_PICTURE_BYTES", 500)
    with pytest.raises(MediaError, match="larger"):
        folders.add_picture(cast.id, "Anna", picture() + bytes(600))
    monkeypatch.setattr(cast_folders, "MAX_PICTURE_BYTES", 10_000)
    monkeypatch.setattr(cast_folders, "MAX_PICTURES_OF_PERSON", 1)
    folders.add_picture(cast.id, "Anna", picture())
    with pytest.raises(MediaError, match="already"):
        folders.add_picture(cast.id, "Anna", picture("blue"))
    monkeypatch.setattr(cast_folders, "MAX_PEOPLE", 1)
    with pytest.raises(GalleryError, match="at most"):
        folders.add_person(cast.id, "Ben")


@pytest.mark.parametrize("size", [(90, 300), (300, 90), (1, 1)])
def test_small_pictures_are_square(folders, size):
    cast = folders.create("One")
    file = folders.add_picture(cast.id, "Anna", picture(size=size))
    small = folders.small_picture(cast.id, "Anna", file)
    with Image.open(small) as image:
        assert (image.format, image.size) == ("JPEG", (cast_folders.SMALL_PX,) * 2)
    assert folders.small_picture(cast.id, "Anna", file) == small
    assert [person.name for person in folders.get(cast.id).people] == ["Anna"]
    folders.remove_picture(cast.id, "Anna", file)
    assert not small.exists()


def test_only_forgotten_drafts_expire(folders):
    kept, forgotten, fresh = (folders.create(name) for name in ("Kept", "Forgotten", "Fresh"))
    old = datetime.now(UTC).timestamp() - cast_folders.DRAFT_KEPT_FOR.total_seconds() - 60
    for cast in (kept, forgotten):
        os.utime(cast.path, (old, old))
    folders.expire({"kept"})
    assert {cast.id for cast in folders.all()} == {kept.id, fresh.id}
    assert forgotten.id not in {cast.id for cast in folders.all()}


def test_a_copy_leaves_out_what_is_no_picture(folders, tmp_path):
    source = tmp_path / "source"
    for name in ("Anna", "Ben"):
        (source / name).mkdir(parents=True)
        (source / name / "a.jpg").write_bytes(picture(size=(50, 40 + len(name))))
    (source / "Ben" / "b.jpg").write_bytes(b"nothing")
    cast = folders.copy_of(source, "Both")
    assert [(person.name, person.files) for person in cast.people] == [("Anna", ("01.jpg",)), ("Ben", ("01.jpg",))]
