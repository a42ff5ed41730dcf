"""Albums scored against known people, chosen on some and measured on others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import EvaluationError
from engine.evaluate import albums
from engine.evaluate.albums import albums_table, draw, evaluate_albums, middle_of, score_album
from engine.identity.everybody import PictureFaces


def picture(*faces):
    """A picture of 100 x 100 px with a face ``(middle x, place of its vector)`` each."""
    boxes = [(x - 10, 40, x + 10, 60) for x, _ in faces]
    vectors = np.zeros((len(faces), 128))
    vectors[:, 0] = [place for _, place in faces]
    n = len(faces)
    return PictureFaces(100, 100, np.reshape(boxes, (n, 4)), np.ones(n), np.ones(n), vectors)


def test_the_face_in_the_middle_is_the_one_scored():
    assert middle_of(picture((50, 0.0), (10, 1.0))) == 0
    assert middle_of(picture((10, 0.0), (60, 1.0))) == 1
    assert middle_of(picture((10, 0.0))) is None
    assert middle_of(picture()) is None


def test_others_are_grouped_too_but_not_scored_and_who_was_missed_is_alone():
    faces = {
        Path("ana/1.jpg"): picture((50, 0.0), (10, 9.0)),
        Path("ana/2.jpg"): picture((50, 0.1)),
        Path("ana/3.jpg"): picture(),
        Path("bo/1.jpg"): picture((50, 3.0), (90, 0.05)),
    }
    score = score_album(list(faces), faces, 0.5)
    assert (score.n_people, score.n_clusters, score.n_items) == (2, 3, 4)
    assert score.precision == 1.0 and score.recall == pytest.approx((2 * 2 / 3 + 1 / 3 + 1) / 4)
    assert score_album([Path("ana/3.jpg")], faces, 0.5).f1 == 1.0


def test_an_album_is_drawn_person_by_person():
    of_people = {name: [Path(f"{name}/{i}.jpg") for i in range(5)] for name in "abcd"}
    found = draw(of_people, list("abcd"), 12, np.random.default_rng(0))
    assert len(found) == 12 and len({path.parent for path in found}) == 3
    assert len(draw(of_people, list("abcd"), 99, np.random.default_rng(0))) == 20


def test_choice_and_measure_are_on_different_people(tmp_path, monkeypatch):
    for name, n in {"few": 2, "one": 1, "a": 5, "b": 6, "c": 5, "d": 5}.items():
        (tmp_path / name).mkdir()
        for i in range(n):
            (tmp_path / name / f"{i}.jpg").touch()
    asked = []

    def faces(paths, progress):
        asked.extend(sorted({path.parent.name for path in paths}))
        return {path: picture((50, 2.0 * ord(path.parent.name[0]))) for path in paths}

    monkeypatch.setattr(albums, "_faces", faces)
    record = evaluate_albums(tmp_path)
    assert asked == ["a", "b", "c", "d", "few"]
    assert [(one["n_people"], one["n_pictures"], one["f1"]) for one in record["draws"]] == [(2, 11, 1.0)] * 3
    assert (record["choice"]["n_people"], record["choice"]["n_pictures"]) == (3, 12)
    text = albums_table(record).splitlines()
    assert text[0] == "albums, groups joined up to 0.53"
    assert text[2].split() == "album 1 11 2 1.000 1.000 1.000 1.00".split()
    assert text[5] == "answers until B-cubed F1 is 0.98: 0, 0, 0"
    assert "0.48*" in text[9]


def test_too_few_people_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    for i in range(5):
        (tmp_path / "a" / f"{i}.jpg").touch()
    with pytest.raises(EvaluationError, match="too few people with 5 pictures"):
        evaluate_albums(tmp_path)
