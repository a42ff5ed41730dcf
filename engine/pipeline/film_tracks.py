"""The shots of a film found, and its faces followed through them segment by segment, several at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from engine.config import AnalysisSettings
from engine.errors import Cancelled
from engine.media.shots import ShotScan, find_shots
from engine.pipeline.film_pieces import FilmPieces
from engine.pipeline.models import Models
from engine.pipeline.segment_tracks import segment_tracks
from engine.timeline import Interval
from engine.types import Progress, Track, VideoInfo

SEGMENT_S = 8.0  # shortest segment: seeking costs decoding from the last key frame, up to some 10 s of film
_POLL_S = 0.2  # how often progress is told and a wish to stop is heard

Finished = Callable[[Sequence[Track]], None]
"""Told the tracks of each segment when it is finished, in any order; numbers are the segment's own."""


def find_tracks(
    video: VideoInfo,
    settings: AnalysisSettings,
    models: Models,
    pieces: FilmPieces,
    progress: Progress,
    finished: Finished,
    scanned: Callable[[ShotScan], object],
) -> tuple[ShotScan, list[Track]]:
    """The shots of the film, and all tracks in them in the order of their start, numbered from 1.

    While one worker finds the shots, the others follow faces through those that are found already. What `pieces` knows
    is taken from there, the rest is kept there as soon as it is finished. `progress` hears "shots" until all are found,
    then "faces", first the share that is there by then; `scanned` is told the shots when all are. What one of these or
    `finished` raises stops the work within one frame and is raised from here, as is any error of the work.
    """
    work = _Work(video, settings, models, pieces)
    scan: ShotScan | None = None
    with ThreadPoolExecutor(settings.workers or os.cpu_count() or 1, thread_name_prefix="faces") as pool:
        scanning = pool.submit(work.scan)
        pending: set[Future] = {scanning}
        try:
            while pending:
                done, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                for future in done - {scanning}:
                    finished(future.result())
                if scanning in done:
                    scan = scanning.result()
                    progress("shots", 1.0)
                    scanned(scan)
                for segment in work.new_segments(more=scan is None):
                    if segment.tracks is None:
                        pending.add(pool.submit(work.follow, segment))
                    else:
                        finished(segment.tracks)
                if scan is None:
                    progress("shots", work.scanned_share)
                else:
                    progress("faces", min(1.0, work.done_s / scan.duration_s) if pending else 1.0)
        except BaseException:
            work.stop.set()
            for future in pending:
                future.cancel()
            raise
    return scan, work.tracks()


def segments(
    shots: Sequence[Interval], *, more: bool = False, shortest_s: float = SEGMENT_S
) -> Iterator[list[Interval]]:
    """Runs of whole shots, each at least `shortest_s` long but for the last. If `more` shots will follow these, without
    the last run, which they may belong to."""
    run: list[Interval] = []
    for shot in shots:
        if run and shot.start_s - run[0].start_s >= shortest_s:
            yield run
            run = []
        run.append(shot)
    if run and not more:
        yield run


@dataclass(slots=True)
class _Segment:
    shots: list[Interval]
    tracks: list[Track] | None
    done_s: float


class _Work:
    """What is known of a film. `scan` and `follow` run in workers, everything else in the thread that began."""

    def __init__(self, video: VideoInfo, settings: AnalysisSettings, models: Models, pieces: FilmPieces) -> None:
        self._video, self._settings, self._models, self._pieces = video, settings, models, pieces
        self._shots: list[Interval] = []
        self._segments: list[_Segment] = []
        self.scanned_share = 0.0
        self.stop = threading.Event()

    def scan(self) -> ShotScan:
        scan = self._pieces.scan()
        if scan:
            self._shots += scan.shots
        else:
            scan = find_shots(self._video.path, self._scanned, self._shots.append)
            self._pieces.keep_scan(scan)
        return scan

    def follow(self, segment: _Segment) -> list[Track]:
        def told(done_s: float) -> None:
            segment.done_s = done_s

        found = segment_tracks(self._video, segment.shots, self._settings, self._models, self.stop, told)
        self._pieces.keep_tracks(segment.shots, found)
        segment.tracks, segment.done_s = found, _length_s(segment.shots)
        return found

    def new_segments(self, *, more: bool) -> list[_Segment]:
        """Those that came to be known since the last call, with their tracks if these are known too."""
        found = []
        for shots in list(segments(tuple(self._shots), more=more))[len(self._segments) :]:
            tracks = self._pieces.tracks(shots)
            found.append(_Segment(shots, tracks, 0.0 if tracks is None else _length_s(shots)))
        self._segments += found
        return found

    @property
    def done_s(self) -> float:
        return sum(segment.done_s for segment in self._segments)

    def tracks(self) -> list[Track]:
        found = [track for segment in self._segments for track in segment.tracks or ()]
        found.sort(key=lambda track: (track.start_s, tuple(track.boxes_xyxy[0])))
        return [replace(track, id=number) for number, track in enumerate(found, start=1)]

    def _scanned(self, share: float) -> None:
        if self.stop.is_set():
            raise Cancelled("The analysis was stopped; nothing was written.")
        self.scanned_share = share


def _length_s(shots: Sequence[Interval]) -> float:
    return shots[-1].end_s - shots[0].start_s
