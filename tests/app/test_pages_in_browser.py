"""Every page with the demo in it, wide and narrow, light and dark: nothing runs out of the window.

With ``DRAMATIS_PICTURES=docs/img`` the pictures of the documentation are taken on the way.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

WORK_MS = 400_000
FILMED_S, FRAME_S = 30.0, 0.25
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def demo_film(chromium, served, session_state) -> str:
    """The address of the demo's film page, once the button of the empty library has done its work."""
    context = chromium.new_context(storage_state=session_state, base_url=served.address, viewport=WIDE)
    page = context.new_page()
    page.goto("/")
    settled(page)
    take(page, "start")
    page.get_by_role("button", name="See it with the demo").click()
    running = page.locator(".live .job-card-running").filter(has_text="So far")
    expect(running.filter(has_text="Finding and following faces")).to_be_visible(timeout=WORK_MS)
    take(page, "progress")
    expect(page.locator(".live .job-card-done")).to_be_visible(timeout=WORK_MS)
    # The album is last in line.
    page.goto("/albums")
    expect(page.locator(".album-card")).to_contain_text("24 pictures", timeout=WORK_MS)
    page.goto("/")
    address = page.locator('.film-card a[href^="/film?id="]').first.get_attribute("href")
    context.close()
    return address


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page(page: Page, demo_film: str, viewport: dict, theme: str):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(viewport)
    suffix = f"{'' if viewport == WIDE else '-narrow'}{'' if theme == 'light' else '-dark'}"

    page.goto("/")
    expect(page.locator(".film-card")).to_contain_text("2 strangers")
    fits(page, f"films{suffix}")

    page.goto("/casts")
    expect(page.locator(".cast-card").first).to_contain_text("10 people")
    fits(page, f"casts{suffix}")

    page.goto("/casts?new=1")
    expect(page.locator("#casts-build")).to_be_attached()
    fits(page, f"new-cast{suffix}")

    page.goto(demo_film)
    expect(page.locator("#film-people-rows tr")).to_have_count(12)
    expect(page.locator("#film-people-rows img").first).to_be_visible()
    ids = "window.dramatis.film.data.ids"
    at = page.evaluate(
        f"window.dramatis.timeline.where({ids}[window.dramatis.film.data.names.indexOf('Viktor Hale')], 0)"
    )
    if viewport == WIDE:
        page.mouse.click(at["x"], at["y"])
        expect(page.locator("#film-question img").first).to_be_visible()
        expect(page.locator("#film-question")).to_contain_text(re.compile(r"0\.\d\d"))
    fits(page, f"film{suffix}")
    page.locator(".fp-charts").scroll_into_view_if_needed()
    expect(page.locator("#film-chart .main-svg").first).to_be_visible(timeout=60_000)
    page.locator(".fp-charts").get_by_text("Who with whom", exact=True).click()
    expect(page.locator("#film-chart-words")).to_contain_text("share the most time")
    fits(page, f"charts{suffix}")

    page.goto(demo_film.replace("/film", "/report"))
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    fits(page, f"report{suffix}")

    page.goto(demo_film.replace("/film?id=", "/unknowns?film="))
    expect(page.locator(".uk-row")).to_have_count(2)
    fits(page, f"strangers{suffix}")

    page.goto(demo_film.replace("/film?id=", "/person?film=") + "&id=unknown:1")
    expect(page.locator("#person-map[data-points]")).to_be_visible(timeout=60_000)
    fits(page, f"person{suffix}")

    page.goto("/albums")
    expect(page.locator(".album-card")).to_contain_text("24 pictures")
    fits(page, f"albums{suffix}")


def settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    # A picture that waits until it is scrolled to may never be there.
    page.evaluate(
        "Promise.race([new Promise((late) => setTimeout(late, 5000)), "
        "Promise.all([...document.images].filter((one) => one.src).map((one) => one.decode().catch(() => {})))])"
    )
    page.wait_for_timeout(300)


def fits(page: Page, name: str) -> None:
    """Fails where the page can be scrolled sideways."""
    settled(page)
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], (name, wide)
    take(page, name)


def take(page: Page, name: str) -> None:
    folder = os.environ.get("DRAMATIS_PICTURES")
    if folder:
        shot(page).save(Path(folder) / f"{name}.webp", quality=82, method=6)


def shot(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def test_the_film_plays_with_names_over_the_faces(page: Page, demo_film: str):
    """Half a minute of it is the animated picture of the documentation."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    page.goto(demo_film)
    expect(page.locator("#film-people-rows tr")).to_have_count(12)
    settled(page)
    seek = "(t) => { document.getElementById('film-video').currentTime = t; }"
    shown, frames, now = [], [], 0.0
    folder = os.environ.get("DRAMATIS_PICTURES")
    while now < FILMED_S:
        page.evaluate(seek, now)
        page.wait_for_function("t => Math.abs(window.dramatis.player.current() - t) < 0.05", arg=now)
        page.wait_for_timeout(120)
        shown.append(page.evaluate("window.dramatis.player.current()"))
        if folder:
            frames.append(shot(page).resize((960, 600), Image.Resampling.LANCZOS))
        now += FRAME_S if folder else 5.0
    assert shown == sorted(shown)
    if folder:
        path = Path(folder) / "film-playing.webp"
        first, *rest = frames
        first.save(path, save_all=True, append_images=rest, duration=int(1000 * FRAME_S), loop=0, quality=55, method=6)
