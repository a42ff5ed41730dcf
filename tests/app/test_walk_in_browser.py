"""The whole way in a real browser on a real film: drop it in, make the cast, watch the work, read the answer; and what
may happen on the way: a reload, a stop, a killed worker."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.store.jobs import JobRepository
from tests.app.serving import Served, is_alive

CAST = ("Clara_Winther", "Viktor_Hale", "Helena_Marsh")
WORK_MS = 150_000  # longest wait for an analysis; a busy machine needs most of a minute


@pytest.fixture(scope="module")
def cast_folder(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures") / "Short cast"
    for person in CAST:
        (folder / person).mkdir(parents=True)
        for number in (1, 2, 3):
            shutil.copy(demo / "gallery" / person / f"{number:02}.jpg", folder / person)
    return folder


@pytest.fixture
def film_there(page: Page, served: Served, short_trailer: Path, cast_folder: Path) -> None:
    """The film has a result, from the walk above or, where that was not chosen, from one like it."""
    films = FilmRepository(open_store(served.data / "dramatis.sqlite3")).films(people=False)
    if not any(film.latest_analysis_id for film in films):
        ask_who_is_in(page, short_trailer, cast_folder)
        expect(page.locator(".live .job-card-done")).to_be_visible(timeout=WORK_MS)


def ask_who_is_in(page: Page, film: Path, cast_folder: Path) -> None:
    """A film comes in; its cast is made from a folder of pictures; the form has waited for it."""
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is on screen, and for how long?")
    with page.expect_file_chooser() as chooser:
        page.locator('[data-upload="choose"]').first.click()
    chooser.value.set_files(film)
    expect(page.locator("#library-setup")).to_contain_text("The short trailer")
    page.get_by_role("link", name="Make a new cast").click()
    page.locator("#casts-name").fill("Short cast")
    with page.expect_file_chooser() as chooser:
        page.locator('button[data-pictures="folder"]').click()
    chooser.value.set_files(cast_folder)
    expect(page.locator(".person-picture")).to_have_count(9)
    page.locator("#casts-build").click()
    expect(page.locator(".job-card-done")).to_contain_text("3 people", timeout=WORK_MS)
    page.get_by_role("link", name="go to Films").click()
    choose_cast(page, "Short cast")
    page.locator(".run-foot button").click()


def choose_cast(page: Page, cast: str | None) -> None:
    words = page.locator(".cast-choice .form-check").filter(has_text=cast or re.compile("no pictures of|Nobody I have"))
    words.locator("input").check()


def row(page: Page, name: str):
    return page.locator("#film-people-rows tr").filter(has_text=name)


def seconds(page: Page, name: str) -> float:
    minutes, rest = re.search(r"(\d+):(\d\d\.\d)", row(page, name).inner_text()).groups()
    return 60 * int(minutes) + float(rest)


def now(page: Page) -> float:
    return page.evaluate("window.dramatis.player.current()")


def test_from_a_dropped_film_to_who_is_on_screen(page: Page, short_trailer: Path, cast_folder: Path):
    ask_who_is_in(page, short_trailer, cast_folder)

    # The work is seen, however short it is, and the answer opens.
    expect(page.locator(".live .job-card")).to_contain_text("The short trailer")
    expect(page.locator(".live .job-card-done")).to_be_visible(timeout=WORK_MS)
    page.locator(".live .job-open").click()
    expect(page.locator("#film-people-rows tr")).to_have_count(4)

    # What the trailer's own truth says of these seconds, to a sampling step at each end of an appearance.
    for name, true_s, n in (("Clara Winther", 5.2, 2), ("Viktor Hale", 5.0, 1), ("Helena Marsh", 1.5, 1)):
        assert abs(seconds(page, name) - true_s) < 0.25 * n + 0.1, (name, seconds(page, name))
    assert abs(seconds(page, "unknown_1") - 2.3) < 0.4


@pytest.mark.usefixtures("film_there")
def test_a_bar_is_questioned_and_the_player_goes_there(page: Page):
    open_film(page)
    at = page.evaluate("window.dramatis.timeline.where(window.dramatis.film.data.ids[2], 0)")
    name = page.evaluate("window.dramatis.film.name(2)")
    bars = page.evaluate("window.dramatis.film.data.bars[2].slice(0, 2)")
    page.mouse.click(at["x"], at["y"])
    panel = page.locator("#film-question")
    expect(panel).to_contain_text(name)
    expect(panel).to_contain_text(re.compile(r"names need 60\s%", re.IGNORECASE))
    expect(panel).to_contain_text("small is near")
    # Every face shown was cut out of the film and is there.
    expect(panel.locator("img").first).to_be_visible()
    assert panel.locator("img").evaluate_all("all => Promise.all(all.map((one) => one.decode()))") is not None
    assert bars[0] <= now(page) < bars[1]
    # The playing position moves along while the film plays, with the boxes over the faces.
    before = now(page)
    page.locator("#film-play").click()
    expect(page.locator("#film-play")).to_have_attribute("aria-label", re.compile("Pause"))
    deadline = time.monotonic() + 20
    while now(page) <= before + 0.3 and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    page.locator("#film-play").click()
    assert now(page) > before + 0.3


@pytest.mark.slow
@pytest.mark.usefixtures("film_there")
def test_a_name_given_in_the_page_can_be_taken_back_and_outlives_another_run(page: Page):
    open_film(page)
    rename(page, "unknown_1", "Nora Vale")
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "unknown_1")).to_have_count(1)
    rename(page, "unknown_1", "Nora Vale")
    before = seconds(page, "Nora Vale")
    # Other settings that look at the film anew, and long enough for a reload.
    page.get_by_role("button", name="Analyse again").click()
    form = page.locator("#film-again")
    form.get_by_text("Advanced").click()
    form.get_by_label("Pictures looked at in a second").fill("10")
    form.locator(".run-foot button").click()
    expect(page.locator("#film-progress .job-card")).to_be_visible()
    # A reload in the middle: the work goes on, and the page shows it again.
    page.reload()
    expect(page.locator("#film-progress .job-card-running")).to_be_visible(timeout=WORK_MS)
    expect(page.locator("#film-progress .job-card")).to_have_count(0, timeout=WORK_MS)
    expect(row(page, "Nora Vale")).to_have_count(1)
    assert abs(seconds(page, "Nora Vale") - before) < 0.6


@pytest.mark.slow
@pytest.mark.usefixtures("film_there")
def test_a_killed_worker_goes_on_and_a_job_is_stopped(page: Page, served: Served):
    # Without a cast and with other settings nothing of an earlier analysis can be taken over. So many pictures take
    # long enough to be stopped, also on a fast machine.
    analyse_with(page, pictures_a_second="12")
    wait_for_faces(served)
    worker = served.processes()["worker"]
    (child,) = children(worker)
    os.kill(worker, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)
    expect(page.locator("#shell-tray-button")).to_contain_text("%")
    expect(page.locator(".live .job-card-done")).to_be_visible(timeout=WORK_MS)
    assert served.processes()["worker"] != worker and not is_alive(child)

    analyse_with(page, pictures_a_second="11")
    wait_for_faces(served)
    # Held until it is asked to stop: a fast machine would be done before the button is there.
    (child,) = children(served.processes()["worker"])
    os.kill(child, signal.SIGSTOP)
    page.once("dialog", lambda asked: asked.accept())
    page.locator('.live [data-act="cancel"]').click()
    expect(page.locator(".live .job-card")).to_contain_text("Stopping")
    os.kill(child, signal.SIGCONT)
    expect(page.locator(".live .job-card-cancelled")).to_be_visible(timeout=30_000)
    deadline = time.monotonic() + 20
    while children(served.processes()["worker"]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert children(served.processes()["worker"]) == []


@pytest.mark.slow
@pytest.mark.usefixtures("film_there")
def test_charts_follow_filters_and_theme_and_have_words_beside_them(page: Page):
    page.emulate_media(color_scheme="light")
    open_film(page)
    page.locator(".fp-charts").scroll_into_view_if_needed()
    for kind in ("Share of the film", "Who with whom", "Over the film", "Time on screen"):
        page.locator(".fp-charts").get_by_text(kind, exact=True).click()
        expect(page.locator("#film-chart .main-svg").first).to_be_visible(timeout=30_000)
        expect(page.locator("#film-chart-words")).not_to_be_empty()
    ink = "document.querySelector('#film-chart .xtick text').style.fill"
    light = page.evaluate(ink)
    page.get_by_role("button", name="Dark colours").click()
    expect(page.locator("#film-chart .xtick text").first).not_to_have_css("fill", light)
    page.locator("#film-search").fill(page.evaluate("window.dramatis.film.name(0)").lower())
    expect(page.locator("#film-people-count")).to_have_text(re.compile("^1 of "))
    expect(page.locator("#film-chart .ytick text")).to_have_count(1)
    with page.expect_download() as download:
        page.locator("#film-png").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.usefixtures("film_there")
def test_the_report_and_the_downloads(page: Page):
    open_film(page)
    name = page.evaluate("window.dramatis.film.name(0)")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    assert '"dramatis.screentime/1"' in Path(download.value.path()).read_text("utf-8")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert Path(download.value.path()).read_text("utf-8-sig").startswith("person,kind,start_s,end_s,duration_s")
    page.get_by_role("link", name="Report").click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    expect(page.locator("main")).to_contain_text(name)


def open_film(page: Page) -> None:
    page.goto("/")
    page.locator('a[href^="/film?id="]').first.click()
    expect(page.locator("#film-people-rows tr").first).to_be_visible()
    expect(page.locator("#film-timeline canvas").first).to_be_visible()


def rename(page: Page, before: str, after: str) -> None:
    row(page, before).locator(".who-name").click()
    page.keyboard.type(after)
    page.keyboard.press("Enter")
    expect(row(page, after)).to_have_count(1)


def analyse_with(page: Page, pictures_a_second: str) -> None:
    page.goto("/")
    page.locator('.film-card [data-act="analyse"]').first.click()
    choose_cast(page, None)
    page.get_by_text("Advanced").click()
    page.get_by_label("Pictures looked at in a second").fill(pictures_a_second)
    page.locator(".run-foot button").click()


def wait_for_faces(served: Served) -> None:
    """Until faces are followed: in the queue, for a fast machine has done that before the page asks again."""
    queue = JobRepository(open_store(served.data / "dramatis.sqlite3"))
    deadline = time.monotonic() + WORK_MS / 1000
    while not any(job.state == "running" and job.phase == "faces" for job in queue.visible()):
        assert time.monotonic() < deadline, [(job.state, job.phase) for job in queue.visible()]
        time.sleep(0.02)


def children(process: int) -> list[int]:
    shown = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(pid) for pid, parent in (line.split() for line in shown.splitlines()) if int(parent) == process]
