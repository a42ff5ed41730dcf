"""Few pictures of each person: what is drawn, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import EvaluationError
from engine.evaluate.few_pictures import drawn, evaluate_few_pictures
from engine.evaluate.tables import few_pictures_table
from engine.types import Gallery

NAMES = ("Ann",) * 5 + ("Bo",) * 2 + ("Ann", "Cy", "Cy", "Cy")
GALLERY = Gallery(
    "stars",
    "m",
    NAMES,
    tuple(f"{i}.jpg" for i in range(len(NAMES))),
    tuple(f"{i:064x}" for i in range(len(NAMES))),
    np.arange(len(NAMES))[:, None].repeat(128, axis=1).astype(np.float32),
)


@pytest.mark.parametrize("n_pictures", [1, 3, 9])
def test_as_many_pictures_of_each_person_are_drawn_and_stay_with_their_names(n_pictures: int) -> None:
    few = drawn(GALLERY, n_pictures, np.random.default_rng(1))
    assert few.people == GALLERY.people
    for person in few.people:
        assert few.names.count(person) == min(n_pictures, NAMES.count(person))
    rows = few.vectors[:, 0].astype(int).tolist()
    assert rows == sorted(set(rows))
    assert few.names == tuple(NAMES[i] for i in rows) and few.paths == tuple(f"{i}.jpg" for i in rows)


def test_draws_differ_and_come_again_with_the_same_seed() -> None:
    draws = [[drawn(GALLERY, 2, random).paths for _ in range(8)] for random in map(np.random.default_rng, (3, 3))]
    assert draws[0] == draws[1] and len(set(draws[0])) > 1


@pytest.mark.parametrize(("n_pictures", "n_draws"), [(0, 1), (1, 0)])
def test_nothing_cannot_be_drawn(demo, n_pictures: int, n_draws: int) -> None:
    with pytest.raises(EvaluationError, match="above 0"):
        evaluate_few_pictures(demo, n_pictures, n_draws)


def test_the_table_shows_all_the_mean_and_the_worst() -> None:
    few = [{"f1": f1, "precision": 0.5, "f1_every_visible": 0.25} for f1 in (0.9, 0.7)]
    record = {
        "name": "film",
        "n_people": 2,
        "all": {"n_pictures": [4, 6], "f1": 1.0, "precision": 1.0, "f1_every_visible": 1.0},
        "few": {"n_pictures": 3, "f1": 0.8, "precision": 0.5, "f1_every_visible": 0.25},
        "draws": few,
    }
    lines = few_pictures_table(record).splitlines()
    assert lines[0] == "film, 2 people"
    assert [line.split()[-3] for line in lines[-3:]] == ["1.000", "0.800", "0.700"]
    assert lines[-3].startswith("all, 4 to 6") and "worst" in lines[-1]
