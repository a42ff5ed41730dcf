"""A gallery from folders of pictures: who gets in, what is left out and why, and what no gallery can be made of."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import GalleryError
from engine.identity.gallery import build_gallery, people_of_folder, select_cast
from engine.types import Gallery, LeftOut
from engine.vision.align import FaceAligner
from engine.vision.detect import MmodDetector
from engine.vision.embed import ResnetEmbedder
from engine.vision.scales import find_faces

DEMO = Path(__file__).resolve().parents[3] / "demo" / "gallery"
AMARA, KENJI = DEMO / "Amara_Diallo", DEMO / "Kenji_Mori"


@pytest.fixture(scope="session")
def networks(session_data):
    """Detector, aligner and embedder; what they cache goes into a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAMATIS_DATA", str(session_data))
        return MmodDetector(), FaceAligner(), ResnetEmbedder()


@pytest.fixture
def build(networks):
    return lambda folder, *more: build_gallery(folder, "Stars", *networks, *more)


@pytest.fixture
def build_blind():
    """Builds where it must fail before any picture is looked at."""
    return lambda folder: build_gallery(folder, "Stars", None, None, None)


@pytest.fixture
def people(tmp_path):
    """Two people with a picture each."""
    folder = tmp_path / "people"
    for source in (AMARA / "01.jpg", KENJI / "01.jpg"):
        (folder / source.parent.name).mkdir(parents=True)
        shutil.copy(source, folder / source.parent.name)
    return folder


def noise(path):
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (96, 96, 3), np.uint8)).save(path)


def test_names_are_the_folders_names_and_rows_keep_their_pictures(people, build):
    shutil.copy(AMARA / "02.jpg", people / "Amara_Diallo")
    told = []
    gallery = build(people, lambda phase, fraction: told.append((phase, fraction)))
    assert gallery.name == "Stars" and gallery.people == ("Amara_Diallo", "Kenji_Mori")
    assert gallery.names == ("Amara_Diallo", "Amara_Diallo", "Kenji_Mori")
    assert gallery.paths == ("Amara_Diallo/01.jpg", "Amara_Diallo/02.jpg", "Kenji_Mori/01.jpg")
    assert gallery.sha256 == tuple(hashlib.sha256((people / p).read_bytes()).hexdigest() for p in gallery.paths)
    assert gallery.left_out == ()
    assert gallery.vectors.shape == (3, 128) and gallery.model_id == ResnetEmbedder.model_id
    distances = np.linalg.norm(gallery.vectors[0] - gallery.vectors, axis=1)
    assert distances[1] < 0.6 < distances[2]  # the network's own threshold parts the two people
    assert told == [("gallery", pytest.approx(n / 3)) for n in (1, 2, 3)]


def test_pictures_that_cannot_be_used_are_left_out_and_say_why(people, build):
    amara = people / "Amara_Diallo"
    two = np.hstack([np.asarray(Image.open(path).convert("RGB")) for path in (AMARA / "01.jpg", KENJI / "02.jpg")])
    Image.fromarray(two).save(amara / "02_two.png")
    noise(amara / "03_noise.png")
    (amara / "04_corrupt.jpg").write_bytes((AMARA / "02.jpg").read_bytes()[:2000])
    (amara / "05_words.jpg").write_text("not a picture")
    (amara / "06_empty.jpg").write_bytes(b"")
    shutil.copy(amara / "01.jpg", amara / "07_again.jpg")
    shutil.copy(AMARA / "02.jpg", amara / "08_disputed.jpg")
    shutil.copy(AMARA / "02.jpg", people / "Kenji_Mori" / "09_disputed.jpg")
    Image.new("RGB", (30, 40)).save(amara / "10_tiny.png")
    gallery = build(people)
    assert gallery.paths == ("Amara_Diallo/01.jpg", "Kenji_Mori/01.jpg")
    reasons = {left_out.path: left_out.reason for left_out in gallery.left_out}
    assert reasons.pop("Amara_Diallo/02_two.png") == "2 faces found, one expected"
    assert reasons.pop("Amara_Diallo/03_noise.png") == "no face found"
    for name in ("04_corrupt", "05_words", "06_empty"):
        assert reasons.pop(f"Amara_Diallo/{name}.jpg") == "no picture that can be read"
    assert reasons.pop("Amara_Diallo/07_again.jpg") == "the same picture as Amara_Diallo/01.jpg"
    disputed = "the same picture under two people: Amara_Diallo and Kenji_Mori"
    assert reasons.pop("Amara_Diallo/08_disputed.jpg") == reasons.pop("Kenji_Mori/09_disputed.jpg") == disputed
    assert reasons.pop("Amara_Diallo/10_tiny.png") == "too small (30 x 40 px)"
    assert reasons == {}


def test_somebody_small_in_the_background_does_not_matter(people, build, networks):
    front = Image.open(AMARA / "02.jpg").convert("RGB").crop((100, 80, 420, 400))
    background = Image.open(KENJI / "02.jpg").convert("RGB").crop((80, 80, 400, 400)).resize((116, 116))
    scene = Image.new("RGB", (440, 320), (90, 90, 90))
    scene.paste(front, (0, 0)), scene.paste(background, (322, 180))
    scene.save(people / "Amara_Diallo" / "02.png")
    assert len(find_faces(networks[0], np.array(scene))) == 2
    gallery = build(people)
    assert gallery.paths == ("Amara_Diallo/01.jpg", "Amara_Diallo/02.png", "Kenji_Mori/01.jpg")
    distances = np.linalg.norm(gallery.vectors[1] - gallery.vectors, axis=1)
    assert distances[0] < 0.6 < distances[2]  # the face in front was taken


