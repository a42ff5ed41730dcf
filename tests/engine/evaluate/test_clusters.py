"""Groups of faces against people: figures worked out by hand, and laws."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluate.clusters import ClusterScore, score_clusters

labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


def test_a_person_in_two_groups_and_a_stranger_among_them():
    # a a a a b b in the groups 0 0 0 1 1 1
    score = score_clusters(list("aaaabb"), [0, 0, 0, 1, 1, 1])
    # precision: three of a in a pure group, one of a and two of b in a group of three
    assert score.precision == pytest.approx((3 * 1 + 1 / 3 + 2 * 2 / 3) / 6)
    # recall: three of a see 3 of 4, one sees 1 of 4, both of b see all
    assert score.recall == pytest.approx((3 * 3 / 4 + 1 / 4 + 2) / 6)
    assert score.purity == pytest.approx((3 + 2) / 6)
    shared = 1 / 2 * log(3 * 6 / (4 * 3)) + 1 / 6 * log(1 * 6 / (4 * 3)) + 1 / 3 * log(2 * 6 / (2 * 3))
    entropies = -(2 / 3 * log(2 / 3) + 1 / 3 * log(1 / 3)), log(2)
    assert score.nmi == pytest.approx(shared / (sum(entropies) / 2))
    assert (score.n_people, score.n_clusters, score.n_items) == (2, 2, 6)
    assert score.f1 == pytest.approx(2 * score.precision * score.recall / (score.precision + score.recall))


@pytest.mark.parametrize(
    ("people", "clusters", "precision", "recall", "purity", "nmi"),
    [
        ("aabb", "xxyy", 1, 1, 1, 1),
        ("aabb", "xxxx", 1 / 2, 1, 1 / 2, 0),
        ("aabb", "wxyz", 1, 1 / 2, 1, 2 / 3),  # mutual information log 2 over the mean of log 2 and log 4
        ("aaaa", "xxxx", 1, 1, 1, 1),
        ("aabb", "xyxy", 1 / 2, 1 / 2, 1 / 2, 0),
    ],
)
def test_plain_cases(people, clusters, precision, recall, purity, nmi):
    score = score_clusters(list(people), list(clusters))
    found = (score.precision, score.recall, score.purity, score.nmi)
    assert found == pytest.approx((precision, recall, purity, nmi), abs=1e-12)


def test_no_items_are_parted_perfectly():
    assert score_clusters([], []) == ClusterScore(1.0, 1.0, 1.0, 1.0, 0, 0, 0)


def test_as_many_groups_as_items():
    with pytest.raises(ValueError, match="got 1 for 2"):
        score_clusters(["a", "b"], [0])


@given(labels, st.integers(0, 2**32 - 1))
def test_order_and_numbers_mean_nothing_and_swapping_sides_swaps_the_rates(pairs, seed):
    people, clusters = (np.array(side) for side in zip(*pairs, strict=True))
    score = score_clusters(people, clusters)
    order = np.random.default_rng(seed).permutation(len(people))
    again = score_clusters(people[order] * 7 + 3, np.array(list("vwxyz"))[clusters[order]])
    swapped = score_clusters(clusters, people)
    rates = np.array([score.precision, score.recall, score.purity, score.nmi])
    assert rates == pytest.approx([again.precision, again.recall, again.purity, again.nmi])
    assert (swapped.precision, swapped.recall, swapped.nmi) == pytest.approx(
        (score.recall, score.precision, score.nmi), abs=1e-9
    )
    assert (rates >= 0).all() and (rates <= 1 + 1e-12).all()
    assert score.purity >= score.precision - 1e-12
    together = np.equal.outer(people, people) & np.equal.outer(clusters, clusters)
    assert score.precision == pytest.approx((together.sum(1) / np.equal.outer(clusters, clusters).sum(1)).mean())
