"""What is told of a film while it is still being worked on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.config import AnalysisSettings
from engine.identity.evidence import CALIBRATED_FOR, known_faces
from engine.jobs import so_far
from engine.jobs.so_far import SoFar
from engine.types import FaceSamples, Gallery, Track

SETTINGS = AnalysisSettings()
ANNA, BEA, NOBODY = (np.eye(128, dtype=np.float32)[i] for i in range(3))


@pytest.fixture
def gallery() -> Gallery:
    return Gallery("cast", CALIBRATED_FOR, ("Anna", "Bea"), ("a.jpg", "b.jpg"), ("a", "b"), np.stack([ANNA, BEA]))


def track(vector: np.ndarray, start_s: float, end_s: float) -> Track:
    faces = FaceSamples(np.array([start_s]), np.zeros((1, 4)), np.ones(1), vector[None], CALIBRATED_FOR)
    return Track(0, start_s, end_s, np.array([start_s]), np.zeros((1, 4)), np.ones(1), faces)


def test_seconds_grow_segment_by_segment(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(so_far, "TOLD_EVERY_S", 0.0)
    monkeypatch.setattr(so_far, "MOST_SHARE", 1.0)
    told: list[dict[str, Any]] = []
    seen = SoFar(gallery, SETTINGS, told.append)
    seen.finished([])
    seen.finished([track(BEA, 20, 21.5), track(NOBODY, 20, 24)])
    seen.finished([track(ANNA, 0, 3), track(BEA, 21, 22), track(NOBODY, 23, 26)])
    assert told == [
        {"so_far": []},
        {"so_far": [["Bea", 1.5], ["unknown", 4.0]]},
        {"so_far": [["Anna", 3.0], ["Bea", 2.0], ["unknown", 6.0]]},
    ]


def test_the_gallery_is_made_ready_once(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = []
    monkeypatch.setattr(so_far, "known_faces", lambda of: ready.append(of) or known_faces(of))
    monkeypatch.setattr(so_far, "MOST_SHARE", 1e9)
    seen = SoFar(gallery, SETTINGS, lambda result: None)
    for start_s in range(0, 30, 10):
        seen.finished([track(ANNA, start_s, start_s + 3)])
    assert seen.rows() == [["Anna", 9.0]] and ready == [gallery]


def test_without_a_gallery_everybody_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = SoFar(None, SETTINGS, lambda result: None)
    seen.finished([track(ANNA, 0, 3), track(BEA, 2, 5)])
    assert seen.rows() == [["unknown", 5.0]]


def test_it_takes_a_small_share_of_the_time_however_slow_it_is(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a clock of its own: naming a segment takes 1 s, working on one 10 s. What was skipped is made up for."""
    now = [0.0]
    monkeypatch.setattr(so_far.time, "monotonic", lambda: now[0])
    named = []
    seen = SoFar(gallery, SETTINGS, lambda result: None)

    def name(tracks: list[Track]) -> None:
        now[0] += 1.0
        named.append(tracks)

    monkeypatch.setattr(seen, "_name", name)
    for _ in range(100):
        now[0] += 10.0
        seen.finished([track(ANNA, 0, 1)])
    assert 1 < len(named) <= 1 + so_far.MOST_SHARE * now[0]
    assert seen.spent_s <= 1 + so_far.MOST_SHARE * now[0]
