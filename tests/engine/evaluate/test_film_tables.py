"""The figures of films as a record and as text: one film, several together, and nothing at all."""

from __future__ import annotations

import json

from engine.evaluate.boxes import BoxRecall
from engine.evaluate.film_tables import films_record, films_table
from engine.evaluate.films import FilmScore
from engine.evaluate.screentime import Score, ScreenTimeScore, score_person
from engine.evaluate.strangers import StrangerScore
from engine.timeline import Interval, Timeline

NOBODY = StrangerScore(0, 0, 0, 0, 0.0, 0.0, (), {})


def line(*pairs):
    return Timeline(Interval(a, b) for a, b in pairs)


def person(name, said, clear, hard=()):
    return score_person(name, line(*said), {"clear": line(*clear), "hard": line(*hard), "body": line()})


def a_film(name, *people, strangers=NOBODY, boxes=()):
    cast = ScreenTimeScore(people, strangers.n_true, strangers.n_clusters)
    return FilmScore(name, 60.0, 12.345, cast, Score(8.1, 1.9, 0), strangers, 0.87654, 0.5, tuple(boxes))


def test_the_record_and_its_table_say_the_same():
    strangers = StrangerScore(2, 3, 2, 1, 4.0, 3.0, (person("s1", [(0, 4)], [(0, 5)]),), {"unknown:1": "s1"})
    boxes = [BoxRecall(22, 36, "clear", 1, 4), BoxRecall(60, None, "hard", 0, 0)]
    ana = person("Ana", [(0, 8), (20, 21)], [(0, 10)], [(20, 22)])
    record = films_record([a_film("clip", ana, strangers=strangers, boxes=boxes)])
    film = record["films"][0]
    assert film["clear"] == {
        "f1": 0.8889,
        "precision": 1.0,
        "recall": 0.8,
        "found_s": 8.0,
        "missed_s": 2.0,
        "false_s": 0.0,
    }
    assert (film["every_visible"]["found_s"], film["every_visible"]["missed_s"]) == (9.0, 3.0)
    assert film["people"] == [
        {
            "name": "Ana",
            "said_s": 9.0,
            "clear_s": 10.0,
            "visible_s": 12.0,
            "error_s": -1.0,
            "missed_s": 2.0,
            "false_s": 0.0,
        }
    ]
    assert (film["idf1"], film["clear_on_grid"]["found_s"]) == (0.8765, 8.1)
    assert film["strangers"]["purity"] == 0.75 and film["strangers"]["recall"] == 0.8
    assert film["strangers"]["said_per_true"] == 0.6667
    assert [b["recall"] for b in film["boxes"]] == [0.25, None]
    text = films_table(record)
    lines = text.splitlines()
    assert lines[0] == "clip"
    assert lines[2].split() == ["Ana", "9.00", "10.00", "12.00", "-1.00", "2.00", "0.00"]
    assert "hard ones free: F1 0.889, precision 1.000, recall 0.800" in text
    assert "median: 1.00 s outside of clear to visible, 1.00 s from clear" in text
    assert "strangers: 2 said, 3 true (2 of them ever clear), 1 found" in text
    assert "purity 0.750, recall of clear ones 0.800" in text
    words = [line.split() for line in lines]
    assert "22 to 36 px clear 1 of 4".split() in words and "60 px and more hard 0 of 0".split() in words
    assert "together" not in text


def test_films_together_are_sums_before_they_are_rates():
    boxes = [BoxRecall(22, 36, "clear", 1, 4)]
    one = a_film("one", person("Ana", [(0, 10)], [(0, 10)]), boxes=boxes)
    other = a_film("other", person("Bo", [(0, 2)], [(0, 10)]), person("Cy", [], [(0, 4)]), boxes=boxes)
    record = films_record([one, other])
    together = record["together"]
    assert together["clear"]["recall"] == 0.5  # 12 of 24 seconds
    assert together["median_error_s"] == 4.0  # of 0, 8 and 4
    assert (together["n_films"], together["duration_s"]) == (2, 120.0)
    assert together["boxes"][0] == {
        "height_px": [22, 36],
        "visibility": "clear",
        "n_found": 2,
        "n_true": 8,
        "recall": 0.25,
    }
    paragraphs = films_table(record).split("\n\n")
    assert [p.splitlines()[0] for p in paragraphs] == ["one", "other", "together, 2 films"]


def test_a_film_of_nobody_is_told_without_rates():
    record = films_record([a_film("empty")])
    assert record["films"][0]["median_error_s"] is None
    assert json.loads(json.dumps(record)) == record
    assert films_table(record).splitlines()[1] == "strangers: 0 said, 0 true (0 of them ever clear), 0 found"
