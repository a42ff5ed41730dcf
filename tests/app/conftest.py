"""What the tests of the front end stand on: the application, a client that was let in, the real thing, a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app import factory
from app.access import Access, Tokens
from bench.big_film import save_big_film
from bench.chromium import ARGUMENTS, find_chromium
from engine.store.database import open_store
from tests.app.serving import Served, serving

# Longest wait for what should be there at once: a busy machine is slow, only a failure takes this long.
expect.set_options(timeout=20_000)

SHORT_TRAILER_S = 13.0


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder for this test alone; name it before `client`."""
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def client() -> FlaskClient:
    """A client of a fresh application, as a browser that has been let in."""
    tokens = Tokens()
    browser = factory.create_app(Access("a key for tests", tokens)).server.test_client()
    assert browser.get(f"/?token={tokens.current}").status_code == 303
    return browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Dramatis as its user starts it, with an empty data folder of its own, for the tests of one module."""
    with serving(tmp_path_factory.mktemp("served"), stderr=None) as started:
        yield started


@pytest.fixture(scope="module")
def large_film(served: Served) -> str:
    """The address of the page of a film with very many people."""
    return f"/film?id={save_big_film(open_store(served.data / 'dramatis.sqlite3'))}"


@pytest.fixture(scope="module")
def short_trailer(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first shots of the trailer, half as large: three of the cast and a stranger."""
    path = tmp_path_factory.mktemp("film") / "The short trailer.mp4"
    with av.open(str(demo / "trailer.mp4")) as source, av.open(str(path), "w", options={"movflags": "faststart"}) as to:
        stream = to.add_stream("libx264", rate=12, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if frame.time >= SHORT_TRAILER_S:
                break
            if number % 2 == 0:
                to.mux(stream.encode(frame.reformat(640, 360, "yuv420p")))
        to.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's own browser, without a window."""
    path = find_chromium()
    if path is None:
        pytest.skip("needs chromium, which is not here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def session_state(chromium: Browser, served: Served) -> dict:
    """What a browser holds that was let in to `served`: for ``chromium.new_context(storage_state=session_state)``."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(served.opening_address)
    page.wait_for_selector("#shell-nav", state="attached")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(chromium: Browser, served: Served, session_state: dict) -> Iterator[Page]:
    """A fresh window that was let in to `served`; ``page.goto("/casts")`` works. The test fails if the browser reported
    an error or asked any other host."""
    context = chromium.new_context(
        storage_state=session_state, base_url=served.address, viewport={"width": 1440, "height": 900}
    )
    window = context.new_page()
    wrong: list[str] = []
    window.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    window.on("pageerror", lambda error: wrong.append(str(error)))
    window.on("request", lambda asked: wrong.append(asked.url) if not _is_ours(asked.url, served) else None)
    yield window
    context.close()
    assert wrong == []


def _is_ours(url: str, served: Served) -> bool:
    return url.startswith((f"{served.address}/", "data:", "blob:"))
