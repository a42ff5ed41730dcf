"""Clusters without a name against people of the truth: whom they are matched to, and the rates by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.errors import EvaluationError
from engine.evaluate.boxes import BoxMatch, TrueFace, box_recall, match_boxes, read_boxes
from engine.evaluate.grid import identity_f1, on_grid
from engine.evaluate.strangers import identity_f1_of, match_clusters, score_strangers
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo

HEAD = "t_s,person,x1,y1,x2,y2,visibility\n"
NO_FACES = FaceSamples(np.empty(0), np.empty((0, 4)), np.empty(0), np.empty((0, 128)), "made-up")


def line(*pairs):
    return Timeline(Interval(a, b) for a, b in pairs)


def truth(clear=(), hard=(), body=()):
    return {"clear": line(*clear), "hard": line(*hard), "body": line(*body)}


def cluster(number, *pairs, tracks=()):
    return Person(f"unknown:{number}", f"unknown_{number}", "unknown", line(*pairs), 1.0, tracks)


def film(*people):
    video = VideoInfo(Path("clip.mp4"), 60.0, Fraction(24), 640, 360, "h264")
    return Analysis(video, "f" * 64, "0.1", ("m",), {}, (Interval(0, 60),), people, (), {}, {})


def track(id, start_s, end_s, *boxes):
    times = np.linspace(start_s, end_s, len(boxes))
    return Track(id, start_s, end_s, times, np.array(boxes), np.ones(len(boxes)), NO_FACES)


def face(t_s, person, box=(0, 0, 30, 40), visibility="clear"):
    return TrueFace(t_s, person, box, visibility)


# Whom a cluster is matched to.


def matched(clusters, known, boxes=()):
    return {key.removeprefix("unknown:"): person for key, person in match_clusters(clusters, known, boxes).items()}


def test_a_cluster_is_whose_face_is_visible_longest_during_it():
    known = {"a": truth([(0, 4)]), "b": truth([(4, 10)])}
    assert matched([cluster(1, (2, 9))], known) == {"1": "b"}


def test_several_clusters_may_be_one_person():
    known = {"a": truth([(0, 10)]), "b": truth([(20, 30)])}
    assert matched([cluster(1, (0, 4)), cluster(2, (5, 9))], known) == {"1": "a", "2": "a"}


def test_two_at_once_are_two_people_and_the_longer_one_chooses_first():
    known = {"a": truth([(0, 10)]), "b": truth([(5, 8)])}
    assert matched([cluster(1, (5, 8)), cluster(2, (0, 10))], known) == {"1": "b", "2": "a"}


def test_a_hand_over_is_not_two_people():
    assert matched([cluster(1, (0, 5)), cluster(2, (4.85, 9))], {"a": truth([(0, 9)])}) == {"1": "a", "2": "a"}


def test_a_third_where_two_are_visible_is_nobody():
    known = {"a": truth([(0, 4)]), "b": truth(hard=[(0, 4)])}
    assert matched([cluster(1, (0, 4)), cluster(2, (0, 3)), cluster(3, (0, 2))], known) == {
        "1": "a",
        "2": "b",
        "3": None,
    }


def test_where_two_are_visible_as_long_the_one_of_like_seconds_is_taken():
    known = {"a": truth([(0, 50)]), "b": truth([(10, 12)])}
    assert matched([cluster(1, (10, 12))], known) == {"1": "b"}


def test_a_body_is_taken_only_where_no_face_is_visible():
    known = {"a": truth(body=[(0, 9)]), "b": truth(hard=[(0, 1)])}
    assert matched([cluster(1, (0, 9)), cluster(2, (3, 4))], known) == {"1": "b", "2": "a"}
    assert matched([cluster(1, (20, 22))], known) == {"1": None}


def test_annotated_boxes_outvote_seconds():
    known = {"a": truth([(0, 10)]), "b": truth([(0, 6)])}
    boxes = [
        BoxMatch(face(1, "b"), 7),
        BoxMatch(face(2, "b"), 7),
        BoxMatch(face(3, "a"), 7),
        BoxMatch(face(3, "a"), None),
    ]
    clusters = [cluster(1, (0, 5), tracks=(7,)), cluster(2, (0, 10), tracks=(8,))]
    assert matched(clusters, known, boxes) == {"1": "b", "2": "a"}


# The rates.


def test_purity_and_recall_of_strangers():
    known = {
        "ana": truth([(0, 10)]),
        "s1": truth([(20, 30)], hard=[(30, 32)], body=[(32, 34)]),
        "s2": truth([(40, 45)]),
        "s3": truth(hard=[(50, 51)]),
        "s4": truth(body=[(55, 56)]),
    }
    analysis = film(
        Person("known:ana", "Ana", "known", line((0, 8)), 1.0, ()),
        cluster(1, (20, 26)),
        cluster(2, (28, 36)),  # 4 s of a visible face, 2 of a body, 2 of nobody
        cluster(3, (8, 10)),  # Ana, whom the analysis did not know
    )
    score = score_strangers(analysis, known, {"ana"})
    assert (score.n_clusters, score.n_true, score.n_clear, score.n_matched) == (3, 3, 2, 1)
    assert score.person_of == {"unknown:1": "s1", "unknown:2": "s1", "unknown:3": "ana"}
    assert score.said_s == 16 and score.pure_s == 6 + 6 + 2
    assert score.purity == 14 / 16
    assert score.recall == 8 / 15  # 6 and 2 of the ten seconds of s1, none of the five of s2
    assert [(p.name, p.said_s, p.error_s) for p in score.people] == [("s1", 14, 2), ("s2", 0, -5), ("s3", 0, 0)]


def test_no_strangers_said_or_true_are_pure_and_found():
    score = score_strangers(film(), {"ana": truth([(0, 1)])}, {"ana"})
    assert (score.purity, score.recall, score.n_clusters, score.n_true) == (1.0, 1.0, 0, 0)


# Identities on the grid.


@pytest.mark.parametrize(
    ("timeline", "cells"),
    [
        (line(), []),
        (line((0, 0.1)), [0]),
        (line((0.05, 0.15)), [0]),
        (line((0.06, 0.15)), []),
        (line((0.3, 0.6)), [3, 4, 5]),
        (line((0, 0.1), (0.7, 99)), [0, 7]),
    ],
)
def test_a_cell_stands_for_its_middle(timeline, cells):
    assert np.flatnonzero(on_grid(timeline, 8)).tolist() == cells


@pytest.mark.parametrize(
    ("said", "wanted", "free", "f1"),
    [
        ([], [], [], 1.0),
        ([line((0, 1))], [], [], 0.0),
        ([], [line((0, 1))], [line()], 0.0),
        ([line((0, 1))], [line((0, 1))], [line()], 1.0),
        # one person in two halves: only one of them counts
        ([line((0, 6)), line((6, 10))], [line((0, 10))], [line()], 2 * 6 / (10 + 10)),
        # two people said as one: the longer one counts
        ([line((0, 10))], [line((0, 7)), line((7, 10))], [line(), line()], 2 * 7 / (10 + 10)),
        # free seconds of the matched one are neither way
        ([line((0, 8))], [line((0, 6))], [line((6, 8))], 2 * 6 / (8 + 6 - 2)),
        # ... also where they are said to be wanted too
        ([line((0, 8))], [line((0, 6))], [line((0, 8))], 1.0),
        # one to one for the best sum, not each for its best: 4 and 3, not 5
        ([line((0, 9)), line((0, 4))], [line((0, 5)), line((5, 8))], [line(), line()], 2 * 7 / (13 + 8)),
    ],
)
def test_identity_f1(said, wanted, free, f1):
    assert identity_f1(said, wanted, free) == pytest.approx(f1)


def test_identities_are_of_everybody_whatever_they_are_called():
    known = {"ana": truth([(0, 4)], hard=[(4, 6)]), "bo": truth([(6, 10)])}
    people = cluster(1, (0, 5)), Person("known:x", "X", "known", line((6, 10)), 1.0, ())
    free, every = identity_f1_of(film(*people), known)
    assert free == pytest.approx(1.0)
    assert every == pytest.approx(2 * 9 / (9 + 10))


def test_free_seconds_must_be_given_for_each():
    with pytest.raises(ValueError, match="expected free seconds for each of 1, got 0"):
        identity_f1([], [line((0, 1))], [])


# Annotated faces.


def test_faces_are_found_one_to_one_where_tracks_stand_at_the_moment():
    faces = [
        face(1.0, "a", (0, 0, 30, 40)),
        face(1.0, "b", (100, 0, 130, 40)),
        face(1.0, "c", (100, 0, 130, 40)),  # the same place: one track cannot be two faces
        face(3.0, "a", (0, 0, 30, 40)),
        face(3.0, "b", (300, 0, 330, 40)),
    ]
    tracks = [
        track(1, 0.0, 2.0, (0, 4, 34, 38), (0, 4, 34, 38)),
        track(2, 0.0, 2.0, (50, 4, 84, 38), (150, 4, 184, 38)),  # passes (100, 4) at 1 s
        track(3, 2.0, 3.0, (0, 4, 34, 38)),  # ends before 3 s, half-open
        track(4, 2.5, 4.0, (200, 4, 234, 38)),  # elsewhere
    ]
    matches = match_boxes(faces, tracks)
    assert [(m.face.t_s, m.track_id) for m in matches[:1]] == [(1.0, 1)]
    assert sorted(m.track_id for m in matches[1:3] if m.track_id) == [2]
    assert [m.track_id for m in matches[3:]] == [None, None]
    assert match_boxes(faces, []) == [BoxMatch(f, None) for f in faces]
    assert match_boxes([], tracks) == []


def test_recall_by_height_and_visibility():
    sizes = {21.9: None, 22: 1, 35.9: None, 36: 2, 59.9: 3, 60: None, 200: 4}
    matches = [BoxMatch(face(0, "a", (0, 0, 20, height)), found) for height, found in sizes.items()]
    matches.append(BoxMatch(face(0, "a", (0, 0, 20, 30), "hard"), 5))
    found = {(r.low_px, r.high_px, r.visibility): (r.n_found, r.n_true, r.recall) for r in box_recall(matches)}
    assert found == {
        (22, 36, "clear"): (1, 2, 0.5),
        (22, 36, "hard"): (1, 1, 1.0),
        (36, 60, "clear"): (2, 2, 1.0),
        (36, 60, "hard"): (0, 0, None),
        (60, None, "clear"): (1, 2, 0.5),
        (60, None, "hard"): (0, 0, None),
    }
    assert box_recall([]) == []


def test_boxes_are_read_by_name(tmp_path):
    path = tmp_path / "boxes.csv"
    path.write_text(HEAD + "1.5,Ana_Lee,1,2,11,22,hard\n")
    assert read_boxes(path) == [TrueFace(1.5, "ana lee", (1.0, 2.0, 11.0, 22.0), "hard")]
    assert read_boxes(path)[0].height_px == 20
    assert read_boxes(None) == []


@pytest.mark.parametrize("wrong", ["1,A,1,2,3", "1,A,1,2,0,4,clear", "x,A,1,2,3,4,clear", "1,A,1,2,3,4,body"])
def test_a_wrong_box_is_named(tmp_path, wrong):
    path = tmp_path / "boxes.csv"
    path.write_text(HEAD + "1,A,1,2,3,4,clear\n" + wrong + "\n")
    with pytest.raises(EvaluationError, match=r"^Line 3 of .*boxes\.csv is not t_s,person"):
        read_boxes(path)


def test_boxes_that_cannot_be_read_are_told(tmp_path):
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_boxes(tmp_path / "gone.csv")
