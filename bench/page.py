"""How fast the pages of very large films are, in a real browser, and what idle processes hold in memory."""

from __future__ import annotations

import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from bench.chromium import ARGUMENTS, find_chromium
from engine.config import PROJECT_DIR
from engine.errors import SettingsError

ROUNDS = 5

# Milliseconds from the start of the navigation until rows and bars are drawn; asked for once a frame.
_PAINTED = """() => new Promise((tell) => {
    const look = () => document.querySelectorAll("#film-people-rows tr").length > 0 && window.dramatis?.film?.here()
        && document.querySelector("#film-timeline canvas")
        ? requestAnimationFrame(() => setTimeout(() => tell(performance.now()))) : requestAnimationFrame(look);
    look();
})"""

# Milliseconds from a key in the search field until the list has changed and the next frame is painted.
_FILTERED = """(words) => new Promise((tell) => {
    const field = document.getElementById("film-search");
    const count = document.getElementById("film-people-count");
    const before = count.textContent;
    const began = performance.now();
    const watch = new MutationObserver(() => {
        if (count.textContent !== before) {
            watch.disconnect();
            requestAnimationFrame(() => setTimeout(() => tell(performance.now() - began)));
        }
    });
    watch.observe(count, { childList: true, characterData: true, subtree: true });
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, words);
    field.dispatchEvent(new Event("input", { bubbles: true }));
})"""


# Milliseconds from a press on the switch for moments that are hard to see until list and timeline count otherwise.
_COUNTED = """() => new Promise((tell) => {
    const first = () => document.querySelector("#film-people-rows .who-seconds").textContent;
    const before = first();
    const began = performance.now();
    const look = () => first() !== before
        ? requestAnimationFrame(() => setTimeout(() => tell(performance.now() - began))) : requestAnimationFrame(look);
    document.getElementById("film-hard").click();
    look();
})"""

# Milliseconds from the start of the navigation until the strangers' rows are drawn.
_ROWS_PAINTED = """() => new Promise((tell) => {
    const look = () => document.querySelector(".uk-row")
        ? requestAnimationFrame(() => setTimeout(() => tell(performance.now()))) : requestAnimationFrame(look);
    look();
})"""

# Milliseconds from Enter in the first stranger's name field until that row is gone, and until the server's answer is
# drawn.
_NAMED = """(name) => new Promise((tell) => {
    const done = document.getElementById("unknowns-done");
    const row = document.querySelector(".uk-row");
    const before = done.textContent;
    const field = row.querySelector(".uk-name");
    field.value = name;
    field.focus();
    const began = performance.now();
    let gone = 0;
    const look = () => {
        if (!gone && getComputedStyle(row).display === "none") {
            requestAnimationFrame(() => setTimeout(() => { gone = performance.now() - began; }));
        }
        done.textContent !== before && gone
            ? requestAnimationFrame(() => setTimeout(() => tell([gone, performance.now() - began])))
            : requestAnimationFrame(look);
    };
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    look();
})"""

# Seconds from a press on "Make the map" until the map is drawn.
_MAPPED = """() => new Promise((tell) => {
    const began = performance.now();
    const look = () => document.querySelector("#inspector-map[data-points]:not([hidden])")
        ? requestAnimationFrame(() => setTimeout(() => tell((performance.now() - began) / 1000)))
        : requestAnimationFrame(look);
    document.getElementById("inspector-make").click();
    look();
})"""

# Notes the milliseconds between frames, until `frames_watched` is called: what a hand sees of a lasso.
_WATCH_FRAMES = """() => {
    const between = [];
    let [last, on] = [performance.now(), true];
    const look = (now) => {
        between.push(now - last);
        last = now;
        on && requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    window.frames_watched = () => { on = false; return between.slice(1); };
}"""

# Milliseconds from a choice of all faces until they are marked on the map.
_MARKED = """() => new Promise((tell) => {
    const map = document.getElementById("inspector-map");
    const before = map.dataset.chosen;
    const began = performance.now();
    const look = () => map.dataset.chosen !== before
        ? requestAnimationFrame(() => setTimeout(() => tell(performance.now() - began))) : requestAnimationFrame(look);
    document.querySelector("#inspector-page [data-pick='invert']").click();
    look();
})"""


