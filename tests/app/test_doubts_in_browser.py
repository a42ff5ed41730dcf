"""What is too close to call, on the film page in a real browser: seen, pressed, read out, and ended by a name."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow


def opened(page: Page, large_film: str) -> None:
    page.goto(large_film)
    expect(page.locator("#film-people-rows .who-doubt-mark").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_doubtful_name_leads_to_where_it_is_doubtful_and_why(page: Page, large_film: str, theme: str):
    page.emulate_media(color_scheme=theme)
    opened(page, large_film)
    expect(page.locator(".fp-tl")).to_contain_text("pale: less than 75 % sure")
    row = page.locator("#film-people-rows tr.is-known:has(.who-doubt-mark)").first
    mark = row.locator(".who-doubt-mark")
    i = row.get_attribute("data-person")
    name, first_s = page.evaluate(f"[window.dramatis.film.name({i}), window.dramatis.film.doubts({i})[0]]")
    said = f"{name}: {mark.inner_text().strip()}. For so long it is less than 75 % sure that this is {name}. "
    expect(mark).to_have_attribute("aria-label", said + "Go there and see why")
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#film-question")).to_contain_text(f"sure it is {name}")
    assert first_s <= page.evaluate("window.dramatis.player.current()") <= first_s + 0.1
    words = page.locator("#film-timeline").get_attribute("aria-valuetext")
    assert f"{name} (doubtful)" in words
    page.keyboard.press("Escape")
    expect(page.locator("#film-question")).to_be_hidden()


def test_a_name_given_by_hand_ends_a_strangers_doubt(page: Page, large_film: str):
    opened(page, large_film)
    i = page.locator("#film-people-rows tr.is-unknown:has(.who-doubt-mark)").first.get_attribute("data-person")
    row = page.locator(f'#film-people-rows tr[data-person="{i}"]')
    mark = row.locator(".who-doubt-mark")
    likeliest = page.evaluate(f"window.dramatis.film.perhaps({i}).name")
    expect(mark).to_contain_text(f"Perhaps {likeliest} · ")
    mark.click()
    expect(page.locator("#film-question")).to_contain_text(likeliest)
    expect(page.locator("#film-question")).to_contain_text("need 60 %")
    page.keyboard.press("Escape")

    # Its words follow the other's name.
    page.evaluate(
        f"() => {{ const film = window.dramatis.film; window.dash_clientside.set_props('film-rename', {{ data: {{"
        f" person: film.data.ids[film.data.perhaps[{i}][0]], name: 'Zelda Zimt', n: 1 }} }}) }}"
    )
    expect(mark).to_contain_text("Perhaps Zelda Zimt · ")

    page.evaluate(
        f"() => window.dash_clientside.set_props('film-rename', {{ data: {{ person: window.dramatis.film.data.ids[{i}],"
        f" name: 'Nora Vale', n: 2 }} }})"
    )
    expect(row.locator(".who-name")).to_have_text("Nora Vale")
    expect(mark).to_have_count(0)
    assert page.evaluate(f"window.dramatis.film.doubts({i}).length") == 0
