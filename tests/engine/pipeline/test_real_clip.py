"""The main job on a real sitcom scene, where it is at hand: six people, 640 x 360, annotated by eye."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import AnalysisSettings
from engine.evaluate.folders import film_folder
from engine.evaluate.screentime import read_truth, score_analysis
from engine.identity.gallery import build_gallery
from engine.pipeline.analyse_video import analyse_video
from engine.pipeline.models import Models


@pytest.mark.shared
@pytest.mark.slow
def test_a_sitcom_scene_is_told_truly(shared_data: Path) -> None:
    folder = film_folder(shared_data / "clips" / "friends_130s")
    assert folder.cast is not None
    models = Models()
    gallery = build_gallery(folder.cast, "cast", models.detector, models.aligner, models.embedder)
    analysis = analyse_video(folder.clip, gallery, AnalysisSettings(), models)
    score = score_analysis(analysis, read_truth(folder.truth), gallery.people)
    assert score.clear.f1 >= 0.85
    assert score.clear.precision >= 0.9
