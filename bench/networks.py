"""The two networks, run by ONNX Runtime and by dlib, on one thread, in turns.

Processor time of this process is counted, not wall time, so that a busy machine does not favour either side.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.config import PROJECT_DIR
from engine.media.images import load_image, picture_files, resize
from engine.media.video import FrameReader
from engine.vision.align import FaceAligner
from engine.vision.detect import MmodDetector
from engine.vision.embed import ResnetEmbedder
from engine.vision.reference import DlibCnnDetector, DlibEmbedder

FRAME_WH = (640, 360)
N_CHIPS = 16


def bench_networks(rounds: int) -> dict[str, Any]:
    """Medians over `rounds` of the milliseconds each side takes for a face and for a 640 x 360 frame, and their
    ratios, pair by pair. Runs on the demo's rendered people."""
    chips, frame = _chips(), _frame()
    fast_embedder, slow_embedder = ResnetEmbedder(threads=1), DlibEmbedder()
    fast_detector, slow_detector = MmodDetector(threads=1), DlibCnnDetector()
    return {
        "rounds": rounds,
        "embedder_batch": _pair(
            lambda: fast_embedder.embed(chips), lambda: slow_embedder.embed(chips), rounds, len(chips)
        ),
        "embedder_single": _pair(
            lambda: fast_embedder.embed(chips[:1]), lambda: slow_embedder.embed(chips[:1]), rounds, 1
        ),
        "detector_640x360": _pair(lambda: fast_detector.detect(frame), lambda: slow_detector.detect(frame), rounds, 1),
    }


def networks_text(record: dict[str, Any]) -> str:
    names = {
        "embedder_batch": f"embedder, a face of a batch of {N_CHIPS}",
        "embedder_single": "embedder, a face alone",
        "detector_640x360": "detector, a frame of 640 x 360",
    }
    return "\n".join(
        f"{title}: {record[key]['fast_ms']:.1f} ms against dlib's {record[key]['dlib_ms']:.1f} ms, "
        f"{record[key]['ratio']:.1f} times faster ({record[key]['ratio_min']:.1f} to {record[key]['ratio_max']:.1f})"
        for key, title in names.items()
    )


def _pair(fast: Callable[[], object], slow: Callable[[], object], rounds: int, per: int) -> dict[str, float]:
    fast(), slow()  # first runs load and allocate
    fast_ms, slow_ms = [], []
    for _ in range(rounds):
        fast_ms.append(_milliseconds(fast) / per)
        slow_ms.append(_milliseconds(slow) / per)
    ratios = [s / f for f, s in zip(fast_ms, slow_ms, strict=True)]
    return {
        "fast_ms": statistics.median(fast_ms),
        "dlib_ms": statistics.median(slow_ms),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def _chips() -> np.ndarray:
    detector, aligner = MmodDetector(), FaceAligner()
    chips: list[np.ndarray] = []
    for person in sorted((PROJECT_DIR / "demo" / "gallery").iterdir()):
        for path in picture_files(person):
            image = load_image(path)
            chips += list(aligner.align(image, detector.detect(image).boxes_xyxy)[0])
            if len(chips) >= N_CHIPS:
                return np.stack(chips[:N_CHIPS])
    raise RuntimeError("the demo's gallery holds too few faces")


def _frame() -> np.ndarray:
    with FrameReader(PROJECT_DIR / "demo" / "trailer.mp4", sample_times_s=[28.0]) as frames:
        return resize(next(iter(frames)).image, *FRAME_WH)
