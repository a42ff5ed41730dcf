"""Writing results so that a file of that name is either whole or not there."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from engine.errors import StorageError
from engine.files import beside, sync


def write_together(contents: Mapping[Path, str | bytes]) -> None:
    """Writes bytes, and texts as UTF-8, beside their paths and moves them into place; older files stay until all are
    written.

    Raises StorageError (disk full, no permission) with nothing new left behind.
    """
    partials: dict[Path, Path] = {}
    path = next(iter(contents), None)
    try:
        with ExitStack() as unmoved:
            for path, content in contents.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                partial = partials[path] = unmoved.enter_context(beside(path))
                partial.write_bytes(content.encode() if isinstance(content, str) else content)
                sync(partial)
                partial.chmod(0o666 & ~_umask())
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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
