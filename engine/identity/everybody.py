"""What one picture of an album shows: a vector for everybody who matters in it, or why it cannot be read.

Depends on the picture's content and on nothing else but the networks and this module; so it may be kept, under the
content's SHA-256 and the looker's id, and need not be repeated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.errors import MediaError
from engine.media.images import MAX_PIXELS
from engine.media.photo import load_photo
from engine.types import checked

if TYPE_CHECKING:  # the networks' libraries take longer to load than an album that is known takes to group
    from engine.identity.looks import Networks

MAX_PICTURE_BYTES = 400_000_000
"""Of a picture's file: 100 megapixels (`MAX_PIXELS`) take 300 MB as an uncompressed TIFF, as archives keep them."""
EVERYBODY_VERSION = 1
"""Raised whenever a picture may give other faces or another reason than before with the same networks: when this
module, `find_everybody`, the alignment, the quality or the reading of pictures changes."""


@dataclass(frozen=True, slots=True)
class PictureFaces:
    """The n faces of one picture, from left to right: `boxes_xyxy` (n, 4) float32 in pixels of the upright picture,
    which is `width` x `height`; `scores` and `quality` (n,) float32; `vectors` (n, 128) float32. n may be 0.

    `problem` says in a user's words why the picture cannot be read, continuing its name ("is damaged ..."); it is ""
    where it can, and the size is 0 x 0 where it cannot.
    """

    width: int
    height: int
    boxes_xyxy: np.ndarray
    scores: np.ndarray
    quality: np.ndarray
    vectors: np.ndarray
    problem: str = ""

    def __post_init__(self) -> None:
        n = len(self.scores)
        for name, shape in (("boxes_xyxy", (n, 4)), ("scores", (n,)), ("quality", (n,)), ("vectors", (n, None))):
            object.__setattr__(self, name, checked(name, getattr(self, name), shape, np.float32))

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def unreadable(cls, problem: str) -> PictureFaces:
        return cls(0, 0, np.empty((0, 4)), np.empty(0), np.empty(0), np.empty((0, 128)), problem)


class KnownPictures(Protocol):
    """Faces of pictures that were kept. Losing any of them costs time, nothing else; no call raises for a cache that
    fails. May be shared by threads."""

    def get(self, sha256: str, looker_id: str) -> PictureFaces | None: ...

    def put(self, sha256: str, looker_id: str, faces: PictureFaces) -> None: ...


class EverybodyLooker:
    """Looks at pictures with `networks`, which are asked for at the first look: where everything is known already,
    nothing is loaded. `model_id` is that of the vectors. May be shared by threads."""

    def __init__(self, networks: Callable[[], Networks], detector_id: str, model_id: str) -> None:
        self.model_id = model_id
        self.id = f"{detector_id}/{model_id}/everybody {EVERYBODY_VERSION}"
        self._load = networks
        self._networks: Networks | None = None
        self._loading = threading.Lock()

    def look(self, content: bytes) -> PictureFaces:
        """Everybody who matters in the picture in these bytes: 0.1 s for a portrait, seconds for a crowd in many
        megapixels.

        Faces lower than a third of the picture's highest are left out: `find_everybody` searches no farther, so of the
        extras behind it would find some by chance and others not. Raises ModelError if the networks cannot be loaded.
        """
        from engine.vision.quality import face_quality
        from engine.vision.scales import LARGEST_RATIO, find_everybody

        with self._loading:
            self._networks = self._networks or self._load()
        detector, aligner, embedder = self._networks
        try:
            image = load_photo(content, "", max_bytes=MAX_PICTURE_BYTES, max_pixels=MAX_PIXELS)
        except MediaError as error:
            return PictureFaces.unreadable(str(error).strip())
        height, width = image.shape[:2]
        found = find_everybody(detector, image)
        boxes, scores = found.boxes_xyxy, found.scores
        heights = boxes[:, 3] - boxes[:, 1]
        kept = np.flatnonzero(heights * LARGEST_RATIO >= heights.max(initial=0))
        kept = kept[np.lexsort((boxes[kept, 1], boxes[kept, 0] + boxes[kept, 2]))]
        boxes, scores = boxes[kept], scores[kept]
        chips, landmarks = aligner.align(image, boxes)
        quality = face_quality(boxes, scores, landmarks, chips, (width, height)).overall
        return PictureFaces(width, height, boxes, scores, quality, embedder.embed(chips))
