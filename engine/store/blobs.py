"""Arrays as bytes in a row: C order, little-endian, nothing else. Shape and dtype are the reader's to know."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from engine.errors import StorageError

Shape = tuple[int | None, ...]
"""Lengths of the axes; None in the first place only, where the length follows from the number of bytes."""


def pack(array: np.ndarray, dtype: DTypeLike, shape: Shape) -> bytes:
    """The bytes of `array`, which must have `dtype` (in either byte order) and `shape`; b"" for an empty one.

    Raises ValueError naming expected and actual: a silent cast would make the round trip inexact.
    """
    stored = _stored(dtype)
    if array.dtype.newbyteorder("<") != stored:
        raise ValueError(f"expected dtype {stored.name}, got {array.dtype.name}")
    if array.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        raise ValueError(f"expected shape {shape}, got {array.shape}")
    return array.astype(stored, copy=False).tobytes(order="C")


def unpack(blob: bytes, dtype: DTypeLike, shape: Shape) -> np.ndarray:
    """The array (`shape`, native `dtype`, read-only) that `pack` made `blob` from; bit for bit, NaN included.

    Raises StorageError if the bytes do not fit the shape: the row was damaged or not written by this program.
    """
    stored = _stored(dtype)
    item_bytes = stored.itemsize
    for length in shape:
        item_bytes *= 1 if length is None else length
    n_bytes = len(blob)
    fits = n_bytes % item_bytes == 0 if item_bytes and None in shape else n_bytes == item_bytes
    if not fits:
        raise StorageError(
            f"The database is damaged (an array of {n_bytes} bytes does not fit the shape {shape} of {stored.name}); "
            "restore it from a backup, or delete the file and analyse the films again."
        )
    rows = n_bytes // item_bytes if item_bytes else 0
    array = np.frombuffer(blob, stored).reshape([rows if length is None else length for length in shape])
    native = array.astype(stored.newbyteorder("="), copy=False)
    native.flags.writeable = False
    return native


def _stored(dtype: DTypeLike) -> np.dtype:
    stored = np.dtype(dtype).newbyteorder("<")
    if stored.kind not in "fiu":
        raise ValueError(f"only numbers can be stored as bytes, not {stored}")
    return stored
