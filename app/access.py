"""Whom Dramatis lets in: the one-time token of the printed address, and the login, if its owner configured one.

Plain Python: the process that supervises the others reads it too, and stays small.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import mmap
import os
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app import services

LOGIN_VARIABLE = "DRAMATIS_LOGIN"
HOSTS_VARIABLE = "DRAMATIS_HOSTS"
PROXY_VARIABLE = "DRAMATIS_PROXY"

# A DNS name or an address, as it may stand in a Host header; RFC 3986 section 3.2.2, without user or port.
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)

# How werkzeug writes a password's hash: method:parameters$salt$hash.
_HASH = re.compile(r"(scrypt|pbkdf2)(:[A-Za-z0-9]+)+\$[^$]+\$[0-9a-f]+")

# Longer ones are refused unread: hashing a text of megabytes would keep a thread busy.
LONGEST_PASSWORD = 1024


class AccessError(Exception):
    """The settings of who may come in make no sense; the message is one sentence with what to do. Nothing started."""


@dataclass(frozen=True, slots=True)
class Login:
    """The one name and password that let a person in, beside the token."""

    name: str
    password_hash: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Login:
        """From "name:hash", as ``./dramatis password`` prints it. Raises AccessError.

        >>> Login.parse("anna:scrypt:32768:8:1$salt$00ff").name
        'anna'
        """
        name, _, password_hash = text.strip().partition(":")
        if not name or _HASH.fullmatch(password_hash) is None:
            raise AccessError(
                f"{LOGIN_VARIABLE} is not a name and the hash of a password; run ./dramatis password, and give "
                "what it prints between single quotes."
            )
        return cls(name, password_hash)

    def admits(self, name: str, password: str) -> bool:
        """Whether both are right; takes as long for a wrong name as for a wrong password."""
        from werkzeug.security import check_password_hash

        if len(password) > LONGEST_PASSWORD:
            return False
        with _one_hash:
            right = check_password_hash(self.password_hash, password)
        return hmac.compare_digest(name.encode(), self.name.encode()) and right

    @property
    def mark(self) -> str:
        """Stands in the sessions that this login opened: they end when the name or the password changes."""
        return hashlib.sha256(f"{self.name}:{self.password_hash}".encode()).hexdigest()[:16]


# scrypt takes 32 MB for each password; eight threads at once would be a quarter of a gigabyte.
_one_hash = threading.Lock()


class Tokens:
    """Tokens in turn: each lets one browser in, and is followed by the next.

    The count of those used lives in memory that a forked process shares with the one that made it, so that a server
    process started in the place of a crashed one takes no token a second time. `announce` is told each new token.
    """

    def __init__(self, announce: Callable[[str], None] | None = None) -> None:
        self._seed = secrets.token_bytes(32)
        self._used = mmap.mmap(-1, 8)
        self._lock = threading.Lock()
        self._announce = announce or (lambda _token: None)

    @property
    def current(self) -> str:
        """The token that lets the next browser in: 32 characters, safe in an address."""
        return hmac.new(self._seed, self._used[:], hashlib.sha256).hexdigest()[:32]

    def redeem(self, offered: str) -> bool:
        """Whether `offered` is the current token; if so, it is used up."""
        with self._lock:
            if not hmac.compare_digest(offered.encode("utf-8", "surrogatepass"), self.current.encode()):
                return False
            self._used[:] = (int.from_bytes(self._used[:], "big") + 1).to_bytes(8, "big")
            new = self.current
        self._announce(new)
        return True


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in. `hosts`: names in a Host header that are ours besides this machine's own. `proxy`: whether a
    proxy in front tells the visitor's address and scheme."""

    secret_key: str = field(repr=False)
    tokens: Tokens
    login: Login | None = None
    hosts: frozenset[str] = frozenset()
    proxy: bool = False

    @classmethod
    def from_environment(cls, tokens: Tokens, environment: Mapping[str, str] = os.environ) -> Access:
        """As the environment has it. Raises AccessError, or DramatisError where the key for cookies cannot be kept."""
        return cls(
            services.secret_key(),
            tokens,
            login_of(environment),
            hosts_of(environment),
            environment.get(PROXY_VARIABLE, "") == "1",
        )


def login_of(environment: Mapping[str, str]) -> Login | None:
    """The configured login, None without one. Raises AccessError for one that is none."""
    text = environment.get(LOGIN_VARIABLE, "")
    return Login.parse(text) if text.strip() else None


def hosts_of(environment: Mapping[str, str]) -> frozenset[str]:
    """The configured names of this machine, in small letters. Raises AccessError.

    >>> sorted(hosts_of({"DRAMATIS_HOSTS": "films.home, Attic.Home"}))
    ['attic.home', 'films.home']
    """
    names = [name.strip().lower() for name in environment.get(HOSTS_VARIABLE, "").split(",")]
    for name in names:
        if name and _HOST_NAME.fullmatch(name) is None:
            raise AccessError(
                f"{HOSTS_VARIABLE} holds {name!r}, which is no name of a machine; give names without http:// and "
                "port, with commas between."
            )
    return frozenset(name for name in names if name)


def is_loopback(address: str | None) -> bool:
    """Whether an IP address is this machine's own, also when written as IPv6. None and nonsense are not.

    >>> is_loopback("127.0.0.1"), is_loopback("::ffff:127.0.0.1"), is_loopback("192.168.1.5"), is_loopback(None)
    (True, True, False, False)
    """
    try:
        found = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def is_ip_address(host: str) -> bool:
    """Whether a host, without its port, is an address and not a name.

    >>> is_ip_address("192.168.1.5"), is_ip_address("[fe80::1]"), is_ip_address("films.home")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
