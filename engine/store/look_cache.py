"""What the pictures of galleries and of albums show, kept from one build or import to the next."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.identity.everybody import PictureFaces
from engine.identity.looks import FaceFacts, Look
from engine.store.sealed_cache import SealedCache

SIZE_LIMIT_BYTES = 500_000_000
"""A look takes about 1 kB, so this holds some 400,000 pictures."""
FACES_SIZE_LIMIT_BYTES = 2_000_000_000
"""A face takes 536 bytes and a row of the cache some more: over a million pictures of three people."""

_VECTOR, _REASON = b"v", b"r"  # the first byte of a look: float32 little-endian, or UTF-8
_VECTOR_AND_FACTS = b"w"  # the same with `_FACTS` before the vector
_FACTS = struct.Struct("<Iff")  # number of faces, height, quality
_FACES, _PROBLEM = b"f", b"p"  # the first byte of an album's picture: `_SIZES` and float32 little-endian, or UTF-8
_SIZES = struct.Struct("<IIII")  # width, height, number of faces, length of a vector
_BEFORE_VECTOR = 6  # of a face's numbers: its box, its score, its quality


class LookCache(SealedCache):
    """`engine.identity.looks.KnownLooks` in the folder `folder`."""

    def __init__(self, folder: Path, kept: Callable[[], None] = lambda: None) -> None:
        super().__init__(folder, SIZE_LIMIT_BYTES, kept)

    def get(self, sha256: str, looker_id: str) -> Look | None:
        """The look kept for the picture of this content by this looker."""
        content = self.load(sha256, looker_id)
        if content is None:
            return None
        if content.startswith(_VECTOR):
            return Look(np.frombuffer(content[1:], "<f4").astype(np.float32))
        if content.startswith(_VECTOR_AND_FACTS):
            facts = FaceFacts(*_FACTS.unpack_from(content, 1))
            return Look(np.frombuffer(content[1 + _FACTS.size :], "<f4").astype(np.float32), facts=facts)
        return Look(None, content[1:].decode())

    def put(self, sha256: str, looker_id: str, look: Look) -> None:
        if look.vector is None:
            self.save(sha256, looker_id, _REASON + look.reason.encode())
            return
        vector = look.vector.astype("<f4").tobytes()
        if look.facts is None:
            self.save(sha256, looker_id, _VECTOR + vector)
        else:
            facts = _FACTS.pack(look.facts.n_faces, look.facts.height_px, look.facts.quality)
            self.save(sha256, looker_id, _VECTOR_AND_FACTS + facts + vector)


class FaceCache(SealedCache):
    """`engine.identity.everybody.KnownPictures` in the folder `folder`."""

    def __init__(self, folder: Path, kept: Callable[[], None] = lambda: None) -> None:
        super().__init__(folder, FACES_SIZE_LIMIT_BYTES, kept)

    def get(self, sha256: str, looker_id: str) -> PictureFaces | None:
        """The faces kept for the picture of this content by this looker."""
        content = self.load(sha256, looker_id)
        if content is None:
            return None
        if content.startswith(_PROBLEM):
            return PictureFaces.unreadable(content[1:].decode())
        width, height, n, length = _SIZES.unpack_from(content, 1)
        rows = np.frombuffer(content[1 + _SIZES.size :], "<f4").reshape(n, _BEFORE_VECTOR + length)
        return PictureFaces(width, height, rows[:, :4], rows[:, 4], rows[:, 5], rows[:, _BEFORE_VECTOR:])

    def put(self, sha256: str, looker_id: str, faces: PictureFaces) -> None:
        if faces.problem:
            self.save(sha256, looker_id, _PROBLEM + faces.problem.encode())
            return
        sizes = _SIZES.pack(faces.width, faces.height, *faces.vectors.shape)
        rows = np.concatenate(
            [faces.boxes_xyxy, faces.scores[:, None], faces.quality[:, None], faces.vectors], axis=1, dtype="<f4"
        )
        self.save(sha256, looker_id, _FACES + sizes + rows.tobytes())
