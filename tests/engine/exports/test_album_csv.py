"""The faces of an album as a CSV."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.exports.album_csv import COLUMNS, SHARES, album_csv
from engine.store.albums import NO_NUMBER, AlbumPicture
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo


def face(id, number, *box):
    samples = FaceSamples([number], [box], [1.0], np.zeros((1, 128)), "m")
    return Track(id, number, number + 1, [number], [box], [1.0], samples)


def person(id, name, kind, *track_ids):
    return Person(id, name, kind, Timeline([Interval(0, 1)]), 1.0, track_ids)


@pytest.fixture
def rows():
    boxes = ((0, -10, 20, 90, 100), (0, 100, 20, 180, 120), (2, 5, 5, 15, 25), (7, 0, 0, 9, 9))
    tracks = tuple(face(i, *box) for i, box in enumerate(boxes, start=1))
    people = (person("known:ana", "Ana", "known", 1, 3), person("unknown:1", "=1+1", "unknown", 2, 4))
    of_track = {1: "known:ana", 2: "unknown:1", 3: "known:ana", 4: "unknown:1"}
    video = VideoInfo(Path("album"), 8.0, Fraction(1), 200, 100, "pictures")
    analysis = Analysis(video, "f" * 64, "0", ("m",), {}, (Interval(0, 8),), people, tracks, of_track, {})
    pictures = [
        AlbumPicture("-a.jpg", "0", 200, 100, None, 0),
        AlbumPicture("b/again.jpg", "0", 200, 100, None, 0),
        AlbumPicture("bad.jpg", "1", 0, 0, "is damaged", NO_NUMBER),
        AlbumPicture("nobody.jpg", "2", 30, 50, None, 1),
        AlbumPicture("z.jpg", "3", 30, 50, None, 2),
    ]
    return list(csv.reader(io.StringIO(album_csv(analysis, pictures))))


def test_a_line_a_face_and_equal_pictures_have_equal_lines(rows):
    assert rows[0] == [*COLUMNS, *SHARES]
    assert [row[:3] for row in rows[1:]] == [
        ["'-a.jpg", "Ana", "known"],
        ["'-a.jpg", "'=1+1", "unknown"],
        ["b/again.jpg", "Ana", "known"],
        ["b/again.jpg", "'=1+1", "unknown"],
        ["z.jpg", "Ana", "known"],
    ]


def test_boxes_end_at_the_edge_and_come_as_shares_too(rows):
    assert [float(value) for value in rows[1][3:]] == [0, 20, 90, 100, 200, 100, 0, 0.2, 0.45, 0.8, 0.225, 0.6]
    assert [float(value) for value in rows[2][5:9]] == [180, 100, 200, 100]
