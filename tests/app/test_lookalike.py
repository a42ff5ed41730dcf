"""The lookalike page without a browser: photos over the route, answers, what is no photo, and what is forgotten."""

from __future__ import annotations

import io
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.components import lookalike_answer, lookalike_start
from app.services import demo as demo_service
from app.services import lookalike, lookalike_galleries, lookalike_pairs, photos, ready_galleries
from app.services.lookalike_pairs import Pair
from app.services.store import store
from engine.config import lfw_dir
from engine.errors import GalleryError, MediaError
from engine.store.galleries import GalleryRepository
from engine.store.index_folders import index_folder
from engine.types import Gallery
from tests.app.test_job_views import words
from tests.app.test_shell import shown_by
from tests.heif_files import heic

LFW = "from Labeled Faces in the Wild"


@pytest.fixture(autouse=True)
def nothing_held(caplog):
    """Each test begins without photos, and none may log an error."""
    photos._shelf.forget(list(photos._shelf._held))
    yield
    assert [entry for entry in caplog.records if entry.levelno >= logging.ERROR] == []


@pytest.fixture
def own_gallery():
    """A gallery of two rendered people under a name of its own, without pictures here."""
    rng = np.random.default_rng(7)
    vectors = rng.normal(0, 0.08, (4, 128)).astype(np.float32)
    names, paths = ("Ann", "Ann", "Ben", "Ben"), tuple(f"{n}.jpg" for n in range(4))
    GalleryRepository(store()).save(
        Gallery("Own", "dlib-resnet-v1", names, paths, tuple(f"{n:064d}" for n in range(4)), vectors)
    )
    lookalike_galleries.open_gallery("Own", photos.models)
    yield "Own"
    GalleryRepository(store()).delete("Own")


def selfie(demo: Path, name: str = "user_1") -> bytes:
    return (demo / "selfies" / f"{name}.jpg").read_bytes()


