"""Faces parted into people: each in one group, rules kept, three methods against references and worked examples."""

from __future__ import annotations

import dlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import average, fcluster
from scipy.spatial.distance import cdist, squareform

from engine.identity.partition import METHODS, average_linkage, chinese_whispers, first_neighbours

quick = settings(max_examples=80)
seeds = st.integers(0, 2**32 - 1)
limits = st.floats(0.1, 1.5)
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


def on_a_line(*places):
    return np.abs(np.subtract.outer(places, places)).astype(float)


def mask(n, *pairs):
    cannot = np.zeros((n, n), bool)
    for i, j in pairs:
        cannot[i, j] = cannot[j, i] = True
    return cannot


def random_problem(seed, n, n_rules):
    """Items of a few people, pairs that must and pairs that cannot be together, without a contradiction."""
    random = np.random.default_rng(seed)
    vectors = random.normal(0, 0.05, (3, 128))[random.integers(3, size=n)] + random.normal(0, 0.03, (n, 128))
    label = np.arange(n)
    must = random.integers(n, size=(n_rules, 2)) if n else np.empty((0, 2), int)
    for i, j in must:
        label[label == label[j]] = label[i]
    wanted = [(i, j) for i, j in random.integers(n, size=(3 * n_rules, 2))] if n else []
    cannot = mask(n, *[(i, j) for i, j in wanted if label[i] != label[j]])
    return cdist(vectors, vectors), must, cannot, random


