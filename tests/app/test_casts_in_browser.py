"""A cast from a zip to its end and back, in a real browser: the report, its terms, the file it leaves as, deleting,
importing, merging; wide and narrow. With ``DRAMATIS_PICTURES=FOLDER`` pictures are taken on the way."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from engine.store.database import open_store
from engine.store.galleries import GalleryRepository
from engine.types import Gallery
from engine.vision.model_ids import EMBEDDER_ID
from tests.app.serving import Served, serving
from tests.app.test_pages_in_browser import NARROW, WIDE, fits

pytestmark = pytest.mark.slow

WORK_MS = 150_000
CAST = ("Clara_Winther", "Viktor_Hale", "Helena_Marsh")
LICENCE = "CC BY 4.0, rendered for the tests"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Dramatis for these tests; they fail if it logged an error."""
    folder = tmp_path_factory.mktemp("served")
    log = folder / "log"
    with log.open("w") as file, serving(folder, stderr=file.fileno()) as started:
        yield started
    assert [line for line in log.read_text("utf-8").splitlines() if "ERROR" in line or "Traceback" in line] == []


@pytest.fixture(scope="module")
def packed(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of three people, with a picture of nobody, one that is there twice, and one that is no picture."""
    folder = tmp_path_factory.mktemp("zip") / "Short cast"
    for person in CAST:
        (folder / person).mkdir(parents=True)
        for number in (1, 2):
            shutil.copy(demo / "gallery" / person / f"{number:02}.jpg", folder / person)
    Image.new("RGB", (300, 200), "navy").save(folder / CAST[0] / "sea.jpg")
    shutil.copy(folder / CAST[0] / "01.jpg", folder / CAST[0] / "again.jpg")
    (folder / CAST[1] / "notes.jpg").write_bytes(b"no picture at all")
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for picture in sorted(folder.rglob("*.jpg")):
            archive.write(picture, picture.relative_to(folder.parent))
    return path


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_from_a_zip_to_a_file_and_back(page: Page, packed: Path, tmp_path: Path, viewport: dict):
    page.set_viewport_size(viewport)
    narrow = "-narrow" if viewport == NARROW else ""
    name = f"From a zip{narrow}"

    # What is in the zip is taken, what is none is told, and the rest is looked at.
    page.goto("/casts?new=1")
    page.locator("#casts-name").fill(name)
    choose(page, "Choose a zip or a CSV", packed)
    expect(page.locator(".person-picture")).to_have_count(7)
    expect(page.locator(".problems")).to_contain_text("2 pictures were not taken")
    expect(page.locator(".problems")).to_contain_text("is the same picture as one that is there")
    page.locator("#casts-licence").fill(LICENCE)
    fits(page, f"casts-editor{narrow}")
    page.locator("#casts-build").click()
    expect(page.locator(".job-card-done")).to_contain_text("3 people", timeout=WORK_MS)
    fits(page, f"casts-built{narrow}")
    page.get_by_role("link", name="See the whole cast").click()

    # One cast whole: its terms, its people, and what was left out with its picture.
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator(".cast-note")).to_have_text(LICENCE)
    expect(page.locator(".cast-people li")).to_have_count(3)
    page.locator(".reason summary", has_text="No face found").click()
    expect(page.locator(".left-out-picture")).to_be_visible()
    page.get_by_role("button", name="Change the licence note").click()
    page.locator("#casts-terms-text").fill(f"{LICENCE}\nAsk before use")
    page.locator("#casts-terms-yes").click()
    expect(page.locator(".cast-note")).to_contain_text("Ask before use")
    expect(page.locator("#casts-terms")).to_have_count(0)
    fits(page, f"casts-one{narrow}")

    # It leaves as a file.
    page.get_by_role("button", name=f"Export {name}").click()
    expect(page.get_by_role("dialog")).to_contain_text("Ask before use")
    fits(page, f"casts-export{narrow}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save with pictures").click()
    assert download.value.suggested_filename == f"{name}.gallery"
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert zipfile.is_zipfile(file)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    # Deleting says what goes.
    page.get_by_role("button", name=f"Delete {name}").click()
    expect(page.get_by_role("dialog")).to_contain_text("its 7 pictures")
    fits(page, f"casts-delete{narrow}")
    page.locator("#casts-delete-yes").click()
    expect(page).to_have_url(re.compile("/casts$"))
    expect(page.locator(".cast-card").filter(has_text=name)).to_have_count(0)
    expect(page.get_by_text("There is no cast yet.")).to_be_visible()
    fits(page, f"casts-empty{narrow}")

    # What is no cast is refused in a sentence; the file brings the cast back, with its pictures and its terms.
    choose(page, "import one from a file", packed)
    expect(page.locator(".notice-danger")).to_contain_text("is no gallery that can be used")
    expect(page.locator(".notice-danger")).to_contain_text(packed.name)
    page.locator(".notice-danger .notice-close").click()
    choose(page, "import one from a file", file)
    expect(page.get_by_role("dialog")).to_contain_text("3 people")
    expect(page.get_by_role("dialog")).to_contain_text("Ask before use")
    fits(page, f"casts-import{narrow}")
    page.locator("#casts-import-yes").click()
    card = page.locator(".cast-card").filter(has_text=name)
    expect(card).to_contain_text("Ask before use")
    expect(card.get_by_role("link", name="Change")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)

    # A second one of it and the two as one; who is in both may be two people.
    choose(page, "Import a file", file)
    expect(page.get_by_role("dialog")).to_contain_text("already")
    page.locator("#casts-import-name").fill("The other")
    page.locator("#casts-import-yes").click()
    expect(page.locator(".cast-card").filter(has_text="The other")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Merge two casts into one").click()
    page.locator("#casts-merge-first").select_option(name)
    page.locator("#casts-merge-second").select_option("The other")
    preview = page.locator("#casts-merge-preview")
    expect(preview).to_contain_text("6 pictures are in both")
    page.locator("#casts-merge-shared").get_by_label("Viktor Hale").uncheck()
    expect(preview).to_contain_text("2 pictures are left out")
    page.locator("#casts-merge-shared").get_by_label("Viktor Hale").check()
    expect(preview).not_to_contain_text("left out")
    page.locator("#casts-merge-name").fill("Both of them")
    fits(page, f"casts-merge{narrow}")
    page.locator("#casts-merge-yes").click()
    both = page.locator(".cast-card").filter(has_text="Both of them")
    expect(both).to_contain_text("3 people · 6 pictures")
    expect(page.locator(".cast-card").filter(has_text="Comes with Dramatis")).to_contain_text("601 people")
    fits(page, f"casts-list{narrow}")
    page.goto("/casts?show=actors")
    expect(page.locator(".cast-people li")).to_have_count(601)
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    fits(page, f"casts-ready{narrow}")
    page.goto("/casts")
    for gone in ("Both of them", "The other", name):
        page.get_by_role("button", name=f"Delete {gone}", exact=True).click()
        page.locator("#casts-delete-yes").click()
        expect(page.locator(".cast-card").filter(has_text=gone)).to_have_count(0)


def test_a_list_says_whom_pictures_show_that_lie_in_one_folder(page: Page, demo: Path, tmp_path: Path):
    for number, person in enumerate(CAST):
        shutil.copy(demo / "gallery" / person / "01.jpg", tmp_path / f"{number}.jpg")
    rows = [f"{person.replace('_', ' ')},pictures/{number}.jpg" for number, person in enumerate(CAST)]
    path = tmp_path / "who.csv"
    path.write_text("\n".join(["person,picture", *rows, "Nobody,gone.jpg", "Half a row"]), "utf-8")
    page.goto("/casts?new=1")
    choose(page, "Choose a zip or a CSV", path, *(tmp_path / f"{number}.jpg" for number in range(3)))
    expect(page.locator(".person-picture")).to_have_count(3)
    expect(page.locator(".person-row").first).to_have_attribute("data-person", "Clara Winther")
    expect(page.locator(".problems")).to_contain_text("2 pictures were not taken")
    expect(page.locator(".problems")).to_contain_text("gone.jpg is in the list, but not among the files chosen")
    expect(page.locator(".problems")).to_contain_text("who.csv, line 6 1 columns, two expected")


def test_somebody_among_many_is_found_by_typing(page: Page):
    page.goto("/casts?show=actors")
    people = page.locator(".cast-people li:visible")
    expect(people).to_have_count(601)
    field, found = page.get_by_role("searchbox", name="Find a person"), page.locator("#casts-found")
    field.press_sequentially("Nicole K")
    expect(found).to_have_text(re.compile(r"^\d+ of 601$"))
    expect(people.filter(has_text="Nicole Kidman")).to_have_count(1)
    for typed in ("nicole_kidman", "KIDMAN nic", "Nicòle Kidmän "):
        field.fill(typed)
        expect(found).to_have_text("1 of 601")
        expect(people).to_have_text(re.compile("Nicole Kidman"))
    field.fill("nobody at all")
    expect(page.get_by_text("Nobody here is called “nobody at all”.")).to_be_visible()
    expect(found).to_have_text("0 of 601")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(people).to_have_count(601)
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect(found).to_be_empty()
    field.fill("nicole kidman")
    page.keyboard.press("Escape")
    expect(people).to_have_count(601)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_sixty_long_names_are_told_apart_in_the_dark(page: Page, served: Served, viewport: dict):
    names = [f"{number:02} María de los Ángeles Fernández-Villaverde y Ruiz {number}" for number in range(59)]
    names.append("Konstantinopolskafeatherstonehaugh")
    rows = [tuple(f"{kind}{i}" for i in range(60)) for kind in ("p/", "")]
    vectors = np.zeros((60, 128), np.float32)
    name = f"The ensemble of the six-hour adaptation, {viewport['width']} pixels wide"
    galleries = GalleryRepository(open_store(served.data / "dramatis.sqlite3"))
    galleries.save(Gallery(name, EMBEDDER_ID, tuple(names), *rows, vectors), "Ask before use. " * 20)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(viewport)
    page.goto("/casts")
    expect(page.locator(".cast-card").filter(has_text=name)).to_be_visible()
    fits(page, f"casts-many-{viewport['width']}")
    page.goto(f"/casts?show={quote(name)}")
    expect(page.locator(".cast-people li")).to_have_count(60)
    fits(page, f"casts-many-one-{viewport['width']}")
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".cast-people strong")]
            .filter((one) => one.scrollHeight > one.clientHeight + 1)
            .map((one) => one.textContent)"""
    )
    assert cut == []
    galleries.delete(name)


def choose(page: Page, button: str, *files: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button).click()
    chooser.value.set_files(list(files))
