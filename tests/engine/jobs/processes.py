"""Looking at jobs and processes from outside, as a test does."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import config

PATIENCE_S = 240.0  # for machines that do much else


def wait_for(what: Callable[[], Any], called: str) -> Any:
    """The first answer of `what` that is true."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        if answer := what():
            return answer
        time.sleep(0.02)
    pytest.fail(f"waited {PATIENCE_S:.0f} s for {called}")


def children_of(process: subprocess.Popen[str]) -> list[int]:
    """Of the process' first thread; [] once it is gone."""
    try:
        return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    except OSError:
        return []


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def segments_there(job_id: int) -> dict[str, int]:
    """Name -> time of modification (ns) of the finished segments in a job's folder."""
    found = {}
    for path in (config.data_dir() / "jobs" / str(job_id)).glob("faces-*.piece"):
        try:
            found[path.name] = path.stat().st_mtime_ns
        except OSError:
            continue  # the job has just ended and its folder goes
    return found
