"""The lookalike page in a real browser, wide and narrow: a photo, its matches, why, and the card to share; the camera;
and that photos are forgotten with the page.

With ``DRAMATIS_PICTURES=docs/img`` the pictures of the documentation are taken on the way.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.app.serving import Served
from tests.app.test_pages_in_browser import NARROW, WIDE, fits

pytestmark = pytest.mark.slow

READ_MS = 120_000  # longest wait for networks to load, or a gallery's pictures to be read

SEEN_OF_READING = """() => {
    const place = document.getElementById("lookalike-reading");
    window.said = [];
    new MutationObserver(() => window.said.push(place.textContent)).observe(place, { childList: true });
}"""

CAMERA = """
    async function getUserMedia() {
        const image = new Image();
        image.src = "/lookalike/samples/user_1.jpg";
        await image.decode();
        const canvas = Object.assign(document.createElement("canvas"), { width: 720, height: 960 });
        window.setInterval(() => canvas.getContext("2d").drawImage(image, 0, 0), 50);
        return canvas.captureStream(20);
    }
    const enumerateDevices = async () => [{ kind: "videoinput" }];
    Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia, enumerateDevices } });
"""


@pytest.mark.parametrize(("viewport", "theme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide", "narrow and dark"])
def test_from_a_photo_to_the_share_card(page: Page, demo: Path, viewport: dict, theme: str):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(viewport)
    suffix = f"{'' if viewport == WIDE else '-narrow'}{'' if theme == 'light' else '-dark'}"
    page.goto("/lookalike")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who do you look like?")
    expect(page.locator(".sample")).to_have_count(4)
    fits(page, f"lookalike-start{suffix}")

    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(demo / "selfies" / "user_4_group.jpg")
    expect(page.locator(".photo-face")).to_have_count(3, timeout=READ_MS)
    expect(page.get_by_role("heading", name="Face 3 of 3")).to_be_visible()
    expect(page.locator(".match")).to_have_count(15)
    expect(page.locator(".match").first).to_contain_text("from Labeled Faces in the Wild")
    expect(page.locator(".match .tile").first).to_have_text(re.compile("^[A-Z]{1,2}$"))

    page.evaluate(SEEN_OF_READING)
    page.get_by_label("Compare with").select_option("Demo cast")
    expect(page.locator(".match").first).to_contain_text("from the demo", timeout=READ_MS)
    expect(page.locator("#lookalike-face-2 .match").first).to_contain_text("Finn Gallagher")
    expect(page.locator("#lookalike-reading")).to_be_empty()
    said = page.evaluate("window.said")
    if viewport == WIDE:  # the first to ask for it
        counts = [int(re.fullmatch(r"Reading the demo’s pictures, once: (\d+) of 60 …", one)[1]) for one in said if one]
        assert len(set(counts)) > 1 and counts == sorted(counts)
    fits(page, f"lookalike{suffix}")

    best = page.locator("#lookalike-face-2 .match").first
    best.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This face and Finn Gallagher")
    expect(dialog).to_contain_text("likeness")
    expect(dialog).to_contain_text(re.compile(r"Distance 0\.\d\d: closer than [\d.]+\s% of strangers"))
    pictures = dialog.locator("img")
    expect(pictures).to_have_count(3)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.pair-figures img')].every((one) => one.complete && one.naturalWidth)"
    )
    fits(page, f"lookalike-why{suffix}")
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Save the share card").click()
    assert download.value.suggested_filename == "Finn Gallagher lookalike.png"
    with Image.open(download.value.path()) as card:
        assert (card.format, card.size) == ("PNG", (1200, 630))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    # Another page and back: the photo is still there. A reload forgets it.
    page.evaluate("window.dash_clientside.set_props('shell-location', { href: '/casts' })")
    expect(page.get_by_role("heading", level=1)).to_have_text("Casts")
    page.go_back()
    expect(page.locator(".photo-face")).to_have_count(3)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who do you look like?")


def test_several_photos_of_one_person_and_a_nearer_limit(page: Page, demo: Path):
    page.goto("/lookalike")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files([demo / "selfies" / f"user_{n}.jpg" for n in (1, 2)])
    expect(page.locator(".thumb")).to_have_count(2, timeout=READ_MS)
    expect(page.get_by_role("heading", name="Who looks like this face")).to_be_visible()
    page.get_by_label("All photos show one person").check()
    expect(page.get_by_role("heading", name="One person in 2 photos")).to_be_visible()
    page.locator("#lookalike-distance").get_by_role("slider").press("Home")
    expect(page.locator(".nobody")).to_contain_text("Nobody of actors is within a distance of 0.30.")
    page.get_by_role("button", name="Forget user_1.jpg").click()
    expect(page.locator(".thumb")).to_have_count(1)
    page.get_by_role("button", name="Forget user_2.jpg").click()
    expect(page.locator(".sample").first).to_be_visible()


def test_a_face_of_a_crowd_is_answered_when_its_box_is_pressed(page: Page, demo: Path, tmp_path: Path):
    crowd = Image.new("RGB", (5 * 256, 4 * 256))
    for n, path in enumerate(sorted((demo / "gallery").glob("*/0[14].jpg"))):
        with Image.open(path) as face:
            crowd.paste(face.resize((256, 256)), (n % 5 * 256, n // 5 * 256))
    crowd.save(tmp_path / "crowd.jpg", quality=90)
    page.goto("/lookalike")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(tmp_path / "crowd.jpg")
    expect(page.locator(".face-answer")).to_have_count(12, timeout=READ_MS)
    page.get_by_label("Face 20", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Face 20 of 20")).to_be_in_viewport()
    expect(page.locator(".face-answer:target h2")).to_have_text("Face 20 of 20")
    # One that is there is gone to at once, and no fewer are shown.
    page.get_by_label("Face 3", exact=True).click()
    expect(page.get_by_role("heading", name="Face 3 of 20")).to_be_in_viewport()
    expect(page.locator(".face-answer")).to_have_count(20)


@pytest.mark.shared
def test_people_of_a_ready_gallery_show_their_pictures_once_these_were_fetched(
    page: Page, served: Served, shared_data: Path
):
    fetched = served.data / "lfw" / "lfw_home"
    fetched.mkdir(parents=True)
    (fetched / "lfw_funneled").symlink_to(shared_data / "lfw" / "images")
    try:
        page.goto("/lookalike")
        page.get_by_role("button", name="Try sample 1").click()
        expect(page.locator(".match")).to_have_count(5, timeout=READ_MS)
        expect(page.locator(".match .tile")).to_have_count(0)
        pictures = page.locator(".match-pair > :last-child")
        expect(pictures).to_have_count(5)
        loaded = (
            "() => [...document.querySelectorAll('.match-pair img')].every((one) => one.complete && one.naturalWidth)"
        )
        page.wait_for_function(loaded, timeout=READ_MS)
        page.locator(".match").first.click()
        expect(page.get_by_role("dialog").locator("img")).to_have_count(3)
        expect(page.get_by_role("dialog").locator(".tile")).to_have_count(0)
    finally:
        shutil.rmtree(served.data / "lfw")


def test_a_sample_needs_one_press(page: Page):
    page.goto("/lookalike")
    page.get_by_role("button", name="Try sample 1").press("Enter")
    expect(page.locator(".match")).to_have_count(5, timeout=READ_MS)


def test_without_a_camera_there_is_no_button_for_it(page: Page):
    page.goto("/lookalike")
    expect(page.get_by_role("button", name="Choose a photo")).to_be_visible()
    expect(page.get_by_role("button", name="Use the camera")).to_be_hidden()


def test_a_picture_of_the_camera_is_looked_at(page: Page):
    """A canvas with a selfie stands in for the camera: what is taken comes out of a real video."""
    page.add_init_script(CAMERA)
    page.goto("/lookalike")
    page.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => document.getElementById('lookalike-video').videoWidth > 0")
    page.get_by_role("button", name="Take the photo").click()
    expect(page.locator(".match")).to_have_count(5, timeout=READ_MS)
    expect(page.locator(".photo-words")).to_contain_text("The camera's photo · 1 face")
    assert page.evaluate("document.getElementById('lookalike-video').srcObject") is None
