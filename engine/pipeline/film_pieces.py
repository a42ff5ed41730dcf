"""The pieces of a film's analysis as bytes and back, bit for bit: JSON for the shots, npz for tracks, never pickle.

A piece's name says what it depends on: the film, the engine, the networks and the settings that change tracks. One
that was made under other conditions is therefore never found.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from engine import __version__
from engine.config import AnalysisSettings
from engine.media.shots import ShotScan
from engine.pipeline.pieces import Pieces
from engine.timeline import Interval
from engine.types import FaceSamples, Track

_NOT_OF_TRACKS = frozenset({"min_probability", "max_distance", "stranger_distance", "stranger_method", "workers"})
"""Settings that leave the tracks as they are: those that only matter when tracks get names, and how many work."""

_UNREADABLE = (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile)


def track_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Those of the `settings` of an analysis that decide which tracks are found."""
    return {name: value for name, value in settings.items() if name not in _NOT_OF_TRACKS}


class FilmPieces:
    """The pieces of one film under certain conditions. Without `pieces` nothing is found and nothing kept."""

    def __init__(
        self,
        pieces: Pieces | None,
        video_sha256: str,
        settings: AnalysisSettings,
        model_ids: Sequence[str],
    ) -> None:
        self._pieces = pieces
        self._of_film = [__version__, video_sha256]
        self._of_tracks = [*self._of_film, list(model_ids), track_settings(settings.as_dict())]

    def scan(self) -> ShotScan | None:
        """The shots, if they are known; None also for a piece that cannot be read."""
        content = self._load(self._scan_name())
        try:
            return None if content is None else read_scan(content)
        except _UNREADABLE:
            return None

    def keep_scan(self, scan: ShotScan) -> None:
        """Raises StorageError."""
        self._save(self._scan_name(), scan_bytes(scan))

    def tracks(self, segment: Sequence[Interval]) -> list[Track] | None:
        """The tracks of these neighbouring shots, if they are known; None also for a piece that cannot be read."""
        content = self._load(self._segment_name(segment))
        try:
            return None if content is None else read_tracks(content)
        except _UNREADABLE:
            return None

    def keep_tracks(self, segment: Sequence[Interval], tracks: Sequence[Track]) -> None:
        """Raises StorageError."""
        self._save(self._segment_name(segment), tracks_bytes(tracks))

    def _scan_name(self) -> str:
        return f"shots-{_digest(self._of_film)}"

    def _segment_name(self, segment: Sequence[Interval]) -> str:
        times = [[shot.start_s, shot.end_s] for shot in segment]
        return f"faces-{segment[0].start_s:09.3f}-{_digest([*self._of_tracks, times])}"

    def _load(self, name: str) -> bytes | None:
        return self._pieces.load(name) if self._pieces else None

    def _save(self, name: str, content: bytes) -> None:
        if self._pieces:
            self._pieces.save(name, content)


def scan_bytes(scan: ShotScan) -> bytes:
    return json.dumps(asdict(scan), allow_nan=False).encode()


def read_scan(content: bytes) -> ShotScan:
    """What `scan_bytes` was given. Raises ValueError, KeyError or TypeError for anything else."""
    record = json.loads(content)
    shots = tuple(Interval(**shot) for shot in record.pop("shots"))
    return ShotScan(shots=shots, **record)


def tracks_bytes(tracks: Sequence[Track]) -> bytes:
    """Tracks one after the other in flat arrays, with the lengths to part them again."""
    faces = [track.faces for track in tracks]
    file = io.BytesIO()
    np.savez(
        file,
        ids=np.array([track.id for track in tracks], np.int64),
        spans=np.array([(track.start_s, track.end_s) for track in tracks], np.float64).reshape(-1, 2),
        n_boxes=np.array([len(track.t_s) for track in tracks], np.int64),
        t_s=_joined([track.t_s for track in tracks]),
        boxes=_joined([track.boxes_xyxy for track in tracks]),
        scores=_joined([track.scores for track in tracks]),
        models=np.array([of.model_id for of in faces], np.str_),
        n_faces=np.array([len(of) for of in faces], np.int64),
        face_t_s=_joined([of.t_s for of in faces]),
        face_boxes=_joined([of.boxes_xyxy for of in faces]),
        face_quality=_joined([of.quality for of in faces]),
        vectors=_joined([of.vectors for of in faces]),
        n_clothes=np.array([len(track.clothes) for track in tracks], np.int64),
        clothes=_joined([track.clothes for track in tracks]),
    )
    return file.getvalue()


def read_tracks(content: bytes) -> list[Track]:
    """What `tracks_bytes` was given. Raises one of the errors of numpy and zipfile for anything else."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        of = {name: file[name] for name in file.files}
    if not len(of["ids"]):
        return []

    def of_each(counts: str, *names: str) -> list[list[np.ndarray]]:
        ends = np.cumsum(of[counts])[:-1]
        return [np.split(of[name], ends) for name in names]

    return [
        Track(number, start_s, end_s, *seen, FaceSamples(*faces, model_id), clothes)
        for number, (start_s, end_s), model_id, seen, faces, clothes in zip(
            *(of[name].tolist() for name in ("ids", "spans", "models")),
            zip(*of_each("n_boxes", "t_s", "boxes", "scores"), strict=True),
            zip(*of_each("n_faces", "face_t_s", "face_boxes", "face_quality", "vectors"), strict=True),
            *of_each("n_clothes", "clothes"),
            strict=True,
        )
    ]


def _joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(arrays) if arrays else np.empty(0, np.float32)


def _digest(parts: list) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
