"""The records check their arrays once, when they are made, and keep them as they are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from engine.timeline import Interval, Timeline
from engine.types import Detections, FaceSamples, Frame, Gallery, Person, Track, checked, ignore_progress


def faces(n=2, **other):
    fields = {
        "t_s": np.arange(n),
        "boxes_xyxy": np.zeros((n, 4)),
        "quality": np.ones(n),
        "vectors": np.zeros((n, 128)),
        "model_id": "m",
    }
    return FaceSamples(**(fields | other))


def track(n=3, **other):
    fields = {
        "id": 1,
        "start_s": 0.0,
        "end_s": 2.0,
        "t_s": np.arange(n),
        "boxes_xyxy": np.zeros((n, 4)),
        "scores": np.ones(n),
        "faces": faces(),
    }
    return Track(**(fields | other))


def gallery(names=("Ana", "Zoë", "Ana"), **other):
    n = len(names)
    fields = {
        "name": "Stars",
        "model_id": "m",
        "names": names,
        "paths": tuple(f"{i}.jpg" for i in range(n)),
        "sha256": tuple(f"{i:064x}" for i in range(n)),
        "vectors": np.zeros((n, 128)),
    }
    return Gallery(**(fields | other))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Detections(np.zeros((2, 5)), np.zeros(2)), ("boxes_xyxy", "(n, 4)", "(2, 5)")),
        (lambda: Detections(np.zeros(4), np.zeros(4)), ("boxes_xyxy", "(n, 4)", "(4,)")),
        (lambda: Detections(np.zeros((2, 4)), np.zeros(3)), ("scores", "(2)", "(3,)")),
        (lambda: Detections(np.zeros((2, 4)), np.zeros((2, 1))), ("scores", "(2)", "(2, 1)")),
        (lambda: faces(boxes_xyxy=np.zeros((3, 4))), ("boxes_xyxy", "(2, 4)", "(3, 4)")),
        (lambda: faces(quality=np.zeros(1)), ("quality", "(2)", "(1,)")),
        (lambda: faces(vectors=np.zeros(128)), ("vectors", "(2, n)", "(128,)")),
        (lambda: faces(vectors=np.zeros((3, 128))), ("vectors", "(2, n)", "(3, 128)")),
        (lambda: faces(t_s=np.zeros((2, 1))), ("t_s", "(2)", "(2, 1)")),
        (lambda: track(boxes_xyxy=np.zeros((2, 4))), ("boxes_xyxy", "(3, 4)", "(2, 4)")),
        (lambda: track(scores=np.zeros(4)), ("scores", "(3)", "(4,)")),
        (lambda: gallery(vectors=np.zeros((2, 128))), ("vectors", "(3, n)", "(2, 128)")),
        (lambda: gallery(vectors=np.zeros(128)), ("vectors", "(3, n)", "(128,)")),
    ],
)
def test_a_wrong_shape_is_named_with_the_right_one(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    name, expected, actual = words
    assert str(caught.value) == f"{name}: expected shape {expected}, got {actual}"


@pytest.mark.parametrize(
    ("paths", "hashes"), [(("a.jpg",), None), (None, ("0" * 64,)), ((), ()), (("a", "b", "c", "d"), None)]
)
def test_a_gallery_has_a_path_and_a_hash_for_each_name(paths, hashes):
    other = {key: value for key, value in (("paths", paths), ("sha256", hashes)) if value is not None}
    with pytest.raises(ValueError, match=r"gallery: 3 names, \d paths, \d hashes"):
        gallery(**other)


def test_a_track_without_detections_is_no_track():
    with pytest.raises(ValueError, match="at least one detection"):
        track(0)


@pytest.mark.parametrize(
    ("record", "arrays"),
    [
        (Detections([[0, 0, 1, 1]], [1]), {"boxes_xyxy": np.float32, "scores": np.float32}),
        (
            faces(),
            {"t_s": np.float64, "boxes_xyxy": np.float32, "quality": np.float32, "vectors": np.float32},
        ),
        (track(), {"t_s": np.float64, "boxes_xyxy": np.float32, "scores": np.float32}),
        (gallery(), {"vectors": np.float32}),
    ],
)
def test_arrays_have_their_type_and_cannot_be_written(record, arrays):
    for name, dtype in arrays.items():
        array = getattr(record, name)
        assert array.dtype == dtype and array.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 7
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, name, array)


def test_nothing_is_allowed_where_nothing_may_be_found():
    assert len(Detections.none()) == 0 and Detections.none().boxes_xyxy.shape == (0, 4)
    assert len(faces(0)) == 0
    assert track(faces=faces(0)).faces.vectors.shape == (0, 128)
    nobody = gallery(())
    assert nobody.people == () and nobody.left_out == ()


def test_lengths_and_derived_values():
    assert len(Detections(np.zeros((3, 4)), np.zeros(3))) == 3
    assert len(faces(5)) == 5
    assert track(start_s=1.5, end_s=4.0).interval == Interval(1.5, 4.0)
    assert gallery(("Zoë", "Ana", "Zoë")).people == ("Ana", "Zoë")
    timeline = Timeline([Interval(0, 1), Interval(2, 4)])
    assert Person("known:ana", "Ana", "known", timeline, 0.5, (1,)).screen_time_s == 3.0


def test_checked_takes_any_layout_and_gives_a_contiguous_one():
    columns = np.asfortranarray(np.arange(8.0).reshape(2, 4))
    rows = checked("boxes", columns, (None, 4), np.float32)
    assert rows.flags.c_contiguous and np.array_equal(rows, columns)
    with pytest.raises(ValueError, match=r"boxes: expected shape \(n, 4\), got \(4, 2\)"):
        checked("boxes", columns.T, (None, 4), np.float32)


def test_frames_are_frozen_and_carry_their_time():
    frame = Frame(np.zeros((2, 3, 3), np.uint8), 1.25)
    with pytest.raises(dataclasses.FrozenInstanceError):
        frame.t_s = 2.0
    assert ignore_progress("faces", 0.5) is None
