"""The page of a visitor who is not let in, and the form to sign in where a login is configured.

Plain HTML without scripts: nothing else of Dramatis answers these visitors, no style sheet either.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable
from html import escape
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import quote

import flask

from app.access import Access
from app.sessions import Sessions, address_of

PATH = "/login"

# A form of two fields; whatever is longer was not sent by it.
_LONGEST_FORM_BYTES = 16 * 1024

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title} - Dramatis</title>
<style>
:root {{ --ground: #f8f5f1; --raised: #fff; --text: #1f1a1c; --soft: #5d5456; --line: #e3dcd5; --edge: #8f8581;
  --accent: #7a1f3d; --on-accent: #fff; --bad: #a31b1b; color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #171315; --raised: #221d20; --text: #f2edec; --soft: #b8adb0; --line: #3b3337; --edge: #8a7d82;
    --accent: #f2a5bb; --on-accent: #2c0c18; --bad: #ffa096; }} }}
* {{ box-sizing: border-box; }}
body {{ display: grid; min-height: 100vh; margin: 0; padding: 1.25rem; place-items: center; background: var(--ground);
  color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }}
main {{ width: min(26rem, 100%); padding: 1.75rem; border: 1px solid var(--line); border-radius: 14px;
  background: var(--raised); }}
h1 {{ margin: 0 0 .75rem; font-size: 1.35rem; line-height: 1.25; letter-spacing: -.01em; }}
p {{ margin: 0 0 .75rem; }} p:last-child {{ margin: 0; }} .soft {{ color: var(--soft); }}
.bad {{ color: var(--bad); font-weight: 550; }}
label {{ display: block; margin: 0 0 .9rem; font-weight: 550; }}
input {{ display: block; width: 100%; margin-top: .25rem; padding: .5rem .7rem; border: 1px solid var(--edge);
  border-radius: 7px; background: var(--ground); color: var(--text); font: inherit; }}
button {{ width: 100%; padding: .55rem; border: 0; border-radius: 7px; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }}
:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; }}
</style>
</head>
<body><main>
{body}
</main></body>
</html>
"""

_FORM = """<h1>Sign in to Dramatis</h1>
{message}<form method="post" action="{action}">
<label>Name <input name="name" autocomplete="username" autocapitalize="none" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button>
</form>"""

_BY_ADDRESS = """<h1>Open the address in the terminal</h1>
<p>Dramatis prints an address when it starts. Open that one: it lets this browser in for thirty days.</p>
<p class="soft">Each address works once. For one more browser, use the one printed last, after "Another browser".</p>"""


class Attempts:
    """At most `most` attempts in `period_s` seconds for each visitor."""

    def __init__(self, most: int = 5, period_s: float = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._period_s = period_s
        self._clock = clock
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, visitor: str) -> float:
        """Counts an attempt and gives 0, or how long the visitor has to wait before the next one is counted."""
        now = self._clock()
        with self._lock:
            # Those who have waited long enough are forgotten, so that this does not grow.
            for one in [one for one, times in self._times.items() if now - times[-1] >= self._period_s]:
                del self._times[one]
            times = self._times.setdefault(visitor, deque(maxlen=self._most))
            if len(times) == self._most and now - times[0] < self._period_s:
                return self._period_s - (now - times[0])
            times.append(now)
            return 0.0

    def forget(self, visitor: str) -> None:
        """Somebody who got in has no attempts behind them."""
        with self._lock:
            self._times.pop(visitor, None)


def visitor_of(address: str | None) -> str:
    """What attempts are counted by: the address, of IPv6 the network that one household has to itself.

    >>> visitor_of("2001:db8:1:2:3:4:5:6"), visitor_of("192.0.2.1"), visitor_of(None)
    ('2001:db8:1:2::/64', '192.0.2.1', 'nobody')
    """
    try:
        found = ip_address((address or "").split("%")[0])
    except ValueError:
        return "nobody"
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def safe_path(path: str | None) -> str:
    """Where to go after signing in: a path of ours, "/" instead of anything that leads elsewhere.

    >>> safe_path("/film?id=a"), safe_path("//films.example"), safe_path("https://films.example"), safe_path(None)
    ('/film?id=a', '/', '/', '/')
    """
    # Browsers read a backslash as a slash, and drop tabs and line ends.
    ours = path and re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", path) and path.split("?")[0] != PATH
    return path if ours and path else "/"


def uninvited(access: Access, path: str) -> flask.Response:
    """The answer to whoever was not let in and asked for `path`."""
    if access.login is None:
        return _page("Open the address in the terminal", _BY_ADDRESS, 401)
    return _form(path, 401)


def register(server: flask.Flask, access: Access, sessions: Sessions) -> None:
    """Adds signing in and out to `server`."""
    attempts = Attempts()

    @server.get(PATH)
    def show_login() -> flask.Response:
        path = safe_path(flask.request.args.get("next"))
        if access.login is None:
            return uninvited(access, path)
        return go_to(path) if sessions.of(flask.request) is not None else _form(path, 200)

    @server.post(PATH)
    def sign_in() -> flask.Response:
        request = flask.request
        request.max_content_length = _LONGEST_FORM_BYTES
        path = safe_path(request.args.get("next"))
        if access.login is None:
            return uninvited(access, path)
        visitor = visitor_of(address_of(request, access))
        if (wait_s := attempts.wait_s(visitor)) > 0:
            answer = _form(path, 429, f"Too many attempts; try again in {round(wait_s) + 1} seconds.")
            answer.headers["Retry-After"] = str(round(wait_s) + 1)
            return answer
        if not access.login.admits(request.form.get("name", ""), request.form.get("password", "")):
            return _form(path, 401, "The name or the password is wrong; try again.")
        attempts.forget(visitor)
        answer = go_to(path)
        sessions.grant(request, answer, by_login=True)
        return answer

    @server.post("/logout")
    def sign_out() -> flask.Response:
        answer = flask.redirect(PATH, code=303)
        sessions.revoke(flask.request, answer)
        return answer


def _form(path: str, status: int, message: str = "") -> flask.Response:
    path = safe_path(path.removesuffix("?"))
    action = PATH if path == "/" else f"{PATH}?next={quote(path, safe='/')}"
    shown = f'<p class="bad" role="alert">{escape(message)}</p>\n' if message else ""
    return _page("Sign in", _FORM.format(action=escape(action), message=shown), status)


def _page(title: str, body: str, status: int) -> flask.Response:
    answer = flask.Response(_DOCUMENT.format(title=title, body=body), status=status, mimetype="text/html")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def go_to(path: str) -> flask.Response:
    """Leads to `path`, or to "/" where it is none of ours."""
    answer = flask.redirect(safe_path(path), code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer
