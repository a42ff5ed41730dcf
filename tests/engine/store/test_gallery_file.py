"""A gallery as a file: it comes back bit for bit, and whatever was changed, cut off or made up is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.errors import DramatisError, GalleryError, MediaError, ModelError
from engine.media.images import load_image
from engine.store import gallery_reader
from engine.store.gallery_file import write_gallery_file
from engine.store.gallery_reader import open_gallery_file
from engine.types import Gallery, LeftOut

MODEL = "net-1"


def picture(shade):
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


PICTURES = {hashlib.sha256(picture(i)).hexdigest(): picture(i) for i in range(3)}
HASHES = tuple(PICTURES)
GALLERY = Gallery(
    "St\u00e4rs, all",
    MODEL,
    ("Anna Lee", "Anna Lee", "Zo\u00eb \u4e2d"),
    ("Anna Lee/1.png", 'Anna Lee/2, "b".PNG', "Zo\u00eb \u4e2d/photo"),
    HASHES,
    np.random.default_rng(5).normal(size=(3, 128)).astype(np.float32),
    (LeftOut("Bo/1.jpg", "no face found", "f" * 64), LeftOut("line 3", "a person's name is missing")),
)
READERS = {sha256: (lambda content=content: content) for sha256, content in PICTURES.items()}


def read(path):
    with open_gallery_file(path, MODEL) as file:
        return file.gallery, file.licence_note, {sha256: file.picture(sha256) for sha256 in file.pictures}


def same(one, other):
    fields = [f.name for f in dataclasses.fields(other) if f.name != "vectors"]
    assert [getattr(one, f) for f in fields] == [getattr(other, f) for f in fields]
    assert one.vectors.dtype == np.float32 and one.vectors.tobytes() == other.vectors.tobytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "stars.gallery"


@pytest.fixture
def changed(path):
    """changed({name: content or None}, manifest={...}) writes the file anew with other members; checksums are right
    unless `manifest` says them."""

    def make(members=(), manifest=(), pictures=False):
        write_gallery_file(path, GALLERY, "CC BY", READERS if pictures else None)
        with zipfile.ZipFile(path) as archive:
            contents = {name: archive.read(name) for name in archive.namelist()}
        contents.update(members)
        contents = {name: content for name, content in contents.items() if content is not None}
        if contents.get("manifest.json", b"").startswith(b"{"):
            record = json.loads(contents["manifest.json"])
            record["sha256"] = {
                name: hashlib.sha256(contents[name]).hexdigest() for name in record["sha256"] if name in contents
            }
            record.update(manifest)
            contents["manifest.json"] = json.dumps(record).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in contents.items():
                archive.writestr(zipfile.ZipInfo(name), content)
        return path

    return make


@pytest.mark.parametrize("pictures", [None, READERS])
def test_a_gallery_comes_back_bit_for_bit(path, pictures, tmp_path):
    write_gallery_file(path, GALLERY, "CC BY 4.0\nMine", pictures)
    gallery, note, found = read(path)
    same(gallery, GALLERY)
    assert note == "CC BY 4.0\nMine" and found == (PICTURES if pictures else {})
    write_gallery_file(tmp_path / "again", gallery, note, pictures)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_an_empty_gallery_travels_too(path):
    empty = Gallery("None", MODEL, (), (), (), np.empty((0, 128)))
    write_gallery_file(path, empty, "")
    same(read(path)[0], empty)


def test_the_file_holds_nothing_of_numpys_objects(path):
    write_gallery_file(path, GALLERY, "")
    with zipfile.ZipFile(path) as archive:
        vectors = np.load(io.BytesIO(archive.read("vectors.npy")), allow_pickle=False)
    assert vectors.tobytes() == GALLERY.vectors.tobytes()


@pytest.mark.parametrize("content", [None, b"other"])
def test_a_missing_or_changed_picture_writes_nothing(path, content):
    path.write_bytes(b"old")
    readers = {**READERS, HASHES[1]: lambda: content} if content else {HASHES[0]: READERS[HASHES[0]]}
    with pytest.raises(GalleryError, match=r'The picture Anna Lee/2, "b".PNG is gone or has changed'):
        write_gallery_file(path, GALLERY, "", readers)
    assert [one.read_bytes() for one in path.parent.iterdir()] == [b"old"]


def npy(array, **more):
    np.lib.format.write_array(file := io.BytesIO(), array, version=(1, 0), **more)
    return file.getvalue()


def table(*rows):
    return "".join(f"{row}\n" for row in rows).encode()


HEAD = "person,path,sha256"
ROWS = (f"Anna,a/1.jpg,{HASHES[0]}", f"Anna,a/2.jpg,{HASHES[1]}", f"Zo,z/1.jpg,{HASHES[2]}")
NAN = np.where(np.arange(128) == 7, np.nan, GALLERY.vectors).astype(np.float32)
HOSTILE = {
    "other model": ({}, {"model_id": "arcface"}, "made with another model"),
    "other schema": ({}, {"schema": "dramatis.gallery/2"}, "not of the kind"),
    "no manifest": ({"manifest.json": None}, {}, "manifest.json is missing"),
    "manifest no JSON": ({"manifest.json": b"[" * 100_000}, {}, "no JSON"),
    "manifest a list": ({"manifest.json": b"[]"}, {}, "not of the kind"),
    "name missing": ({}, {"name": " _ "}, "its name is none"),
    "name with a line": ({}, {"name": "a\nb"}, "its name is none"),
    "note no text": ({}, {"licence_note": 3}, "nothing sensible of licence_note"),
    "note with escapes": ({}, {"licence_note": "a\x1b[2J"}, "licence note"),
    "count below none": ({}, {"n_faces": -1}, "nothing sensible of n_faces"),
    "count a truth": ({}, {"n_faces": True}, "nothing sensible of n_faces"),
    "count other": ({}, {"n_faces": 4}, "has 3 rows and its manifest says 4"),
    "people fewer": ({}, {"n_people": 3}, "not as many"),
    "no vectors": ({"vectors.npy": None}, {}, "vectors.npy is missing"),
    "wrong checksum": ({}, {"sha256": {"vectors.npy": "0" * 64}}, "wrong checksum"),
    "no checksum": ({}, {"sha256": {}}, "wrong checksum"),
    "a pickle": ({"vectors.npy": npy(np.array([{}] * 3, object), allow_pickle=True)}, {}, "not of the shape"),
    "doubles": ({"vectors.npy": npy(GALLERY.vectors.astype(float))}, {}, "not of the shape"),
    "in columns": ({"vectors.npy": npy(np.asfortranarray(GALLERY.vectors))}, {}, "not of the shape"),
    "another shape": ({"vectors.npy": npy(GALLERY.vectors[:2])}, {}, "not of the shape"),
    "vectors cut off": ({"vectors.npy": npy(GALLERY.vectors)[:-4]}, {}, "cut off or too long"),
    "vectors too long": ({"vectors.npy": npy(GALLERY.vectors) + b"1234"}, {}, "cut off or too long"),
    "no array": ({"vectors.npy": b"\x93NUMPY\1\0\xff\xff(" + b"(" * 70_000}, {}, "is no array"),
    "no number": ({"vectors.npy": npy(NAN)}, {}, "no number"),
    "people no table": ({"people.csv": b'"a'}, {}, "is no table"),
    "people other columns": ({"people.csv": table("a,b,c", *ROWS)}, {}, "other columns"),
    "people short row": ({"people.csv": table(HEAD, *ROWS[:2], "Zo,z")}, {}, "other columns"),
    "nobody": ({"people.csv": table(HEAD, *ROWS[:2], f"_,z,{HASHES[2]}")}, {}, "has no name"),
    "a picture twice": ({"people.csv": table(HEAD, ROWS[0], ROWS[0], ROWS[2])}, {}, "the same picture twice"),
    "too alike": ({"people.csv": table(HEAD, *ROWS[:2], f"anna,z,{HASHES[2]}")}, {}, "not as many"),
    "a hash of nothing": ({"people.csv": table(HEAD, *ROWS[:2], "Zo,z/1.jpg,xyz")}, {}, "a picture in it is called"),
    "long name": ({"people.csv": table(HEAD, *ROWS[:2], f"{'Z' * 2000},z,{HASHES[2]}")}, {}, "no name"),
    "foreign member": ({"run.sh": b"x"}, {}, "belongs to no gallery"),
    "foreign picture": ({f"pictures/{'0' * 64}.jpg": b"x"}, {"n_pictures": 1}, "belongs to no gallery"),
    "too few pictures": ({f"pictures/{HASHES[0]}.png": PICTURES[HASHES[0]]}, {"n_pictures": 1}, "pictures"),
}
for place in ("../x.jpg", "/etc/passwd", "a/../../x", "..\\x", "a//b"):
    HOSTILE[f"path {place}"] = ({"people.csv": table(HEAD, *ROWS[:2], f"Zo,{place},{HASHES[2]}")}, {}, "is called")


@pytest.mark.parametrize(("members", "manifest", "says"), HOSTILE.values(), ids=HOSTILE)
def test_what_no_gallery_holds_is_one_sentence(changed, members, manifest, says):
    with pytest.raises((GalleryError, ModelError), match=says) as caught:
        read(changed(members, manifest))
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize("name", ["../people.csv", "/people.csv", "pictures/../../x"])
def test_a_member_that_leads_out_is_refused(changed, name):
    with pytest.raises(MediaError, match="lead out"):
        read(changed({name: b"x"}))


def test_a_picture_that_is_none_or_another_is_refused(changed):
    with pytest.raises(GalleryError, match="wrong checksum"):
        read(changed({f"pictures/{HASHES[0]}.png": PICTURES[HASHES[1]]}, pictures=True))


def test_every_picture_is_decoded_once_and_what_is_none_is_refused(path, monkeypatch):
    write_gallery_file(path, GALLERY, "", READERS)
    decoded = []
    monkeypatch.setattr(gallery_reader, "load_image", lambda content: decoded.append(content) or load_image(content))
    with open_gallery_file(path, MODEL) as file:
        file.check_pictures()
        assert [file.picture(sha256) for sha256 in file.pictures]
    assert sorted(decoded) == sorted(PICTURES.values())

    contents = {hashlib.sha256(content).hexdigest(): content for content in (b"no picture", picture(1), picture(2))}
    odd = dataclasses.replace(GALLERY, sha256=tuple(contents))
    write_gallery_file(
        path, odd, "", {sha256: (lambda content=content: content) for sha256, content in contents.items()}
    )
    with open_gallery_file(path, MODEL) as file, pytest.raises(MediaError, match="not a picture"):
        file.check_pictures()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_with_any_damage_is_refused_or_the_same(path, data):
    write_gallery_file(path, GALLERY, "CC BY", READERS)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(whole[:at])
    else:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    try:
        gallery, note, pictures = read(path)
    except DramatisError as error:
        assert "\n" not in str(error)
    else:
        assert gallery.vectors.tobytes() == GALLERY.vectors.tobytes() and gallery.names == GALLERY.names
        assert pictures == PICTURES
