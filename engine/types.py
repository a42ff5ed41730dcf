"""The records that travel between the rooms of the engine. All are frozen; arrays are checked once, here.

Boxes are ``_xyxy``: left, top, right, bottom in pixels of the upright frame at the film's own size. Times are
seconds from the start of the file. Vectors carry the id of the model they came from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np

from engine.errors import GalleryError
from engine.timeline import Interval, Timeline

BOX_TO_FACE = 0.88
"""A face from hairline to chin is this much of its box (median over annotated frames)."""

Progress = Callable[[str, float], None]
"""Told (phase, fraction done in 0..1) during long work. It may raise `engine.errors.Cancelled` to stop the work."""


def ignore_progress(phase: str, fraction: float) -> None:
    """The progress callback of callers who do not care."""


def checked(name: str, array: np.ndarray, shape: tuple[int | None, ...], dtype: type) -> np.ndarray:
    """A contiguous, read-only copy of `array` in `dtype`; None in `shape` stands for any length.

    Raises ValueError naming the expected and the actual shape.
    """
    array = np.array(array, dtype=dtype, order="C")
    if array.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        wanted = ", ".join("n" if n is None else str(n) for n in shape)
        raise ValueError(f"{name}: expected shape ({wanted}), got {array.shape}")
    array.flags.writeable = False
    return array


def _check(record: object, **fields: tuple[tuple[int | None, ...], type]) -> None:
    for name, (shape, dtype) in fields.items():
        object.__setattr__(record, name, checked(name, getattr(record, name), shape, dtype))


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a film: `image` (h, w, 3) RGB uint8, contiguous, upright; `t_s` its presentation time."""

    image: np.ndarray
    t_s: float


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a film file is. `width` and `height` are those of the upright picture (after rotation metadata)."""

    path: Path
    duration_s: float
    fps: Fraction
    width: int
    height: int
    codec: str


@dataclass(frozen=True, slots=True)
class Detections:
    """Faces found in one frame: `boxes_xyxy` (n, 4) float32, `scores` (n,) float32, best first. n may be 0."""

    boxes_xyxy: np.ndarray
    scores: np.ndarray

    def __post_init__(self) -> None:
        _check(self, boxes_xyxy=((None, 4), np.float32), scores=((len(self.boxes_xyxy),), np.float32))

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def none(cls) -> Detections:
        return cls(np.empty((0, 4)), np.empty(0))


@dataclass(frozen=True, slots=True)
class FaceSamples:
    """The few faces that stand for a track (or a picture): times (n,) float64, boxes (n, 4) float32, quality (n,)
    float32 in 0..1, vectors (n, 128) float32 of the model `model_id`. n may be 0."""

    t_s: np.ndarray
    boxes_xyxy: np.ndarray
    quality: np.ndarray
    vectors: np.ndarray
    model_id: str

    def __post_init__(self) -> None:
        n = len(self.t_s)
        _check(
            self,
            t_s=((n,), np.float64),
            boxes_xyxy=((n, 4), np.float32),
            quality=((n,), np.float32),
            vectors=((n, None), np.float32),
        )

    def __len__(self) -> int:
        return len(self.t_s)


@dataclass(frozen=True, slots=True)
class Track:
    """One face through one shot. The face is visible during ``[start_s, end_s)``; it was seen at `t_s` (n,)
    float64, rising, in `boxes_xyxy` (n, 4) float32 with detector `scores` (n,) float32. n >= 1. `clothes` (m,) float32
    are the colours worn below it (`engine.vision.clothes`), empty or all 0 where they were not seen."""

    id: int
    start_s: float
    end_s: float
    t_s: np.ndarray
    boxes_xyxy: np.ndarray
    scores: np.ndarray
    faces: FaceSamples
    clothes: np.ndarray = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        n = len(self.t_s)
        if n == 0:
            raise ValueError("a track needs at least one detection")
        _check(
            self,
            t_s=((n,), np.float64),
            boxes_xyxy=((n, 4), np.float32),
            scores=((n,), np.float32),
            clothes=((None,), np.float32),
        )

    @property
    def interval(self) -> Interval:
        return Interval(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A picture that is not in the gallery, and why, in a user's words; `sha256` is "" where its content is unknown."""

    path: str
    reason: str
    sha256: str = ""

    @property
    def kind(self) -> str:
        """The reason without what differs from picture to picture."""
        for kind in ("the same picture under two people", "the same picture", "there is no picture", "too small"):
            if self.reason.startswith(kind):
                return kind
        for kind in ("faces found, one expected", "columns, two expected"):
            if kind in self.reason:
                return kind
        return self.reason


