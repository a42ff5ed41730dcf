"""Promises of the adapters around dlib's own networks."""

from __future__ import annotations

import numpy as np
import pytest

from engine.vision.reference import DlibCnnDetector, DlibHogDetector


@pytest.mark.parametrize(("make", "nothing"), [(DlibCnnDetector, []), (DlibHogDetector, ([], [], []))])
def test_dlib_sees_contiguous_pictures_only(make, nothing):
    """Of any other array dlib makes a copy that it may have freed before it reads it."""
    seen = []

    def record(image, *_):
        seen.append(image.flags.c_contiguous)
        return nothing

    detector = make.__new__(make)  # without loading dlib's network
    record.run = record
    detector._detector = record
    detector.detect(np.zeros((40, 60, 3), np.uint8)[:, ::-1])
    assert seen == [True]
