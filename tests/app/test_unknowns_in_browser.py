"""Strangers in a real browser: named by keys, joined, ignored, taken back; and still so after another analysis."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from bench.many_strangers import save_strangers, strangers_analysis
from engine.pipeline.people import keep_strangers
from engine.store.database import open_store
from engine.store.films import FilmRepository

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def repository(served) -> FilmRepository:
    return FilmRepository(open_store(served.data / "dramatis.sqlite3"))


@pytest.fixture(scope="module")
def film(served, repository) -> str:
    return save_strangers(open_store(served.data / "dramatis.sqlite3"), strangers_analysis(30, 3, 4, sha256="7" * 64))


def names(page: Page) -> list[str]:
    return page.locator(".uk-facts strong").all_text_contents()


def test_strangers_are_named_joined_and_kept(page: Page, film: str, repository: FilmRepository):
    # No file of this film is there, so its faces cannot be shown.
    page.route("**/crop/**", lambda route: route.fulfill(status=200, body="", content_type="image/jpeg"))
    page.goto(f"/unknowns?film={film}")
    expect(page.locator(".uk-row")).to_have_count(20)
    field = page.locator(".uk-name").first
    # What cannot be done is said, and asked again.
    field.fill("unknown_9")
    field.press("Enter")
    expect(page.locator(".notices")).to_contain_text("are for people without one")
    expect(page.locator(".uk-row:visible")).to_have_count(20)
    expect(field).to_have_value("unknown_9")
    field.fill("Ada")
    field.press("Enter")
    expect(page.locator(".notices")).to_contain_text("unknown_1 is Ada now")
    expect(page.locator(".uk-facts strong").first).to_have_text("unknown_2")
    expect(page.locator(".uk-done")).to_contain_text("29 strangers are left")
    # The cursor waits at the next one.
    expect(page.locator(".uk-row").first.locator(".uk-name")).to_be_focused()

    page.locator(".uk-choose").nth(1).click()
    page.locator(".uk-choose").nth(2).click()
    expect(page.locator(".uk-n-chosen")).to_have_text("2 strangers chosen")
    page.get_by_role("button", name="They are one person").click()
    expect(page.locator(".uk-done")).to_contain_text("28 strangers are left")

    page.get_by_role("button", name="Ignore unknown_2", exact=True).click()
    expect(page.locator(".uk-done")).to_contain_text("27 strangers are left")
    page.get_by_role("button", name="Undo: ignored").click()
    expect(page.locator(".uk-done")).to_contain_text("28 strangers are left")
    page.get_by_role("button", name="Redo: ignored").click()
    expect(page.locator(".uk-done")).to_contain_text("27 strangers are left")

    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".uk-row")).to_have_count(27)
    before = names(page)

    again = strangers_analysis(30, 3, 4, sha256="7" * 64)
    repository.save_analysis(keep_strangers(again, repository))
    page.goto(f"/unknowns?film={film}")
    expect(page.locator(".uk-done")).to_contain_text("27 strangers are left")
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".uk-row")).to_have_count(27)
    assert names(page) == before
    named = {person.name for person in repository.by_token(film).people}
    assert "Ada" in named


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_nothing_is_wider_than_the_window(page: Page, film: str, width: int, theme: str):
    page.route("**/crop/**", lambda route: route.fulfill(status=200, body="", content_type="image/jpeg"))
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/unknowns?film={film}&gallery=actors")
    expect(page.locator(".uk-row").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
