"""``./dramatis password``: reads a password and prints what a login is configured with."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence

from app.access import LOGIN_VARIABLE, LONGEST_PASSWORD

# NIST SP 800-63B section 3.1.1.1: no fewer than eight characters.
SHORTEST_PASSWORD = 8


def _ask() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise ValueError("The two passwords differ; run ./dramatis password again.")
    return first


def main(argv: Sequence[str] | None = None) -> int:
    """Prints "name:hash"; the exit status: 0 done, 1 a password that will not do, 2 usage."""
    parser = argparse.ArgumentParser(
        prog="dramatis password",
        description=f"Make the value of {LOGIN_VARIABLE}, with which Dramatis asks for a name and a password.",
    )
    parser.add_argument("name", nargs="?", default="owner", help="the name to sign in with (default: owner)")
    name = parser.parse_args(argv).name
    if not name.strip() or ":" in name or not name.isprintable():
        parser.error("a name has at least one letter, and no colon")
    try:
        password = _ask()
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise ValueError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; choose another.")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except (EOFError, KeyboardInterrupt):
        return 1
    from werkzeug.security import generate_password_hash

    print(f"Start Dramatis with this, in single quotes, as {LOGIN_VARIABLE}:", file=sys.stderr)
    print(f"{name.strip()}:{generate_password_hash(password, method='scrypt')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
