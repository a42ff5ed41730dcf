"""Who has been seen up to now, while the rest of a film is still being worked on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from engine.config import AnalysisSettings
from engine.identity.evidence import known_faces
from engine.pipeline.people import recognised_tracks
from engine.timeline import Timeline
from engine.types import Gallery, Track

UNKNOWN = "unknown"
MOST_SHARE = 0.01  # of the time of the analysis may be spent here; in large galleries the view then lags behind
TOLD_EVERY_S = 2.0


class SoFar:
    """Names each finished segment by itself, a preview of the real naming, which looks at all tracks together.
    Strangers of different segments are not told apart: they share one row."""

    def __init__(
        self, gallery: Gallery | None, settings: AnalysisSettings, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._known = gallery and known_faces(gallery)  # once, for every segment is compared with it
        self._settings, self._tell = settings, tell
        self._waiting: deque[list[Track]] = deque()
        self._seen: dict[str, Timeline] = {}
        self._began_s = time.monotonic()
        self._told_s = float("-inf")
        self.spent_s = 0.0

    def finished(self, tracks: Sequence[Track]) -> None:
        """An `engine.pipeline.film_tracks.Finished`."""
        self._waiting.append([replace(track, id=number) for number, track in enumerate(tracks)])
        while self._waiting and self.spent_s <= MOST_SHARE * (time.monotonic() - self._began_s):
            began_s = time.monotonic()
            self._name(self._waiting.popleft())
            if began_s - self._told_s >= TOLD_EVERY_S:
                self._told_s = began_s
                self._tell({"so_far": self.rows()})
            self.spent_s += time.monotonic() - began_s

    def rows(self) -> list[list[Any]]:
        """[name, seconds], the longest first and the strangers last."""
        rows = [[name, round(timeline.duration_s, 1)] for name, timeline in self._seen.items()]
        return sorted(rows, key=lambda row: (row[0] == UNKNOWN, -row[1], row[0]))

    def _name(self, tracks: list[Track]) -> None:
        named = recognised_tracks(tracks, self._known, self._settings)
        for track in tracks:
            name = (named[track.id].name if track.id in named else None) or UNKNOWN
            self._seen[name] = self._seen.get(name, Timeline()) | Timeline([track.interval])
