"""The entry point of a WSGI server: ``gunicorn app.wsgi:server``."""

from __future__ import annotations

from app.factory import create_app

server = create_app().server
