"""Photos from strangers, and faces as pictures: what is refused says why, and what is shown is the face."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import MediaError
from engine.exports.card_drawing import HEIGHT_PX, WIDTH_PX
from engine.exports.share_card import ShareCard, share_card
from engine.identity.gallery import build_gallery
from engine.identity.index import FaceIndex
from engine.identity.why import PARTS, PartEffect
from engine.media.photo import MAX_PHOTO_BYTES, load_photo
from engine.pipeline import portraits
from engine.pipeline.lookalike import faces_of_photo
from engine.pipeline.why_match import face_nearest_to, why_match


@pytest.fixture(scope="module")
def selfie(demo, models):
    return faces_of_photo(demo / "selfies" / "user_2.jpg", models, chips=True)


@pytest.fixture(scope="module")
def few(demo, models, tmp_path_factory):
    """Three of the demo's people with a picture each."""
    folder = tmp_path_factory.mktemp("few")
    for name in ("Viktor_Hale", "Mei_Kuroda", "Edgar_Lowell"):
        (folder / name).mkdir()
        (folder / name / "01.jpg").write_bytes((demo / "gallery" / name / "01.jpg").read_bytes())
    gallery = build_gallery(folder, "Few", models.detector, models.aligner, models.embedder)
    return FaceIndex.of_gallery(gallery)


def encoded(image: Image.Image, kind: str, **more) -> bytes:
    image.save(out := io.BytesIO(), kind, **more)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG that says it has these sides, and holds one pixel."""
    content = bytearray(encoded(Image.new("1", (1, 1)), "PNG"))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holiday.heic is empty"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "holiday.heic is not a picture"),
        (b"\0\0\0\x18ftypmif1" + bytes(50), "holiday.heic is not a picture"),
        (b"no picture", "holiday.heic is not a picture"),
        (encoded(Image.new("RGB", (90, 90)), "PNG")[:-30], "holiday.heic is damaged or cut off"),
        (encoded(Image.new("1", (11000, 9000)), "PNG"), "holiday.heic has more than 64 megapixels"),
        (claiming(30000, 30000), "holiday.heic has more than 64 megapixels"),
        (bytes(MAX_PHOTO_BYTES + 1), "holiday.heic is larger than 15 MB"),
    ],
)
def test_what_is_no_photo_is_named_in_one_sentence(content, said):
    with pytest.raises(MediaError) as refused:
        load_photo(content, "holiday.heic")
    assert str(refused.value).startswith(said)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "TIFF", "JPEG"])
def test_photos_of_every_kind_are_upright_rgb(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    more = {"exif": exif} if kind in ("JPEG", "WEBP") else {}
    image = load_photo(encoded(Image.new("L", (60, 40), 80).convert("RGB"), kind, **more), "photo")
    assert image.shape == ((60, 40, 3) if more else (40, 60, 3))
    assert image.dtype == np.uint8


def test_a_preview_is_small_and_keeps_its_shape():
    shown = opened(portraits.preview(np.zeros((3000, 4000, 3), np.uint8)))
    assert max(shown.size) <= portraits.PREVIEW_PX
    assert shown.width / shown.height == pytest.approx(4 / 3, abs=0.01)
    assert opened(portraits.preview(np.zeros((90, 70, 3), np.uint8))).size == (70, 90)


def test_a_portrait_shows_what_the_network_saw(demo, models, selfie):
    image = load_photo((demo / "selfies" / "user_2.jpg").read_bytes(), "selfie")
    (portrait,) = portraits.portraits(image, [selfie.faces[0].box_xyxy], models)
    small = np.asarray(opened(portrait).resize((150, 150)), float)
    assert np.abs(small - selfie.faces[0].chip).mean() < 6
    assert opened(portraits.portrait_of(demo / "gallery" / "Mei_Kuroda" / "01.jpg", models)).size == (300, 300)


def test_a_picture_without_a_face_has_no_portrait(tmp_path, models):
    (path := tmp_path / "wall.png").write_bytes(encoded(Image.new("RGB", (300, 300), "grey"), "PNG"))
    with pytest.raises(MediaError, match="No face"):
        portraits.portrait_of(path, models)


def test_heat_colours_what_makes_the_likeness_and_what_speaks_against_it():
    grey = encoded(Image.new("RGB", (300, 300), (128, 128, 128)), "JPEG")
    effects = {"eyes": 0.2, "mouth": -0.1}
    parts = tuple(PartEffect(part, 0.0, effects.get(part, 0.0)) for part in PARTS)
    shown = np.asarray(opened(portraits.heat(grey, parts)), int)
    eyes, mouth, chin = shown[99, 150], shown[218, 150], shown[285, 150]
    assert eyes[0] > eyes[2] + 40
    assert mouth[2] > mouth[0] + 20
    assert np.abs(chin - 128).max() < 12
    assert np.abs(np.asarray(opened(portraits.heat(grey, ())), int) - 128).max() < 6


def test_why_compares_with_other_people(models, selfie, few):
    row = few.rows_of(["Viktor Hale"])[0]
    found = why_match(selfie.faces[0], few, int(row), models.embedder)
    nearest, distance = face_nearest_to(selfie.faces, few, int(row))
    assert (nearest, distance) == (0, pytest.approx(found.distance, abs=1e-5))
    assert {part.part for part in found.parts} == set(PARTS)
    assert found.sentence.endswith(".")


@pytest.mark.parametrize(
    "name", ["Gael García Bernal", "Wolfgang" * 20, "名前 太郎", "A B", "Maria del Carmen " * 9, "\u202eevil"]
)
@pytest.mark.parametrize("with_picture", [True, False])
def test_a_share_card_holds_any_name(name, with_picture):
    face = encoded(Image.new("RGB", (300, 300), "olive"), "JPEG")
    card = ShareCard(face, face if with_picture else None, "AB", name, 0.57, "closer than 99.7 %", "from here")
    shown = opened(share_card(card))
    assert (shown.format, shown.size) == ("PNG", (WIDTH_PX, HEIGHT_PX))
    # Nothing runs to the edge.
    edge = np.asarray(shown)[20:, -40:]
    assert (edge == edge[0, 0]).all()


def test_a_ready_gallerys_faces_have_their_vectors(few):
    rows = np.array([2, 0], np.int64)
    assert np.array_equal(few.vectors_of(rows), np.stack([few.vectors_of(rows[i : i + 1])[0] for i in range(2)]))
    with pytest.raises(ValueError, match="rows"):
        few.vectors_of(np.array([len(few)], np.int64))


def test_the_samples_are_there(demo: Path):
    assert len(list((demo / "selfies").glob("*.jpg"))) == 4
