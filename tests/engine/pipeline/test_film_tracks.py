"""Segments are certain before the last shot is known, and the work on them begins then."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import AnalysisSettings
from engine.media.video import probe
from engine.pipeline import film_tracks
from engine.pipeline.film_pieces import FilmPieces
from engine.pipeline.film_tracks import SEGMENT_S, find_tracks, segments
from engine.pipeline.models import Models
from engine.timeline import Interval
from engine.types import ignore_progress


@given(st.lists(st.floats(0.04, 30), min_size=1, max_size=40), st.data())
def test_what_is_certain_before_the_end_is_how_the_whole_film_begins(
    lengths_s: list[float], data: st.DataObject
) -> None:
    edges = [sum(lengths_s[:i]) for i in range(len(lengths_s) + 1)]
    shots = [Interval(*edges[i : i + 2]) for i in range(len(lengths_s))]
    whole = list(segments(shots))
    assert [shot for run in whole for shot in run] == shots
    assert all(run[-1].end_s - run[0].start_s >= SEGMENT_S - 1e-9 for run in whole[:-1])
    n_known = data.draw(st.integers(0, len(shots)))
    certain = list(segments(shots[:n_known], more=True))
    assert certain == whole[: len(certain)]
    assert sum(map(len, certain)) < max(1, n_known)


def test_faces_are_followed_while_shots_are_still_looked_for(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_segment = threading.Event()
    followed, told = [], []
    find_shots = film_tracks.find_shots

    def slow(path, progress, found):
        def waiting(share: float) -> None:
            assert share < 0.9 or first_segment.wait(60), "no segment was begun before the shots were complete"
            progress(share)

        return find_shots(path, waiting, found)

    def follow(video, shots, *_):
        followed.append(shots)
        first_segment.set()
        return []

    monkeypatch.setattr(film_tracks, "find_shots", slow)
    monkeypatch.setattr(film_tracks, "segment_tracks", follow)
    video = probe(demo / "trailer.mp4")
    settings = AnalysisSettings(workers=2)
    scan, tracks = find_tracks(
        video,
        settings,
        Models(),
        FilmPieces(None, "f" * 64, settings, ()),
        lambda phase, share: told.append((phase, share)),
        ignore_finished,
        lambda scan: told.append(("scanned", scan.duration_s)),
    )
    assert tracks == []
    assert sorted(followed, key=lambda run: run[0].start_s) == list(segments(scan.shots))
    phases = [phase for phase, _ in told]
    assert list(dict.fromkeys(phases)) == ["shots", "scanned", "faces"]
    assert told[phases.index("scanned")] == ("scanned", scan.duration_s) and told[-1] == ("faces", 1.0)


@pytest.mark.slow
def test_a_film_that_is_refused_when_its_shots_are_known_stops_the_work(demo: Path, monkeypatch) -> None:
    stopped = []

    def follow(video, shots, settings, models, stop, progress):
        stopped.append(stop.wait(60))
        return []

    def refuse(scan):
        raise ZeroDivisionError

    monkeypatch.setattr(film_tracks, "segment_tracks", follow)
    settings = AnalysisSettings(workers=2)
    pieces = FilmPieces(None, "f" * 64, settings, ())
    with pytest.raises(ZeroDivisionError):
        find_tracks(probe(demo / "trailer.mp4"), settings, Models(), pieces, ignore_progress, ignore_finished, refuse)
    assert stopped and all(stopped)


def ignore_finished(tracks) -> None:
    """Nobody wants to know."""
