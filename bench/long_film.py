"""A film of any length, made by repeating a clip: does memory stay flat, and time grow with the film and no faster?

The analysis runs in a process of its own, which reports the processor seconds and the resident memory of each part of
the film; the same clip alone, analysed first, says what time it should take.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av

from engine.config import AnalysisSettings
from engine.errors import EvaluationError, MediaError
from engine.media.video import probe
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models

N_PARTS = 8  # of the film, each reported


def bench_long_film(clip: Path, minutes: float) -> dict[str, Any]:
    """Repeats `clip` until it lasts `minutes` and analyses it, without a cast. Raises EvaluationError."""
    if minutes <= 0:
        raise EvaluationError("A film lasts some minutes; give a number above 0.")
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "long.mkv"
        n_times = repeat_film(clip, film, minutes * 60)
        once, whole = _analysed(clip), _analysed(film)
    expected_s = once["processor_s"] * whole["duration_s"] / once["duration_s"]
    return {
        "clip": {"name": clip.name, **once},
        "n_times": n_times,
        "film": whole,
        "times_expected_time": whole["processor_s"] / expected_s,
    }


def repeat_film(clip: Path, film: Path, length_s: float) -> int:
    """Writes `clip` one after the other into `film`, whole, until that lasts at least `length_s`; how often that is.
    Nothing is encoded anew. Raises MediaError."""
    period_s = probe(clip).duration_s
    n_times = max(1, -(-int(length_s * 1000) // int(period_s * 1000)))
    try:
        with av.open(str(film), "w") as target:
            stream = None
            for i in range(n_times):
                with av.open(str(clip)) as source:
                    video = source.streams.video[0]
                    stream = stream or target.add_stream_from_template(video)
                    shift = round(i * period_s / video.time_base)
                    for packet in source.demux(video):
                        if packet.dts is not None:
                            packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                            target.mux(packet)
    except OSError as error:  # FFmpeg's own errors are among these
        raise MediaError(f"{clip} cannot be repeated ({error}); try another film.") from error
    return n_times


def long_film_text(record: dict[str, Any]) -> str:
    film, clip = record["film"], record["clip"]
    lines = [
        f"{clip['name']}, {clip['duration_s']:.1f} s: {clip['processor_s']:.1f} s of a processor, peak "
        f"{clip['peak_mb']:.0f} MB",
        f"{record['n_times']} times, {film['duration_s'] / 60:.1f} min: {film['processor_s']:.1f} s of a processor, "
        f"{record['times_expected_time']:.3f} times what the clip's time makes expect; peak {film['peak_mb']:.0f} MB; "
        f"{film['elapsed_s']:.0f} s by the clock",
        "part of the film        processor s   resident MB",
    ]
    lines += [
        f"{p['from']:4.0%} to {p['to']:4.0%} {p['processor_s']:20.1f} {p['resident_mb']:13.0f}" for p in film["parts"]
    ]
    return "\n".join(lines)


def _analysed(film: Path) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "bench.long_film", str(film)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise EvaluationError(f"The analysis of {film.name} ended badly; run ./dramatis analyze {film} to see why.")
    return json.loads(done.stdout)


def _watched(film: Path) -> dict[str, Any]:
    """What an analysis takes, in this process."""
    began_s = time.monotonic()
    models = Models()
    parts: list[dict[str, float]] = []
    first_s = last_s = time.process_time()

    def told(phase: str, share: float) -> None:
        nonlocal last_s
        while phase == "faces" and share >= (len(parts) + 1) / N_PARTS - 1e-9:
            now_s = time.process_time()
            part = {"from": len(parts) / N_PARTS, "to": (len(parts) + 1) / N_PARTS}
            parts.append({**part, "processor_s": now_s - last_s, "resident_mb": _status_mb("VmRSS")})
            last_s = now_s

    analysis = analyse_video(film, None, AnalysisSettings(), models, told)
    return {
        "duration_s": analysis.video.duration_s,
        "processor_s": time.process_time() - first_s,
        "elapsed_s": time.monotonic() - began_s,
        "peak_mb": _status_mb("VmHWM"),
        "n_tracks": len(analysis.tracks),
        "n_people": len(analysis.people),
        "parts": parts,
    }


def _status_mb(field: str) -> float:
    """Of this process, by Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{field}:")).split()[1]) / 1024


if __name__ == "__main__":
    print(json.dumps(_watched(Path(sys.argv[1]))))
