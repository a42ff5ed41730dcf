"""Files that are either whole or not there: written beside their place and moved there at the end.

Raises OSError as it comes; the callers know what to tell the user.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A new, empty file beside `path`, hidden and for its owner alone, to be filled and moved there; it is deleted at
    the end if it was not."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, *, synced: bool = False) -> None:
    """Puts `content` in the place of `path`, for its owner alone; an older file stays if that fails. `synced` is for
    what must outlive a power failure."""
    with beside(path) as partial:
        partial.write_bytes(content)
        if synced:
            sync(partial)
        os.replace(partial, path)


def sync(path: Path) -> None:
    """Waits until the content of a file is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
