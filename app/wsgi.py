"""The entry point of a WSGI server: ``gunicorn app.wsgi:server``. Prints the address as ``./dramatis run`` does, with
the port that $PORT gives."""

from __future__ import annotations

import os

from app.access import Access, Tokens
from app.factory import served_app

_ADDRESS = f"http://127.0.0.1:{os.environ.get('PORT') or 8050}/?token="

_tokens = Tokens(lambda token: print(f"Another browser: {_ADDRESS}{token}", flush=True))

server = served_app(Access.from_environment(_tokens))

print(f"Dramatis is at {_ADDRESS}{_tokens.current}", flush=True)
