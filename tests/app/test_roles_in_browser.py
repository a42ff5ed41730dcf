"""Main people, passers-by and bounds on the film page in a real browser: filtered, unfolded, and named."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from bench.big_film import N_PASSERS_BY, N_PEOPLE

pytestmark = pytest.mark.slow


def opened(page: Page, large_film: str) -> None:
    page.goto(large_film)
    expect(page.locator("button.whos-fold")).to_have_text(
        re.compile(rf"^{N_PASSERS_BY} passers-by, [\d.]+ s together$")
    )


def n_shown(page: Page) -> int:
    return page.evaluate("window.dramatis.film.shown.length")


def test_main_people_only_says_whom_it_leaves_out_and_leads_back(page: Page, large_film: str):
    opened(page, large_film)
    row = page.locator("#film-people-rows tr[data-person='0']")
    expect(row.locator(".who-seconds")).to_have_attribute("title", re.compile("^Main person: .* s, longest of all$"))
    low, high = row.locator(".who-bounds").inner_text().split(" to ")
    why = f"At the least {low}, at the most {high}: doubtful tracks, gaps and the sampling step"
    expect(row.locator(".who-bounds")).to_have_attribute("title", why)

    asked = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    page.get_by_label("Main people only").check()
    n_main = page.evaluate("window.dramatis.film.data.main.filter(Boolean).length")
    n_other = N_PEOPLE - N_PASSERS_BY - n_main
    expect(page.locator("#film-people-count")).to_have_text(f"{n_main} of {N_PEOPLE} people")
    expect(page.locator("#film-main-words")).to_have_text(
        re.compile(rf"^{n_other} people under 20 % of .+’s \d+ min and {N_PASSERS_BY} passers-by are left out\.$")
    )
    expect(page.locator("button.whos-fold")).to_have_count(0)
    expect(page.locator("#film-passers-by")).to_be_hidden()
    assert n_shown(page) == n_main
    page.get_by_role("button", name="Show them").click()
    expect(page.locator("#film-people-count")).to_have_text(f"{N_PEOPLE} people")
    expect(page.get_by_label("Main people only")).not_to_be_checked()
    expect(page.locator("#film-main-words")).to_have_text("")
    assert not any("film-main-only" in body or "film-shown" in body for body in asked)


def test_passers_by_are_unfolded_and_one_with_a_name_is_a_person(page: Page, large_film: str):
    opened(page, large_film)
    fold = page.locator("button.whos-fold")
    passing = page.locator("#film-people-rows tr:has(.whos-fold) ~ tr")
    expect(passing).to_have_count(N_PASSERS_BY)
    expect(passing.first).to_be_hidden()
    assert n_shown(page) == N_PEOPLE - N_PASSERS_BY
    fold.focus()
    page.keyboard.press("Enter")
    for button in (fold, page.locator("#film-passers-by")):
        expect(button).to_have_attribute("aria-expanded", "true")
    expect(passing.last).to_be_visible()
    assert n_shown(page) == N_PEOPLE
    expect(passing.first.locator(".who-seconds")).to_have_attribute("title", re.compile("^Passer-by: .* under 1 s$"))

    i = passing.first.get_attribute("data-person")
    passing.first.locator("button.who-kind").click()
    page.keyboard.type("Nora Vale")
    page.keyboard.press("Enter")
    expect(fold).to_contain_text(f"{N_PASSERS_BY - 1} passers-by")
    named = page.locator(f"#film-people-rows tr[data-person='{i}']")
    expect(named.locator(".who-name")).to_have_text("Nora Vale")
    page.locator("#film-passers-by").click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(passing.first).to_be_hidden()
    expect(named).to_be_visible()

    # Another limit, and none at all.
    page.get_by_label("Fold strangers under").fill("600")
    expect(fold).not_to_contain_text(f"{N_PASSERS_BY - 1} passers-by")
    page.get_by_label("Fold strangers under").fill("0")
    expect(fold).to_have_count(0)
    assert n_shown(page) == N_PEOPLE
