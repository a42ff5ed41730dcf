"""The inspector in a real browser, on the demo's cast with a picture under a wrong name and somebody under two: found,
taken out, taken back, moved, merged, and still so after the cast is built again; and 5,000 faces. With
``DRAMATIS_PICTURES=FOLDER`` pictures are taken on the way."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.many_faces import save_many_faces
from engine.pipeline.galleries import build_saved
from engine.store.cast_folders import CastFolders
from engine.store.database import open_store
from engine.store.galleries import GalleryRepository
from tests.app.serving import Served
from tests.app.test_pages_in_browser import NARROW, WIDE, fits

pytestmark = pytest.mark.slow

WORK_MS = 150_000
CAST = "Inspected"
PLACE = "() => dramatis.pointMap(document.getElementById('inspector-map')).place(dramatis.inspector.data.key[0])"


@pytest.fixture
def folder(served: Served, demo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pictures of the cast, which is built: Mei Kuroda's first is under Viktor Hale, Finn Gallagher is two."""
    monkeypatch.setenv("DRAMATIS_DATA", str(served.data))
    folders = CastFolders(served.data / "casts")
    folder = folders.create(CAST).path
    shutil.copytree(demo / "gallery", folder, dirs_exist_ok=True)
    (folder / "Mei_Kuroda" / "01.jpg").rename(folder / "Viktor_Hale" / "wrong.jpg")
    (folder / "Finn_G").mkdir()
    for number in (1, 2, 3):
        (folder / "Finn_Gallagher" / f"{number:02}.jpg").rename(folder / "Finn_G" / f"{number:02}.jpg")
    build_saved(open_store(served.data / "dramatis.sqlite3"), folder, CAST)
    return folder


def in_cast(served: Served) -> dict[str, int]:
    names = GalleryRepository(open_store(served.data / "dramatis.sqlite3")).load(CAST).names
    return {name: names.count(name) for name in set(names)}


def test_find_mend_take_back_and_build_again(page: Page, served: Served, folder: Path):
    page.goto(f"/casts?show={CAST}")
    page.get_by_role("link", name="Inspect", exact=True).click()
    expect(page.locator("#inspector-chosen")).to_have_text("60 pictures")
    first = page.locator(".ps-tile").first

    # The wrong picture is the first, the two names are the first pair, and so is who would come apart.
    expect(first).to_contain_text("Viktor Hale")
    expect(page.locator("#inspector-same .in-row").first).to_contain_text("looks like one person")
    expect(page.locator("#inspector-same .in-row").first).to_contain_text("Finn G and Finn Gallagher")
    expect(page.locator("#inspector-divided .in-row").first).to_contain_text("Viktor Hale")
    expect(page.locator("#inspector-twice")).to_have_text("No picture is there twice.")
    expect(page.locator(".in-way")).to_have_count(4, timeout=WORK_MS)
    expect(page.locator(".in-way").nth(1)).to_contain_text("10K-means")
    expect(page.locator("#inspector-map")).to_have_attribute("data-points", "60")
    fits(page, "inspector")

    # In space, where dragging turns the points; and back.
    page.get_by_role("button", name="3-D").click()
    drawn = page.locator("#inspector-map")
    expect(drawn).to_have_attribute("data-way", "move")
    before = page.evaluate(PLACE)
    box = drawn.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=5)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert page.evaluate(PLACE) != before
    fits(page, "inspector-space")
    page.get_by_role("button", name="Map", exact=True).click()
    expect(drawn).to_have_attribute("data-way", "lasso")

    # Taken out, and taken back.
    first.locator(".ps-face").click()
    page.get_by_role("button", name="Take out").click()
    expect(page.locator("#inspector-chosen")).to_have_text("59 pictures")
    assert in_cast(served)["Viktor_Hale"] == 6
    expect(page.locator(".ps-step-words").first).to_have_text("1 picture of Viktor Hale taken out")
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator("#inspector-chosen")).to_have_text("60 pictures")
    assert in_cast(served)["Viktor_Hale"] == 7

    # Moved to whom it shows, by a part of the name; and the two names made one.
    page.locator(".ps-tile").first.locator(".ps-face").click()
    page.get_by_role("button", name="Move to …").click()
    page.get_by_role("combobox").last.fill("kuro")
    page.keyboard.press("Enter")
    expect(page.locator(".ps-step-words").first).to_have_text("1 picture of Viktor Hale moved to Mei Kuroda")
    page.get_by_role("button", name="Merge Finn G and Finn Gallagher").click()
    expect(page.locator(".ps-step-words").first).to_contain_text("joined with")
    expect(page.locator("#inspector-divided .in-row.is-likely")).to_have_count(0)
    right = {"Mei_Kuroda": 6, "Viktor_Hale": 6}
    assert right.items() <= in_cast(served).items() and len(in_cast(served)) == 10
    assert 6 in [n for name, n in in_cast(served).items() if name.startswith("Finn_G")]

    # What was decided outlives a new building from the same folder, in which the picture is where it was.
    build_saved(open_store(served.data / "dramatis.sqlite3"), folder, CAST)
    page.reload()
    expect(page.locator("#inspector-chosen")).to_have_text("60 pictures")
    assert right.items() <= in_cast(served).items() and len(in_cast(served)) == 10

    # A filter and the address of one person; narrow and dark.
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    page.goto(f"/inspector?cast={CAST}&person=Mei_Kuroda")
    expect(page.locator("#inspector-chosen")).to_have_text("6 of 60 pictures")
    expect(page.locator(".ps-tile")).to_have_count(6)
    expect(page.locator(".ps-marks .is-hand")).to_have_count(1)
    fits(page, "inspector-narrow-dark")
    page.locator('[data-filter="odd"]').evaluate(
        "one => { one.value = one.max; one.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    expect(page.locator("#inspector-tiles")).to_contain_text("None is like that")


def test_five_thousand_faces(page: Page, served: Served):
    save_many_faces(open_store(served.data / "dramatis.sqlite3"))
    page.set_viewport_size(WIDE)
    page.goto("/inspector?cast=Five+thousand")
    expect(page.locator("#inspector-chosen")).to_have_text("5,000 pictures")
    # No more tiles than are looked at; others as one scrolls.
    expect(page.locator(".ps-tile")).to_have_count(180)
    page.locator("#inspector-tiles").evaluate("one => { one.scrollTop = one.scrollHeight }")
    expect(page.locator(".ps-tile")).to_have_count(360)
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("#inspector-chosen")).to_contain_text("5,000 chosen")
    # The map is made by a job, which can be stopped.
    page.get_by_role("button", name="Make the map").click()
    card = page.locator("#inspector-map-state .job-card")
    expect(card).to_contain_text("Map: Five thousand")
    page.once("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name=re.compile("^(Cancel|Stop)")).click()
    expect(card.get_by_text("Stopping").or_(page.get_by_role("button", name="Make the map"))).to_be_visible()
