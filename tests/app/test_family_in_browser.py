"""The family page in a real browser, wide and narrow: the demo's family with one press, a group picture whose faces are
given to people, and the card.

With ``DRAMATIS_PICTURES=docs/img`` the pictures of the documentation are taken on the way.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.app.serving import Served
from tests.app.test_pages_in_browser import NARROW, WIDE, fits

READ_MS = 120_000  # longest wait for networks to load and pictures to be looked at

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("viewport", "theme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide", "narrow and dark"])
def test_the_demo_family_with_one_press(page: Page, viewport: dict, theme: str):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(viewport)
    suffix = f"{'' if viewport == WIDE else '-narrow'}{'' if theme == 'light' else '-dark'}"
    page.goto("/family")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mother or father?")
    fits(page, f"family-start{suffix}")

    page.get_by_role("button", name="See it with the demo family").click()
    expect(page.locator(".family-faces img")).to_have_count(15, timeout=READ_MS)
    expect(page.locator(".family-child")).to_have_count(3)
    ada = page.get_by_label("The answer about Ada")
    expect(ada.get_by_role("heading")).to_have_text("Ada looks more like her mother")
    expect(page.get_by_label("The answer about Ben").get_by_role("heading")).to_have_text("Ben: too close to call")
    expect(page.locator(".family-map-mark")).to_have_count(5)
    # Drawn anew for each picture: the last time is when nothing is on its way any more.
    expect(page.locator("#family-status")).to_be_empty()
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => [...document.images].every((one) => one.complete && one.naturalWidth)")
    fits(page, f"family{suffix}")
    with page.expect_download() as download:
        ada.get_by_role("link", name="Save the share card").click()
    assert download.value.suggested_filename == "Ada family likeness.png"
    with Image.open(download.value.path()) as card:
        assert (card.format, card.size) == ("PNG", (1200, 630))

    # Another name, another sex, one picture less: the answer follows.
    page.get_by_label("Name of the child").nth(1).fill(
        "A name that is very much longer than a line can be, and goes on"
    )
    page.get_by_label("Name of the child").nth(1).press("Enter")
    expect(page.locator(".family-child").nth(1)).to_contain_text("A name that is very much longer")
    fits(page, f"family-long{suffix}")
    page.get_by_role("button", name="Leave Tim out").click()
    expect(page.locator(".family-child")).to_have_count(2)
    first = page.get_by_label("Ben", exact=True)
    first.get_by_role("button", name="Small child").click()
    expect(page.locator(".family-child").first).to_contain_text("still changing")

    # Another page and back: all is there. Starting anew, and a reload, forget it.
    page.evaluate("window.dash_clientside.set_props('shell-location', { href: '/casts' })")
    expect(page.get_by_role("heading", level=1)).to_have_text("Casts")
    page.go_back()
    expect(page.locator(".family-child")).to_have_count(2)
    page.get_by_role("button", name="Start anew").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mother or father?")
    expect(page.locator(".family-faces img")).to_have_count(0)


def test_faces_of_a_group_are_pressed_or_dragged_to_people(page: Page, demo: Path):
    page.goto("/family")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture of several").click()
    chooser.value.set_files(demo / "selfies" / "user_4_group.jpg")
    expect(page.locator(".family-mark")).to_have_count(3, timeout=READ_MS)
    page.get_by_label("Face 2", exact=True).press("Enter")
    child = page.locator('[data-slot="child-1"]')
    child.get_by_role("button", name="Put the face here").click()
    expect(child.locator(".family-faces img")).to_have_count(1)
    expect(page.get_by_label("Face 2, Child")).to_be_visible()
    page.get_by_label("Face 1", exact=True).drag_to(page.locator('[data-slot="mother"]'))
    expect(page.get_by_label("Face 1, Mother")).to_be_visible()
    expect(page.locator(".family-child")).to_contain_text("Child and Mother")
    page.get_by_role("button", name="Add a relative").click()
    page.get_by_label("Name of the relative").fill("Uncle Bob")
    page.get_by_label("Name of the relative").press("Enter")
    page.get_by_label("Face 3", exact=True).click()
    page.get_by_label("Uncle Bob", exact=True).get_by_role("button", name="Put the face here").click()
    expect(page.locator(".family-child h2")).to_contain_text("Uncle Bob")
    # A face has one place: given to the father, it leaves the uncle.
    page.get_by_label("Face 3, Uncle Bob").click()
    page.locator('[data-slot="father"]').get_by_role("button", name="Put the face here").click()
    expect(page.get_by_label("Face 3, Father")).to_be_visible()
    expect(page.locator(".family-scale")).to_have_count(1)
    page.get_by_role("button", name="Forget user_4_group.jpg").click()
    expect(page.locator(".family-faces img")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mother or father?")


def test_a_photo_without_a_face_is_refused_in_a_sentence(
    chromium: Browser, served: Served, session_state: dict, tmp_path: Path
):
    Image.new("RGB", (400, 300), "teal").save(tmp_path / "sea.png")
    # A window of its own: the browser itself reports the refusal as an error.
    context = chromium.new_context(storage_state=session_state, base_url=served.address)
    page = context.new_page()
    page.goto("/family")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose pictures of Mother").click()
    chooser.value.set_files([tmp_path / "sea.png"])
    expect(page.locator("#family-problem-list")).to_contain_text("No face was found in sea.png", timeout=READ_MS)
    expect(page.locator(".family-faces img")).to_have_count(0)
    context.close()
