"""The cookie of a browser that was let in: signed, readable by no script, kept for thirty days."""

from __future__ import annotations

from dataclasses import dataclass

import flask
from itsdangerous import BadData, URLSafeTimedSerializer

from app.access import Access

SESSION_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that was let in; `user` is the name of the login that did, "" for a token."""

    user: str = ""


class Sessions:
    """Gives, reads and takes back the cookies. They hold no secret, only who was let in, under a signature."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._serializer = URLSafeTimedSerializer(access.secret_key, salt="dramatis session 1")

    def of(self, request: flask.Request) -> Session | None:
        """The session of `request`; None without a cookie, or with one that is forged, too old, or of a login that has
        changed since."""
        cookie = request.cookies.get(cookie_name(request))
        if cookie is None:
            return None
        try:
            held = self._serializer.loads(cookie, max_age=SESSION_S)
        except BadData:
            return None
        match held:
            case {"by": "token"}:
                return Session()
            case {"by": "login", "mark": str(mark)}:
                login = self._access.login
                return Session(login.name) if login is not None and mark == login.mark else None
        return None

    def grant(self, request: flask.Request, answer: flask.Response, *, by_login: bool = False) -> None:
        """Lets the browser that gets `answer` in from now on."""
        held = {"by": "token"}
        if by_login:
            assert self._access.login is not None
            held = {"by": "login", "mark": self._access.login.mark}
        answer.set_cookie(
            cookie_name(request), str(self._serializer.dumps(held)), max_age=SESSION_S, **self._flags(request)
        )

    def revoke(self, request: flask.Request, answer: flask.Response) -> None:
        """Has the browser forget that it was let in."""
        answer.delete_cookie(cookie_name(request), **self._flags(request))

    def _flags(self, request: flask.Request) -> dict:
        # Lax: a link from elsewhere may open a page; what changes something is held to our own pages besides.
        return {"httponly": True, "samesite": "Lax", "secure": scheme_of(request, self._access) == "https"}


def cookie_name(request: flask.Request) -> str:
    """One name for each port, since browsers do not tell the ports of one host apart (RFC 6265 section 8.5): two
    Dramatis side by side would sign each other out."""
    port = request.host.rpartition(":")[2]
    return f"dramatis_{port}" if port.isdigit() else "dramatis"


def scheme_of(request: flask.Request, access: Access) -> str:
    """ "http" or "https", as the visitor's browser sees it."""
    if access.proxy:
        told = request.headers.get("X-Forwarded-Proto", "").split(",")[-1].strip().lower()
        if told in ("http", "https"):
            return told
    return request.scheme


def address_of(request: flask.Request, access: Access) -> str | None:
    """The visitor's IP address; with a proxy in front, the one that it tells. Of several, the last: the others were
    written by the visitor."""
    if access.proxy and (told := request.headers.getlist("X-Forwarded-For")):
        return told[-1].split(",")[-1].strip()
    return request.remote_addr
