"""Writing results so that a file of that name is either whole or not there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from engine.errors import StorageError


def write_whole(path: Path, content: str) -> None:
    """Writes `content` as UTF-8 beside `path` and moves it into place; an older file stays until then.

    Raises StorageError (disk full, no permission) with nothing new left behind.
    """
    write_together({path: content})


def write_together(contents: Mapping[Path, str]) -> None:
    """Writes several files as `write_whole` does one: all are written before the first is moved into place."""
    partials: dict[Path, Path] = {}
    path = next(iter(contents), None)
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
            partials[path] = Path(name)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partials[path].chmod(0o666 & ~_umask())
        for path in partials:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "a folder of this name is in its place")
        for path, partial in partials.items():
            os.replace(partial, path)
    except OSError as error:
        raise StorageError(
            f"The result {path} cannot be written ({error.strerror or error}); free some space or choose another "
            "folder with --out."
        ) from error
    finally:
        for partial in partials.values():
            partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
