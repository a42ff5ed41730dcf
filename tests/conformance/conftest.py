"""Demo pictures for the suites that every backend passes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.media.images import load_image, resize

DEMO = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))


@cache
def _demo_picture(name: str, longest_side_px: int | None) -> np.ndarray:
    image = load_image(DEMO / name)
    if longest_side_px:
        scale = longest_side_px / max(image.shape[:2])
        image = resize(image, round(image.shape[1] * scale), round(image.shape[0] * scale))
    image.flags.writeable = False
    return image


@pytest.fixture(scope="session")
def demo() -> Callable[..., np.ndarray]:
    """demo("selfies/user_1.jpg", 256) -> the picture (h, w, 3), read-only, its longest side 256 px."""
    return lambda name, longest_side_px=None: _demo_picture(name, longest_side_px)
