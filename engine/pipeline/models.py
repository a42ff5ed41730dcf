"""The networks of an analysis, together."""

from __future__ import annotations

from engine.identity.looks import Networks
from engine.vision.align import FaceAligner
from engine.vision.detect import MmodDetector
from engine.vision.embed import ResnetEmbedder


class Models:
    """The networks an analysis needs, loaded once and shared by its threads."""

    def __init__(self) -> None:
        self.detector = MmodDetector()
        self.aligner = FaceAligner()
        self.embedder = ResnetEmbedder()

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.detector.model_id, self.embedder.model_id)

    @property
    def networks(self) -> Networks:
        return self.detector, self.aligner, self.embedder
