"""Signing in and out, and the one-time tokens behind the printed address."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from flask.testing import FlaskClient

from app import factory
from app.access import LONGEST_PASSWORD, Access, AccessError, Login, Tokens, login_of
from app.login import Attempts, safe_path
from app.sessions import SESSION_S
from tests.app.serving import PROJECT_DIR

PASSWORD = "correct horse battery"


def run_password(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "app.password", *arguments],
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def login() -> Login:
    """What ``./dramatis password anna`` prints, read back."""
    done = run_password(f"{PASSWORD}\n", "anna")
    assert done.returncode == 0
    assert done.stdout.startswith("anna:scrypt:")
    assert "DRAMATIS_LOGIN" in done.stderr
    return login_of({"DRAMATIS_LOGIN": done.stdout.strip()})


@pytest.fixture
def visitor(login) -> FlaskClient:
    """A client of an application with a login, that was not let in."""
    return factory.create_app(Access("a key for tests", Tokens(), login)).server.test_client()


def sign_in(client: FlaskClient, name: str = "anna", password: str = PASSWORD, path: str = "/login", **more):
    return client.post(path, data={"name": name, "password": password}, **more)


@pytest.mark.parametrize(
    ("text", "arguments", "status", "says"),
    [
        ("short\n", ["anna"], 1, "8 to 1024 characters"),
        ("", ["anna"], 1, "8 to 1024 characters"),
        ("x" * (LONGEST_PASSWORD + 1), ["anna"], 1, "8 to 1024 characters"),
        (PASSWORD, ["an:na"], 2, "no colon"),
    ],
)
def test_a_password_that_will_not_do_is_refused(text, arguments, status, says):
    done = run_password(text, *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr


def test_a_login_admits_its_name_and_password_alone(login):
    assert login.admits("anna", PASSWORD)
    for name, password in (("Anna", PASSWORD), ("anna", PASSWORD + " "), ("", ""), ("änna", "pässword"), ("anna", "")):
        assert not login.admits(name, password)
    assert not login.admits("anna", "x" * 10_000_000)
    assert PASSWORD not in repr(login) and login.password_hash not in repr(login)


@pytest.mark.parametrize("text", ["anna", "anna:", ":scrypt:1:1:1$a$0", "anna:secret", "anna:md5$a$0", "anna:plain$$x"])
def test_a_login_that_is_none_is_refused(text):
    with pytest.raises(AccessError, match="dramatis password"):
        login_of({"DRAMATIS_LOGIN": text})


def test_signing_in_leads_back_and_signing_out_ends_it(visitor):
    asked = visitor.get("/film?id=x")
    assert asked.status_code == 401
    assert 'action="/login?next=/film%3Fid%3Dx"' in asked.get_data(as_text=True)
    answer = sign_in(visitor, path="/login?next=/film%3Fid%3Dx")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/film?id=x")
    assert f"Max-Age={SESSION_S}" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert visitor.get("/").status_code == 200
    assert "Sign out" in visitor.get("/_dash-layout").get_data(as_text=True)
    assert visitor.get("/login").headers["Location"] == "/"
    out = visitor.post("/logout")
    assert (out.status_code, out.headers["Location"]) == (303, "/login")
    assert visitor.get("/").status_code == 401


def test_a_wrong_password_lets_nobody_in_and_shows_nothing_of_what_was_sent(visitor):
    answer = sign_in(visitor, "<b>anna", "<script>")
    assert answer.status_code == 401
    text = answer.get_data(as_text=True)
    assert "The name or the password is wrong" in text
    assert "<b>" not in text and "<script>" not in text
    assert visitor.get("/").status_code == 401


def test_a_new_password_ends_the_sessions_of_the_old_one(visitor, login):
    cookie = sign_in(visitor).headers["Set-Cookie"].split(";")[0]
    for other in (Login(login.name, login.password_hash + "0"), Login("bea", login.password_hash), None):
        client = factory.create_app(Access("a key for tests", Tokens(), other)).server.test_client(use_cookies=False)
        assert client.get("/", headers={"Cookie": cookie}).status_code == 401


def test_the_sixth_try_in_a_minute_has_to_wait_even_with_the_right_password(visitor):
    for _ in range(5):
        assert sign_in(visitor, password="wrong").status_code == 401
    answer = sign_in(visitor)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert visitor.get("/").status_code == 401
    elsewhere = sign_in(visitor, environ_base={"REMOTE_ADDR": "192.168.1.5"})
    assert elsewhere.status_code == 303


def test_attempts_are_counted_for_each_visitor_and_forgotten():
    now = [0.0]
    attempts = Attempts(most=2, period_s=60, clock=lambda: now[0])
    assert [attempts.wait_s("a") for _ in range(3)] == [0, 0, 60]
    assert attempts.wait_s("b") == 0
    now[0] = 59
    assert attempts.wait_s("a") == 1
    now[0] = 60
    assert attempts.wait_s("a") == 0
    attempts.forget("a")
    assert [attempts.wait_s("a") for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    "path",
    [*("//films.example", "/\\films.example", "https://films.example", "javascript:x", "", "film", "/\t/films.example")]
    + ["/login", "/login?next=/x", "/a\nb", "/%0a b", "\\\\films.example"],
)
def test_after_signing_in_nobody_is_led_elsewhere(visitor, path):
    assert safe_path(path) == "/"
    answer = visitor.post("/login", query_string={"next": path}, data={"name": "anna", "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_without_a_login_there_is_no_form_and_nobody_signs_in():
    client = factory.create_app(Access("a key for tests", Tokens())).server.test_client()
    assert client.get("/login").status_code == 401
    answer = sign_in(client)
    assert answer.status_code == 401
    assert "<form" not in answer.get_data(as_text=True)


def test_a_form_that_is_no_form_is_refused(visitor):
    assert visitor.post("/login", json={"name": "anna"}).status_code == 401
    assert visitor.post("/login", data={"name": "a" * 20_000}).status_code == 413


def test_tokens_differ_and_a_process_in_the_place_of_another_goes_on_counting():
    tokens = Tokens()
    first = tokens.current
    assert tokens.current == first
    assert len(first) == 32
    child = os.fork()
    if child == 0:
        os._exit(0 if tokens.redeem(first) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert tokens.current != first
    assert not tokens.redeem(first)
    assert Tokens().current != tokens.current
