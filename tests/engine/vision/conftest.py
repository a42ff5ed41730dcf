"""The networks, loaded once, and demo pictures for the tests of the vision room."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.media.images import load_image, resize
from engine.vision.align import FaceAligner
from engine.vision.detect import MmodDetector
from engine.vision.embed import ResnetEmbedder
from engine.vision.reference import DlibCnnDetector, DlibEmbedder

DEMO = Path(__file__).resolve().parents[3] / "demo"
SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
PEOPLE = sorted(folder.name for folder in (DEMO / "gallery").iterdir())


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, empty."""
    folder = tmp_path / "data"
    monkeypatch.setenv("DRAMATIS_DATA", str(folder))
    return folder


@cache
def _demo_picture(name: str, longest_side_px: int | None) -> np.ndarray:
    image = load_image(DEMO / name)
    if longest_side_px:
        image = _scaled(image, longest_side_px / max(image.shape[:2]))
    image.flags.writeable = False
    return image


def _scaled(image: np.ndarray, scale: float) -> np.ndarray:
    return resize(image, round(image.shape[1] * scale), round(image.shape[0] * scale))


@pytest.fixture(scope="session")
def demo() -> Callable[..., np.ndarray]:
    """demo("selfies/user_1.jpg", 256) -> the picture (h, w, 3), read-only, its longest side 256 px."""
    return lambda name, longest_side_px=None: _demo_picture(name, longest_side_px)


@pytest.fixture(scope="session")
def scaled() -> Callable[[np.ndarray, float], np.ndarray]:
    return _scaled


@pytest.fixture(scope="session")
def people() -> list[str]:
    return PEOPLE


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.exists():
        pytest.skip("needs ../shared/data, which is not here")
    return SHARED


@pytest.fixture(scope="session")
def detector() -> MmodDetector:
    return MmodDetector()


@pytest.fixture(scope="session")
def dlib_detector() -> DlibCnnDetector:
    return DlibCnnDetector()


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> ResnetEmbedder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAMATIS_DATA", str(tmp_path_factory.mktemp("data")))
        return ResnetEmbedder()


@pytest.fixture(scope="session")
def dlib_embedder() -> DlibEmbedder:
    return DlibEmbedder()


@pytest.fixture(scope="session")
def aligner() -> FaceAligner:
    return FaceAligner()


@pytest.fixture(scope="session")
def demo_chips(detector: MmodDetector, aligner: FaceAligner) -> np.ndarray:
    """Chips of five people of the gallery, (5, 150, 150, 3)."""
    chips = []
    for i, person in enumerate(PEOPLE[::2]):
        image = _demo_picture(f"gallery/{person}/0{1 + i % 6}.jpg", None)
        chips.append(aligner.align(image, detector.detect_scaled(image, 0.6).boxes_xyxy[:1])[0])
    return np.concatenate(chips)


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = np.asarray(a, float)[:, None], np.asarray(b, float)[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    inner = np.prod(np.maximum(sides, 0), axis=-1)
    area_a, area_b = (np.prod(x[..., 2:] - x[..., :2], axis=-1) for x in (a, b))
    return inner / (area_a + area_b - inner)


@pytest.fixture(scope="session")
def iou() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """iou(boxes (n, 4), boxes (m, 4)) -> intersection over union (n, m)."""
    return _iou


@pytest.fixture(scope="session")
def same_faces() -> Callable[..., bool]:
    """same_faces(boxes, boxes, 0.6) -> whether each box of either has exactly one partner in the other."""

    def same(a: np.ndarray, b: np.ndarray, least: float = 0.6) -> bool:
        if len(a) != len(b):
            return False
        partner = _iou(a, b) >= least
        return bool((partner.sum(axis=0) == 1).all() and (partner.sum(axis=1) == 1).all())

    return same