def test_hidden_files_other_files_and_loose_pictures_are_not_looked_at(people, build):
    (people / "Amara_Diallo" / "._01.jpg").write_bytes(b"left by a desktop")
    (people / "Amara_Diallo" / ".DS_Store").write_bytes(b"left by a desktop")
    (people / "Amara_Diallo" / "notes.txt").write_text("tall")
    (people / ".cache").mkdir()
    shutil.copy(KENJI / "02.jpg", people / ".cache" / "01.jpg")
    shutil.copy(KENJI / "02.jpg", people / "loose.jpg")
    (people / "Amara_Diallo" / "more").mkdir()
    gallery = build(people)
    assert gallery.paths == ("Amara_Diallo/01.jpg", "Kenji_Mori/01.jpg") and gallery.left_out == ()


def test_a_person_without_pictures_is_nobody_in_the_gallery(people, build):
    (people / "Zoë Nobody").mkdir()
    assert build(people).people == ("Amara_Diallo", "Kenji_Mori")
    assert people_of_folder(people) == ["Amara_Diallo", "Kenji_Mori", "Zoë Nobody"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_picture_without_permission_is_left_out(people, build):
    shutil.copy(AMARA / "02.jpg", people / "Amara_Diallo")
    (people / "Amara_Diallo" / "02.jpg").chmod(0)
    assert build(people).left_out == (LeftOut("Amara_Diallo/02.jpg", "cannot be read (Permission denied)"),)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_persons_folder_without_permission_is_told(people, build_blind):
    (people / "Amara_Diallo").chmod(0)
    with pytest.raises(GalleryError, match="Permission denied"):
        build_blind(people)
    (people / "Amara_Diallo").chmod(0o700)


def test_pictures_without_any_face_make_no_gallery(tmp_path, build):
    (tmp_path / "people" / "Anna Lee").mkdir(parents=True)
    noise(tmp_path / "people" / "Anna Lee" / "1.png")
    with pytest.raises(GalleryError, match=r"None of the 1 pictures .* \(the first, Anna Lee/1.png: no face found\)"):
        build(tmp_path / "people")


def test_progress_may_stop_the_work(people, build):
    def stop(_phase, _fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(people, stop)


def test_a_folder_without_people_is_told(tmp_path, build_blind):
    (tmp_path / "1.jpg").write_bytes((AMARA / "01.jpg").read_bytes())
    with pytest.raises(GalleryError, match="holds no people.*Anna Lee/1.jpg"):
        build_blind(tmp_path)


def test_people_without_pictures_are_told(tmp_path, build_blind):
    (tmp_path / "Anna Lee").mkdir()
    with pytest.raises(GalleryError, match="There are no pictures in"):
        build_blind(tmp_path)


def test_a_file_or_nothing_in_place_of_the_folder_is_told(tmp_path, build_blind):
    (tmp_path / "file").write_text("x")
    for folder, why in ((tmp_path / "file", "Not a directory"), (tmp_path / "gone", "No such file")):
        with pytest.raises(GalleryError, match=f"cannot be read .{why}"):
            build_blind(folder)
        with pytest.raises(GalleryError, match=f"cannot be read .{why}"):
            people_of_folder(folder)


@pytest.mark.parametrize(("a", "b"), [("Anna_Lee", "anna lee"), ("Zoë", "ZOE\u0308"), ("Anna Lee", "Anna  Lee")])
def test_one_name_in_other_letters_is_an_error_that_names_both(tmp_path, build_blind, a, b):
    for name in (a, b, "Bo"):
        (tmp_path / name).mkdir(exist_ok=True)
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this file system holds the two names for one")
    with pytest.raises(GalleryError) as caught:
        build_blind(tmp_path)
    assert a in str(caught.value) and b in str(caught.value)


CAST = Gallery(
    "Stars",
    "made-up",
    ("Anna_Lee", "Bo", "Anna_Lee", "Zoë"),
    ("Anna_Lee/1.jpg", "Bo/1.jpg", "Anna_Lee/2.jpg", "Zoë/1.jpg"),
    ("0" * 64, "1" * 64, "2" * 64, "3" * 64),
    np.arange(4)[:, None] * np.ones((4, 128)),
)


@pytest.mark.parametrize(
    ("cast", "rows"),
    [
        (["Anna_Lee"], [0, 2]),
        (["anna lee"], [0, 2]),
        (["ANNA LEE", "Anna_Lee"], [0, 2]),
        (["bo", "ZOE\u0308"], [1, 3]),
        (["Zoë", "Anna Lee", "Bo"], [0, 1, 2, 3]),
    ],
)
def test_a_cast_is_chosen_whatever_the_letters(cast, rows):
    chosen = select_cast(CAST, cast)
    assert chosen.names == tuple(CAST.names[i] for i in rows)
    assert chosen.paths == tuple(CAST.paths[i] for i in rows)
    assert chosen.sha256 == tuple(CAST.sha256[i] for i in rows)
    assert chosen.vectors[:, 0].tolist() == rows
    assert (chosen.name, chosen.model_id) == ("Stars", "made-up")


def test_an_unknown_name_is_told_with_who_is_known():
    with pytest.raises(GalleryError, match="Stars has nobody called Carl Roe; it knows Anna_Lee, Bo, Zoë"):
        select_cast(CAST, ["Bo", "Carl Roe"])


def test_of_many_known_people_some_are_listed():
    names = tuple(f"P{i:02d}" for i in range(20))
    many = Gallery("Crowd", "made-up", names, names, names, np.zeros((20, 128)))
    with pytest.raises(GalleryError, match=r"it knows P00, .*, P07 \.\.\."):
        select_cast(many, ["Carl"])
