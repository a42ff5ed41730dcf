"""The results on disk and on the terminal: the contract of screentime.json, the CSV, whole files, tables."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import stat
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import StorageError
from engine.exports import screentime_csv as as_csv
from engine.exports import screentime_json as as_json
from engine.exports import table
from engine.exports.files import write_together
from engine.exports.table import text_table
from engine.timeline import Interval, Timeline
from engine.types import Analysis, FaceSamples, Person, Track, VideoInfo


def make_track(id, start_s, end_s, n=2):
    faces = FaceSamples([start_s], [[0, 0, 9, 9]], [0.5], np.zeros((1, 128)), "m")
    boxes = np.array([[10.04, 20.06, 110.26, 140.0]]) + np.arange(n)[:, None]
    return Track(id, start_s, end_s, np.linspace(start_s, end_s, n, endpoint=False), boxes, np.ones(n), faces)


def make_analysis(people, *, duration_s=90.0, path="films/Gaslight.mp4"):
    """people: [(name, kind, [(start_s, end_s), ...], distance or None), ...], a track for each interval."""
    records, tracks, of_track, distances = [], [], {}, {}
    for number, (name, kind, intervals, distance) in enumerate(people, start=1):
        mine = [make_track(len(tracks) + i, *interval) for i, interval in enumerate(intervals, start=1)]
        person_id = f"{kind}:{number}"
        timeline = Timeline(track.interval for track in mine)
        records.append(Person(person_id, name, kind, timeline, 1 / 3, tuple(t.id for t in mine)))
        tracks += mine
        of_track |= {track.id: person_id for track in mine}
        distances |= {track.id: distance for track in mine}
    return Analysis(
        VideoInfo(Path(path), duration_s, Fraction(24000, 1001), 1920, 1080, "h264"),
        "f" * 64,
        "0.1.0",
        ("detector", "embedder"),
        {"sample_fps": 8.0, "workers": None},
        (Interval(0.0, 40.123456), Interval(40.123456, duration_s)),
        tuple(records),
        tuple(tracks),
        of_track,
        distances,
        n_frames_damaged=3,
        warnings=("3 of 2160 frames are damaged and were left out.",),
        chances={i: (("Zoë", 2 / 3), ("Ana", 0.25)) for i, of in distances.items() if of is not None},
    )


# The same with what is hard to see: nothing, unless a test says so.


def screentime_json(analysis, hard=(), clear_only=False):
    return as_json.screentime_json(analysis, dict(hard), clear_only)


def screentime_csv(analysis, hard=(), clear_only=False):
    return as_csv.screentime_csv(analysis, dict(hard), clear_only)


def people_table(analysis, hard=(), **how):
    return table.people_table(analysis, dict(hard), **how)


TWO = [
    ("Zoë 京子", "known", [(30.0, 42.5), (1 / 3, 10.00006)], 0.123456),
    ("unknown_1", "unknown", [(50.0, 54.0)], None),
]


def loads(text):
    """Strict JSON: NaN and Infinity are no numbers."""

    def refuse(word):
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


# screentime.json


def test_the_json_has_the_keys_of_the_contract_in_their_order():
    record = loads(screentime_json(make_analysis(TWO)))
    assert list(record) == ["schema", "video", "engine", "counted", "shots", "people", "tracks"]
    assert record["schema"] == "dramatis.screentime/1"
    assert list(record["video"]) == ["path", "sha256", "duration_s", "fps", "width", "height"]
    assert list(record["engine"]) == ["version", "model_ids", "settings", "n_frames_damaged", "warnings"]
    assert [list(shot) for shot in record["shots"]] == [["start_s", "end_s"]] * 2
    person_keys = "id name kind screen_time_s low_s high_s share first_s last_s confidence".split()
    person_keys += ["role", "role_reason", "intervals", "hard_s", "hard_intervals", "track_ids"]
    assert [list(person) for person in record["people"]] == [person_keys] * 2
    assert [list(i) for p in record["people"] for i in p["intervals"]] == [["start_s", "end_s"]] * 3
    track_keys = ["id", "person_id", "start_s", "end_s", "distance", "chances", "boxes"]
    assert [list(track) for track in record["tracks"]] == [track_keys] * 3


def test_the_json_has_the_values_of_the_analysis():
    record = loads(screentime_json(make_analysis(TWO)))
    assert record["video"] == {
        "path": "films/Gaslight.mp4",
        "sha256": "f" * 64,
        "duration_s": 90.0,
        "fps": 23.976024,
        "width": 1920,
        "height": 1080,
    }
    assert record["engine"] == {
        "version": "0.1.0",
        "model_ids": ["detector", "embedder"],
        "settings": {"sample_fps": 8.0, "workers": None},
        "n_frames_damaged": 3,
        "warnings": ["3 of 2160 frames are damaged and were left out."],
    }
    assert record["shots"] == [{"start_s": 0.0, "end_s": 40.1235}, {"start_s": 40.1235, "end_s": 90.0}]
    zoe, stranger = record["people"]
    assert zoe == {
        "id": "known:1",
        "name": "Zoë 京子",
        "kind": "known",
        "screen_time_s": 22.1668,
        "low_s": None,
        "high_s": None,
        "share": 0.246298,
        "first_s": 0.3333,
        "last_s": 42.5,
        "confidence": 0.3333,
        "role": "main",
        "role_reason": "22.2 s, longest of all",
        "intervals": [{"start_s": 0.3333, "end_s": 10.0001}, {"start_s": 30.0, "end_s": 42.5}],
        "hard_s": 0.0,
        "hard_intervals": [],
        "track_ids": [1, 2],
    }
    assert (stranger["kind"], stranger["name"], stranger["screen_time_s"]) == ("unknown", "unknown_1", 4.0)
    assert record["tracks"][1] == {
        "id": 2,
        "person_id": "known:1",
        "start_s": 0.3333,
        "end_s": 10.0001,
        "distance": 0.1235,
        "chances": [{"name": "Zoë", "probability": 0.6667}, {"name": "Ana", "probability": 0.25}],
        "boxes": [[0.3333, 10.0, 20.1, 110.3, 140.0], [5.1667, 11.0, 21.1, 111.3, 141.0]],
    }
    assert record["tracks"][2]["distance"] is None and record["tracks"][2]["chances"] == []


def test_names_are_written_as_they_are_and_the_text_ends_with_a_line():
    text = screentime_json(make_analysis(TWO))
    assert "Zoë 京子" in text and text.endswith("}\n")


def test_a_film_without_people_is_whole():
    record = loads(screentime_json(make_analysis([])))
    assert record["people"] == record["tracks"] == []
    assert loads(screentime_json(make_analysis([], duration_s=40.2)))["video"]["duration_s"] == 40.2


intervals = st.lists(
    st.tuples(st.floats(0, 85), st.floats(0.0625, 5)).map(lambda i: (i[0], i[0] + i[1])), min_size=1, max_size=6
)


@settings(deadline=None, max_examples=100)
@given(st.lists(intervals, max_size=4))
def test_people_are_sorted_and_their_seconds_are_the_sum_of_their_intervals(everybody):
    people = [(f"P{i}", "known", found, 0.5) for i, found in enumerate(everybody)]
    record = loads(screentime_json(make_analysis(people)))
    seconds = [person["screen_time_s"] for person in record["people"]]
    assert seconds == sorted(seconds, reverse=True) and len(seconds) == len(everybody)
    for person in record["people"]:
        said = person["intervals"]
        assert person["screen_time_s"] == round(sum(i["end_s"] - i["start_s"] for i in said), 4)
        assert person["share"] == pytest.approx(person["screen_time_s"] / 90, abs=1e-6)
        assert (person["first_s"], person["last_s"]) == (said[0]["start_s"], said[-1]["end_s"])
        assert all(i["start_s"] < i["end_s"] for i in said)
        assert all(i["end_s"] <= j["start_s"] for i, j in zip(said, said[1:], strict=False))
        of_tracks = Timeline(
            Interval(t["start_s"], t["end_s"]) for t in record["tracks"] if t["person_id"] == person["id"]
        )
        assert of_tracks.duration_s == pytest.approx(person["screen_time_s"], abs=1e-3)
    assert {t["person_id"] for t in record["tracks"]} == {p["id"] for p in record["people"]}


# screentime.csv


def rows(analysis):
    return list(csv.reader(io.StringIO(screentime_csv(analysis))))


HEAD = (
    "person,kind,start_s,end_s,duration_s,hard_s,doubtful_s,role,person_s,person_low_s,person_high_s,person_hard_s,"
    "person_share,person_chance,perhaps,perhaps_chance"
)


def test_the_csv_has_a_line_for_each_appearance_and_each_tells_of_its_person():
    zoe = ["main", "22.1667", "", "", "0.0000", "0.2463", "0.3333", "", ""]
    stranger = ["other", "4.0000", "", "", "0.0000", "0.0444", "0.3333", "", ""]
    assert rows(make_analysis(TWO)) == [
        HEAD.split(","),
        ["Zoë 京子", "known", "0.3333", "10.0001", "9.6667", "0.0000", "9.6667", *zoe],
        ["Zoë 京子", "known", "30.0000", "42.5000", "12.5000", "0.0000", "12.5000", *zoe],
        ["unknown_1", "unknown", "50.0000", "54.0000", "4.0000", "0.0000", "0.0000", *stranger],
    ]
    assert screentime_csv(make_analysis([])) == HEAD + "\r\n"


def test_the_csv_tells_what_the_list_of_people_shows():
    analysis = make_analysis([("Ana", "known", [(0, 20)], 0.3), ("unknown_1", "unknown", [(30, 30.8)], None)])
    ana, stranger = analysis.people
    analysis = replace(
        analysis,
        people=(replace(ana, id="known:ana", low_s=17.0, high_s=21.5), stranger),
        person_of_track={1: "known:ana", 2: stranger.id},
        settings={"min_probability": 0.6},
        chances={1: (("Ana", 0.9),), 2: (("=Bo", 0.4),)},
    )
    hard = {"known:ana": Timeline([Interval(5, 7.5)])}
    first, second = csv.DictReader(io.StringIO(screentime_csv(analysis, hard)))
    assert (first["person_low_s"], first["person_high_s"], first["role"]) == ("17.0000", "21.5000", "main")
    assert (first["hard_s"], first["person_hard_s"], first["doubtful_s"]) == ("2.5000", "2.5000", "0.0000")
    assert (second["role"], second["perhaps"], second["perhaps_chance"]) == ("passer-by", "'=Bo", "0.4000")
    assert second["doubtful_s"] == "0.8000"
    named = replace(analysis, people=(analysis.people[0], replace(stranger, name="Nora")))
    _, nora = csv.DictReader(io.StringIO(screentime_csv(named, hard)))
    assert (nora["person"], nora["role"], nora["perhaps"], nora["doubtful_s"]) == ("Nora", "other", "", "0.0000")


HARD = {"known:1": Timeline([Interval(0, 5), Interval(30, 42.5)]), "unknown:2": Timeline([Interval(50, 54)])}


def test_only_clear_moments_count_where_that_is_asked_for():
    record = loads(screentime_json(make_analysis(TWO), HARD, clear_only=True))
    (zoe,) = record["people"]
    assert record["counted"] == "clear"
    assert zoe["intervals"] == [{"start_s": 5.0, "end_s": 10.0001}]
    assert (zoe["screen_time_s"], zoe["first_s"], zoe["last_s"]) == (5.0001, 5.0, 10.0001)
    assert (zoe["hard_s"], zoe["low_s"], zoe["high_s"]) == (17.1667, None, None)
    assert zoe["hard_intervals"] == [{"start_s": 0.3333, "end_s": 5.0}, {"start_s": 30.0, "end_s": 42.5}]
    assert {track["person_id"] for track in record["tracks"]} == {"known:1"}
    head, row = csv.reader(io.StringIO(screentime_csv(make_analysis(TWO), HARD, clear_only=True)))
    assert (row[2:6], row[head.index("person_hard_left_out_s")]) == (
        ["5.0000", "10.0001", "5.0001", "0.0000"],
        "17.1667",
    )
    assert "person_hard_s" not in head
    whole = loads(screentime_json(make_analysis(TWO), HARD))
    assert (whole["counted"], whole["people"][0]["screen_time_s"]) == ("all", 22.1668)
    assert whole["people"][0]["hard_s"] == 17.1667


def test_the_table_says_what_is_hard_to_see_or_not_counted():
    whole = people_table(make_analysis(TWO), HARD).splitlines()
    assert whole[1].split()[-6:] == ["22.2", "17.2", "24.6%", "2", "0.3", "42.5"]
    head, zoe, *notes = people_table(make_analysis(TWO), HARD, clear_only=True).splitlines()
    assert head.split() == ["person", "seconds", "share", "times", "first", "last"]
    assert zoe.split()[-5:] == ["5.0", "5.6%", "1", "5.0", "10.0"]
    assert notes == ["not counted: 21.2 s in which a face is hard to see; 1 person is seen in no others"]


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "=1,2"])
def test_a_name_that_is_a_formula_becomes_text(name):
    (_, row) = rows(make_analysis([(name, "known", [(0, 1)], 0.1)]))
    assert row[0] == f"'{name}"


@pytest.mark.parametrize("name", ["Anna, Lee", 'Anna "Bo" Lee', "Anna\nLee", "O'Hara", "1=1", "a-b", "Zoë"])
def test_other_names_come_back_as_they_were(name):
    (_, row) = rows(make_analysis([(name, "known", [(0, 1)], 0.1)]))
    assert row[:5] == [name, "known", "0.0000", "1.0000", "1.0000"]


# Files, whole or not at all.


def test_a_file_is_written_whole_into_a_new_folder(tmp_path):
    path = tmp_path / "a" / "b" / "screentime.json"
    write_together({path: "Zoë\n京子\r\n"})
    assert path.read_bytes() == "Zoë\n京子\r\n".encode()
    assert os.listdir(path.parent) == ["screentime.json"]


def test_an_older_file_is_replaced(tmp_path):
    path = tmp_path / "screentime.json"
    path.write_text("old and longer")
    write_together({path: "new"})
    assert path.read_text() == "new" and os.listdir(tmp_path) == ["screentime.json"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0, 0o666)])
def test_the_file_is_as_readable_as_the_user_wants_files_to_be(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        write_together({tmp_path / "out.csv": "x"})
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == mode


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("older", ["the old result", None])
def test_on_a_full_disk_the_old_file_stays_and_nothing_is_left(tmp_path, monkeypatch, step, older):
    path = tmp_path / "screentime.json"
    if older:
        path.write_text(older)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(StorageError) as caught:
        write_together({path: "new"})
    assert str(path) in str(caught.value) and "No space left on device" in str(caught.value)
    assert os.listdir(tmp_path) == (["screentime.json"] if older else [])
    assert not older or path.read_text() == older


def test_an_interruption_leaves_nothing_either(tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_together({tmp_path / "screentime.json": "new"})
    assert os.listdir(tmp_path) == []


def test_a_folder_in_place_of_the_file_stays(tmp_path):
    path = tmp_path / "screentime.json"
    (path / "kept").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot be written"):
        write_together({path: "new"})
    assert os.listdir(tmp_path) == ["screentime.json"] and os.listdir(path) == ["kept"]


def test_a_file_in_place_of_the_folder_stays(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StorageError, match="--out"):
        write_together({tmp_path / "out" / "screentime.json": "new"})
    assert (tmp_path / "out").read_text() == "mine"


def test_files_are_published_together_or_not_at_all(tmp_path, monkeypatch):
    first, second = tmp_path / "screentime.json", tmp_path / "out" / "screentime.csv"
    first.write_text("old")
    left = [1]

    def full_at_the_second(_):
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left.pop()

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_at_the_second)
        with pytest.raises(StorageError, match=r"screentime\.csv cannot be written \(No space left on device\)"):
            write_together({first: "new", second: "new"})
    assert first.read_text() == "old"
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["screentime.json"]
    write_together({first: "new", second: "newer"})
    assert (first.read_text(), second.read_text()) == ("new", "newer")


# Tables for the terminal.


def test_columns_are_as_wide_as_their_widest_cell():
    assert text_table(("person", "s"), [("Anna Lee", "1.0"), ("Bo", "100.5")]).splitlines() == [
        "person        s",
        "Anna Lee    1.0",
        "Bo        100.5",
    ]
    assert text_table(("a", "b", "c"), [("x", "yy", "zzz")], left=2).splitlines() == ["a  b     c", "x  yy  zzz"]


def test_a_table_without_rows_is_its_head():
    assert text_table(("person", "seconds"), []) == "person  seconds"


def test_no_line_ends_in_blanks():
    assert text_table(("a", "long head"), [("x", "")]).splitlines() == ["a  long head", "x"]


def test_everybody_stands_in_the_table_with_their_figures():
    analysis = make_analysis(TWO)
    zoe, stranger = analysis.people
    analysis = replace(analysis, people=(replace(zoe, low_s=20.04, high_s=30.06), stranger))
    record = loads(screentime_json(analysis))["people"]
    assert [(p["low_s"], p["high_s"]) for p in record] == [(20.04, 30.06), (None, None)]
    head, zoe, stranger = people_table(analysis).splitlines()
    assert head.split() == ["person", "seconds", "least", "-", "most", "hard", "share", "times", "first", "last"]
    assert zoe.split()[-9:] == ["22.2", "20.0", "-", "30.1", "0.0", "24.6%", "2", "0.3", "42.5"]
    assert zoe.startswith("Zoë 京子 ")
    assert stranger.split() == [
        "unknown_1",
        "4.0",
        "0.0",
        "4.4%",
        "1",
        "50.0",
        "54.0",
    ]  # no bounds in an older analysis


def test_who_is_not_in_the_table_is_counted_below_it():
    people = [("Ana", "known", [(0, 40)], 0.3), ("Bo", "known", [(40, 41)], 0.3), ("Cy", "known", [(42, 44)], 0.3)]
    analysis = make_analysis([*people, ("unknown_1", "unknown", [(50, 50.5)], None)])
    whole, main = people_table(analysis).splitlines(), people_table(analysis, only_main=True).splitlines()
    assert [line.split()[0] for line in whole] == ["person", "Ana", "Bo", "Cy", "not"]
    assert whole[-1] == "not shown: 1 passer-by (strangers, each under 1 s), 0.5 s together"
    assert [line.split()[0] for line in main] == ["person", "Ana", "not", "not"]
    assert main[-2] == "not shown: 2 other people (each under 20% of the longest time), 3.0 s together"


@pytest.mark.parametrize(("n", "shown"), [(40, "x" * 40), (41, "x" * 37 + "...")])
def test_very_long_names_are_cut(n, shown):
    (_, row) = people_table(make_analysis([("x" * n, "known", [(0, 1)], 0.1)])).splitlines()
    assert row.split()[0] == shown


def test_a_film_without_faces_is_told_in_a_sentence():
    assert people_table(make_analysis([])) == "Nobody's face is visible in this film."
