"""The faces of a film followed through its shots, segment by segment, several at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import replace

import numpy as np

from engine.config import AnalysisSettings
from engine.errors import Cancelled
from engine.media.video import FrameReader
from engine.pipeline.film_pieces import FilmPieces
from engine.pipeline.models import Models
from engine.timeline import Interval
from engine.tracking import ShotTracker
from engine.types import Progress, Track, VideoInfo
from engine.vision.scales import FilmScales

LONGEST_SIDE_PX = 1920  # larger frames are looked at in this size: faces large enough, and memory bounded
SEGMENT_S = 8.0  # shortest segment: seeking costs decoding from the last key frame, up to some 10 s of film
_POLL_S = 0.2  # how often progress is told and a wish to stop is heard

Finished = Callable[[Sequence[Track]], None]
"""Told the tracks of each segment when it is finished, in any order; numbers are the segment's own."""


def segments(shots: Sequence[Interval], shortest_s: float = SEGMENT_S) -> list[list[Interval]]:
    """Runs of whole shots, each at least `shortest_s` long but for the last."""
    found: list[list[Interval]] = [[]]
    for shot in shots:
        if found[-1] and shot.start_s - found[-1][0].start_s >= shortest_s:
            found.append([])
        found[-1].append(shot)
    return found


def find_tracks(
    video: VideoInfo,
    shots: Sequence[Interval],
    settings: AnalysisSettings,
    models: Models,
    pieces: FilmPieces,
    progress: Progress,
    finished: Finished,
) -> list[Track]:
    """All tracks of the film in the order of their start, numbered from 1.

    Segments that `pieces` knows are taken from there, the others are worked on and kept there as soon as they are
    finished. `progress` first hears the share that was known. What it or `finished` raises stops the work within one
    frame and is raised from here, as is any error of a segment.
    """
    work = segments(shots)
    found: list[list[Track] | None] = [pieces.tracks(part) for part in work]
    done_s = [0.0 if tracks is None else _length_s(part) for part, tracks in zip(work, found, strict=True)]
    left = [i for i, tracks in enumerate(found) if tracks is None]
    progress("faces", min(1.0, sum(done_s) / video.duration_s) if left else 1.0)
    for tracks in found:
        if tracks is not None:
            finished(tracks)
    if left:
        stop = threading.Event()
        n_workers = min(settings.workers or os.cpu_count() or 1, len(left))
        with ThreadPoolExecutor(n_workers, thread_name_prefix="faces") as pool:
            number_of: dict[Future[list[Track]], int] = {}
            try:  # from before the first thread starts: none may go on after somebody stopped the work
                for i in left:
                    future = pool.submit(_segment_tracks, video, work[i], settings, models, pieces, stop, done_s, i)
                    number_of[future] = i
                pending = set(number_of)
                while pending:
                    done, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_EXCEPTION)
                    for future in done:
                        found[number_of[future]] = future.result()
                        finished(future.result())
                    progress("faces", min(1.0, sum(done_s) / video.duration_s) if pending else 1.0)
            except BaseException:
                stop.set()
                for future in number_of:
                    future.cancel()
                raise
    tracks = [track for of_segment in found for track in of_segment or ()]
    tracks.sort(key=lambda track: (track.start_s, tuple(track.boxes_xyxy[0])))
    return [replace(track, id=number) for number, track in enumerate(tracks, start=1)]


def _segment_tracks(
    video: VideoInfo,
    shots: Sequence[Interval],
    settings: AnalysisSettings,
    models: Models,
    pieces: FilmPieces,
    stop: threading.Event,
    done_s: list[float],
    index: int,
) -> list[Track]:
    """The tracks of neighbouring shots, read in one go. Tells its progress in ``done_s[index]``."""
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
            done_s[index] = frame.t_s - shots[0].start_s
    found += _finished(tracker, shrink)
    pieces.keep_tracks(shots, found)
    done_s[index] = _length_s(shots)
    return found


def _length_s(shots: Sequence[Interval]) -> float:
    return shots[-1].end_s - shots[0].start_s


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