def parts(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


@every_method
def test_no_items_no_labels(method):
    assert method(np.empty((0, 0)), 0.5).shape == (0,)


@every_method
def test_one_item_is_one_group(method):
    assert method(np.zeros((1, 1)), 0.5).tolist() == [0]


@every_method
def test_near_items_are_together_and_groups_are_numbered_as_they_come(method):
    labels = method(on_a_line(0.0, 2.0, 0.1, 2.1, 5.0, 0.2), 0.5)
    assert labels.tolist() == [0, 1, 0, 1, 2, 0]
    assert labels.dtype == np.int64


@every_method
def test_what_must_be_together_is_and_what_cannot_is_not(method):
    distance = on_a_line(0.0, 0.01, 3.0)
    assert method(distance, 0.5, must=[(0, 2)], cannot=mask(3, (0, 1))).tolist() == [0, 1, 0]


@every_method
def test_a_rule_holds_for_whatever_an_item_was_joined_with(method):
    # 0 and 1 must be together, 1 and 2 cannot: neither may 0 and 2, though they lie on one spot.
    assert method(on_a_line(0.0, 0.4, 0.0), 1.0, must=[(0, 1)], cannot=mask(3, (1, 2))).tolist() == [0, 0, 1]


@every_method
def test_rules_that_contradict_one_another_are_refused(method):
    with pytest.raises(ValueError, match="items 0 and 2 must be together and cannot be"):
        method(on_a_line(0.0, 0.1, 0.2), 0.5, must=[(0, 1), (1, 2)], cannot=mask(3, (0, 2)))


@every_method
@pytest.mark.parametrize("wrong", [{"distance": np.zeros((2, 3))}, {"cannot": np.zeros((3, 3), bool)}])
def test_other_shapes_are_refused(method, wrong):
    with pytest.raises(ValueError, match="expected shape"):
        method(**{"distance": np.zeros((2, 2)), "max_distance": 0.5} | wrong)


@every_method
def test_distances_are_left_as_they_were(method):
    distance = on_a_line(0.0, 0.1, 2.0)
    method(distance, 0.5, must=[(0, 2)], cannot=mask(3, (0, 1)))
    assert (distance == on_a_line(0.0, 0.1, 2.0)).all()


@every_method
@quick
@given(seeds, st.integers(0, 16), limits, st.integers(0, 4))
def test_every_item_is_in_one_group_and_every_rule_is_kept(method, seed, n, limit, n_rules):
    distance, must, cannot, _ = random_problem(seed, n, n_rules)
    labels = method(distance, limit, must=must, cannot=cannot)
    assert labels.shape == (n,)
    firsts = [labels.tolist().index(label) for label in range(len(set(labels.tolist())))]
    assert firsts == sorted(firsts)
    assert all(labels[i] == labels[j] for i, j in must)
    assert not any(labels[i] == labels[j] for i, j in np.argwhere(cannot))


@pytest.mark.parametrize("method", [average_linkage, first_neighbours])
@quick
@given(seeds, st.integers(1, 14), limits, st.integers(0, 3))
def test_the_order_of_items_does_not_matter(method, seed, n, limit, n_rules):
    distance, must, cannot, random = random_problem(seed, n, n_rules)
    order = random.permutation(n)
    place = np.argsort(order)
    shuffled = method(distance[np.ix_(order, order)], limit, must=place[must], cannot=cannot[np.ix_(order, order)])
    assert parts(shuffled[place]) == parts(method(distance, limit, must=must, cannot=cannot))


@quick
@given(seeds, st.integers(2, 14), limits)
def test_average_linkage_without_rules_is_scipys(seed, n, limit):
    distance, *_ = random_problem(seed, n, 0)
    np.fill_diagonal(distance, 0)
    expected = fcluster(average(squareform(distance, checks=False)), limit, criterion="distance")
    assert parts(average_linkage(distance, limit)) == parts(expected)


@quick
@given(seeds, st.integers(1, 14), limits)
def test_first_neighbours_stop_when_no_two_groups_are_near(seed, n, limit):
    distance, *_ = random_problem(seed, n, 0)
    groups = [sorted(group) for group in parts(first_neighbours(distance, limit))]
    between = [distance[np.ix_(a, b)].mean() for a in groups for b in groups if a != b]
    assert all(mean > limit for mean in between)


def test_first_neighbours_join_in_chains_where_average_linkage_does_not():
    # Each one's nearest is the one before: a chain of one round, though its ends are 1.0 apart.
    distance = on_a_line(0.0, 0.3, 0.61, 0.93)
    assert first_neighbours(distance, 0.4).tolist() == [0, 0, 0, 0]
    assert average_linkage(distance, 0.4).tolist() == [0, 0, 1, 1]


def test_a_chain_is_broken_where_two_of_it_cannot_be_together():
    # 0.3 between the first two is joined first; 2 would bring the first and the third together.
    labels = first_neighbours(on_a_line(0.0, 0.3, 0.61), 0.4, cannot=mask(3, (0, 2)))
    assert labels.tolist() == [0, 0, 1]


@pytest.mark.parametrize("seed", range(6))
def test_chinese_whispers_are_dlibs_where_people_are_apart(seed):
    """Both draw their order; where groups hang together well and are apart, any draw ends alike."""
    random = np.random.default_rng(seed)
    people = random.normal(0, 0.2, (6, 128))
    vectors = people[random.integers(6, size=60)] + random.normal(0, 0.012, (60, 128))
    theirs = np.array(dlib.chinese_whispers_clustering([dlib.vector(v) for v in vectors], 0.5))
    assert parts(chinese_whispers(cdist(vectors, vectors), 0.5, seed=seed)) == parts(theirs)


def test_chinese_whispers_take_the_name_that_most_of_their_near_have():
    # Five near one another, one of another five hangs on by a single pair: it stays with its own.
    near = np.zeros((10, 10), bool)
    near[:5, :5] = near[5:, 5:] = True
    near[4, 5] = near[5, 4] = True
    distance = np.where(near, 0.1, 0.9)
    for seed in range(5):
        assert parts(chinese_whispers(distance, 0.5, seed=seed)) == {frozenset(range(5)), frozenset(range(5, 10))}


def test_the_same_draw_gives_the_same_whispers():
    distance, must, cannot, _ = random_problem(7, 60, 5)
    one, other = (chinese_whispers(distance, 0.5, must, cannot, seed=3) for _ in range(2))
    assert (one == other).all()
