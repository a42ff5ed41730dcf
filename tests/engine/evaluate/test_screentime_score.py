"""Seconds said against seconds true: what is found, missed and false, by hand and by its laws."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EvaluationError
from engine.evaluate.folders import FilmFolder, film_folder
from engine.evaluate.screentime import (
    Score,
    ScreenTimeScore,
    clear_on_grid,
    median_error_s,
    read_truth,
    score_analysis,
    score_person,
)
from engine.timeline import Interval, Timeline
from engine.types import Analysis, Person, VideoInfo

HEAD = "person,start_s,end_s,visibility\n"


def line(*pairs):
    return Timeline(Interval(a, b) for a, b in pairs)


def truth(clear=(), hard=(), body=()):
    return {"clear": line(*clear), "hard": line(*hard), "body": line(*body)}


def make_analysis(*people):
    """people: (name, kind, timeline)"""
    return Analysis(
        VideoInfo(Path("clip.mp4"), 60.0, Fraction(24), 640, 360, "h264"),
        "f" * 64,
        "0.1",
        ("m",),
        {},
        (Interval(0, 60),),
        tuple(Person(f"{kind}:{name}", name, kind, timeline, 1.0, ()) for name, kind, timeline in people),
        (),
        {},
        {},
    )


@pytest.mark.parametrize(
    ("said", "of", "clear", "every"),
    [
        # found, missed, false with hard seconds free; the same with every visible second wanted
        (line((0, 10)), truth([(0, 10)]), (10, 0, 0), (10, 0, 0)),
        (line(), truth([(0, 10)]), (0, 10, 0), (0, 10, 0)),
        (line((0, 10)), truth(), (0, 0, 10), (0, 0, 10)),
        (line(), truth(), (0, 0, 0), (0, 0, 0)),
        (line((2, 12)), truth([(0, 10)]), (8, 2, 2), (8, 2, 2)),
        (line((0, 6)), truth([(0, 4)], hard=[(4, 8)]), (4, 0, 0), (6, 2, 0)),
        (line((0, 4)), truth([(0, 4)], hard=[(4, 8)]), (4, 0, 0), (4, 4, 0)),
        (line((0, 9)), truth([(0, 4)], hard=[(4, 8)]), (4, 0, 1), (8, 0, 1)),
        (line((0, 8)), truth([(0, 4)], body=[(4, 8)]), (4, 0, 4), (4, 0, 4)),
        (line(), truth(body=[(4, 8)]), (0, 0, 0), (0, 0, 0)),
        (line(), truth([(0, 6)], hard=[(4, 8)]), (0, 6, 0), (0, 8, 0)),  # where two overlap, the clearer counts
        (line((0, 8)), truth([(0, 6)], body=[(4, 8)]), (6, 0, 2), (6, 0, 2)),
    ],
)
def test_seconds_found_missed_and_false(said, of, clear, every):
    score = score_person("Ana", said, of)
    assert (score.clear.found_s, score.clear.missed_s, score.clear.false_s) == clear
    assert (score.every.found_s, score.every.missed_s, score.every.false_s) == every
    assert score.name == "Ana" and score.said_s == said.duration_s
    assert score.clear_s == of["clear"].duration_s
    assert score.visible_s == (of["clear"] | of["hard"]).duration_s


@pytest.mark.parametrize(
    ("score", "precision", "recall", "f1"),
    [
        (Score(8, 2, 2), 0.8, 0.8, 0.8),
        (Score(3, 1, 0), 1.0, 0.75, 6 / 7),
        (Score(10, 0, 0), 1, 1, 1),
        (Score(0, 10, 0), 1, 0, 0),
        (Score(0, 0, 10), 0, 1, 0),
        (Score(0, 0, 0), 1, 1, 1),
    ],
)
def test_rates(score, precision, recall, f1):
    assert (score.precision, score.recall, score.f1) == pytest.approx((precision, recall, f1))


seconds = st.floats(0, 1e4, allow_nan=False)
timelines = st.lists(st.tuples(seconds, seconds).map(sorted), max_size=5).map(lambda pairs: line(*pairs))


@settings(deadline=None, max_examples=150)
@given(timelines, timelines, timelines, timelines)
def test_the_parts_add_up(said, clear, hard, body):
    score = score_person("Ana", said, {"clear": clear, "hard": hard, "body": body})
    assert score.clear.found_s + score.clear.missed_s == pytest.approx(clear.duration_s)
    assert score.every.found_s + score.every.missed_s == pytest.approx((clear | hard).duration_s)
    assert score.every.found_s + score.every.false_s == pytest.approx(said.duration_s)
    free_s = (said & (hard - clear)).duration_s
    assert score.clear.found_s + score.clear.false_s + free_s == pytest.approx(said.duration_s)
    for part in (score.clear, score.every):
        assert min(part.found_s, part.missed_s, part.false_s) >= 0
        for rate in (part.f1, part.precision, part.recall):
            assert 0 <= rate <= 1
        if part.found_s > 0:
            assert part.f1 == pytest.approx(2 * part.precision * part.recall / (part.precision + part.recall))


def test_a_film_is_scored_over_its_cast_whoever_is_in_it():
    known = {
        "ana lee": truth([(0, 10)]),
        "bo": truth([(20, 30)]),
        "dora": truth([(40, 45)]),
        "extra": truth(hard=[(1, 2)]),
        "back of a head": truth(body=[(5, 9)]),
    }
    analysis = make_analysis(
        ("Ana_Lee", "known", line((0, 8))),
        ("Carl", "known", line((50, 53))),
        ("unknown_1", "unknown", line((40, 45))),
        ("unknown_2", "unknown", line((1, 2))),
        ("unknown_3", "unknown", line((3, 4))),
    )
    score = score_analysis(analysis, known, ["Nobody", "Carl", "Bo", "Ana Lee"])
    by_name = {person.name: person.clear for person in score.people}
    assert list(by_name) == ["Ana Lee", "Bo", "Carl", "Nobody"]
    assert by_name == {
        "Ana Lee": Score(8, 2, 0),
        "Bo": Score(0, 10, 0),
        "Carl": Score(0, 0, 3),
        "Nobody": Score(0, 0, 0),
    }
    assert score.clear == score.every == Score(8, 12, 3)
    assert (score.n_strangers_true, score.n_strangers_said) == (2, 3)  # Dora and the extra have a visible face


def test_a_stranger_who_is_called_like_one_of_the_cast_is_still_a_stranger():
    score = score_analysis(make_analysis(("Ana", "unknown", line((0, 5)))), {"ana": truth([(0, 5)])}, ["Ana"])
    assert score.clear == Score(0, 5, 0)


def test_nothing_to_score_is_perfect():
    assert score_analysis(make_analysis(), {}, []) == ScreenTimeScore((), 0, 0)
    assert ScreenTimeScore((), 0, 0).clear.f1 == 1.0


@pytest.mark.parametrize(
    ("said_s", "error_s", "from_clear_s"), [(3, -1, -1), (4, 0, 0), (6, 0, 2), (8, 0, 4), (9.5, 1.5, 5.5)]
)
def test_an_error_lies_outside_of_clear_to_visible(said_s, error_s, from_clear_s):
    score = score_person("Ana", line((0, said_s)), truth([(0, 4)], hard=[(4, 8)]))
    assert (score.error_s, score.from_clear_s) == (error_s, from_clear_s)


def test_the_median_error_is_of_absolute_seconds():
    people = [score_person("Ana", line((0, s)), truth([(0, 4)], hard=[(4, 8)])) for s in (1, 9, 8)]
    assert (median_error_s(people), median_error_s(people, "from_clear_s")) == (1, 4)
    assert median_error_s([]) is None


def test_tenths_of_a_second_say_the_same_where_all_ends_are_tenths():
    said, of = line((0.2, 1.0), (2.0, 2.4)), truth([(0, 0.5)], hard=[(0.4, 0.7)])
    on_grid, exact = clear_on_grid(said, of), score_person("Ana", said, of).clear
    assert (on_grid.found_s, on_grid.missed_s, on_grid.false_s) == pytest.approx((0.3, 0.2, 0.7))
    assert (exact.found_s, exact.missed_s, exact.false_s) == pytest.approx((0.3, 0.2, 0.7))


@settings(deadline=None, max_examples=100)
@given(timelines, timelines, timelines)
def test_tenths_of_a_second_are_near_the_exact_seconds(said, clear, hard):
    of = {"clear": clear, "hard": hard, "body": line()}
    on_grid, exact = clear_on_grid(said, of), score_person("Ana", said, of).clear
    slack_s = 0.051 * 2 * (len(said) + len(clear) + len(hard))
    for part in ("found_s", "missed_s", "false_s"):
        assert getattr(on_grid, part) == pytest.approx(getattr(exact, part), abs=slack_s)


# The ground truth on disk.


@pytest.fixture
def write_truth(tmp_path):
    def write(text):
        path = tmp_path / "truth.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_the_truth_is_read_by_name_and_visibility(write_truth):
    path = write_truth(HEAD + "Ana_Lee,1.5,3,clear\nBo,0,2,hard\nANA LEE,3,4,clear\nAna Lee,4,5,body\r\nBo,1,1,clear\n")
    assert read_truth(path) == {"ana lee": truth([(1.5, 4)], body=[(4, 5)]), "bo": truth(hard=[(0, 2)])}


def test_a_truth_of_nobody_is_empty(write_truth):
    assert read_truth(write_truth(HEAD)) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        "Bo,2,1,clear",
        "Bo,one,2,clear",
        "Bo,1,nan,clear",
        "Bo,1,inf,clear",
        "Bo,1,2,Clear",
        "Bo,1,2,seen",
        "Bo,1,2",
        "Bo",
        "Bo,,2,clear",
    ],
)
def test_a_wrong_line_is_named(write_truth, wrong):
    path = write_truth(HEAD + "Ana,1,2,clear\n" + wrong + "\nAna,3,4,clear\n")
    with pytest.raises(EvaluationError, match=r"^Line 3 of .*truth\.csv is not person,start_s,end_s,visibility"):
        read_truth(path)


def test_another_head_is_no_truth(write_truth):
    with pytest.raises(EvaluationError, match="person,start_s,end_s,visibility"):
        read_truth(write_truth("who,from,to,how\nAna,1,2,clear\n"))


@pytest.mark.parametrize("content", [b"person,start_s\xff\xfe", None])
def test_a_truth_that_cannot_be_read_is_told(write_truth, tmp_path, content):
    path = tmp_path / "gone.csv" if content is None else write_truth(content)
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_truth(path)


# The folders of a protocol.

LAYOUTS = [("clip.mp4", "truth.csv", "cast"), ("trailer.mp4", "trailer_truth.csv", "gallery")]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("with_cast", [True, False])
@pytest.mark.parametrize("with_boxes", [True, False])
def test_both_layouts_are_known(tmp_path, layout, with_cast, with_boxes):
    clip, truth_file, cast = (tmp_path / name for name in layout)
    boxes = tmp_path / "boxes.csv"
    clip.touch(), truth_file.touch()
    if with_cast:
        cast.mkdir()
    if with_boxes:
        boxes.touch()
    expected = FilmFolder(clip, truth_file, cast if with_cast else None, boxes if with_boxes else None)
    assert film_folder(tmp_path) == expected


@pytest.mark.parametrize("there", [[], ["clip.mp4"], ["truth.csv"], ["clip.mp4", "trailer_truth.csv"]])
def test_a_folder_without_clip_or_truth_says_what_it_needs(tmp_path, there):
    for name in there:
        (tmp_path / name).touch()
    with pytest.raises(EvaluationError, match="is no evaluation folder: it needs clip.mp4, truth.csv"):
        film_folder(tmp_path)


def test_a_folder_in_place_of_the_clip_is_no_clip(tmp_path):
    (tmp_path / "clip.mp4").mkdir()
    (tmp_path / "truth.csv").touch()
    with pytest.raises(EvaluationError):
        film_folder(tmp_path)
