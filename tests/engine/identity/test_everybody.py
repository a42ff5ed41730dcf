"""Everybody who matters in one picture of an album."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.identity import everybody
from engine.identity.everybody import EverybodyLooker, PictureFaces
from engine.types import Detections
from engine.vision.model_ids import DETECTOR_ID, EMBEDDER_ID


@pytest.fixture(scope="session")
def looker(models):
    return EverybodyLooker(lambda: models.networks, DETECTOR_ID, EMBEDDER_ID)


def jpeg(image, **more):
    image.save(file := io.BytesIO(), "JPEG", **more)
    return file.getvalue()


def test_everybody_in_a_picture_from_left_to_right(demo, looker):
    found = looker.look((demo / "album" / "IMG_1001.jpg").read_bytes())
    assert (found.width, found.height, len(found), found.problem) == (1280, 853, 2, "")
    assert found.boxes_xyxy[0, 0] < found.boxes_xyxy[1, 0]
    assert (found.quality > 0.1).all() and found.vectors.shape == (2, 128)
    assert np.linalg.norm(found.vectors[0] - found.vectors[1]) > 0.5


def test_a_turned_picture_has_its_upright_size_and_boxes(demo, looker):
    upright = Image.open(demo / "album" / "IMG_1001.jpg").convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying, to be turned by a quarter
    found = looker.look(jpeg(upright.rotate(90, expand=True), exif=exif, quality=95))
    assert (found.width, found.height) == upright.size
    straight = looker.look((demo / "album" / "IMG_1001.jpg").read_bytes())
    assert np.abs(found.boxes_xyxy - straight.boxes_xyxy).max() < 30


def test_extras_far_smaller_than_the_largest_face_are_left_out(demo, models):
    boxes = [(0, 0, 300, 300), (400, 0, 510, 110), (600, 0, 690, 90)]

    class Finds:
        def detect_scaled(self, image, scale, threshold=0.0, n_levels=None):
            return Detections(np.array(boxes, np.float32), np.ones(3, np.float32))

    looker = EverybodyLooker(lambda: (Finds(), models.aligner, models.embedder), DETECTOR_ID, EMBEDDER_ID)
    found = looker.look((demo / "album" / "IMG_1001.jpg").read_bytes())
    assert found.boxes_xyxy.tolist() == [list(map(float, box)) for box in boxes[:2]]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"GIF89a no picture at all", "is not a picture|is damaged"),
    ],
)
def test_what_cannot_be_read_says_why(looker, content, problem):
    found = looker.look(content)
    assert len(found) == 0 and (found.width, found.height) == (0, 0)
    assert any(found.problem.startswith(one) for one in problem.split("|"))


def test_cut_off_and_far_too_large_pictures_say_why(demo, looker, monkeypatch):
    whole = (demo / "album" / "IMG_1001.jpg").read_bytes()
    assert looker.look(whole[: len(whole) // 2]).problem.startswith("is damaged or cut off")
    monkeypatch.setattr(everybody, "MAX_PIXELS", 1_000_000)
    assert looker.look(whole).problem.startswith("has more than 1 megapixels")
    monkeypatch.setattr(everybody, "MAX_PICTURE_BYTES", 1000)
    assert looker.look(whole).problem.startswith("is larger than 0 MB")


def test_nobody_in_a_picture(looker):
    found = looker.look(jpeg(Image.new("RGB", (300, 200), (90, 120, 150))))
    assert (found.width, found.height, len(found), found.problem) == (300, 200, 0, "")


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="boxes_xyxy"):
        PictureFaces(1, 1, np.empty((1, 4)), np.empty(2), np.empty(2), np.empty((2, 128)))