@dataclass(frozen=True, slots=True)
class Gallery:
    """People with pictures. Row i of `vectors` (n, 128) float32 is a face of the person `names[i]`, found in the
    picture `paths[i]` whose content has the SHA-256 `sha256[i]`; `left_out` are the pictures that gave no row."""

    name: str
    model_id: str
    names: tuple[str, ...]
    paths: tuple[str, ...]
    sha256: tuple[str, ...]
    vectors: np.ndarray
    left_out: tuple[LeftOut, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.names)
        _check(self, vectors=((n, None), np.float32))
        if len(self.paths) != n or len(self.sha256) != n:
            raise ValueError(f"gallery: {n} names, {len(self.paths)} paths, {len(self.sha256)} hashes")

    @property
    def people(self) -> tuple[str, ...]:
        """The people's names, each once, sorted."""
        return tuple(sorted(set(self.names)))


MAX_NOTE_LENGTH = 100_000
"""Letters of a gallery's licence note: some licences whole."""


def check_note(note: str) -> None:
    """Raises GalleryError for a licence note that is too long to be kept."""
    if len(note) > MAX_NOTE_LENGTH:
        raise GalleryError(f"A licence note of {len(note)} letters is too long; use {MAX_NOTE_LENGTH} at most.")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in one analysed film: known by name, or the stranger ``unknown_n``.

    `confidence` in 0..1 is the mean probability, over the person's seconds, that the answer is right: of a stranger,
    that it is nobody of the cast. `low_s` and `high_s` are the seconds at the least and at the most
    (`engine.identity.bounds`), None in analyses made before they were reckoned.
    """

    id: str
    name: str
    kind: Literal["known", "unknown"]
    timeline: Timeline
    confidence: float
    track_ids: tuple[int, ...]
    low_s: float | None = None
    high_s: float | None = None

    @property
    def screen_time_s(self) -> float:
        return self.timeline.duration_s


Candidates = tuple[tuple[str, float], ...]
"""(name, distance) of the people that one face is nearest to, the nearest first."""

Chances = tuple[tuple[str, float], ...]
"""(name, probability) of the people that a track may be, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The answer for one film. `people` longest screen time first; `person_of_track` and `distance_of_track`
    (to the nearest gallery faces of the person named, None for strangers) are keyed by track id.

    `candidates` says who each of a track's faces is like, taken by itself: one entry for each of `Track.faces`, the
    nearest people of the cast first; `chances` who each track may be, all its faces, its clothes and its neighbours
    considered: the likeliest people of the cast, what is lacking to 1 being nobody of it. Tracks are absent from both
    where there was no gallery. `gallery` is the gallery's name, `cast` the people of it that were expected.
    `decided` are the tracks of which a person said whose they are.
    """

    video: VideoInfo
    video_sha256: str
    engine_version: str
    model_ids: tuple[str, ...]
    settings: dict[str, Any]
    shots: tuple[Interval, ...]
    people: tuple[Person, ...]
    tracks: tuple[Track, ...]
    person_of_track: dict[int, str]
    distance_of_track: dict[int, float | None]
    n_frames_damaged: int = 0
    warnings: tuple[str, ...] = field(default=())
    candidates: dict[int, tuple[Candidates, ...]] = field(default_factory=dict)
    chances: dict[int, Chances] = field(default_factory=dict)
    gallery: str | None = None
    cast: tuple[str, ...] = ()
    decided: frozenset[int] = frozenset()
