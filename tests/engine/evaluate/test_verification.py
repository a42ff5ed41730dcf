"""Verification over pairs, worked out by hand, and the list of pairs as it is published."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EvaluationError
from engine.evaluate.lfw import Pair, evaluate_lfw, read_pairs
from engine.evaluate.verification import area_under_curve, best_distance, equal_error_rate, verify


def test_each_fold_is_judged_by_the_distance_that_is_best_for_the_others():
    # Each fold: two pairs of one person, two of two people.
    distances = np.array([0.1, 0.3, 0.5, 0.9, 0.2, 0.4, 0.6, 0.8, 0.1, 0.7, 0.5, 0.9])
    same = np.array([True, True, False, False] * 3)
    folds = np.repeat([0, 1, 2], 4)
    found = verify(distances, same, folds)
    # Without fold 0: up to 0.45 and up to 0.7 one of eight is wrong ... the middle of the equally good ones.
    limits = [best_distance(distances[folds != f], same[folds != f]) for f in range(3)]
    shares = [((distances <= limit) == same)[folds == f].mean() for f, limit in enumerate(limits)]
    assert shares == [1.0, 1.0, 0.75]
    assert found.accuracy == pytest.approx(2.75 / 3)
    assert found.standard_error == pytest.approx(np.std([1, 1, 0.75], ddof=1) / 3**0.5)
    assert found.max_distance == pytest.approx(np.mean(limits))
    assert (found.n_pairs, found.n_folds) == (12, 3)


@pytest.mark.parametrize(
    ("near", "far", "limit"),
    [
        ([0.1, 0.2], [0.6, 0.8], 0.4),
        ([0.1, 0.5], [0.3, 0.8], 0.65),  # 0.2 and 0.65 are both wrong once: of two the later
        ([], [0.3], 0.0),
        ([0.3], [], 0.3),
        ([0.4], [0.4, 0.4], 0.0),  # no limit falls between equal ones
    ],
)
def test_the_best_distance_is_half_way(near, far, limit):
    same = np.array([True] * len(near) + [False] * len(far))
    assert best_distance(np.array(near + far), same) == pytest.approx(limit)


@pytest.mark.parametrize(
    ("near", "far", "auc", "eer"),
    [
        ([0.1, 0.2], [0.3, 0.4], 1.0, 0.0),
        ([0.3, 0.4], [0.1, 0.2], 0.0, 1.0),
        ([0.5, 0.5], [0.5, 0.5], 0.5, 0.5),
        ([0.1, 0.2, 0.3, 0.6], [0.4, 0.5, 0.7, 0.8], 14 / 16, 0.25),
    ],
)
def test_the_area_and_the_equal_error(near, far, auc, eer):
    distances, same = np.array(near + far), np.array([True] * len(near) + [False] * len(far))
    assert area_under_curve(distances, same) == pytest.approx(auc)
    assert equal_error_rate(distances, same) == pytest.approx(eer)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.8]), st.booleans()), min_size=1, max_size=20))
def test_no_distance_is_better_than_the_best(pairs):
    distances, same = np.array([d for d, _ in pairs]), np.array([s for _, s in pairs])
    best = ((distances <= best_distance(distances, same)) == same).mean()
    assert all(best >= ((distances <= limit) == same).mean() for limit in np.arange(-0.05, 1, 0.05))


@pytest.mark.parametrize(
    ("same", "folds"), [([True, True], [0, 1]), ([False, False], [0, 1]), ([True, False], [0, 0]), ([], [])]
)
def test_what_cannot_be_judged_is_refused(same, folds):
    with pytest.raises(ValueError, match="two folds"):
        verify(np.zeros(len(same)), same, folds)


def test_pairs_are_read_as_published(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text("2\t1\nAnn_Lee\t1\t12\nBo\t1\tCy\t3\nCy\t2\t3\nAnn_Lee\t1\tBo\t2\n")
    assert read_pairs(path) == [
        Pair("Ann_Lee_0001", "Ann_Lee_0012", True, 0),
        Pair("Bo_0001", "Cy_0003", False, 0),
        Pair("Cy_0002", "Cy_0003", True, 1),
        Pair("Ann_Lee_0001", "Bo_0002", False, 1),
    ]


@pytest.mark.parametrize(
    "text", ["", "10", "1 1\nA 1 2\n", "1 1\nA 1 2\nB 1 C x\n", "1 1\nA 1 2\nB 1 C 2 3\n", "0 0\n"]
)
def test_other_lists_are_refused(tmp_path, text):
    (tmp_path / "pairs.txt").write_text(text)
    with pytest.raises(EvaluationError, match="is no list of pairs"):
        read_pairs(tmp_path / "pairs.txt")


def test_what_is_missing_is_told(tmp_path):
    with pytest.raises(EvaluationError, match="cannot be read"):
        evaluate_lfw(tmp_path)
    (tmp_path / "pairs.txt").write_text("1 1\nA 1 2\nB 1 C 2\n")
    with pytest.raises(EvaluationError, match="holds no pictures of people"):
        evaluate_lfw(tmp_path)
    (tmp_path / "images" / "A").mkdir(parents=True)
    (tmp_path / "images" / "A" / "A_0001.jpg").touch()
    with pytest.raises(EvaluationError, match="3 pictures of the pairs are not in .*, the first is A_0002.jpg"):
        evaluate_lfw(tmp_path)


@pytest.mark.shared
def test_the_published_pairs_are_read(shared_data):
    pairs = read_pairs(shared_data / "lfw" / "pairs.txt")
    assert len(pairs) == 6000 and sum(pair.same for pair in pairs) == 3000
    assert {pair.fold for pair in pairs} == set(range(10))


@pytest.mark.shared
@pytest.mark.slow
def test_a_thirtieth_of_the_published_pairs_is_told_apart(shared_data, tmp_path):
    """The first 50 pairs of each kind of two folds: about 390 pictures."""
    lines = (shared_data / "lfw" / "pairs.txt").read_text(encoding="utf-8").splitlines()[1:]
    kept = [line for i in range(4) for line in lines[300 * i : 300 * i + 50]]
    (tmp_path / "pairs.txt").write_text("\n".join(["2 50", *kept]))
    (tmp_path / "images").symlink_to(shared_data / "lfw" / "images")
    record = evaluate_lfw(tmp_path)
    assert record["n_default_box"] <= 1
    assert record["results"][0]["accuracy"] >= 0.97
    assert record["results"][0]["auc"] >= 0.99
