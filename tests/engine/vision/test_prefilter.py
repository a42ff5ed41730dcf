"""Promises of the prefilter: it proposes every face that the detector finds, anywhere in a picture and at any size."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine.errors import ModelError
from engine.vision import prefilter
from engine.vision.detect import MmodDetector
from engine.vision.prefilter import Prefilter
from engine.vision.scales import FilmScales
from engine.vision.search import CANDIDATE_SCORE

ALBUM = tuple(f"album/IMG_{number}.jpg" for number in range(1001, 1853, 37))
FACE_PX = 167  # the box of the gallery's pictures


def whole(image):
    return [(0, 0, *image.shape[:2])]


@pytest.mark.parametrize("name", ALBUM)
def test_every_face_of_a_picture_is_proposed(detector, demo, iou, name):
    image = demo(name, 640)
    expected = detector.detect_scaled(image, 1.5).boxes_xyxy
    scale = FilmScales.of(640, 480).scales[1]
    proposed = detector.propose(image, whole(image), scale, CANDIDATE_SCORE)
    large_enough = expected[:, 3] - expected[:, 1] > 80 / scale
    assert (iou(expected[large_enough], proposed.boxes_xyxy).max(axis=1, initial=0) > 0.3).all()
    found = detector.detect_around(image, proposed.boxes_xyxy).boxes_xyxy
    assert (iou(expected[large_enough], found).max(axis=1, initial=0) > 0.5).all()


@pytest.mark.parametrize("face_px", np.geomspace(70, 320, 9).round().tolist())
def test_faces_of_any_size_are_proposed_about_as_large(detector, demo, scaled, iou, face_px):
    image = scaled(demo("gallery/Clara_Winther/01.jpg"), face_px / FACE_PX)
    (box,) = detector.detect_scaled(image, 92 / face_px).boxes_xyxy
    proposed = detector.propose(image, whole(image), 1.0, CANDIDATE_SCORE).boxes_xyxy
    assert iou(box[None], proposed).max() > 0.5


def test_levels_bound_the_size(detector, demo):
    image = demo("gallery/Clara_Winther/01.jpg")
    one, two = (detector.propose(image, whole(image), 1.0, CANDIDATE_SCORE, n).boxes_xyxy for n in (1, 2))
    assert (one[:, 3] - one[:, 1]).max(initial=0) <= 97
    assert (two[:, 3] - two[:, 1]).max() <= 140


@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_faces_at_the_edge_of_a_picture_are_proposed(detector, demo, scaled, iou, corner):
    head = scaled(demo("gallery/Clara_Winther/01.jpg")[120:400, 120:400], 0.6)
    image = np.full((300, 420, 3), 96, np.uint8)
    top, left = (at * (side - len(head)) for at, side in zip(corner, image.shape[:2], strict=True))
    image[top : top + len(head), left : left + len(head)] = head
    (box,) = detector.detect_scaled(image, 1.0).boxes_xyxy
    assert iou(box[None], detector.propose(image, whole(image), 1.0, CANDIDATE_SCORE).boxes_xyxy).max() > 0.4


def test_places_are_of_the_whole_picture_and_come_once(detector, demo, iou):
    image = demo(ALBUM[0], 640)
    height, width = image.shape[:2]
    proposed = detector.propose(image, whole(image), 1.5, -0.5)
    parts = detector.propose(image, [(0, 0, height, width - 40), (0, 40, height, width)], 1.5, -0.5)
    middle = proposed.boxes_xyxy[:, [0, 2]].mean(axis=1)
    inner = proposed.boxes_xyxy[(middle > 120) & (middle < width - 120)]
    overlap = iou(inner, parts.boxes_xyxy)
    assert (overlap.max(axis=1, initial=0) > 0.5).all() and ((overlap > 0.6).sum(axis=1) <= 1).all()
    assert (np.diff(proposed.scores) <= 0).all()
    assert len(detector.propose(image, [], 1.5, -0.5)) == 0


def test_a_large_picture_in_pieces_gives_the_same_places(detector, demo, scaled, iou, monkeypatch):
    image = demo(ALBUM[0], 640)
    once = detector.propose(image, whole(image), 2.0, -0.6, 2)
    monkeypatch.setattr("engine.vision.detect._LARGEST_PIECE_PX", 90_000)
    pieces = detector.propose(image, whole(image), 2.0, -0.6, 2)
    assert len(once) and (iou(once.boxes_xyxy, pieces.boxes_xyxy).max(axis=1) > 0.5).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (16, 16), (33, 35)])
def test_pictures_of_any_size_are_searched(detector, shape):
    image = np.full((*shape, 3), 90, np.uint8)
    for scale in (0.05, 1.0, 3.0):
        for n_levels in (None, 1, 2):
            assert len(detector.propose(image, whole(image), scale, CANDIDATE_SCORE, n_levels)) == 0


def test_nothing_is_proposed_on_flat_ground(detector):
    assert len(detector.propose(np.full((360, 640, 3), 128, np.uint8), [(0, 0, 360, 640)], 3.0, CANDIDATE_SCORE)) == 0


def test_threads_share_a_prefilter(demo):
    pictures = [demo(name, 400) for name in ALBUM[:4]]
    shared = Prefilter()
    alone = [shared.places(picture, CANDIDATE_SCORE) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda i: shared.places(pictures[i % 4], CANDIDATE_SCORE), range(16)))
    for i, (boxes, scores) in enumerate(together):
        assert np.array_equal(boxes, alone[i % 4][0]) and np.array_equal(scores, alone[i % 4][1])


@pytest.mark.parametrize("content", [None, b"", b"not an archive"])
def test_a_missing_or_damaged_network_is_said(tmp_path, monkeypatch, content):
    path = tmp_path / "prefilter.npz"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(prefilter, "WEIGHTS_FILE", path)
    prefilter._network.cache_clear()
    try:
        with pytest.raises(ModelError, match="prefilter.npz cannot be read"):
            MmodDetector()
    finally:
        prefilter._network.cache_clear()
