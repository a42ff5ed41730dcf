"""Which cast's pictures are where, without a look at them: their folder may hold thousands of people."""

from __future__ import annotations

import json
from pathlib import Path

from engine.names import name_key
from engine.store.cast_folders import NOTE


def cast_called(folder: Path, name: str) -> str | None:
    """The id of the cast of this name below `folder`, None if there is none; damaged notes are passed over."""
    for note in sorted(folder.glob(f"*/{NOTE}")):
        try:
            said = json.loads(note.read_text(encoding="utf-8")).get("name", "")
        except (OSError, ValueError, AttributeError):
            continue
        # Of a cast that is still being put in its place the folder has another name than an id.
        if said and name_key(str(said)) == name_key(name) and not note.parent.name.startswith("."):
            return note.parent.name
    return None
