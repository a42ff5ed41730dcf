"""Mother or father: chances from the table, the undecided zone, draws, the parts of the face, the map."""

from __future__ import annotations

import json
from itertools import permutations
from typing import get_args

import numpy as np
import pytest

from engine.errors import ModelError
from engine.identity import kinship as module
from engine.identity.family_map import family_map, on_square
from engine.identity.kin_parts import part_leans
from engine.identity.kinship import (
    MIN_CHANCE,
    Kinship,
    Sex,
    Side,
    distance_table,
    drawn_distances,
    kinship,
    verdict,
)
from engine.identity.why import LEAST_EFFECT, PARTS
from engine.vision.model_ids import EMBEDDER_ID

TABLE = kinship(EMBEDDER_ID)


def person(at: float, axis: int, n_pictures: int = 2, spread: float = 0.01, seed: int = 0) -> list[np.ndarray]:
    """Pictures of somebody `at` from the origin on an axis, each in five views."""
    random = np.random.default_rng(seed)
    place = np.zeros(128)
    place[axis] = at
    return [(place + random.normal(0, spread / 11, (5, 128))).astype(np.float32) for _ in range(n_pictures)]


CHILD = person(0.0, 0)


# The table.


@pytest.mark.parametrize("sex", get_args(Sex))
def test_the_nearer_the_father_the_likelier_he_is(sex):
    side = TABLE.sides[sex]
    chances = side.chance_of_father(np.linspace(-0.4, 0.4, 41))
    assert (np.diff(chances) > 0).all() and chances[0] < 0.05 and chances[-1] > 0.95
    low, high = side.zone()
    assert low < high
    assert side.chance_of_father(low) == pytest.approx(1 - MIN_CHANCE)
    assert side.chance_of_father(high) == pytest.approx(MIN_CHANCE)


def test_a_daughter_as_near_to_him_as_to_her_mother_is_rather_her_fathers():
    """Women lie nearer to women, kin or not: what is as near in spite of that says something."""
    assert TABLE.sides["daughter"].chance_of_father(0.0) > 0.6
    assert TABLE.sides["son"].chance_of_father(0.0) < 0.5


def test_unrelated_pairs_are_known_by_relation():
    for parent in ("mother", "father"):
        shares = [TABLE.closer_than_unrelated(parent, "son", distance) for distance in (0.3, 0.6, 0.75, 1.3)]
        assert shares == sorted(shares, reverse=True) and shares[0] > 0.99 and shares[-1] == pytest.approx(0, abs=1e-9)
    both = [TABLE.closer_than_unrelated("mother", sex, 0.7) for sex in ("son", "daughter")]
    assert TABLE.closer_than_unrelated("mother", "child", 0.7) == pytest.approx(np.mean(both))


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record["sides"].pop("son"),
        lambda record: record["sides"]["son"].update(slope=-1.0),
        lambda record: record["relations"].pop("mother-son"),
        lambda record: record["relations"]["mother-son"]["unrelated"].reverse(),
        lambda record: record.clear(),
    ],
)
def test_a_damaged_table_is_refused(tmp_path, monkeypatch, change):
    record = json.loads(module.TABLE.read_text())
    change(record)
    damaged = tmp_path / "kinship.json"
    damaged.write_text(json.dumps(record))
    monkeypatch.setattr(module, "TABLE", damaged)
    with pytest.raises(ModelError, match="is damaged"):
        kinship.__wrapped__(EMBEDDER_ID)


def test_another_networks_distances_are_refused():
    with pytest.raises(ModelError, match="known for the network dlib"):
        kinship("another")


# The verdict.


def test_who_is_much_nearer_is_named_and_who_is_hardly_nearer_is_not():
    far, near = person(0.8, 1), person(0.45, 2)
    assert (said := verdict(CHILD, far, near, "son", TABLE)).is_decided
    assert said.nearer == "father" and said.chance > 0.9 and said.low <= said.chance <= said.high
    assert (said.mother, said.father) == (pytest.approx(0.8, abs=0.01), pytest.approx(0.45, abs=0.01))
    said = verdict(CHILD, near, far, "daughter", TABLE)
    assert (said.nearer, said.is_decided) == ("mother", True)
    said = verdict(CHILD, person(0.60, 1), person(0.58, 2), "son", TABLE)
    assert not said.is_decided and 0.5 <= said.chance < MIN_CHANCE