def image_of(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def encoded(image: Image.Image, kind: str = "PNG", **more) -> bytes:
    image.save(out := io.BytesIO(), kind, **more)
    return out.getvalue()


def send(client, content: bytes, name: str = "me.jpg"):
    return client.post("/photos", query_string={"name": name}, data=content)


def first_match(photo: str, gallery: str = "actors"):
    return lookalike.answer([photo], gallery, 3, 0.9).faces[0].matches[0]


# A photo and its answer.


def test_a_photo_arrives_is_answered_shown_and_forgotten(client, demo):
    answer = send(client, selfie(demo), "me at the sea.jpg")
    assert answer.status_code == 200
    photo = answer.json["photo"]
    record = photos.photo(photo)
    assert (record.name, len(record.faces)) == ("me at the sea.jpg", 1)
    found = lookalike.answer([photo], "actors", 3, 0.9)
    assert (found.n_people, found.source) == (601, LFW)
    (face,) = found.faces
    assert [round(match.distance, 3) for match in face.matches] == sorted(round(m.distance, 3) for m in face.matches)
    assert len(face.matches) == 3
    text = words(lookalike_answer.answer(found))
    assert f"{face.matches[0].distance:.2f}" in text
    assert "of strangers are to each other" in text
    assert LFW in text
    assert "likely" not in text
    for path in (f"/photos/{photo}", f"/photos/{photo}/1"):
        shown = client.get(path)
        assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
        assert shown.headers["Cache-Control"] == "private, no-store"
    assert client.get(f"/photos/{photo}/2").status_code == 404
    assert client.post("/photos/forget", json=[photo, 7]).status_code == 200
    assert client.get(f"/photos/{photo}").status_code == 404
    assert photos.known([photo]) == ()


def test_a_telephones_photo_may_be_called_jpg(client, demo):
    upright = np.asarray(Image.open(demo / "selfies" / "user_1.jpg").resize((360, 480)))
    for name in ("IMG_1.HEIC", "IMG_1.jpg"):
        answer = send(client, heic(np.rot90(upright), quarter_turns=3), name)
        assert answer.status_code == 200 and len(photos.photo(answer.json["photo"]).faces) == 1


def test_nothing_of_a_photo_is_on_the_disk(client, demo, session_data):
    before = {path for path in session_data.rglob("*") if path.is_file()}
    photo = send(client, selfie(demo)).json["photo"]
    match = first_match(photo)
    lookalike_pairs.pair(Pair(photo, 1, "actors", match.row, match.person))
    new = {path for path in session_data.rglob("*") if path.is_file()} - before
    assert {path.name for path in new if path.suffix in (".jpg", ".png", ".npy")} == set()


def test_everybody_in_a_group_is_numbered_and_answered(demo):
    photo = photos.take(selfie(demo, "user_4_group"), "us")
    found = lookalike.answer([photo], demo_service.CAST, 2, 0.9)
    assert [face.faces for face in found.faces] == [((photo, number),) for number in (1, 2, 3)]
    assert found.faces[1].matches[0].person.replace("_", " ") == "Finn Gallagher"
    lefts = [face.left for face in found.photos[0].faces]
    assert lefts == sorted(lefts)
    text = words(lookalike_answer.answer(found))
    assert "Face 1 of 3" in text
    assert "Face 3 of 3" in text
    assert "1 2 3" in words(lookalike_start.photos(found.photos, found.photos[0], True))


def test_the_demos_people_have_pictures_and_actors_have_initials(client, demo):
    photo = photos.take(selfie(demo), "me")
    match = first_match(photo, demo_service.CAST)
    assert client.get("/lookalike/reading").json == {}
    assert match.person.replace("_", " ") == "Helena Marsh"
    assert match.has_picture
    shown = client.get(
        f"/lookalike/people/{match.row}", query_string={"gallery": demo_service.CAST, "person": match.person}
    )
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    other = client.get(f"/lookalike/people/{match.row}", query_string={"gallery": demo_service.CAST, "person": "Eve"})
    assert other.status_code == 404
    actor = first_match(photo)
    assert not actor.has_picture
    assert ready_galleries.people("actors")[0].picture is None
    card = lookalike_answer.answer(lookalike.answer([photo], "actors", 1, 0.9))
    assert "".join(part[0] for part in (actor.person.split()[0], actor.person.split()[-1])) in words(card)


def test_actors_have_pictures_when_those_were_fetched(client, demo, tmp_path, monkeypatch):
    found = first_match(photos.take(selfie(demo), "me"))
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path))
    path, _ = lookalike.index_of("actors").picture(found.row)
    # The publisher's files are of another size than those that the gallery was made from.
    fetched = lfw_dir() / "lfw_home" / "lfw_funneled" / path
    fetched.parent.mkdir(parents=True)
    shutil.copy(next((demo / "gallery" / "Helena_Marsh").glob("*.jpg")), fetched)
    match = first_match(photos.take(selfie(demo), "me"))
    assert (match.person, match.has_picture) == (found.person, True)
    asked = {"gallery": "actors", "person": match.person}
    assert client.get(f"/lookalike/people/{match.row}", query_string=asked).mimetype == "image/jpeg"
    (shown,) = (person for person in ready_galleries.people("actors") if person.name == match.person)
    assert ready_galleries.picture(path) == fetched
    assert client.get(f"/cast-pictures/ready/{path}").data == fetched.read_bytes()
    assert client.get(f"/cast-pictures/ready/{match.person}/x.jpg").status_code == 404
    assert shown.picture.startswith(f"/cast-pictures/ready/{path.split('/')[0]}/")


def test_several_photos_of_one_person_are_answered_together(demo):
    ids = [photos.take(selfie(demo, name), name) for name in ("user_1", "user_2")]
    alone = [lookalike.answer([photo], "actors", 1, 1.2).faces[0].matches[0].distance for photo in ids]
    (both,) = lookalike.answer(ids, "actors", 5, 1.2).faces
    assert both.faces == ((ids[0], 1), (ids[1], 1))
    assert both.matches[0].distance == pytest.approx(min(alone))
    assert both.matches[0].photo == ids[alone.index(min(alone))]
    assert {match.photo for match in both.matches} <= set(ids)
    group = photos.take(selfie(demo, "user_4_group"), "us.jpg")
    with pytest.raises(MediaError, match=r"us\.jpg shows 3 faces"):
        lookalike.answer([ids[0], group], "actors", 5, 1.2)


