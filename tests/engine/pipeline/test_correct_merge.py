from __future__ import annotations

import pytest

from engine.pipeline import correct
from engine.store.database import open_store
from engine.store.films import FilmRepository
from tests.mixed_film import ADA, BRIEF, MIXED, OTHER, SHA256, save_mixed_film


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "dramatis.sqlite3")
    save_mixed_film(opened)
    return opened


def names(store) -> dict[str, str]:
    return {person.id: person.name for person in FilmRepository(store).outline(SHA256).people}


def test_a_name_given_by_hand_is_not_lost_to_a_stranger_seen_longer(store):
    correct.name(store, SHA256, [BRIEF], "Zoë")
    assert correct.merge(store, SHA256, [BRIEF, MIXED]) == BRIEF
    assert names(store)[BRIEF] == "Zoë"
    assert MIXED not in names(store)


def test_pictures_say_more_than_a_name_given_by_hand(store):
    correct.name(store, SHA256, [MIXED], "Zoë")
    assert correct.merge(store, SHA256, [MIXED, ADA]) == ADA


def test_of_two_without_a_name_the_one_seen_longer_stays(store):
    assert correct.merge(store, SHA256, [OTHER, MIXED]) == MIXED
