"""A person's page in a real browser: faces are chosen, split off, moved, named, and everything is taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.identity.evidence import CALIBRATED_FOR
from engine.pipeline import correct
from engine.store.corrections import CorrectionLog
from engine.store.database import Store, open_store
from engine.store.films import FilmRepository
from tests.app.serving import Served
from tests.mixed_film import BRIEF, MIXED, MIXED_TRACKS, N_ADA, OTHER, SECOND, SHA256, mixed_analysis, save_mixed_film

pytestmark = pytest.mark.slow

N = len(MIXED_TRACKS)
PLACE = "(track) => dramatis.pointMap(document.getElementById('person-map')).place(track)"
LONG_NAME = "Wilhelmina Alexandrina Paulowna von Hohenberg-Sachsen-Coburg the Younger, Countess of Almost Everywhere"


@pytest.fixture(scope="module")
def store(served: Served) -> Store:
    return open_store(served.data / "dramatis.sqlite3")


@pytest.fixture
def token(store: Store) -> str:
    """The mixed film without any correction."""
    FilmRepository(store).delete_film(SHA256)
    return save_mixed_film(store)


def opened(page: Page, token: str, person_id: str = MIXED) -> None:
    page.goto(f"/person?film={token}&id={person_id}")
    expect(page.locator(".ps-tile").first).to_be_visible()
    expect(page.locator("#person-map[data-points]")).to_be_visible(timeout=60_000)


def tiles(page: Page):
    return page.locator("#person-tiles .ps-face")


def choose(page: Page, tracks: tuple[int, ...]) -> None:
    """The first by a click, the last by one with Shift: they stand beside each other."""
    tiles(page).nth(MIXED_TRACKS.index(tracks[0])).click()
    if len(tracks) > 1:
        tiles(page).nth(MIXED_TRACKS.index(tracks[-1])).click(modifiers=["Shift"])


def button(page: Page, words: str):
    return page.locator(".ps-page").get_by_role("button", name=words, exact=True)


def notice(page: Page, words: str):
    return page.locator(".notice").filter(has_text=words)


def test_a_person_is_corrected_and_everything_taken_back(page: Page, token: str):
    opened(page, token)
    expect(tiles(page)).to_have_count(N)
    expect(button(page, "Split off as someone else")).to_be_disabled()
    choose(page, SECOND)
    expect(page.locator("#person-chosen")).to_have_text(f"4 of {N} faces chosen")
    button(page, "Split off as someone else").click()
    expect(notice(page, "4 faces split off: unknown_4.")).to_be_visible()
    expect(tiles(page)).to_have_count(N - 4)
    expect(page.locator("#person-chosen")).to_have_text(f"{N - 4} faces")

    notice(page, "4 faces split off").get_by_role("button", name="Undo").click()
    expect(tiles(page)).to_have_count(N)
    expect(page.locator(".ps-step.is-undone")).to_have_count(1)
    page.locator('[data-do="redo"]').click()
    expect(tiles(page)).to_have_count(N - 4)
    expect(page.locator(".ps-step.is-undone")).to_have_count(0)

    tiles(page).nth(0).click()
    button(page, "Move to …").click()
    asked = page.locator("dialog.pick")
    expect(asked.get_by_role("option")).to_have_count(4)
    asked.get_by_role("combobox").fill("ada")
    expect(asked.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(notice(page, "1 face moved to Ada Byron.")).to_be_visible()
    expect(tiles(page)).to_have_count(N - 5)

    tiles(page).nth(1).click()
    button(page, "Not unknown_1").click()
    expect(tiles(page)).to_have_count(N - 6)
    tiles(page).nth(1).click()
    button(page, "Not a face").click()
    expect(tiles(page)).to_have_count(N - 7)

    button(page, "Rename").click()
    page.keyboard.type("Zoë")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Zoë")
    expect(page.locator(".ps-kind")).to_have_text("named by hand")

    steps = page.locator(".ps-step")
    expect(steps).to_have_count(5)
    expect(steps.nth(0)).to_contain_text("unknown_1 named Zoë, 5 faces")
    expect(steps.nth(3)).to_contain_text("1 face of unknown_1 moved to Ada Byron")
    steps.nth(3).get_by_role("button").click()
    expect(notice(page, "Taken back: 1 face of unknown_1 moved to Ada Byron.")).to_be_visible()
    expect(tiles(page)).to_have_count(N - 6)
    expect(steps.nth(3).locator("s")).to_have_count(1)
    steps.nth(3).get_by_role("button", name=re.compile("Make hold again")).click()
    expect(tiles(page)).to_have_count(N - 7)

    page.locator("h1").click()
    for n in range(1, 6):
        page.keyboard.press("Control+z")
        expect(page.locator(".ps-step.is-undone")).to_have_count(n)
    expect(tiles(page)).to_have_count(N)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".ps-step.is-undone")).to_have_count(4)


def test_the_keyboard_alone(page: Page, token: str):
    opened(page, token)
    tiles(page).nth(0).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#person-chosen")).to_have_text(f"3 of {N} faces chosen")
    expect(tiles(page).nth(2)).to_be_focused()
    page.keyboard.press("Space")
    expect(tiles(page).nth(2)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Control+a")
    expect(page.locator("#person-chosen")).to_have_text(f"{N} of {N} faces chosen")
    page.keyboard.press("Escape")
    expect(page.locator("#person-chosen")).to_have_text(f"{N} faces")
    page.keyboard.press("End")
    expect(tiles(page).nth(N - 1)).to_be_focused()
    # One stop of the Tab key for all of them.
    page.keyboard.press("Shift+Tab")
    expect(page.locator('[data-pick="invert"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#person-chosen")).to_have_text(f"{N} of {N} faces chosen")
    # Keys in a field are the field's.
    button(page, "Rename").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Zo")
    page.keyboard.press("Control+z")
    expect(page.locator("h1")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_have_text("unknown_1")
    expect(button(page, "Rename")).to_be_focused()
    tiles(page).nth(N - 1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/film\?id={token}&t=54"))
    expect(page.locator("#film-clock")).to_have_text("0:54.0")


def test_two_people_are_proposed_and_split(page: Page, token: str, store: Store):
    opened(page, token)
    button(page, "Propose two people").click()
    expect(page.locator(".ps-reason")).to_contain_text("looks like two people")
    halves = page.locator(".ps-half")
    expect(halves.nth(0).locator("button")).to_have_count(N - 4)
    expect(halves.nth(1).locator("button")).to_have_count(4)
    halves.nth(1).locator("button").nth(0).click()
    expect(halves.nth(1)).to_contain_text("3 faces, 6.0 s")
    button(page, "Split off 3 faces").click()
    expect(tiles(page)).to_have_count(N - 3)
    expect(page.locator(".ps-half")).to_have_count(0)
    (made,) = CorrectionLog(store).active(SHA256)
    assert made.kind == "split"
    notice(page, "3 faces split off").get_by_role("link", name="See them").click()
    expect(page.locator("h1")).to_have_text("unknown_4")
    expect(tiles(page)).to_have_count(3)
    button(page, "Propose two people").click()
    expect(page.locator(".ps-reason")).to_contain_text("looks like one person")
    button(page, "Leave them one").click()
    expect(page.locator(".ps-half")).to_have_count(0)


def test_map_and_tiles_choose_each_other(page: Page, token: str):
    opened(page, token)
    tiles(page).nth(3).click()
    drawn = page.locator("#person-map")
    expect(drawn).to_have_attribute("data-chosen", "1")
    page.locator('[data-drag="box"]').click()
    expect(drawn).to_have_attribute("data-way", "box")
    box = drawn.bounding_box()
    # Around everything: the frame of the map.
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8, steps=10)
    page.mouse.up()
    expect(page.locator("#person-chosen")).to_have_text(f"{N} of {N} faces chosen")
    page.locator('[data-pick="none"]').click()
    expect(drawn).to_have_attribute("data-chosen", "0")
    # A press takes one point, and the pointer shows its face.
    track = MIXED_TRACKS[2]
    page.mouse.move(*page.evaluate(PLACE, track))
    expect(drawn.locator(".pm-card")).to_have_count(1)
    page.mouse.down()
    page.mouse.up()
    expect(tiles(page).nth(2)).to_have_attribute("aria-pressed", "true")
    # A lasso around another one adds it with Shift, and takes it back with Alt.
    page.locator('[data-drag="lasso"]').click()
    x, y = page.evaluate(PLACE, MIXED_TRACKS[-1])
    places = [page.evaluate(PLACE, one) for one in MIXED_TRACKS]
    around = {one for one, (px, py) in zip(MIXED_TRACKS, places, strict=True) if max(abs(px - x), abs(py - y)) < 9}
    assert MIXED_TRACKS[-1] in around and track not in around
    for key, chosen in (("Shift", str(1 + len(around))), ("Alt", "1")):
        page.keyboard.down(key)
        page.mouse.move(x - 9, y - 9)
        page.mouse.down()
        for dx, dy in ((9, -9), (9, 9), (-9, 9)):
            page.mouse.move(x + dx, y + dy, steps=3)
        page.mouse.up()
        page.keyboard.up(key)
        expect(drawn).to_have_attribute("data-chosen", chosen)
    expect(tiles(page).nth(2)).to_have_attribute("aria-pressed", "true")
    page.locator('[data-pick="none"]').click()
    page.locator('[data-order="odd"]').click()
    odd = [int(tile.get_attribute("data-k")) for tile in tiles(page).all()[:4]]
    assert {MIXED_TRACKS[k] for k in odd} == set(SECOND)


def test_the_same_person_and_another_of_that_name(page: Page, token: str):
    opened(page, token, OTHER)
    button(page, "Rename").click()
    page.keyboard.type("ada byron")
    page.keyboard.press("Enter")
    dialog = page.locator(".modal").filter(has_text="Which Ada Byron?")
    expect(dialog).to_contain_text("Together 0:18.0 on screen.")
    dialog.get_by_role("button", name="Another person of that name").click()
    expect(page.locator("h1")).to_have_text("ada byron")
    expect(tiles(page)).to_have_count(3)
    page.locator('[data-do="undo"]').click()
    expect(page.locator("h1")).to_have_text("unknown_2")

    button(page, "Same as …").click()
    page.locator("dialog.pick").get_by_role("option").filter(has_text="Ada Byron").click()
    dialog = page.locator(".modal").filter(has_text="One and the same?")
    expect(dialog.locator(".ps-card")).to_have_count(2)
    dialog.get_by_role("button", name="They are one").click()
    expect(page.locator("h1")).to_have_text("Ada Byron")
    expect(tiles(page)).to_have_count(N_ADA + 3)

    # Whoever has no face left has no page either, until that is undone.
    page.goto(f"/person?film={token}&id={OTHER}")
    expect(page.locator("h1")).to_have_text("This person is not in the film any more")
    page.locator('[data-do="undo"]').click()
    expect(page.locator("h1")).to_have_text("unknown_2")
    expect(tiles(page)).to_have_count(3)


def test_one_face_and_the_way_there_and_back(page: Page, token: str):
    page.goto(f"/film?id={token}")
    row = page.locator("#film-people-rows tr").filter(has_text="unknown_1")
    row.get_by_role("link", name="All faces of unknown_1").click()
    expect(tiles(page)).to_have_count(N)
    expect(page.locator('#shell-nav a[href="/"]')).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="← Mixed").click()
    expect(page.locator("#film-timeline")).to_be_visible()
    opened(page, token, BRIEF)
    expect(page.locator("#person-map-kept")).to_have_text("With one face there is nothing to compare.")
    button(page, "Propose two people").click()
    expect(notice(page, "One face cannot be divided")).to_be_visible()
    button(page, "Ignore").click()
    expect(page.locator(".ps-facts")).to_contain_text("not asked about")
    button(page, "Ask again").click()
    expect(button(page, "Ignore")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_long_name_and_many_faces_fit(page: Page, store: Store, width: int, theme: str):
    films = FilmRepository(store)
    films.delete_film("5" * 64)
    films.save_analysis(mixed_analysis(Path("/films/Many.mp4"), "5" * 64, n_first=500))
    correct.name(store, "5" * 64, [MIXED], LONG_NAME)
    assert films.latest("5" * 64).model_ids == (CALIBRATED_FOR,)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, films.by_sha256("5" * 64).token)
    expect(tiles(page)).to_have_count(504)
    tiles(page).nth(0).click()
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1]
    # Tiles out of sight are not laid out, and all that happens is done within a frame or two.
    took = page.evaluate(
        "() => { const at = performance.now(); document.querySelector('[data-pick=\"all\"]').click();"
        " document.getElementById('person-tiles').scrollTop = 1e6; document.body.offsetHeight;"
        " return performance.now() - at; }"
    )
    assert took < 1000
    expect(page.locator("#person-chosen")).to_have_text("504 of 504 faces chosen")
    button(page, "Same as …").click()
    expect(page.locator("dialog.pick")).to_be_visible()
    inside = page.evaluate("document.querySelector('dialog.pick').getBoundingClientRect().right <= innerWidth")
    assert inside


def test_there_is_no_such_film(page: Page):
    page.goto("/person?film=nonsense&id=unknown:1")
    expect(page.locator("h1")).to_have_text("This film has no people yet")
