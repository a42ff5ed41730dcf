"""The faces of neighbouring shots of a film, followed through them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from engine.config import AnalysisSettings
from engine.errors import Cancelled
from engine.media.video import FrameReader
from engine.pipeline.models import Models
from engine.timeline import Interval
from engine.tracking import ShotTracker
from engine.types import Track, VideoInfo
from engine.vision.scales import FilmScales

LONGEST_SIDE_PX = 1920  # larger frames are looked at in this size: faces large enough, and memory bounded


def segment_tracks(
    video: VideoInfo,
    shots: Sequence[Interval],
    settings: AnalysisSettings,
    models: Models,
    stop: threading.Event,
    progress: Callable[[float], None],
) -> list[Track]:
    """The tracks of neighbouring shots, read in one go; numbers are each shot's own. `progress` is told how many
    seconds are done. Raises Cancelled within a frame of `stop`, and MediaError."""
    step_s = 1 / settings.looked_fps
    times = np.concatenate([_sample_times(shot, step_s) for shot in shots])
    shrink = min(1.0, LONGEST_SIDE_PX / max(video.width, video.height))
    smallest = settings.smallest_face_px and round(settings.smallest_face_px * shrink)
    scales = FilmScales.of(round(video.width * shrink), round(video.height * shrink), smallest, quick=settings.quick)
    found: list[Track] = []
    remaining = list(shots)
    tracker: ShotTracker | None = None
    with FrameReader(
        video.path,
        sample_times_s=times,
        start_s=shots[0].start_s,
        end_s=shots[-1].end_s,
        longest_side_px=LONGEST_SIDE_PX,
        queue_size=2,
        roughly=settings.quick,
    ) as frames:
        for frame in frames:
            if stop.is_set():
                raise Cancelled("The analysis was stopped; nothing was written.")
            while remaining and frame.t_s >= remaining[0].end_s:
                remaining.pop(0)
                found += _finished(tracker, shrink)
                tracker = None
            if not remaining:
                break
            if tracker is None:
                tracker = ShotTracker(remaining[0], step_s, scales, models.detector, models.aligner, models.embedder)
            tracker.step(frame)
            progress(frame.t_s - shots[0].start_s)
    return found + _finished(tracker, shrink)


def _sample_times(shot: Interval, step_s: float) -> np.ndarray:
    """From the shot's first frame on, at the given step; always at least one."""
    return shot.start_s + step_s * np.arange(max(1, int(np.ceil(shot.duration_s / step_s - 1e-6))))


def _finished(tracker: ShotTracker | None, shrink: float) -> list[Track]:
    """A tracker's tracks, with boxes in pixels of the film's own frames."""
    tracks = tracker.finish() if tracker else []
    if shrink == 1.0:
        return tracks
    return [
        replace(
            track,
            boxes_xyxy=track.boxes_xyxy / shrink,
            faces=replace(track.faces, boxes_xyxy=track.faces.boxes_xyxy / shrink),
        )
        for track in tracks
    ]
