"""Where a gallery's pictures come from: zips and lists, whole and hostile. Folders: test_gallery_folder.py."""

from __future__ import annotations

import os
import zipfile

import pytest

from engine.errors import GalleryError, MediaError
from engine.identity.gallery_sources import MAX_NAME_LENGTH, open_source
from engine.types import LeftOut


def test_telephones_photos_are_pictures_in_a_folder_and_a_zip(tmp_path):
    (tmp_path / "people" / "Anna").mkdir(parents=True)
    for name in ("1.HEIC", "2.heif", "3.txt"):
        (tmp_path / "people" / "Anna" / name).write_bytes(b"x")
    with zipfile.ZipFile(tmp_path / "people.zip", "w") as archive:
        for path in (tmp_path / "people" / "Anna").iterdir():
            archive.write(path, f"Anna/{path.name}")
    for source in ("people", "people.zip"):
        with open_source(tmp_path / source) as opened:
            assert sorted(picture.shown for picture in opened.pictures) == ["Anna/1.HEIC", "Anna/2.heif"]


def found(path):
    with open_source(path) as source:
        return [(p.person, p.shown, p.read()) for p in source.pictures], list(source.left_out)


@pytest.fixture
def pack(tmp_path):
    def make(*names):
        path = tmp_path / "people.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, name.encode())
        return path

    return make


@pytest.fixture
def listed(tmp_path):
    (tmp_path / "anna").mkdir()
    for name in ("1.jpg", "2.jpg", "photo"):
        (tmp_path / "anna" / name).write_bytes(name.encode())

    def make(content):
        path = tmp_path / "list.CSV"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@pytest.mark.parametrize("around", ["", "cast/"])
def test_a_zip_is_as_its_folder_would_be(pack, around, tmp_path):
    before = sorted(tmp_path.iterdir())
    names = ["Bo/2.PNG", "Anna Lee/1.jpg", "Bo/notes.txt", "Bo/.hidden.jpg", ".x/1.jpg", "Bo/more/3.jpg", "loose.jpg"]
    path = pack(*(around + name for name in names), "__MACOSX/Bo/2.jpg", ".DS_Store")
    assert found(path) == (
        [
            ("Anna Lee", "Anna Lee/1.jpg", f"{around}Anna Lee/1.jpg".encode()),
            ("Bo", "Bo/2.PNG", f"{around}Bo/2.PNG".encode()),
        ],
        [],
    )
    assert sorted(tmp_path.iterdir()) == sorted([*before, path])


def test_one_person_in_a_zip_is_no_folder_around(pack):
    assert [row[:2] for row in found(pack("Anna/1.jpg", "Anna/2.jpg"))[0]] == [
        ("Anna", "Anna/1.jpg"),
        ("Anna", "Anna/2.jpg"),
    ]


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["1.jpg"], "no pictures of people"),
        (["Anna/notes.txt"], "no pictures of people"),
        ([], "no pictures of people"),
        (["Anna_Lee/1.jpg", "anna lee/2.jpg"], "one name in other letters"),
        (["A" * (MAX_NAME_LENGTH + 1) + "/1.jpg"], "name of more than"),
    ],
)
def test_a_zip_without_people_or_with_twins_is_refused(pack, names, says):
    with pytest.raises(GalleryError, match=says):
        found(pack(*names))


def test_a_hostile_zip_is_refused_and_a_damaged_picture_left_out(pack):
    with pytest.raises(MediaError, match="lead out"):
        found(pack("Anna/1.jpg", "../../Anna/2.jpg"))
    path = pack("Anna/1.jpg")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Anna/1.jpgAnna/1.jpg", b"Anna/1.jpgAnna/1.jpX"))
    with open_source(path) as source, pytest.raises(MediaError, match=r"^damaged in the zip$"):
        source.pictures[0].read()


@pytest.mark.parametrize(
    "text",
    [
        "Anna Lee,anna/1.jpg\nanna_lee,anna/photo\n",
        "person,picture\nAnna Lee,anna/1.jpg\n\nanna_lee,anna/photo",
        "\ufeffPerson;File\r\nAnna Lee;anna/1.jpg\r\nANNA  LEE;anna/photo\r\n",
        '"Anna Lee","anna/1.jpg"\n" Anna Lee "," anna/photo"\n,\n',
    ],
)
def test_a_list_names_people_and_pictures(listed, text):
    assert found(listed(text)) == (
        [("Anna Lee", "anna/1.jpg", b"1.jpg"), ("Anna Lee", "anna/photo", b"photo")],
        [],
    )


def test_bad_rows_are_left_out_under_their_line(listed):
    text = 'person,picture\nAnna,anna/1.jpg\nBo\n,anna/2.jpg\n"B\no",gone.jpg\nBo,anna\nBo,a,b\nBo,\0\nBo,' + "x" * 9000
    pictures, left_out = found(listed(text))
    assert [row[:2] for row in pictures] == [("Anna", "anna/1.jpg")]
    assert left_out[:5] == [
        LeftOut("line 3", "1 columns, two expected: person and picture"),
        LeftOut("line 4", "a person's name is missing"),
        LeftOut("line 5", "there is no picture 'gone.jpg'"),
        LeftOut("line 7", "there is no picture 'anna'"),
        LeftOut("line 8", "3 columns, two expected: person and picture"),
    ]
    assert [one.path for one in left_out[5:]] == ["line 9", "line 10"]
    assert all(len(one.reason) < 300 for one in left_out)


def test_ways_up_and_out_are_no_part_of_what_a_picture_is_called(listed, tmp_path):
    path = listed(f"Anna,anna/../anna/1.jpg\nAnna,{tmp_path}/anna/2.jpg\n")
    pictures, _ = found(path)
    assert pictures[0] == ("Anna", "anna/anna/1.jpg", b"1.jpg")
    assert pictures[1][1:] == (f"{tmp_path}/anna/2.jpg".lstrip("/"), b"2.jpg")


def test_what_is_no_file_is_never_opened(listed, tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    _, left_out = found(listed("Anna,anna/1.jpg\nBo,pipe.jpg\nBo,/dev/zero\n"))
    assert [one.path for one in left_out] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "No line of .* names a person"),
        (b"person,picture\n", "No line of .* names a person"),
        (b"Anna,gone.jpg\n", r"No line of .* \(the first, line 1: there is no picture 'gone.jpg'\)"),
        (b"Anna,anna/1.jpg\nBo\xff,2.jpg\n", "Line 2 of .* is not UTF-8"),
        (b'Anna,anna/1.jpg\n"Bo,2.jpg', "of .* is no line of a CSV"),
        (b"Anna," + b"x" * 200_000, "Line 1 of .* is no line of a CSV"),
    ],
)
def test_a_list_that_is_none_is_one_sentence(listed, content, says):
    with pytest.raises(GalleryError, match=says):
        found(listed(content))
