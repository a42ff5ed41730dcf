"""Who may ask, through Flask's test client: hosts, origins, sessions and tokens; and what every answer forbids."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import factory, security
from app.access import Access, Login, Tokens
from app.sessions import SESSION_S

ASSETS_DIR = Path(factory.__file__).parent.parent / "assets"

# An address of any host: "http://...", and as JSON inside a page, where Dash writes a slash as \u002f.
ADDRESS = re.compile(r"https?:(//|\\u002f\\u002f)", re.IGNORECASE)

LOGIN = Login.parse("anna:scrypt:32768:8:1$salt$00ff")
PATHS = ("/", "/film?id=x", "/_dash-layout", "/_dash-dependencies", "/assets/dramatis.css", "/vendor/bootstrap.min.css")
OTHER_PATHS = ("/media/x/film", "/upload/x", "/no/such/page", "/_reload-hash", "/assets/../app/factory.py", "/login/x")


def access(**more) -> Access:
    return replace(Access("a key for tests", Tokens()), **more)


def stranger(who: Access) -> FlaskClient:
    """A client that was not let in."""
    return factory.create_app(who).server.test_client()


@pytest.fixture(scope="module")
def who() -> Access:
    return access()


@pytest.fixture(scope="module")
def uninvited(who) -> FlaskClient:
    return stranger(who)


@pytest.mark.parametrize("path", [*PATHS, *OTHER_PATHS])
def test_without_a_session_nothing_is_shown(uninvited, path):
    answer = uninvited.get(path)
    assert answer.status_code == 401
    assert "Open the address in the terminal" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("path", ["/_dash-update-component", "/upload", "/logout", "/cast-pictures/x"])
def test_no_method_gets_around_it(uninvited, method, path):
    assert uninvited.open(path, method=method).status_code == 401


def test_health_needs_no_session(uninvited):
    assert uninvited.get("/health").get_data(as_text=True) == "OK"


def test_a_token_lets_one_browser_in_and_leaves_the_address(who):
    told: list[str] = []
    mine = access(tokens=Tokens(told.append))
    first, second = stranger(mine), stranger(mine)
    token = mine.tokens.current
    answer = first.get(f"/film?id=a%26b&token={token}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/film?id=a%26b"
    cookie = answer.headers["Set-Cookie"]
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={SESSION_S}"):
        assert flag in cookie
    assert "Secure" not in cookie
    assert first.get("/").status_code == 200
    assert second.get(f"/?token={token}").status_code == 401
    assert second.get("/").status_code == 401
    assert told == [mine.tokens.current] and told != [token]
    assert second.get(f"/?token={told[0]}").status_code == 303
    assert second.get("/").status_code == 200


def test_a_token_is_not_used_up_by_who_does_not_need_it():
    mine = access()
    token = mine.tokens.current
    client = stranger(mine)
    assert client.head(f"/?token={token}").status_code == 401
    assert client.post(f"/?token={token}").status_code == 401
    assert client.get(f"/?token={token}", headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 401
    assert client.get(f"/?token={token}").status_code == 303
    after = mine.tokens.current
    answer = client.get(f"/?token={after}&x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?x=1")
    assert mine.tokens.current == after


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "\udcff", "tökén", "a" * 100_000])
def test_a_wrong_token_opens_nothing(uninvited, token):
    assert uninvited.get("/", query_string={"token": token.encode("utf-8", "surrogatepass")}).status_code == 401


def test_the_address_after_the_token_is_our_own():
    mine = access()
    path = {"PATH_INFO": "//films.example/x"}
    answer = stranger(mine).get(f"/?token={mine.tokens.current}", environ_overrides=path)
    assert answer.status_code == 303
    assert re.match("/[^/]", answer.headers["Location"])


def session_cookie(mine: Access, port: int = 80) -> str:
    answer = stranger(mine).get(f"/?token={mine.tokens.current}", base_url=f"http://localhost:{port}")
    return answer.headers["Set-Cookie"].split(";")[0]


def test_a_forged_or_foreign_cookie_opens_nothing(who):
    name, _, value = session_cookie(who).partition("=")
    payload, rest = value.split(".", 1)
    client = factory.create_app(who).server.test_client(use_cookies=False)
    assert client.get("/", headers={"Cookie": f"{name}={value}"}).status_code == 200
    foreign = session_cookie(replace(who, secret_key="another key"))
    for cookie in (f"{name}=", f"{name}={payload}", f"{name}={value[:-1]}", f"{name}={payload}x.{rest}", foreign):
        assert client.get("/", headers={"Cookie": cookie}).status_code == 401, cookie


def test_each_port_has_a_cookie_of_its_own(who):
    assert session_cookie(who, 8050).split("=")[0] == "dramatis_8050"
    assert session_cookie(who, 8051).split("=")[0] == "dramatis_8051"
    assert session_cookie(who).split("=")[0] == "dramatis"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8050", "localhost:8061", "LOCALHOST", "[::1]:8050"])
def test_own_host_is_answered(uninvited, host):
    assert uninvited.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("", "films.example", "127.0.0.1.films.example", "localhost.films.example:8050", "0.0.0.0:8050", "127.0.0.1:"),
        *("localhost\n", "user@localhost", "192.168.1.5", "localhost:8050:8050", "[::1", "localhost."),
    ],
)
def test_a_foreign_host_is_not(who, host):
    assert not security.is_own_host(host, who)


@pytest.mark.parametrize("path", ["/", "/health", "/login", "/_dash-layout", "/assets/dramatis.css"])
def test_a_foreign_host_is_refused_on_any_path(uninvited, path):
    answer = uninvited.get(path, headers={"Host": "films.example"})
    assert answer.status_code == 403
    assert answer.get_data(as_text=True).count("\n") == 1


def test_configured_hosts_are_answered_and_addresses_only_with_a_login(who):
    with_host = replace(who, hosts=frozenset({"films.home"}))
    assert security.is_own_host("Films.home:8050", with_host)
    assert not security.is_own_host("x.films.home", with_host)
    assert not security.is_own_host("192.168.1.5:8050", with_host)
    assert security.is_own_host("192.168.1.5:8050", replace(with_host, login=LOGIN))
    assert not security.is_own_host("films.example", replace(with_host, login=LOGIN))


@pytest.mark.parametrize(
    ("remote", "headers", "proxy", "status"),
    [
        ("127.0.0.1", {}, False, 401),
        ("::1", {}, False, 401),
        ("192.168.1.5", {}, False, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.168.1.5"}, False, 403),
        ("127.0.0.1", {"Forwarded": "for=192.168.1.5"}, False, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.168.1.5"}, True, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 192.168.1.5"}, True, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.168.1.5, 127.0.0.1"}, True, 401),
        ("192.168.1.5", {"X-Forwarded-For": "127.0.0.1"}, True, 403),
    ],
)
def test_without_a_login_only_this_machine_is_heard(who, remote, headers, proxy, status):
    client = stranger(replace(who, proxy=proxy))
    assert client.get("/", headers=headers, environ_base={"REMOTE_ADDR": remote}).status_code == status


def test_with_a_login_others_are_heard(who):
    client = stranger(replace(who, login=LOGIN))
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.168.1.5"}).status_code == 401


def test_the_cookie_is_for_https_alone_where_the_visitor_uses_it():
    for proxy, secure in ((True, True), (False, False)):
        mine = access(proxy=proxy)
        answer = stranger(mine).get(f"/?token={mine.tokens.current}", headers={"X-Forwarded-Proto": "https"})
        assert ("Secure" in answer.headers["Set-Cookie"]) == secure


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://films.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8051"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/_dash-update-component", "/upload", "/login"])
def test_foreign_page_may_not_send(client, headers, path):
    assert client.post(path, json={}, headers=headers).status_code == 403


def test_our_own_page_may_send(client):
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/upload", json={}, headers=headers).status_code == 400


@pytest.mark.parametrize("path", ["/", "/health", "/_dash-layout", "/assets/dramatis.css", "/assets/missing.css"])
@pytest.mark.parametrize("let_in", [True, False])
def test_protective_headers_are_on_every_answer(client, uninvited, path, let_in):
    headers = (client if let_in else uninvited).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    # Dash needs it for styles; scripts are held to hashes.
    assert "unsafe" not in policy.replace("style-src 'self' 'unsafe-inline'", "")
    assert not ADDRESS.search(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_policy_allows_exactly_the_inline_scripts_of_the_page(client):
    answer = client.get("/")
    text = answer.get_data(as_text=True)
    inline = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    inline += re.findall(r'id="_dash-renderer"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert len(inline) == 2
    assert len(re.findall(r"'sha256-[^']+'", answer.headers["Content-Security-Policy"])) == len(inline)


def test_no_address_of_another_host(client):
    texts = {path: client.get(path).get_data(as_text=True) for path in ("/", "/_dash-layout")}
    texts |= {path.name: path.read_text("utf-8") for path in ASSETS_DIR.glob("**/*.css")}
    texts |= {path.name: path.read_text("utf-8") for path in ASSETS_DIR.glob("**/*.js")}
    assert {"dramatis.css", "shell.js"} <= set(texts)
    assert [name for name, text in texts.items() if ADDRESS.search(text)] == []


def test_bootstrap_names_no_other_host_to_load_from(client):
    text = client.get("/vendor/bootstrap.min.css").get_data(as_text=True)
    assert "@import" not in text
    loaded = re.findall(r"url\(([^)]*)\)", text)
    assert loaded
    assert [address for address in loaded if not address.strip("\"'").startswith(("data:", "#"))] == []


def test_every_script_and_style_comes_from_here(client):
    text = client.get("/").get_data(as_text=True)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(addresses) > 5
    for address in addresses:
        assert address.startswith("/") and not address.startswith("//")
        assert client.get(address).status_code == 200


def test_a_body_that_is_too_large_is_not_read(client):
    size = factory.MAX_REQUEST_BYTES + 1
    answer = client.post("/_dash-update-component", data=b" " * size, content_type="application/json")
    assert answer.status_code == 413
