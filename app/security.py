"""Who may ask, and what a page may do in the browser.

Dramatis shows the faces of people and has no login yet, so it answers this machine's own browser alone. Listening on
loopback is not enough for that: a page from anywhere, open in the same browser, can send requests to 127.0.0.1 as
well. Three checks close that door:

- the Host header names this machine, which stops DNS rebinding (a foreign name that suddenly means 127.0.0.1);
- a request that may change something comes from Dramatis' own pages;
- the Content-Security-Policy keeps Dramatis' pages from loading or sending anything elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import flask

# The names of this machine that never leave it, with any port: RFC 6761 section 6.3, RFC 1122 section 3.2.1.3 (g).
_OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)

# Methods that change nothing by definition (RFC 9110 section 9.2.1); every other one must come from our own pages.
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_own_host(host: str | None) -> bool:
    """Whether a Host header names this machine.

    >>> is_own_host("127.0.0.1:8050"), is_own_host("[::1]"), is_own_host("films.example:8050"), is_own_host(None)
    (True, True, False, False)
    """
    return host is not None and _OWN_HOST.fullmatch(host) is not None


def comes_from_own_page(origin: str | None, fetch_site: str | None, own_origin: str) -> bool:
    """Whether the browser says that one of our own pages sent the request.

    Every browser of today sends both headers with a request that is not safe. A program without a browser (curl, a
    test) sends neither: it cannot be misled by a foreign page, so it may ask.

    >>> comes_from_own_page("http://localhost:8050", "same-origin", "http://localhost:8050")
    True
    >>> comes_from_own_page("https://films.example", None, "http://localhost:8050")
    False
    """
    if fetch_site is not None and fetch_site not in ("same-origin", "none"):
        return False
    return origin is None or origin == own_origin


def content_security_policy(script_hashes: Iterable[str]) -> str:
    """The policy of every page: nothing is allowed but what stands here.

    `script_hashes` are the quoted hashes of the inline scripts that Dash writes into the index page: one that starts
    its renderer, and one for each clientside callback. Hashes, not 'unsafe-inline': any other inline script stays
    forbidden.
    """
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *script_hashes)),
            # Dash's bundles put their components' styles into the page as <style> elements, and give them no nonce; the
            # hashes would be two dozen and change with each release. What a style can do with it is small: pictures
            # and fonts come from here alone, so it cannot carry anything out.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self'",
            "font-src 'self'",
            # The renderer fetches layouts and callback results.
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            # No other page may show Dramatis in a frame and lead clicks astray.
            "frame-ancestors 'none'",
        )
    )


def check_requests(server: flask.Flask) -> None:
    """Refuses foreign requests to any path of `server`: pages, assets, callbacks, the health answer.

    Call it before anything else registers on `server`, so that nothing runs ahead of the check.
    """

    @server.before_request
    def refuse_foreign() -> flask.Response | None:
        request = flask.request
        host = request.environ.get("HTTP_HOST")
        if not is_own_host(host):
            # Misdirected, or DNS rebinding: another name points at this machine.
            return _refusal("Dramatis answers only under this machine's own name; open http://127.0.0.1 with its port.")
        if request.method not in _SAFE_METHODS and not comes_from_own_page(
            request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site"), f"{request.scheme}://{host}"
        ):
            # Cross-site request forgery: a foreign page sends, this browser carries it here.
            return _refusal("This request came from another site's page; use Dramatis' own pages instead.")
        return None


def add_headers(server: flask.Flask, script_hashes: Callable[[], Iterable[str]]) -> None:
    """Puts the protective headers on every answer of `server`, refusals included.

    `script_hashes` is asked at each answer, because Dash writes its own page-title script only at the first request.
    """

    @server.after_request
    def protect(response: flask.Response) -> flask.Response:
        response.headers["Content-Security-Policy"] = content_security_policy(script_hashes())
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        # For browsers that do not know frame-ancestors.
        response.headers["X-Frame-Options"] = "DENY"
        # Another site's page can neither embed our pictures nor hold a handle on our window.
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response


def _refusal(sentence: str) -> flask.Response:
    return flask.Response(sentence + "\n", status=403, mimetype="text/plain")
