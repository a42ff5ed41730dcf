"""Strangers of a real film in a real browser: analysed without a cast, named, joined, divided, taken back; and all of
it still there after another analysis with other settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

WORK_MS = 150_000  # longest wait for an analysis; a busy machine needs most of a minute


def in_film(page: Page) -> dict[str, float]:
    """Who is in the film by its page, with seconds on screen."""
    expect(page.locator("#film-people-rows tr").first).to_be_visible()
    return page.evaluate(
        "Object.fromEntries(dramatis.film.data.names.map((name, i) => [name, dramatis.film.data.seconds[i]]))"
    )


def name(page: Page, who: str, called: str) -> None:
    field = page.get_by_label(f"Name of {who}", exact=True)
    field.fill(called)
    field.press("Enter")
    expect(page.locator(".notices")).to_contain_text(f"{who} is {called} now")


def button(page: Page, words: str):
    return page.locator(".ps-page").get_by_role("button", name=words, exact=True)


@pytest.mark.slow
def test_what_was_said_of_strangers_outlives_another_analysis(page: Page, short_trailer: Path):
    page.goto("/")
    with page.expect_file_chooser() as chooser:
        page.locator('[data-upload="choose"]').first.click()
    chooser.value.set_files(short_trailer)
    expect(page.locator("#library-setup")).to_contain_text("The short trailer")
    page.locator(".run-foot button").click()
    expect(page.locator(".live .job-card-done")).to_be_visible(timeout=WORK_MS)
    page.locator(".live .job-open").click()
    # Three of the trailer's cast and a stranger, all without names.
    before = in_film(page)
    assert set(before) == {"unknown_1", "unknown_2", "unknown_3", "unknown_4"}
    film = page.url

    # Two are named by keys; two are joined, and then are two again.
    page.goto(film.replace("/film?id=", "/unknowns?film="))
    expect(page.locator(".uk-row")).to_have_count(4)
    assert page.locator(".uk-faces img").evaluate_all("all => Promise.all(all.map((one) => one.decode()))")
    name(page, "unknown_1", "Clara")
    expect(page.get_by_label("Name of unknown_2", exact=True)).to_be_focused()
    name(page, "unknown_2", "Viktor")
    expect(page.locator(".uk-row")).to_have_count(2)
    page.get_by_role("checkbox", name="Choose unknown_3").click()
    page.get_by_role("checkbox", name="Choose unknown_4").click()
    page.get_by_role("button", name="They are one person").click()
    expect(page.locator(".uk-done")).to_contain_text("1 stranger is left")
    page.get_by_role("button", name="Undo: two made one").click()
    expect(page.locator(".uk-done")).to_contain_text("2 strangers are left")
    name(page, "unknown_4", "Helena")

    # One of Clara's moments is said not to be hers.
    page.goto(film)
    expect(page.locator("#film-people-rows tr").first).to_be_visible()
    page.locator("#film-people-rows tr").filter(has_text="Clara").get_by_role("link", name="All faces of Clara").click()
    tiles = page.locator("#person-tiles .ps-face")
    expect(tiles.first).to_be_visible()
    n = tiles.count()
    assert n > 1
    tiles.last.click()
    button(page, "Not Clara").click()
    expect(tiles).to_have_count(n - 1)
    page.goto(film)
    taken = in_film(page)
    assert set(taken) == {"Clara", "Viktor", "Helena", "unknown_3", "unknown_5"}
    assert taken["Clara"] + taken["unknown_5"] == pytest.approx(before["unknown_1"], abs=0.01)
    # Viktor's moments come apart, and then do not.
    page.locator("#film-people-rows tr").filter(has_text="Viktor").get_by_role("link", name="All faces").click()
    expect(page.locator("h1")).to_have_text("Viktor")
    expect(tiles.first).to_be_visible()
    tiles.first.click()
    button(page, "Split off as someone else").click()
    expect(page.locator(".notices")).to_contain_text("1 face split off: unknown_6.")
    # The two who were made one, and are two again, stand in the list too.
    expect(page.locator(".ps-step.is-undone")).to_have_count(1)
    page.locator('[data-do="undo"]').click()
    expect(page.locator(".ps-step.is-undone")).to_have_count(2)

    # Looked at anew with fewer pictures a second: everybody is who they were.
    page.goto(film)
    page.get_by_role("button", name="Analyse again").click()
    form = page.locator("#film-again")
    form.get_by_text("Advanced").click()
    form.get_by_label("Pictures looked at in a second").fill("6")
    form.locator(".run-foot button").click()
    expect(page.locator("#film-progress .job-card")).to_be_visible()
    expect(page.locator("#film-progress .job-card")).to_have_count(0, timeout=WORK_MS)
    page.goto(film)
    after = in_film(page)
    assert set(after) == set(taken)
    for who, seconds in taken.items():
        assert abs(after[who] - seconds) < 0.6, who
