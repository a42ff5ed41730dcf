"""A whole film: Dramatis against the loop that everybody writes with face_recognition.

The loop looks at every frame with HOG, embeds every face it finds, and gives it the name of the nearest picture
within 0.6. It is timed on frames spread over the film, and its time for all frames follows from their number; reading
the frames is not counted against it, and it is given the gallery's vectors.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from typing import Any

import face_recognition
import numpy as np

from engine.config import AnalysisSettings
from engine.errors import EvaluationError
from engine.evaluate.folders import film_folder
from engine.evaluate.screentime import PersonScore, Score, read_truth, score_analysis, score_person
from engine.identity.gallery import build_gallery
from engine.media.shots import find_shots
from engine.media.video import FrameReader
from engine.names import name_key
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.progress import ProgressLine
from engine.timeline import Interval, Timeline
from engine.types import Gallery

TOLERANCE = 0.6  # face_recognition's default


def bench_video(folder: Path, n_frames: int) -> dict[str, Any]:
    """Times both on the film in `folder` and scores both against its truth."""
    films = film_folder(folder)
    if films.cast is None:
        raise EvaluationError(f"{folder} has no cast to recognise; add cast/<Person Name>/*.jpg.")
    truth = read_truth(films.truth)
    with ProgressLine() as progress:
        models = Models()
        gallery = build_gallery(films.cast, "cast", models.detector, models.aligner, models.embedder, progress)
        start = time.monotonic()
        analysis = analyse_video(films.clip, gallery, AnalysisSettings(), models, progress)
        ours_s = time.monotonic() - start
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
        scan = find_shots(films.clip)
        loop_s, said, n_timed = _loop(films.clip, scan.duration_s, n_frames, gallery, progress)
    ours = score_analysis(analysis, truth, gallery.people)
    nowhere = {kind: Timeline() for kind in ("clear", "hard", "body")}
    theirs = [score_person(n, said[n], truth.get(name_key(n), nowhere)) for n in gallery.people]
    loop_all_s = loop_s / n_timed * scan.n_frames
    return {
        "film": {"duration_s": scan.duration_s, "n_frames": scan.n_frames},
        "dramatis": {
            "elapsed_s": ours_s,
            "times_real_time": scan.duration_s / ours_s,
            "peak_resident_mb": peak_mb,
            "f1_clear": ours.clear.f1,
            "f1_every_visible": ours.every.f1,
        },
        "loop": {
            "n_frames_timed": n_timed,
            "elapsed_s_all_frames": loop_all_s,
            "f1_clear": _total(theirs, "clear").f1,
            "f1_every_visible": _total(theirs, "every").f1,
        },
        "times_faster": loop_all_s / ours_s,
    }


def video_text(record: dict[str, Any]) -> str:
    ours, loop, film = record["dramatis"], record["loop"], record["film"]
    return (
        f"film: {film['duration_s']:.1f} s, {film['n_frames']} frames\n"
        f"dramatis: {ours['elapsed_s']:.1f} s ({ours['times_real_time']:.2f} x real time, peak "
        f"{ours['peak_resident_mb']:.0f} MB), F1 clear {ours['f1_clear']:.3f}, every visible "
        f"{ours['f1_every_visible']:.3f}\n"
        f"face_recognition loop: {loop['elapsed_s_all_frames']:.1f} s for all frames, from {loop['n_frames_timed']} "
        f"timed, F1 clear {loop['f1_clear']:.3f}, every visible {loop['f1_every_visible']:.3f}\n"
        f"dramatis is {record['times_faster']:.1f} times faster"
    )


def _loop(
    clip: Path, duration_s: float, n_frames: int, gallery: Gallery, progress: ProgressLine
) -> tuple[float, dict[str, Timeline], int]:
    """Seconds the loop takes on frames spread over the film, what it says, and how many frames that were. Each frame
    speaks for its share of the film."""
    known = list(gallery.vectors.astype(np.float64))
    step_s = duration_s / n_frames
    times = (np.arange(n_frames) + 0.5) * step_s
    said: dict[str, list[Interval]] = {name: [] for name in gallery.people}
    elapsed_s, n_timed = 0.0, 0
    with FrameReader(clip, sample_times_s=times) as frames:
        for frame in frames:
            start = time.monotonic()
            places = face_recognition.face_locations(frame.image)
            for vector in face_recognition.face_encodings(frame.image, places):
                distances = face_recognition.face_distance(known, vector)
                nearest = int(np.argmin(distances))
                if distances[nearest] <= TOLERANCE:
                    begin_s = max(0.0, frame.t_s - step_s / 2)
                    said[gallery.names[nearest]].append(Interval(begin_s, min(duration_s, begin_s + step_s)))
            elapsed_s += time.monotonic() - start
            n_timed += 1
            progress("face_recognition loop", n_timed / n_frames)
    return elapsed_s, {name: Timeline(parts) for name, parts in said.items()}, n_timed


def _total(scores: list[PersonScore], kind: str) -> Score:
    return sum((getattr(score, kind) for score in scores), Score(0, 0, 0))