def test_pictures_that_disagree_are_not_called_though_their_mean_would_be():
    """One of the father's two pictures is far nearer than the mother's, the other far farther."""
    mixed = [*person(0.2, 2, 1), *person(0.85, 2, 1)]
    steady = person(0.525, 2, 2)
    mother = person(0.68, 1, 2)
    known = Kinship(EMBEDDER_ID, "", {sex: Side(0.0, 14.0) for sex in get_args(Sex)}, TABLE.distances, TABLE.unrelated)
    assert verdict(CHILD, mother, steady, "son", known).is_decided
    said = verdict(CHILD, mother, mixed, "son", known)
    assert said.chance >= MIN_CHANCE and not said.is_decided
    assert said.low < 0.5


def test_the_order_of_pictures_makes_no_difference_to_the_last_bit():
    random = np.random.default_rng(3)
    child, mother, father = (list(random.normal(0, 0.1, (3, 5, 128)).astype(np.float32)) for _ in range(3))
    first = verdict(child, mother, father, "son", TABLE)
    for order in permutations(range(3)):
        assert verdict([child[i] for i in order], mother[::-1], [father[i] for i in order], "son", TABLE) == first


def test_draws_lie_about_the_distance_and_spread_with_the_pictures():
    random = np.random.default_rng(5)
    child = list(random.normal(0, 0.02, (3, 5, 128)).astype(np.float32))
    narrow, wide = person(0.7, 1, 3, 0.01), [*person(0.5, 2, 1), *person(0.7, 2, 1), *person(0.9, 2, 1)]
    drawn = drawn_distances(child, [narrow, wide])
    table = distance_table([child, narrow, wide])
    assert drawn.mean(axis=0) == pytest.approx(table[0, 1:])
    assert drawn.std(axis=0)[1] > 3 * drawn.std(axis=0)[0] > 0
    assert (drawn == drawn_distances(child[::-1], [narrow[::-1], wide[::-1]])).all()
    assert table[0, 2] == pytest.approx(
        np.mean([np.linalg.norm(one[0].astype(float) - other[0]) for one in child for other in wide])
    )
    assert (table == table.T).all() and (np.diag(table) == 0).all()


# Parts and map.


def test_a_part_leans_to_whom_the_face_leaves_when_it_is_hidden():
    mother, father = person(0.5, 1), person(0.5, 2)
    views = np.repeat(CHILD[0][:1], 1 + len(PARTS), axis=0)
    views[1 + list(PARTS).index("nose"), 2] -= 0.1  # away from the father alone
    views[1 + list(PARTS).index("eyes"), 1] -= 0.1
    views[1 + list(PARTS).index("chin"), 3] += 0.2  # away from both
    leans = {one.part: one for one in part_leans([views], father, mother)}
    assert list(leans) == list(PARTS)
    assert leans["nose"].effect == pytest.approx(0.1, abs=0.01)
    assert leans["eyes"].effect == pytest.approx(-0.1, abs=0.01)
    assert {part for part, one in leans.items() if not one.is_even} == {"nose", "eyes"}
    assert abs(leans["chin"].effect) < LEAST_EFFECT


def test_people_on_a_plane_keep_their_distances():
    places = np.random.default_rng(2).normal(0, 1, (7, 2))
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    found = family_map(apart)
    assert np.linalg.norm(found[:, None] - found[None], axis=2) == pytest.approx(apart)
    assert found.mean(axis=0) == pytest.approx(np.zeros(2))
    assert np.ptp(found[:, 0]) > np.ptp(found[:, 1])
    assert found[0, 0] <= 0 <= found[0, 1]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_people_have_a_map_too(n):
    apart = 0.6 * (1 - np.eye(n))
    assert family_map(apart).shape == (n, 2)
    squares = on_square(family_map(apart), 0.1)
    assert squares == [[], [(0.5, 0.5)], [(0.1, 0.5), (0.9, 0.5)]][n]


def test_distances_that_fit_no_plane_have_a_map():
    """Four people, each as far from each other: no plane has such places."""
    found = family_map(1 - np.eye(4))
    assert np.isfinite(found).all() and np.linalg.norm(found, axis=1).min() > 0.1
    assert np.isfinite(family_map(np.zeros((3, 3)))).all()
