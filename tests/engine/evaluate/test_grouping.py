"""Methods compared on known people, films at several rates, and the face in the middle of a picture."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import EvaluationError
from engine.evaluate.boxes import TrueFace
from engine.evaluate.grouping import best_of_each, evaluate_clusters, people_of_tracks, score_methods
from engine.evaluate.people_pictures import DEFAULT_BOX, middle_face, picture_vectors, pictures_of_people
from engine.evaluate.sampling import evaluate_sampling, seconds_of_both
from engine.evaluate.tables import clusters_table, lfw_table, sampling_table
from engine.identity.partition import METHODS
from engine.timeline import Interval, Timeline
from engine.types import Analysis, Detections, FaceSamples, Person, Track, VideoInfo

NO_FACES = FaceSamples(np.empty(0), np.empty((0, 4)), np.empty(0), np.empty((0, 128)), "made-up")


def line(*pairs):
    return Timeline(Interval(a, b) for a, b in pairs)


def film(*people, tracks=()):
    video = VideoInfo(Path("clip.mp4"), 60.0, Fraction(24), 640, 360, "h264")
    return Analysis(video, "f" * 64, "0.1", ("m",), {}, (Interval(0, 60),), people, tracks, {}, {})


def known(name, *pairs):
    return Person(f"known:{name}", name, "known", line(*pairs), 1.0, ())


def stranger(number, *pairs):
    return Person(f"unknown:{number}", f"unknown_{number}", "unknown", line(*pairs), 1.0, ())


# Methods on known people.


def test_every_method_is_scored_with_every_distance():
    places = np.array([0.0, 0.1, 0.2, 2.0, 2.1])
    told = []
    scores = score_methods(
        np.abs(np.subtract.outer(places, places)),
        list("aaabb"),
        distances=(0.05, 0.5, 3.0),
        progress=lambda phase, share: told.append(share),
    )
    assert [(s.method, s.max_distance) for s in scores] == [(m, d) for m in METHODS for d in (0.05, 0.5, 3.0)]
    assert [(s.score.n_clusters, s.score.f1) for s in scores if s.max_distance == 0.5] == [(2, 1.0)] * 3
    assert [s.score.n_clusters for s in scores if s.max_distance == 0.05] == [5] * 3
    assert [(s.method, s.max_distance) for s in best_of_each(scores)] == [(m, 0.5) for m in METHODS]
    assert told[-1] == 1.0


def test_tracks_are_somebodys_where_it_is_beyond_doubt():
    def track(id, start_s, end_s):
        return Track(id, start_s, end_s, np.array([start_s]), np.array([[0, 0, 30, 40]]), np.ones(1), NO_FACES)

    nothing = {"clear": line(), "hard": line(), "body": line()}
    truth = {"a": nothing | {"clear": line((0, 10))}, "b": nothing | {"hard": line((2, 5), (30, 31))}}
    truth["c"] = nothing | {"body": line((6, 7))}
    tracks = (
        track(1, 0, 2.1),  # a alone: b is there for a blur of a hand-over
        track(2, 0, 3),  # a or b
        track(3, 7, 9),
        track(4, 6, 9),  # a's face, or was c not seen from behind?
        track(5, 20, 21),  # nobody
        track(6, 30, 34),  # b for the smaller part
        track(7, 3, 4),  # a or b, but a box tells
    )
    box = TrueFace(3.5, "b", (0, 0, 30, 40), "hard")
    assert people_of_tracks(film(tracks=tracks), truth, [box]) == {1: "a", 3: "a", 7: "b"}


def test_people_of_few_pictures_cannot_be_grouped(tmp_path):
    with pytest.raises(EvaluationError, match="holds no pictures of people"):
        evaluate_clusters(tmp_path)
    (tmp_path / "Ana").mkdir()
    (tmp_path / "Ana" / "1.jpg").touch()
    with pytest.raises(EvaluationError, match="Nobody in .* has 5 pictures"):
        evaluate_clusters(tmp_path)


@pytest.mark.parametrize("root", ["", "images"])
def test_pictures_are_found_by_person(tmp_path, root):
    for name in ("Bo/2.jpg", "Bo/1.png", "Ana/1.JPG", "Ana/notes.txt", "Empty/x.txt"):
        (tmp_path / root / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / root / name).touch()
    found = pictures_of_people(tmp_path)
    assert {name: [p.name for p in paths] for name, paths in found.items()} == {
        "Ana": ["1.JPG"],
        "Bo": ["1.png", "2.jpg"],
    }


# Rates of sampling.


def test_seconds_are_compared_by_name_and_strangers_by_common_seconds():
    every = film(known("ana", (0, 10)), known("bo", (20, 22)), stranger(1, (30, 40)), stranger(2, (45, 50)))
    few = film(known("ana", (0, 9)), stranger(1, (45, 51)), stranger(2, (30, 36)), stranger(3, (55, 56)))
    # Ana, Bo who is missing, the two strangers whatever their numbers, and one who is there alone.
    assert sorted(a - b for a, b in seconds_of_both(few, every)) == [-4, -2, -1, 1, 1]
    assert [a - b for a, b in seconds_of_both(every, every)] == [0, 0, 0, 0]
    assert seconds_of_both(film(), film()) == []


def test_rates_below_nothing_are_refused(demo):
    with pytest.raises(EvaluationError, match="above 0"):
        evaluate_sampling(demo, rates=(0.0,))


# The face in the middle.


class FakeDetector:
    """Finds the given boxes with the given scores, whatever the picture."""

    def __init__(self, *found):
        self._found = found

    def detect_scaled(self, image, scale, threshold=0.0, n_levels=None):
        kept = [(box, score) for box, score in self._found if score > threshold]
        return Detections([box for box, _ in kept], [score for _, score in kept]) if kept else Detections.none()


@pytest.mark.parametrize(
    ("found", "box"),
    [
        ([], None),
        ([((0, 0, 40, 40), 1.0)], None),  # in a corner: somebody else
        ([((40, 40, 80, 80), 0.2), ((20, 20, 60, 60), 1.0)], (40, 40, 80, 80)),
        ([((30, 30, 70, 70), -0.5)], (30, 30, 70, 70)),
        ([((30, 30, 70, 70), -0.5), ((40, 40, 80, 80), 0.2)], (40, 40, 80, 80)),  # weak ones only where nothing else is
        ([((30, 30, 70, 70), -0.9)], None),
    ],
)
def test_the_face_in_the_middle(found, box):
    chosen = middle_face(FakeDetector(*found), np.zeros((100, 100, 3), np.uint8))
    assert chosen is None if box is None else tuple(chosen) == box


@pytest.mark.slow
def test_vectors_of_pictures_with_and_without_jitter(demo, tmp_path):
    face = Image.open(demo / "gallery" / "Mei_Kuroda" / "01.jpg").convert("RGB")
    side = min(face.size)
    face.resize((side, side)).save(tmp_path / "face.png")
    Image.new("RGB", (150, 100), (90, 120, 150)).save(tmp_path / "nobody.png")
    pictures = [tmp_path / "face.png", tmp_path / "nobody.png"]
    plain = picture_vectors(pictures)
    assert plain.plain.shape == (2, 128) and plain.jittered is None and plain.steady is None
    assert plain.n_default == 1
    jittered = picture_vectors(pictures, jitter=3)
    assert np.allclose(jittered.plain, plain.plain, atol=1e-5)
    again = picture_vectors(pictures, jitter=3)
    assert (jittered.jittered == again.jittered).all()
    for vectors in (jittered.jittered, jittered.steady):
        assert 0 < np.linalg.norm(vectors[0] - plain.plain[0]) < 0.3  # the same person, seen a little otherwise
    assert all(0 < low < high < 1 for low, high in zip(DEFAULT_BOX[:2], DEFAULT_BOX[2:], strict=True))


# Text.


def test_records_as_text():
    method = {
        "method": "average linkage",
        "max_distance": 0.5,
        "best": True,
        "f1": 0.9,
        "precision": 1.0,
        "recall": 0.8,
    }
    method |= {"purity": 1.0, "nmi": 0.95, "n_people": 4, "n_clusters": 6, "n_items": 9, "elapsed_s": 0.1}
    record = {"items": "pictures", "n_items": 9, "n_people": 4, "methods": [method]}
    text = clusters_table(json.loads(json.dumps(record)))
    assert text.splitlines()[0] == "9 pictures of 4 people"
    assert text.splitlines()[2].split() == "average linkage 0.50* 1.000 0.800 0.900 1.000 0.950 1.50 0.10".split()

    rate = {"sample_fps": 8.0, "is_every_frame": False, "f1": 0.9, "idf1": 0.8, "n_people": 3, "elapsed_s": 5.0}
    differs, none = ({"median_difference_s": a, "median_difference_share": b} for a, b in ((0.1, 0.0125), (None, None)))
    rates = [rate | differs, rate | none | {"is_every_frame": True}]
    text = sampling_table({"name": "clip", "duration_s": 60.0, "has_cast": False, "rates": rates})
    assert [row.split() for row in text.splitlines()[2:]] == [
        ["8", "-", "0.800", "3", "0.100", "1.2%", "5.0"],
        ["every", "-", "0.800", "3", "-", "-", "5.0"],
    ]

    figures = {"accuracy": 0.99, "standard_error": 0.001, "auc": 0.999, "eer": 0.01, "max_distance": 0.6}
    result = {"views": "one", **figures, "n_pairs": 6000, "n_folds": 10}
    text = lfw_table({"jitter": 0, "n_pictures": 7701, "n_default_box": 2, "results": [result]})
    assert text.startswith("6000 pairs in 10 folds, 7701 pictures; no face found, the default place taken: 2")
    assert text.splitlines()[2].split() == "the face 0.9900 +- 0.0010 0.9990 0.0100 0.600".split()