def test_nobody_near_is_said_plainly(demo):
    photo = photos.take(selfie(demo), "me")
    found = lookalike.answer([photo], "actors", 5, 0.3)
    assert found.faces[0].matches == ()
    near = found.faces[0].nearest
    text = words(lookalike_answer.answer(found))
    assert "Nobody of actors is within a distance of 0.30." in text
    assert f"The nearest is {near.person} at {near.distance:.2f}, closer than" in text


def test_a_pair_side_by_side_says_why_and_can_be_shared(client, demo):
    photo = photos.take(selfie(demo), "me")
    match = first_match(photo)
    asked = Pair(photo, 1, "actors", match.row, match.person)
    record = lookalike_pairs.pair(asked)
    assert (record.distance, record.source) == (pytest.approx(match.distance, abs=1e-5), LFW)
    text = words(lookalike_answer.pair(asked, record))
    assert record.why in text
    assert "likeness" in record.why
    assert LFW in text
    query = {"photo": photo, "face": 1, "gallery": "actors", "row": match.row, "person": match.person}
    heat = client.get("/lookalike/why", query_string=query)
    assert image_of(heat.data).size == (300, 300)
    card = client.get("/lookalike/card", query_string=query)
    assert image_of(card.data).format == "PNG"
    assert card.headers["Content-Disposition"].startswith(f'attachment; filename="{match.person} lookalike.png"')
    for wrong in ({"row": -1}, {"row": "x"}, {"face": 9}, {"person": "Eve"}, {"gallery": "none"}, {"photo": "gone"}):
        assert client.get("/lookalike/card", query_string={**query, **wrong}).status_code == 404, wrong
    photos.forget([photo])
    assert client.get("/lookalike/why", query_string=query).status_code == 404


def test_samples_are_shown_and_taken(client):
    assert lookalike.samples()[0] == "user_1.jpg"
    assert client.get("/lookalike/samples/user_1.jpg").mimetype == "image/jpeg"
    # An address that means nothing gets the page that says so.
    assert client.get("/lookalike/samples/..%2Ffamily%2Ffather.jpg").mimetype == "text/html"
    assert client.get("/lookalike/samples/README.md").status_code == 404
    assert len(photos.photo(client.post("/lookalike/samples/user_4_group.jpg").json["photo"]).faces) == 3
    assert "no such sample" in client.post("/lookalike/samples/none.jpg").json["error"]
    assert client.post("/photos/ready").status_code == 200


# What somebody may send.


def drawing() -> Image.Image:
    image = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 100, 500, 500), outline="black", width=6)
    pen.ellipse((200, 220, 240, 260), fill="black")
    pen.ellipse((360, 220, 400, 260), fill="black")
    pen.arc((200, 280, 400, 420), 0, 180, fill="black", width=6)
    return image


