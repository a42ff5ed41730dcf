"""The switch for moments that are hard to see, in a real browser: list, timeline, charts and links follow it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.figures.theme import DARK, LIGHT
from bench.big_film import N_PEOPLE

pytestmark = pytest.mark.slow

SWITCH = "Count hard-to-see moments"
FILM = "window.dramatis.film"

# Rows of coloured pixels in a bar of the timeline, at a moment of a person: how tall it is painted.
TALL = """([i, t]) => {
    const { film, tl } = window.dramatis;
    const scale = window.devicePixelRatio || 1;
    const x = Math.round(tl.xOf(t) * scale);
    const top = Math.round(tl.rowTop(film.shown.indexOf(i)) * scale);
    const column = tl.pen.getImageData(x, top + 2 * scale, 1, (tl.ROW - 4) * scale).data;
    let tall = 0;
    for (let k = 3; k < column.length; k += 4) {
        tall += column[k] > 200 ? 1 : 0;
    }
    return tall / scale;
}"""


def opened(page: Page, large_film: str) -> None:
    page.goto(large_film)
    expect(page.locator("#film-people-rows .who-hard").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_bar_is_thin_where_the_face_is_hard_to_see(page: Page, large_film: str, theme: str):
    page.emulate_media(color_scheme=theme)
    opened(page, large_film)
    expect(page.locator("#film-key-hard")).to_have_text("thin: hard to see")
    known = {"light": LIGHT, "dark": DARK}[theme].known
    assert known
    # Somebody of the cast whose longest bar begins clear and ends hard to see, brought near.
    i, start, turn, end = page.evaluate(
        f"""() => {{
            const film = {FILM};
            let best = null;
            film.data.ids.forEach((_, i) => {{
                if (!film.data.known[i] || !film.shown.includes(i)) return;
                for (let k = 0; k < film.data.hard[i].length; k += 2) {{
                    const [from, to] = film.data.hard[i].slice(k, k + 2);
                    const bar = film.barAt(film.data.bars[i], from);
                    const start = film.data.bars[i][2 * bar];
                    if (from - start > 0.5 && to - from > 0.5 && (!best || to - from > best[3] - best[2])) {{
                        best = [i, start, from, to];
                    }}
                }}
            }});
            window.dramatis.timeline.goTo(best[2]);
            window.dramatis.tl.look(best[1] - 1, best[3] - best[1] + 2);
            return best;
        }}"""
    )
    page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    clear, hard = (page.evaluate(TALL, [i, t]) for t in ((start + turn) / 2, (turn + end) / 2))
    assert (clear, hard) == (14, 6)
    page.get_by_label(SWITCH).uncheck()
    expect(page.locator("#film-key-hard")).to_be_hidden()
    page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    clear, hard = (page.evaluate(TALL, [i, t]) for t in ((start + turn) / 2, (turn + end) / 2))
    assert (clear, hard) == (14, 0)


def test_everything_on_the_page_follows_the_switch_and_comes_back(page: Page, large_film: str):
    opened(page, large_film)
    first = page.locator("#film-people-rows tr[data-person='0']")
    seconds, times = first.locator(".who-seconds"), first.locator(".who-when")
    before = [seconds.inner_text(), times.inner_text(), first.locator(".who-bounds").inner_text()]
    words = page.evaluate(f"{FILM}.clock({FILM}.data.clear.seconds[0])")
    assert words != before[0]
    csv, report = page.locator("#film-csv"), page.locator("#film-report")
    expect(csv).to_have_attribute("href", re.compile(r"screentime\.csv$"))

    page.get_by_label(SWITCH).uncheck()
    expect(seconds).to_have_text(words)
    expect(times).not_to_have_text(before[1])
    expect(first.locator(".who-bounds")).to_have_count(0)
    expect(first.locator(".who-hard")).to_have_text(re.compile("left out$"))
    expect(page.locator("#film-hard-words")).to_have_text(
        re.compile(
            r"^[\d:]+ of hard-to-see moments left out.*The least and the most count every moment, so they are not"
        )
    )
    expect(csv).to_have_attribute("href", re.compile(r"screentime\.csv\?count=clear$"))
    expect(page.locator("#film-json")).to_have_attribute("href", re.compile(r"screentime\.json\?count=clear$"))
    expect(report).to_have_attribute("href", re.compile("&count=clear$"))
    # Rows stand by what counts, and those who have nothing that counts are gone.
    left = page.evaluate(f"{FILM}.counted.order.length")
    assert left == N_PEOPLE - 1
    shown = page.locator("#film-people-rows tr[data-person]").evaluate_all(
        f"(rows) => rows.filter((row) => !row.hidden).map((row) => {FILM}.counted.seconds[row.dataset.person])"
    )
    assert shown == sorted(shown, reverse=True)
    expect(page.locator("#film-people-count")).to_have_text(f"{left} of {N_PEOPLE} people")
    # What the browser takes away is what the server takes away.
    apart = page.evaluate(
        f"""() => {FILM}.counted.order.map((i) => {{
            const bars = {FILM}.counted.bars[i];
            return Math.abs({FILM}.secondsOf(bars, 0, Infinity) - {FILM}.counted.seconds[i]) / bars.length;
        }})"""
    )
    assert max(apart) < 0.001

    page.locator(".fp-charts").scroll_into_view_if_needed()
    longest = page.evaluate(f"{FILM}.name({FILM}.counted.order[0])")
    expect(page.locator("#film-chart-words")).to_contain_text(
        f"{longest} is on screen longest: {words[:-2]}", timeout=60_000
    )

    report.click()
    expect(page.locator(".report")).to_contain_text("Moments in which a face is hard to see do not count.")
    page.get_by_role("link", name="Back to the film").click()
    expect(page.get_by_label(SWITCH)).not_to_be_checked()
    expect(seconds).to_have_text(words)
    page.get_by_label(SWITCH).check()
    expect(seconds).to_have_text(before[0])
    expect(times).to_have_text(before[1])
    expect(first.locator(".who-bounds")).to_have_text(before[2])
    expect(page.locator("#film-hard-words")).to_have_text("")


def test_it_is_read_out_where_it_is_hard_to_see(page: Page, large_film: str):
    opened(page, large_film)
    page.evaluate(f"window.dramatis.timeline.goTo({FILM}.data.hard[0][0] + 0.01)")
    name = page.evaluate(f"{FILM}.name(0)")
    said = re.compile(rf"{re.escape(name)} \((doubtful, )?hard to see\)")
    expect(page.locator("#film-timeline")).to_have_attribute("aria-valuetext", said)
