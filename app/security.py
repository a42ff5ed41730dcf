"""Who may ask, and what a page may do in the browser.

Dramatis shows the faces of people, so it answers nobody who was not let in. Listening on loopback alone is not enough
for that: a page from anywhere, open in the same browser, can send requests to 127.0.0.1 as well, and so can any other
user of the machine. Every request to any path passes one function, in this order:

- the Host header names this machine, which stops DNS rebinding (a foreign name that suddenly means 127.0.0.1);
- without a configured login the visitor sits at this machine, whatever address the server listens on;
- a request that may change something comes from Dramatis' own pages;
- the browser holds a session: opened by the token of the printed address, or by signing in.

The Content-Security-Policy then keeps Dramatis' pages from loading or sending anything elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, urlencode

import flask

from app import login
from app.access import Access, is_ip_address, is_loopback
from app.sessions import Sessions, address_of, scheme_of

# A host and perhaps a port: RFC 9110 section 7.2.
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?", re.IGNORECASE)

# The names of this machine that never leave it: RFC 6761 section 6.3, RFC 1122 section 3.2.1.3 (g).
_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})

# Methods that change nothing by definition (RFC 9110 section 9.2.1); every other one must come from our own pages.
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# What anybody may ask: whether the server is up, and to sign in.
_OPEN_PATHS = frozenset({"/health", login.PATH})

# Proxies add these. They tell of a visitor from elsewhere even where nobody told Dramatis of the proxy.
_PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


def is_own_host(host: str | None, access: Access) -> bool:
    """Whether a Host header names this machine. With a login, any address without a name does: rebinding needs a name,
    and which of its addresses a machine is reached by is for its network to say."""
    found = _HOST.fullmatch(host or "")
    if found is None:
        return False
    name = found[1].lower()
    return name in _OWN_HOSTS or name in access.hosts or (access.login is not None and is_ip_address(name))


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
            # data: the small drawings in Bootstrap's style sheet; blob: charts on their way into a file, and pictures
            # that a person has chosen and not yet sent.
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            # The renderer fetches layouts and callback results; uploads go the same way.
            "connect-src 'self'",
            "base-uri 'none'",
            # Signing in and out.
            "form-action 'self'",
            # No other page may show Dramatis in a frame and lead clicks astray.
            "frame-ancestors 'none'",
        )
    )


def guard(server: flask.Flask, access: Access) -> None:
    """Refuses to any path of `server` whoever may not come in: pages, assets, callbacks, media, uploads.

    Call it before anything else registers on `server`, so that nothing runs ahead of it. Afterwards ``flask.g.user`` is
    the name of the login that let the browser in, "" for a token.
    """
    sessions = Sessions(access)
    login.register(server, access, sessions)

    @server.before_request
    def refuse_uninvited() -> flask.Response | None:
        request = flask.request
        host = request.environ.get("HTTP_HOST")
        if not is_own_host(host, access):
            # Misdirected, or DNS rebinding: another name points at this machine.
            return _refusal("Dramatis answers only under this machine's own name; open http://127.0.0.1 with its port.")
        if access.login is None and not _sits_here(request, access):
            return _refusal("Dramatis shows its pages to this machine only; to open it to others, configure a login.")
        if request.method not in _SAFE_METHODS and not comes_from_own_page(
            request.headers.get("Origin"),
            request.headers.get("Sec-Fetch-Site"),
            f"{scheme_of(request, access)}://{host}",
        ):
            # Cross-site request forgery: a foreign page sends, this browser carries it here.
            return _refusal("This request came from another site's page; use Dramatis' own pages instead.")
        session = sessions.of(request)
        flask.g.user = "" if session is None else session.user
        if request.path in _OPEN_PATHS:
            return None
        token = request.args.get("token") if request.method == "GET" else None
        if session is not None:
            # A token that this browser does not need stays good for another one.
            return None if token is None else _without_token(request)
        # A browser that loads ahead, on a guess, would use the token up before its person asks.
        if token is not None and "Sec-Purpose" not in request.headers and access.tokens.redeem(token):
            answer = _without_token(request)
            sessions.grant(request, answer)
            return answer
        return login.uninvited(access, request.full_path)


def _sits_here(request: flask.Request, access: Access) -> bool:
    if not is_loopback(address_of(request, access)) or not is_loopback(request.remote_addr):
        return False
    return access.proxy or not any(name in request.headers for name in _PROXY_HEADERS)


def _without_token(request: flask.Request) -> flask.Response:
    """Leads to the same address without the token, which then stands in no history and no log."""
    rest = urlencode([(name, value) for name, value in request.args.items(multi=True) if name != "token"])
    return login.go_to(quote(request.path) + (f"?{rest}" if rest else ""))


def add_headers(server: flask.Flask, script_hashes: Callable[[], Iterable[str]]) -> None:
    """Puts the protective headers on every answer of `server`, refusals included.

    `script_hashes` is asked at each answer, because Dash writes its own page-title script only at the first request.
    """

    @server.after_request
    def protect(response: flask.Response) -> flask.Response:
        headers: Mapping[str, str] = {
            "Content-Security-Policy": content_security_policy(script_hashes()),
            "X-Content-Type-Options": "nosniff",
            # No address of ours goes to another host. Not "no-referrer": browsers then hide the origin of a form's own
            # page too ("Origin: null"), and signing in would look like a request from elsewhere.
            "Referrer-Policy": "same-origin",
            # For browsers that do not know frame-ancestors.
            "X-Frame-Options": "DENY",
            # Another site's page can neither embed our pictures nor hold a handle on our window.
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        response.headers.update(headers)
        return response


def _refusal(sentence: str) -> flask.Response:
    return flask.Response(sentence + "\n", status=403, mimetype="text/plain")
