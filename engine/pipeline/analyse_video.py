"""Who is on screen in a film, and for how long.

The film is read twice: once small and fast for its shots, once sampled for its faces. The second reading is cut at
shots into segments that are worked on side by side; memory does not grow with the length of the film but for the
answer itself.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine import __version__
from engine.config import AnalysisSettings
from engine.errors import Cancelled, MediaError
from engine.media.shots import ShotScan, find_shots
from engine.media.video import FrameReader, probe
from engine.pipeline.people import name_people
from engine.timeline import Interval
from engine.tracking import ShotTracker
from engine.types import Analysis, Gallery, Progress, Track, VideoInfo, ignore_progress
from engine.vision.align import FaceAligner
from engine.vision.detect import MmodDetector
from engine.vision.embed import ResnetEmbedder
from engine.vision.scales import FilmScales

LONGEST_SIDE_PX = 1920  # larger frames are looked at in this size: faces large enough, and memory bounded
SEGMENT_S = 8.0  # shortest segment: seeking costs decoding from the last key frame, up to some 10 s of film
LACKING_S, LACKING_SHARE = 2.0, 0.05  # sound often outlasts the picture by this much, and some files state its length
_POLL_S = 0.2  # how often progress is told and a wish to stop is heard


class Models:
    """The networks an analysis needs, loaded once and shared by its threads."""

    def __init__(self) -> None:
        self.detector = MmodDetector()
        self.aligner = FaceAligner()
        self.embedder = ResnetEmbedder()

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.detector.model_id, self.embedder.model_id)


def analyse_video(
    path: Path,
    gallery: Gallery | None,
    settings: AnalysisSettings,
    models: Models,
    progress: Progress = ignore_progress,
    *,
    partial: bool = False,
) -> Analysis:
    """Analyses the film `path` with the people of `gallery` (None: everybody is a stranger).

    A file that breaks off well before the length it states is refused, for its figures would pass for the whole
    film's; `partial` analyses what is there.

    `progress` hears the phases "shots", "faces" and "names", each with a fraction; what it raises stops the work at
    once and is raised from here, as is KeyboardInterrupt. Raises MediaError if the film cannot be read. Writes
    nothing.
    """
    video = probe(path)
    scan = find_shots(path, lambda fraction: progress("shots", fraction))
    warnings = _complaints(video, scan, partial)
    video = replace(video, duration_s=scan.duration_s)
    tracks = _find_tracks(video, scan.shots, settings, models, progress)
    progress("names", 0.0)
    people = name_people(tracks, gallery, settings)
    progress("names", 1.0)
    return Analysis(
        video=video,
        video_sha256=_sha256(path),
        engine_version=__version__,
        model_ids=models.ids,
        settings=settings.as_dict(),
        shots=scan.shots,
        people=people.people,
        tracks=tuple(tracks),
        person_of_track=people.person_of_track,
        distance_of_track=people.distance_of_track,
        n_frames_damaged=scan.n_damaged,
        warnings=warnings,
    )


def _complaints(video: VideoInfo, scan: ShotScan, partial: bool) -> tuple[str, ...]:
    """What a user must know of the file's state, a sentence each. Raises MediaError if it breaks off."""
    complaints = []
    lacking_s = video.duration_s - scan.duration_s
    if lacking_s > max(LACKING_S, LACKING_SHARE * video.duration_s):
        told = f"{video.path.name} breaks off after {scan.duration_s:.1f} s of the {video.duration_s:.1f} s it states"
        if not partial:
            raise MediaError(f"{told}; copy it again from its source, or add --partial to analyse what is there.")
        complaints.append(f"{told}; only this part was analysed.")
    if scan.n_damaged:
        n_all = scan.n_frames + scan.n_damaged
        complaints.append(f"{scan.n_damaged} of {n_all} frames are damaged and were left out.")
    return tuple(complaints)


def segments(shots: Sequence[Interval], shortest_s: float = SEGMENT_S) -> list[list[Interval]]:
    """Runs of whole shots, each at least `shortest_s` long but for the last."""
    found: list[list[Interval]] = [[]]
    for shot in shots:
        if found[-1] and shot.start_s - found[-1][0].start_s >= shortest_s:
            found.append([])
        found[-1].append(shot)
    return found


def _find_tracks(
    video: VideoInfo, shots: Sequence[Interval], settings: AnalysisSettings, models: Models, progress: Progress
) -> list[Track]:
    """All tracks of the film in the order of their start, numbered from 1."""
    work = segments(shots)
    done_s = [0.0] * len(work)
    stop = threading.Event()
    n_workers = min(settings.workers or os.cpu_count() or 1, len(work))
    with ThreadPoolExecutor(n_workers, thread_name_prefix="faces") as pool:
        futures: list[Future[list[Track]]] = [
            pool.submit(_segment_tracks, video, part, settings, models, stop, done_s, i) for i, part in enumerate(work)
        ]
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                progress("faces", min(1.0, sum(done_s) / video.duration_s) if pending else 1.0)
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise
    tracks = [track for future in futures for track in future.result()]
    tracks.sort(key=lambda track: (track.start_s, tuple(track.boxes_xyxy[0])))
    return [replace(track, id=number) for number, track in enumerate(tracks, start=1)]


def _segment_tracks(
    video: VideoInfo,
    shots: Sequence[Interval],
    settings: AnalysisSettings,
    models: Models,
    stop: threading.Event,
    done_s: list[float],
    index: int,
) -> list[Track]:
    """The tracks of neighbouring shots, read in one go. Tells its progress in ``done_s[index]``."""
    step_s = 1 / settings.sample_fps
    times = np.concatenate([_sample_times(shot, step_s) for shot in shots])
    shrink = min(1.0, LONGEST_SIDE_PX / max(video.width, video.height))
    smallest = settings.smallest_face_px and round(settings.smallest_face_px * shrink)
    scales = FilmScales.of(round(video.width * shrink), round(video.height * shrink), smallest)
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
    done_s[index] = shots[-1].end_s - shots[0].start_s
    return found


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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