def bench_page() -> dict[str, Any]:
    """Opens the pages of `bench.big_film` and `bench.many_strangers` `ROUNDS` times in a browser that was let in
    before, each time in a new tab, filters the first, has it count otherwise, and names strangers in the second; then
    has the inspector make the map of `bench.many_faces`, and draws on it.

    Raises SettingsError where there is no Chromium.
    """
    chromium = find_chromium()
    if chromium is None:
        raise SettingsError("The page is measured in Chromium, which is not here; install it: apt install chromium.")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DRAMATIS_DATA": folder, "PYTHONPATH": str(PROJECT_DIR)}
        python = [sys.executable, "-P", "-m"]
        server = subprocess.Popen(
            [*python, "app", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            address = server.stdout.readline().split()[3]
            idle_mb = _resident_mb(server.pid)
            film, strangers, cast = (
                subprocess.run(
                    [*python, f"bench.{name}"], env=environment, capture_output=True, text=True, check=True
                ).stdout.strip()
                for name in ("big_film", "many_strangers", "many_faces")
            )
            measured = _rounds(chromium, address, film, strangers, cast)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    return {
        "idle_resident_mb": idle_mb,
        **{name: sorted(values) for name, values in measured.items()},
        "rounds": ROUNDS,
    }


def page_text(record: dict[str, Any]) -> str:
    memory = ", ".join(f"{name} {size:.0f}" for name, size in record["idle_resident_mb"].items())
    lines = [
        "Film page of 60 people, 3 hours, 5,000 appearances:",
        f"  list and timeline drawn   {_spread(record['painted_ms'])}",
        f"  a filter drawn            {_spread(record['filtered_ms'])}",
        f"  counted otherwise, drawn  {_spread(record['counted_ms'])}",
        "Page of 500 strangers, 20,000 faces:",
        f"  rows drawn                {_spread(record['strangers_painted_ms'])}",
        f"  a named one gone          {_spread(record['stranger_gone_ms'])}",
        f"  the answer drawn          {_spread(record['stranger_named_ms'])}",
        "Inspector of 5,000 faces:",
        f"  the map, made and drawn   {record['mapped_s'][0]:.1f} s",
        f"  a frame under a lasso     {_spread(record['lasso_frame_ms'])}",
        f"  a frame while turning     {_spread(record['turn_frame_ms'])}",
        f"  a frame while hovering    {_spread(record['hover_frame_ms'])}",
        f"  the chosen ones marked    {_spread(record['marked_ms'])}",
        f"Idle processes, resident: {sum(record['idle_resident_mb'].values()):.0f} MB ({memory})",
    ]
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ms ({values[0]:.0f} to {values[-1]:.0f})"


def _rounds(chromium: str, address: str, film: str, strangers: str, cast: str) -> dict[str, list[float]]:
    from playwright.sync_api import sync_playwright

    measured: dict[str, list[float]] = defaultdict(list)
    home = address.split("/?")[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.new_page().goto(address, wait_until="networkidle")
        for number in range(ROUNDS):
            page = context.new_page()
            page.goto(f"{home}/film?id={film}", wait_until="commit")
            measured["painted_ms"].append(page.evaluate(_PAINTED))
            page.wait_for_load_state("networkidle")
            for words in ("an", "", "zz", "gw"):
                measured["filtered_ms"].append(page.evaluate(_FILTERED, words))
            page.evaluate(_FILTERED, "")
            measured["counted_ms"] += [page.evaluate(_COUNTED) for _ in range(4)]
            page.close()

            page = context.new_page()
            # The film has no file, so no face of it can be shown.
            devtools = context.new_cdp_session(page)
            devtools.send("Network.enable")
            devtools.send("Network.setBlockedURLs", {"urls": ["*/crop/*"]})
            page.goto(f"{home}{strangers}", wait_until="commit")
            measured["strangers_painted_ms"].append(page.evaluate(_ROWS_PAINTED))
            page.wait_for_load_state("networkidle")
            for again in range(4):
                gone, named = page.evaluate(_NAMED, f"Person {number} {again}")
                measured["stranger_gone_ms"].append(gone)
                measured["stranger_named_ms"].append(named)
            page.close()
        page = context.new_page()
        page.goto(f"{home}/inspector?{urlencode({'cast': cast})}", wait_until="networkidle")
        _inspect(page, measured)
        browser.close()
    return measured


def _inspect(page: Any, measured: dict[str, list[float]]) -> None:
    """The map of a large cast: made, drawn around, hovered over, and turned in space. A browser draws no more
    than a frame each 16.7 ms."""
    measured["mapped_s"].append(page.evaluate(_MAPPED))
    page.wait_for_load_state("networkidle")
    box = page.locator("#inspector-map").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reach = 0.4 * min(box["width"], box["height"])
    around = [(middle[0] + reach * math.cos(turn / 20), middle[1] + reach * math.sin(turn / 20)) for turn in range(120)]

    def frames(pressed: bool) -> list[float]:
        page.mouse.move(*around[0])
        if pressed:
            page.mouse.down()
        page.evaluate(_WATCH_FRAMES)
        for place in around:
            page.mouse.move(*place)
        took = page.evaluate("() => frames_watched()")
        if pressed:
            page.mouse.up()
        return took

    measured["hover_frame_ms"] += frames(pressed=False)
    measured["lasso_frame_ms"] += frames(pressed=True)
    for _ in range(4):
        measured["marked_ms"].append(page.evaluate(_MARKED))
    page.get_by_role("button", name="3-D").click()
    page.wait_for_selector("#inspector-map[data-way='move']")
    measured["turn_frame_ms"] += frames(pressed=True)


def _resident_mb(supervisor: int) -> dict[str, float]:
    """Resident memory of the supervisor and everything below it, by what it is."""
    shown = subprocess.run(["ps", "-axo", "pid=,ppid=,rss=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 3) for line in shown.splitlines()]
    family, sizes = {supervisor}, {}
    for _ in range(3):
        family |= {int(pid) for pid, parent, _, _ in rows if int(parent) in family}
    for pid, _parent, kilobytes, command in rows:
        if int(pid) in family:
            name = "supervisor" if int(pid) == supervisor else "worker" if "worker" in command else "web"
            sizes[name] = sizes.get(name, 0.0) + int(kilobytes) / 1024
    return sizes
