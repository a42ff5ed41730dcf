"""What distances mean: the table that comes with the project, and how it is made."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ModelError
from engine.evaluate.distances import pair_histograms
from engine.identity import calibration as module
from engine.identity.calibration import calibration, in_words
from engine.vision.embed import EMBEDDER_ID


@pytest.fixture(autouse=True)
def not_remembered():
    calibration.cache_clear()
    yield
    calibration.cache_clear()


def test_the_table_parts_strangers_from_one_person():
    table = calibration(EMBEDDER_ID)
    assert table.n_pairs > 50_000_000
    # The network was trained for 0.6.
    assert table.closer_than_strangers(0.6) == pytest.approx(0.994, abs=0.002)
    assert table.farther_than_same(0.6) == pytest.approx(0.977, abs=0.005)
    assert (table.closer_than_strangers(0.0), table.closer_than_strangers(3.0)) == (1.0, 0.0)
    shares = [table.closer_than_strangers(distance) for distance in np.linspace(0, 1.6, 200)]
    assert shares == sorted(shares, reverse=True)


def test_among_more_strangers_the_nearest_is_nearer():
    table = calibration(EMBEDDER_ID)
    by_chance = [table.nearest_of_strangers(n) for n in (1, 10, 100, 1_000, 100_000)]
    assert by_chance == sorted(by_chance, reverse=True)
    assert by_chance[0] == pytest.approx(0.82, abs=0.03)  # the median of all pairs
    assert 0.45 < by_chance[3] < 0.6


def test_another_network_and_a_damaged_table_are_refused(tmp_path, monkeypatch):
    with pytest.raises(ModelError, match="is known for the network"):
        calibration("another-model")
    for text in ("", "{}", '{"model_id": "m", "strangers": [1, 0], "same": [0, 1], "step": 1}'):
        path = tmp_path / "calibration.json"
        path.write_text(text)
        monkeypatch.setattr(module, "TABLE", path)
        with pytest.raises(ModelError, match="is damaged"):
            calibration(EMBEDDER_ID)


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.9963, "99.6 %"), (0.9996, "99.96 %"), (0.99949, "99.94 %"), (1.0, "99.99 %"), (0.912, "91.2 %"), (0.3, "30 %")],
)
def test_shares_are_never_rounded_up(share, words):
    assert in_words(share) == f"closer than {words} of strangers are to each other"


def test_what_is_as_far_as_any_stranger_is_not_said_to_be_nearer():
    table = calibration(EMBEDDER_ID)
    for distance in (1.4, 1.5, 3.0):
        assert in_words(table.closer_than_strangers(distance)) == "no closer than strangers are to each other"
    assert in_words(0.0099) == "no closer than strangers are to each other"
    assert in_words(0.01) == "closer than 1 % of strangers are to each other"


def test_pairs_are_counted_once_by_whether_they_are_of_one_person():
    r = np.random.default_rng(3)
    vectors, person = (r.normal(size=(700, 4)) * 0.2).astype(np.float32), r.integers(0, 40, 700)
    other, same = pair_histograms(vectors, person)
    one, two = np.triu_indices(700, 1)
    apart = np.linalg.norm(vectors[one].astype(float) - vectors[two], axis=1)
    alike = person[one] == person[two]
    assert (other.sum(), same.sum()) == ((~alike).sum(), alike.sum())
    nearer = other[: len(other) // 4].sum()  # up to 0.4
    assert abs(int(nearer) - int((apart[~alike] < 0.4).sum())) <= 3
