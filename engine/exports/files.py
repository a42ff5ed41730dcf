"""Writing results so that a file of that name is either whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from engine.errors import StorageError


def write_whole(path: Path, content: str) -> None:
    """Writes `content` as UTF-8 beside `path` and moves it into place; an older file stays until then.

    Raises StorageError (disk full, no permission) with nothing new left behind.
    """
    partial: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
        partial = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644 & ~_umask())
        os.replace(partial, path)
    except OSError as error:
        raise StorageError(
            f"The result {path} cannot be written ({error.strerror or error}); free some space or choose another "
            "folder with --out."
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
