"""Vectors of pictures, kept in the data folder: several protocols compare the same faces, and finding them is long."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine import config
from engine.evaluate.people_pictures import picture_vectors
from engine.files import write_whole
from engine.types import Progress, ignore_progress
from engine.vision.embed import EMBEDDER_ID
from engine.vision.networks import VECTOR_LENGTH

_VERSION = 1  # raised when `picture_vectors` finds or aligns faces otherwise


def kept_vectors(pictures: Sequence[Path], progress: Progress = ignore_progress, jitter: int = 0) -> np.ndarray:
    """The vectors (n, 128) float32 of the faces in the middle of `pictures`, as `picture_vectors` finds them (with
    `jitter` the steady ones), from the data folder if they are there of these very files. Raises MediaError."""
    kept = kept_file(pictures, jitter)
    with suppress(OSError, ValueError, EOFError):
        vectors = np.load(kept, allow_pickle=False)
        if vectors.shape == (len(pictures), VECTOR_LENGTH) and vectors.dtype == np.float32:
            return vectors
    found = picture_vectors(pictures, jitter, progress=progress)
    vectors = found.steady if jitter else found.plain
    buffer = io.BytesIO()
    np.save(buffer, vectors)
    with suppress(OSError):  # a full disk only means that they are found again
        write_whole(kept, buffer.getvalue())
    return vectors


def kept_file(pictures: Sequence[Path], jitter: int = 0) -> Path:
    """Where the vectors of these files are kept: another size, time or network means another file."""
    digest = hashlib.sha256(f"{_VERSION} {EMBEDDER_ID}{f' {jitter}' if jitter else ''}".encode())
    for path in pictures:
        status = path.stat()
        digest.update(f"\0{path.resolve()}\0{status.st_size}\0{status.st_mtime_ns}".encode(errors="surrogatepass"))
    return config.models_dir() / f"vectors-{digest.hexdigest()[:24]}.npy"
