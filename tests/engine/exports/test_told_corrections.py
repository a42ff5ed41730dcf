from __future__ import annotations

import pytest

from engine.exports.told_corrections import told_corrections
from engine.pipeline import correct
from engine.store.correction_facts import read_correction_facts
from engine.store.corrections import CorrectionLog
from engine.store.database import open_store
from tests.mixed_film import ADA, BRIEF, MIXED, MIXED_TRACKS, OTHER, SECOND, SHA256, save_mixed_film


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "dramatis.sqlite3")
    save_mixed_film(opened)
    return opened


def said(store) -> list[str]:
    return [one.words for one in told_corrections(read_correction_facts(store, SHA256))]


ACTS = {
    "unknown_1 named Zoë, 12 faces": lambda s: correct.name(s, SHA256, [MIXED], "Zoë"),
    "unknown_1 and unknown_2 named Zoë, 15 faces": lambda s: correct.name(s, SHA256, [MIXED, OTHER], "Zoë"),
    "unknown_2 said to be Ada Byron, 3 faces": lambda s: correct.name(s, SHA256, [OTHER], "ada byron"),
    "Ada Byron named Lady Lovelace": lambda s: correct.name(s, SHA256, [ADA], "Lady Lovelace"),
    "unknown_2 and unknown_3 joined with unknown_1": lambda s: correct.merge(s, SHA256, [OTHER, BRIEF, MIXED]),
    "4 faces of unknown_1 split off as unknown_4": lambda s: correct.split(s, SHA256, SECOND),
    "1 face of unknown_1 moved to Ada Byron": lambda s: correct.move(s, SHA256, SECOND[:1], ADA),
    "1 face of Ada Byron and 4 faces of unknown_1 moved to unknown_2": lambda s: correct.move(
        s, SHA256, (1, *SECOND), OTHER
    ),
    "unknown_4 is not unknown_1, 4 faces": lambda s: correct.is_not(s, SHA256, SECOND),
    "unknown_4 is not Ada Byron or unknown_1, 5 faces": lambda s: correct.is_not(s, SHA256, (1, *SECOND)),
    "unknown_1 and unknown_2 are not Ada Byron, 15 faces": lambda s: correct.are_not(s, SHA256, [MIXED, OTHER], ADA),
    "unknown_1 is not greta garbo, 12 faces": lambda s: correct.are_not(s, SHA256, [MIXED], "known:greta garbo"),
    "2 faces said to be no face": lambda s: correct.drop(s, SHA256, MIXED_TRACKS[:2]),
    "1 face deleted": lambda s: correct.drop(s, SHA256, MIXED_TRACKS[:1], faces=True),
    "unknown_1 ignored": lambda s: correct.ignore(s, SHA256, [MIXED]),
    "unknown_1 asked about again": lambda s: correct.ignore(s, SHA256, [MIXED], ignored=False),
}


@pytest.mark.parametrize("words", ACTS)
def test_a_correction_in_words(store, words):
    ACTS[words](store)
    assert said(store) == [words]


def test_people_have_the_names_of_that_time(store):
    correct.name(store, SHA256, [MIXED], "Zoë", author="Ann")
    correct.name(store, SHA256, [MIXED], "Zoe")
    correct.split(store, SHA256, SECOND)
    correct.undo(store, SHA256)
    correct.undo(store, SHA256)
    correct.name(store, SHA256, [MIXED], "Chloe")
    told = told_corrections(read_correction_facts(store, SHA256))
    assert [(one.words, one.author, one.holds) for one in told] == [
        ("unknown_1 named Zoë, 12 faces", "Ann", True),
        ("Zoë named Zoe, 12 faces", "", False),
        ("4 faces of Zoe split off as unknown_4", "", False),
        ("Zoë named Chloe, 12 faces", "", True),
    ]


def test_names_of_older_versions_are_told(store):
    CorrectionLog(store).append(SHA256, "rename", {"person_id": OTHER, "name": "Ned"})
    assert said(store) == ["unknown_2 named Ned"]


def test_there_is_nothing_to_tell(store):
    assert said(store) == []
    assert told_corrections(read_correction_facts(store, "0" * 64)) == ()