def back_of_a_head() -> Image.Image:
    image = Image.new("RGB", (500, 700), "#aab4b8")
    pen = ImageDraw.Draw(image)
    pen.ellipse((120, 80, 380, 430), fill="#3a2a1c")
    pen.rectangle((190, 400, 310, 520), fill="#d8a98a")
    pen.rectangle((40, 500, 460, 700), fill="#445")
    return image


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(40), "a.heic is not a picture"),
        ("bomb.png", encoded(Image.new("1", (12000, 9000))), "bomb.png has more than 64 megapixels"),
        ("empty.jpg", b"", "empty.jpg is empty"),
        ("notes.jpg", b"words", "notes.jpg is not a picture"),
        ("", encoded(back_of_a_head()), "No face was found in The photo"),
        ("drawing.png", encoded(drawing()), "No face was found in drawing.png"),
        ("dot.png", encoded(Image.new("RGB", (1, 1))), "No face was found in dot.png"),
        ("line\nfeed\u202e.png", encoded(Image.new("L", (3000, 4))), "No face was found in line feed.png"),
        ("large.jpg", bytes(15_000_001), "larger than 15 MB"),
        ("huge.jpg", bytes(17_000_000), "larger than 15 MB"),
    ],
)
def test_what_is_no_photo_of_a_face_is_answered_with_a_sentence(client, demo, name, content, said):
    kept = photos.take(selfie(demo), "me")
    answer = send(client, content, name)
    assert answer.status_code in (400, 413)
    assert said in answer.json["error"]
    assert answer.json["error"].endswith(".")
    assert answer.json["error"].count(". ") == 0
    # Nothing lost, and the next photo is taken.
    assert photos.known([kept])
    assert client.get("/health").status_code == 200


def turned(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image.rotate(90, expand=True), "JPEG", exif=exif, quality=92)


def on_a_screen(image: Image.Image) -> bytes:
    """As a screen's picture is: its rows of dots, tilted, within a dark frame."""
    dots = np.asarray(image, np.int16).copy()
    dots[::3] -= 24
    shown = Image.fromarray(dots.clip(0, 255).astype(np.uint8))
    frame = Image.new("RGB", (image.width + 300, image.height + 260), "#101214")
    frame.paste(shown, (150, 120))
    return encoded(frame.rotate(4, Image.Resampling.BILINEAR), "JPEG", quality=80)


@pytest.mark.parametrize(
    "made",
    [
        lambda image: encoded(image, "WEBP", quality=90),
        lambda image: encoded(image, "GIF", save_all=True, append_images=[Image.new("RGB", image.size)]),
        lambda image: encoded(image.convert("L"), "PNG"),
        lambda image: encoded(image.convert("RGBA"), "PNG"),
        turned,
        on_a_screen,
    ],
    ids=["WebP", "animated GIF", "grey", "see-through", "turned by EXIF", "of a screen"],
)
def test_unusual_photos_are_answered_too(demo, made):
    photo = photos.take(made(image_of(selfie(demo))), "me")
    record = photos.photo(photo)
    assert record.height > record.width or record.width == 1020
    assert len(record.faces) == 1
    assert first_match(photo, demo_service.CAST).person.replace("_", " ") == "Helena Marsh"


