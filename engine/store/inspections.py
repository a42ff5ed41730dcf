"""Maps and groups of faces, kept until the faces are others: they take seconds to minutes and are only looked at.

A file holds places, labels and what tells the faces apart, no vector and no name. It goes with the gallery or the film,
and the oldest go when there are many.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine import config
from engine.files import write_whole
from engine.names import name_key

MOST_KEPT = 40
"""Files, of some 200 kB for 5,000 faces."""


def subject_key(kind: str, name: str) -> str:
    """How the files of a gallery ("gallery", its name) or a film ("film", its SHA-256) begin."""
    named = name_key(name) if kind == "gallery" else name
    return hashlib.sha256(f"{kind}\0{named}".encode(errors="surrogatepass")).hexdigest()[:24]


def load_inspection(subject: str, version: int) -> dict[str, np.ndarray] | None:
    """The arrays that were kept of this subject, None if there are none of this version that can be read."""
    with suppress(OSError, ValueError, EOFError, KeyError):
        with np.load(_path(subject, version), allow_pickle=False) as file:
            return dict(file)
    return None


def save_inspection(subject: str, version: int, arrays: Mapping[str, np.ndarray]) -> None:
    """Keeps arrays, in the place of what was kept of this subject. Raises StorageError."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    config.private_dir(config.inspections_dir())
    forget_inspections(subject)
    write_whole(_path(subject, version), buffer.getvalue())
    files = sorted(config.inspections_dir().glob("*.npz"), key=_changed, reverse=True)
    for path in files[MOST_KEPT:]:
        path.unlink(missing_ok=True)


def forget_inspections(subject: str) -> None:
    """Deletes what is kept of a gallery or a film."""
    for path in config.inspections_dir().glob(f"{subject}-*.npz"):
        path.unlink(missing_ok=True)


def _path(subject: str, version: int) -> Path:
    return config.inspections_dir() / f"{subject}-{version}.npz"


def _changed(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0
