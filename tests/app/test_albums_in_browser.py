"""An album from its pictures to its end in a real browser: sent, stopped, looked through, grouped, saved, deleted; and
a folder of this machine. With ``DRAMATIS_PICTURES=FOLDER`` pictures are taken on the way."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.serving import Served, serving
from tests.app.test_pages_in_browser import NARROW, WIDE, fits, settled

pytestmark = pytest.mark.slow

WORK_MS = 240_000


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Iterator[Served]:
    """Dramatis with a folder of the demo's pictures allowed; these tests fail if it logged an error."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(demo / "album", folder / "Shelf" / "Album")
    log = folder / "log"
    arguments = ("--port", "0", "--films", str(folder / "Shelf"))
    with log.open("w") as file, serving(folder, *arguments, stderr=file.fileno()) as started:
        yield started
    assert [line for line in log.read_text("utf-8").splitlines() if "ERROR" in line or "Traceback" in line] == []


def test_from_pictures_to_people_and_away(page: Page, demo: Path, tmp_path: Path):
    page.goto("/albums")
    expect(page.get_by_role("heading", name="Who is in these pictures?")).to_be_visible()
    fits(page, "albums-empty")

    family = tmp_path / "The family"
    (family / "friends").mkdir(parents=True)
    for i, path in enumerate(sorted((demo / "album").iterdir())):
        shutil.copy(path, family / "friends" if i % 5 == 4 else family)
    (family / "broken.jpg").write_bytes(b"no picture at all")
    (family / "notes.txt").write_text("no picture")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(family)

    # It is looked through, stopped, and goes on.
    card = page.locator(".album-card").filter(has_text="The family")
    running = page.locator(".live .job-card-running").filter(has_text="Album: The family")
    expect(running).to_contain_text("Looking at the pictures", timeout=WORK_MS)
    expect(running.locator(".job-percent")).to_have_text(re.compile(r"[1-9]\d? %"), timeout=WORK_MS)
    page.on("dialog", lambda dialog: dialog.accept())
    running.get_by_role("button", name="Stop").click()
    expect(card).to_contain_text("Not looked through to the end", timeout=WORK_MS)
    card.get_by_role("button", name="Look through it").click()
    expect(card).to_contain_text("24 pictures", timeout=WORK_MS)

    # Faces of everybody, what cannot be read, and where to go from here.
    expect(card).to_contain_text(re.compile(r"[5-8] people, [5-8] without a name"))
    expect(card.locator(".face").first).to_be_visible()
    address = card.locator(".face").first.evaluate("(face) => face.style.backgroundImage.slice(5, -2)")
    assert page.request.get(f"{page.url.removesuffix('/albums')}{address}").headers["content-type"] == "image/jpeg"
    card.get_by_text("1 picture cannot be read").click()
    expect(card.locator(".left-out li")).to_contain_text("broken.jpg is not a picture that can be read")
    expect(card.get_by_role("link", name="Name the people")).to_have_attribute(
        "href", re.compile(r"/unknowns\?film=.+")
    )
    with page.expect_download() as download:
        card.get_by_role("link", name="Save as a table").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert download.value.suggested_filename == "The family faces.csv"
    assert len(lines) == 53 and any(line.startswith("friends/") for line in lines)
    for viewport, theme in ((WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=theme)
        fits(page, f"albums{'' if viewport == WIDE else '-narrow'}{'' if theme == 'light' else '-dark'}")
    page.set_viewport_size(WIDE)

    # Another name, which stays.
    card.get_by_role("button", name="Rename").click()
    card.get_by_label("Title of the film").fill("Seven summers")
    card.get_by_label("Title of the film").press("Enter")
    card = page.locator(".album-card").filter(has_text="Seven summers")
    expect(card).to_be_visible()

    card.get_by_role("button", name="Delete").click()
    expect(page.locator("#albums-delete-body")).to_contain_text("the copies of the pictures that you sent")
    page.locator("#albums-delete-no").click()
    expect(page.locator("#albums-delete-body")).to_be_hidden()
    card.get_by_role("button", name="Delete").click()
    page.locator("#albums-delete-yes").click()
    expect(page.get_by_role("heading", name="Who is in these pictures?")).to_be_visible()


def test_a_folder_of_this_machine_is_not_copied(page: Page, served: Served):
    page.goto("/albums")
    page.get_by_role("button", name="a folder of this machine").click()
    page.get_by_text("Shelf/Album").click()
    settled(page)
    fits(page, "albums-folder")
    page.get_by_role("button", name="Look through it").click()
    card = page.locator(".album-card").filter(has_text="Album")
    expect(card).to_contain_text("24 pictures", timeout=WORK_MS)
    assert list((served.data / "albums").glob("*/*")) == []
    card.get_by_role("button", name="Delete").click()
    expect(page.locator("#albums-delete-body")).to_contain_text("stay where they are, in the folder Album")
    page.locator("#albums-delete-yes").click()
    expect(card).to_have_count(0)
    assert len(list((served.data.parent / "Shelf" / "Album").iterdir())) == 24
