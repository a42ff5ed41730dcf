"""The pictures below a folder, however deep, as an archive keeps them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from engine.errors import MediaError
from engine.media.images import PICTURE_SUFFIXES


def pictures_below(folder: Path) -> list[Path]:
    """The files in `folder` and below whose name ends like a picture's, sorted by path. Hidden files and folders are
    passed over, as are links that lead out of the folder, and folders that may not be looked into.

    Raises MediaError if `folder` itself cannot be listed.
    """
    root = folder.resolve()
    try:
        os.scandir(root).close()
    except OSError as error:
        raise MediaError(
            f"The folder {folder} cannot be read ({error.strerror}); name a folder of pictures."
        ) from error
    return sorted(_below(root))


def _below(root: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(here, name)
            if name.startswith(".") or path.suffix.lower() not in PICTURE_SUFFIXES or not path.is_file():
                continue
            if not path.is_symlink() or path.resolve().is_relative_to(root):
                yield path
