"""The shell in a real browser: colours, menu, tray, notices by keyboard and by pointer, and a server that goes away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.ids import Shell

pytestmark = pytest.mark.slow

WIDTHS = (390, 1440)


def theme(page: Page) -> str:
    return page.evaluate("document.documentElement.dataset.bsTheme")


def ready(page: Page, path: str = "/casts") -> None:
    page.goto(path)
    page.wait_for_selector("#shell-tray-button")


def test_colours_follow_the_system_until_somebody_chooses(page):
    page.emulate_media(color_scheme="dark")
    ready(page)
    assert theme(page) == "dark"
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.get_by_role("button", name="Dark colours").click()
    assert theme(page) == "dark"
    expect(page.get_by_role("button", name="Dark colours")).to_have_attribute("aria-pressed", "true")
    page.reload()
    # Set by the script in the head, before the page itself is there.
    assert theme(page) == "dark"
    page.get_by_role("button", name="Colours as the system has them").click()
    assert theme(page) == "light"


def test_the_navigation_marks_the_page_and_moves_without_loading_anew(page):
    ready(page)
    page.evaluate("window.stays = true")
    page.get_by_role("navigation").get_by_role("link", name="Films").click()
    expect(page).to_have_url("/")
    expect(page.locator("#shell-nav [aria-current]")).to_have_text("Films")
    assert page.evaluate("window.stays && document.activeElement.id") == "content"


def test_the_skip_link_comes_first_and_is_seen(page):
    ready(page)
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the page")
    expect(link).to_be_focused()
    assert link.bounding_box()["x"] >= 0


def test_the_tray_opens_and_escape_closes_it(page):
    ready(page)
    page.locator(f"#{Shell.TRAY_BUTTON}").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Nothing is being worked on.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(f"#{Shell.TRAY_BUTTON}").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_menu_of_a_small_screen(page):
    page.set_viewport_size({"width": 390, "height": 844})
    ready(page)
    films = page.get_by_role("navigation").get_by_role("link", name="Films")
    expect(films).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(films).to_be_visible()
    page.keyboard.press("Escape")
    expect(films).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    films.click()
    expect(page).to_have_url("/")
    expect(films).to_be_hidden()


def test_notices_are_text_are_said_once_and_go(page):
    page.clock.install()
    ready(page)
    page.evaluate(
        """() => {
            const say = (text, kind, more) => dramatis.notify({ text, kind, ...more });
            say("<b>Done</b>.", "success", { link: ["Open", "/casts?x=1"] });
            say("It failed.", "danger");
            say("It failed.", "danger");
        }"""
    )
    expect(page.get_by_role("status").filter(has_text="<b>Done</b>.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(1)
    page.locator("#shell-notices").get_by_role("link", name="Open").click()
    expect(page).to_have_url("/casts?x=1")
    page.evaluate("dramatis.notify({ text: 'Later.', kind: 'info' })")
    page.clock.fast_forward(20_000)
    # An error stays until it was read.
    expect(page.locator(".notice")).to_have_count(1)
    page.get_by_role("button", name="Close this notice").click()
    expect(page.locator(".notice")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/casts", "/no/such/page"])
def test_no_page_is_wider_than_its_window(page, path):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        ready(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_server_that_goes_away_is_said_and_comes_back(chromium, served, session_state):
    # A window of its own: the browser reports the lost connections as errors.
    context = chromium.new_context(storage_state=session_state, base_url=served.address)
    page = context.new_page()
    ready(page)
    context.set_offline(True)
    page.evaluate("dash_clientside.set_props('shell-wake', { data: 1 })")
    strip = page.get_by_role("alert")
    expect(strip).to_contain_text("Dramatis does not answer")
    context.set_offline(False)
    expect(strip).to_be_hidden(timeout=20_000)
    context.clear_cookies()
    page.evaluate("dash_clientside.set_props('shell-wake', { data: 2 })")
    expect(strip).to_contain_text("no longer let in")
    context.close()