@pytest.mark.slow
def test_forty_faces_are_found_and_come_in_portions(demo):
    faces = sorted((demo / "gallery").glob("*/0[1246].jpg"))
    assert len(faces) == 40
    crowd = Image.new("RGB", (8 * 256, 5 * 256))
    for n, path in enumerate(faces):
        with Image.open(path) as face:
            crowd.paste(face.resize((256, 256)), (n % 8 * 256, n // 8 * 256))
    photo = photos.take(encoded(crowd, "JPEG", quality=90), "everybody")
    found = lookalike.answer([photo], "actors", 5, 0.9)
    assert len(found.faces) == 40
    first = words(lookalike_answer.answer(found))
    assert "Face 12 of 40" in first
    assert "Face 13 of 40" not in first
    assert "Show 12 more faces of 40" in first
    assert "Face 40 of 40" in words(lookalike_answer.answer(found, 48))
    assert photos._shelf.n_bytes < 8_000_000


def test_only_some_photos_wait(demo):
    taken = [photos._waiting.acquire(blocking=False) for _ in range(photos.MOST_WAITING)]
    try:
        assert all(taken)
        with pytest.raises(MediaError, match="in a moment"):
            photos.take(selfie(demo), "me")
    finally:
        for _ in taken:
            photos._waiting.release()


# What a gallery may be.


def test_galleries_are_the_ready_ones_ones_own_and_the_demo(own_gallery):
    names = [choice.name for choice in lookalike_galleries.choices()]
    assert names == ["actors", "Own", demo_service.CAST]


def test_ones_own_gallery_is_searched(own_gallery, demo):
    photo = photos.take(selfie(demo), "me")
    found = lookalike.answer([photo], own_gallery, 5, 2.0)
    assert (found.n_people, found.source) == (2, "from the gallery Own")
    assert not found.faces[0].nearest.has_picture


def test_a_damaged_index_is_one_sentence_and_the_photo_stays(own_gallery, demo, client):
    photo = photos.take(selfie(demo), "me")
    (vectors,) = index_folder(own_gallery).glob("vectors-*")
    vectors.chmod(0o600)
    vectors.write_bytes(b"damaged" + vectors.read_bytes()[7:])
    with pytest.raises(GalleryError) as refused:
        lookalike.answer([photo], own_gallery, 5, 2.0)
    assert str(refused.value).endswith(".")
    assert str(refused.value) in words(lookalike_answer.failed(str(refused.value)))
    assert lookalike.answer([photo], "actors", 1, 2.0).faces[0].matches


def test_a_gallery_of_another_network_is_refused(demo):
    photo = photos.take(selfie(demo), "me")
    hashes = ("0" * 64,)
    GalleryRepository(store()).save(Gallery("Old", "net-0", ("Ann",), ("1.jpg",), hashes, np.zeros((1, 128), "f4")))
    try:
        with pytest.raises(GalleryError, match="Old was made with the network net-0"):
            lookalike.answer([photo], "Old", 5, 2.0)
    finally:
        GalleryRepository(store()).delete("Old")
    with pytest.raises(GalleryError, match="no gallery called"):
        lookalike.answer([photo], "Old", 5, 2.0)


# The page.


def test_the_page_offers_one_thing_to_do(client):
    text = shown_by(client, "/lookalike")
    for said in ("Who do you look like?", "Choose a photo", "Try sample 4", "never on a disk", "comes with Dramatis"):
        assert said in text, said


def test_callbacks_take_up_choose_and_forget(client, demo):
    from app.pages import lookalike as page

    one, two = (photos.take(selfie(demo, name), name) for name in ("user_1", "user_4_group"))
    held = page.take_up({"photos": [one, two], "n": 1}, {"ids": [one], "shown": one})
    assert held == {"ids": [one, two], "shown": two}
    assert page.take_up({"photos": [one, two, "gone"], "n": 2}, {"ids": [], "shown": None})["ids"] == [one, two]
    assert page.do({"act": "show", "photo": one}, held, 24)[:2] == ({**held, "shown": one}, lookalike_answer.N_FACES)
    assert page.do({"act": "more"}, held, 12)[1] == 24
    _, shown, no_work, no_together = page.draw_photos(held)
    assert (no_work, no_together) == (False, False)
    assert "3 faces" in words(shown)
    assert "Face 3 of 3" in words(page.draw_answer(held, "actors", 2, 0.9, False, 12))
    assert "shows 3 faces" in words(page.draw_answer(held, "actors", 2, 0.9, True, 12))
    assert "no gallery called" in words(page.draw_answer(held, "none", 2, 0.9, False, 12))
    assert "no gallery yet" in words(page.draw_answer(held, None, 2, 0.9, False, 12))
    match = first_match(one)
    asked = {"act": "open", "photo": one, "face": "1", "gallery": "actors", "row": str(match.row)}
    opened = page.do({**asked, "person": match.person}, held, 12)
    assert opened[2:4] == (True, f"This face and {match.person}")
    left = page.do({"act": "forget", "photo": two}, held, 12)[0]
    assert left == {"ids": [one], "shown": one}
    assert photos.known([two]) == ()
    assert page.do({"act": "forget", "photo": one}, left, 12)[0] == {"ids": [], "shown": None}
    assert page.draw_photos({"ids": [one], "shown": one})[2:] == (True, True)
    assert page.draw_answer({"ids": [one], "shown": one}, "actors", 2, 0.9, False, 12) is None
    assert "README" in words(page.draw_problems(["README is not a picture."]))
    assert page.draw_problems([]) is None
