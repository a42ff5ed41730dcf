"""A film that is quickly analysed, for tests of what happens around an analysis."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from engine.config import AnalysisSettings
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models
from engine.pipeline.pieces import FolderPieces
from engine.types import Analysis

# One segment after the other, each in half a second or so: few frames, and only large faces.
SMALL_FILM_SETTINGS = {"sample_fps": 0.5, "workers": 1, "smallest_face_px": 60}


@pytest.fixture(scope="session")
def small_film(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trailer at a quarter of its size and half its frame rate: 43 seconds in five segments."""
    path = tmp_path_factory.mktemp("films") / "small.mp4"
    with av.open(str(demo / "trailer.mp4")) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=12, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number, frame in enumerate(source.decode(source.streams.video[0])):
            if number % 2 == 0:
                for packet in stream.encode(frame.reformat(320, 180, "yuv420p")):
                    target.mux(packet)
        for packet in stream.encode(None):
            target.mux(packet)
    return path


@pytest.fixture(scope="session")
def models(session_data: Path) -> Models:
    """The networks, for tests that need them loaded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAMATIS_DATA", str(session_data))
        return Models()


@pytest.fixture(scope="session")
def analysed(small_film: Path, session_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Analysis, Path]:
    """The small film analysed in one go, and the folder of pieces that this left."""
    folder = tmp_path_factory.mktemp("pieces")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAMATIS_DATA", str(session_data))
        settings = AnalysisSettings(**SMALL_FILM_SETTINGS)
        return analyse_video(small_film, None, settings, Models(), pieces=FolderPieces(folder)), folder
