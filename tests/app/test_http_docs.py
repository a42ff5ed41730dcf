"""docs/http.md names addresses that are there, and says how to come in."""

from __future__ import annotations

import re

from app import factory
from app.access import Access, Tokens
from engine.config import PROJECT_DIR

_PAGE = (PROJECT_DIR / "docs" / "http.md").read_text(encoding="utf-8")


def test_every_address_is_there():
    asked = re.findall(r"`(GET|POST|PUT|DELETE) (/[^`?\s]*)", _PAGE) + [
        ("GET", path) for path in re.findall(r", `(/media/[^`]*)`", _PAGE)
    ]
    assert len(asked) > 15
    routes = factory.create_app(Access("a key for tests", Tokens())).server.url_map.bind("127.0.0.1")
    for method, path in asked:
        endpoint, _ = routes.match(path, method)
        assert not endpoint.endswith("<path:path>"), f"{path} is only a page's address"


def test_a_session_is_opened_once_as_the_page_says():
    tokens = Tokens()
    server = factory.create_app(Access("a key for tests", tokens)).server
    client = server.test_client()
    assert client.get("/health").status_code == 200, "it needs no session"
    assert client.post("/photos/forget", json=[]).status_code >= 400
    assert client.get(f"/?token={tokens.current}").status_code == 303
    # As curl asks: no Origin.
    assert client.post("/photos/forget", json=["nobody's"]).json == {}
    unread = client.post("/photos?name=me.jpg", data=b"no picture")
    assert unread.status_code == 400 and unread.json["error"].endswith(".")
    missing = client.get("/media/nothing/screentime.csv")
    assert missing.status_code == 404 and missing.content_type.startswith("text/plain")
