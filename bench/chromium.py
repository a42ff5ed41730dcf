"""The system's Chromium: where it is, and how it is started where nothing may leave the machine."""

from __future__ import annotations

import shutil

# No sandbox, as a test machine's user is often root; no GPU, as there is none; the rest are requests of its own.
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
