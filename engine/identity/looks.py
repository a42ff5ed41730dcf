"""What one picture of a gallery shows: the vector of the one person in it, or why there is none.

A look depends on the picture's content and on nothing else but the networks and this module; so it may be kept, under
the content's SHA-256 and the looker's id, and need not be repeated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.errors import MediaError
from engine.media.images import load_image

if TYPE_CHECKING:  # the networks' libraries take longer to load than a gallery that is known takes to build
    from engine.vision.align import FaceAligner
    from engine.vision.detect import MmodDetector
    from engine.vision.embed import FaceEmbedder

BACKGROUND_SHARE = 0.5  # faces less than this high, against the largest of the picture, stand in the background
SMALLEST_PICTURE_PX = 52
"""Where no face is found in a picture with a shorter side, that is why: the smallest face found is a box of 26 px, and
one in half of the picture is a portrait. (Such faces are worth having: docs/measurements.md.)"""
LOOK_VERSION = 1
"""Raised whenever a picture may give another vector or reason than before with the same detector and embedder: when
this module, `find_faces`, the alignment or the reading of pictures changes."""

Networks = tuple["MmodDetector", "FaceAligner", "FaceEmbedder"]


@dataclass(frozen=True, slots=True)
class FaceFacts:
    """Of the one person's face in a picture: how many faces there are, those in the background too; how high the face's
    box is, in pixels of the picture as it was searched; and how good the view is, 0 to 1 (`engine.vision.quality`)."""

    n_faces: int
    height_px: float
    quality: float


@dataclass(frozen=True, slots=True)
class Look:
    """What one picture gave: the vector (128,) float32 of the one person it shows, or None and the reason in a user's
    words. `facts` are None without a vector, and in looks that were kept before they were noted."""

    vector: np.ndarray | None
    reason: str = ""
    facts: FaceFacts | None = None


class KnownLooks(Protocol):
    """Looks that were kept. Losing any of them costs time, nothing else; no call raises for a cache that fails. May be
    shared by threads."""

    def get(self, sha256: str, looker_id: str) -> Look | None: ...

    def put(self, sha256: str, looker_id: str, look: Look) -> None: ...


class NothingKnown:
    """Keeps nothing."""

    def get(self, sha256: str, looker_id: str) -> Look | None:
        return None

    def put(self, sha256: str, looker_id: str, look: Look) -> None:
        pass


class FaceLooker:
    """Looks at pictures with `networks`, which are asked for at the first look: where everything is known already,
    nothing is loaded. `model_id` is that of the vectors. With `n_views` a vector is the mean over the face, its mirror
    image and so many jittered views of it (`engine.vision.jitter`). May be shared by threads."""

    def __init__(self, networks: Callable[[], Networks], detector_id: str, model_id: str, n_views: int = 0) -> None:
        self.model_id = model_id
        self.id = f"{detector_id}/{model_id}/{LOOK_VERSION}" + (f"/mean of {n_views} views" if n_views else "")
        self._n_views = n_views
        self._load = networks
        self._networks: Networks | None = None
        self._loading = threading.Lock()

    def look(self, content: bytes) -> Look:
        """What the picture in these bytes shows: about 0.1 s. Raises ModelError if the networks cannot be loaded."""
        from engine.vision.jitter import jittered
        from engine.vision.quality import face_quality
        from engine.vision.scales import find_faces

        with self._loading:
            self._networks = self._networks or self._load()
        detector, aligner, embedder = self._networks
        try:
            image = load_image(content)
        except MediaError:
            return Look(None, "no picture that can be read")
        found = find_faces(detector, image)
        height, width = image.shape[:2]
        if not len(found):
            small = min(height, width) < SMALLEST_PICTURE_PX
            return Look(None, f"too small ({width} x {height} px)" if small else "no face found")
        heights = found.boxes_xyxy[:, 3] - found.boxes_xyxy[:, 1]
        main = heights >= BACKGROUND_SHARE * heights.max()
        if main.sum() > 1:
            return Look(None, f"{int(main.sum())} faces found, one expected")
        chips, landmarks = aligner.align(image, found.boxes_xyxy[main])
        quality = face_quality(found.boxes_xyxy[main], found.scores[main], landmarks, chips, (width, height))
        facts = FaceFacts(len(found), float(heights[main][0]), float(quality.overall[0]))
        if not self._n_views:
            return Look(embedder.embed(chips)[0], facts=facts)
        views = jittered(chips[0], self._n_views, np.random.default_rng(0))
        views = np.concatenate([chips, chips[:, :, ::-1], views])
        return Look(embedder.embed(views).mean(axis=0), facts=facts)
