"""The start page through Flask's test client: what it says, who may ask, and that it names no other host."""

from __future__ import annotations

import re
from pathlib import Path

import dash
import pytest

import engine
from app import factory, security

ASSETS_DIR = Path(factory.__file__).parent.parent / "assets"

# An address of any host: "http://...", and as JSON inside a page, where Dash writes a slash as \u002f.
ADDRESS = re.compile(r"https?:(//|\\u002f\\u002f)", re.IGNORECASE)


@pytest.fixture(scope="module")
def client():
    return factory.create_app().server.test_client()


def shown_by(client, path: str) -> str:
    """What Dash puts into the page for `path`, as the browser asks for it."""
    dependencies = client.get("/_dash-dependencies").json
    output = next(entry["output"] for entry in dependencies if "_pages_content" in entry["output"])
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": output,
            "outputs": [
                {"id": "_pages_content", "property": "children"},
                {"id": "_pages_store", "property": "data"},
            ],
            "inputs": [
                {"id": "_pages_location", "property": "pathname", "value": path},
                {"id": "_pages_location", "property": "search", "value": ""},
            ],
            "changedPropIds": ["_pages_location.pathname"],
        },
    )
    assert answer.status_code == 200
    return answer.get_data(as_text=True).replace(r"\u002f", "/")


def test_index_is_a_document_with_a_title_and_a_language(client):
    text = client.get("/").get_data(as_text=True)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>Dramatis</title>" in text


def test_start_page_says_what_to_run(client):
    text = shown_by(client, "/")
    assert "./dramatis analyze demo/trailer.mp4 --gallery demo/gallery" in text
    assert "./dramatis analyze FILM --gallery FOLDER_OF_CAST" in text
    assert "./dramatis --help" in text
    assert "Nothing leaves this machine" in text


def test_unknown_path_shows_that_there_is_no_page(client):
    assert "There is no page at this address" in shown_by(client, "/no/such/page")


def test_shell_shows_the_version(client):
    assert engine.__version__ in client.get("/_dash-layout").get_data(as_text=True)


def test_health(client):
    assert client.get("/health").get_data(as_text=True) == "OK"


def test_no_address_of_another_host(client):
    texts = {
        "index": client.get("/").get_data(as_text=True),
        "layout": client.get("/_dash-layout").get_data(as_text=True),
        "start": shown_by(client, "/"),
        "not found": shown_by(client, "/no/such/page"),
    }
    texts |= {path.name: path.read_text("utf-8") for path in ASSETS_DIR.glob("**/*.css")}
    assert "dramatis.css" in texts
    assert [name for name, text in texts.items() if ADDRESS.search(text)] == []


def test_every_script_and_style_comes_from_here(client):
    text = client.get("/").get_data(as_text=True)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(addresses) > 5
    for address in addresses:
        assert address.startswith("/") and not address.startswith("//")
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("path", ["/", "/health", "/_dash-layout", "/assets/dramatis.css", "/assets/missing.css"])
def test_protective_headers_are_on_every_answer(client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    # Dash needs it for styles; scripts are held to hashes.
    assert "unsafe" not in policy.replace("style-src 'self' 'unsafe-inline'", "")
    assert not ADDRESS.search(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_policy_allows_exactly_the_inline_scripts_of_the_page():
    application = factory.create_app()
    answer = application.server.test_client().get("/")
    inline = re.findall(r"<script>(.*?)</script>", answer.get_data(as_text=True), re.DOTALL)
    inline += re.findall(r'id="_dash-renderer"[^>]*>(.*?)</script>', answer.get_data(as_text=True), re.DOTALL)
    assert len(inline) == 2
    assert len(re.findall(r"'sha256-[^']+'", answer.headers["Content-Security-Policy"])) == len(inline)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8050", "localhost:8061", "LOCALHOST", "[::1]:8050"])
def test_own_host_is_answered(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["", "films.example", "127.0.0.1.films.example", "localhost.films.example:8050", "0.0.0.0:8050", "127.0.0.1:"],
)
@pytest.mark.parametrize("path", ["/", "/health", "/_dash-layout", "/assets/dramatis.css"])
def test_foreign_host_is_refused(client, host, path):
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert answer.get_data(as_text=True).count("\n") == 1


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://films.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_foreign_page_may_not_send(client, headers):
    assert client.post("/_dash-update-component", json={}, headers=headers).status_code == 403


def test_a_body_that_is_too_large_is_not_read(client):
    size = factory.MAX_REQUEST_BYTES + 1
    answer = client.post("/_dash-update-component", data=b" " * size, content_type="application/json")
    assert answer.status_code == 413


def test_building_twice_registers_each_page_once():
    factory.create_app()
    first = list(dash.page_registry)
    answer = factory.create_app().server.test_client().get("/")
    import app.pages.start  # noqa: F401  a later import must not register it again

    assert list(dash.page_registry) == first
    assert answer.status_code == 200


def test_host_check_needs_the_whole_name():
    assert not security.is_own_host("localhost\n")
    assert not security.is_own_host("user@localhost")
