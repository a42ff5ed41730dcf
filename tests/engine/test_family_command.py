"""``./dramatis family``: the answer in the terminal, as JSON and as a card; and what cannot be answered."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from engine.cli import main


@pytest.fixture
def photo(demo):
    return lambda name: str(demo / "family" / f"{name}.jpg")


@pytest.mark.slow
def test_the_daughter_looks_like_her_mother(photo, tmp_path, capsys):
    card = tmp_path / "card.png"
    asked = ["family", photo("child_2"), photo("child_2_2"), "--daughter", "--name", "Ada"]
    asked += ["--mother", photo("mother"), "--mother", photo("mother_2"), "--father", photo("father")]
    asked += ["--relative", f"Ben={photo('child_1')}", "--relative", f"Ben={photo('child_1_2')}"]
    assert main([*asked, "--out", str(card)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Ada looks more like her mother.\nHow sure: ")
    assert "unrelated mothers and daughters" in out and "Ben" in out and str(card) in err
    with Image.open(card) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert main([*asked, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["pictures"]) for one in record["people"]] == [
        ("Ada", 2),
        ("Mother", 2),
        ("Father", 1),
        ("Ben", 2),
    ]
    assert record["children"][0]["answer"] == "mother"


@pytest.mark.slow
def test_faces_of_a_picture_of_several_are_named_by_number(demo, capsys):
    group = str(demo / "selfies" / "user_4_group.jpg")
    assert main(["family", f"{group}#2", "--mother", f"{group}#1", "--father", f"{group}#3", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert len(record["people"]) == 3 and record["children"][0]["verdict"]["mother"] > 0.5
    assert main(["family", group, "--mother", f"{group}#1"]) == 1
    assert "shows 3 faces; say which one is meant" in capsys.readouterr().err
    assert main(["family", f"{group}#4", "--mother", f"{group}#1"]) == 1
    assert "There is no face 4" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "nobody to compare the child with"),
        (["--relative", "Ann"], "write it as NAME=PHOTO"),
        (["--relative", "=ann.jpg"], "write it as NAME=PHOTO"),
        (["--mother", "nowhere.jpg"], "nowhere.jpg"),
        (["--out", "card.jpg"], "name a file that ends in .png"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(photo, capsys, more, said):
    assert main(["family", photo("child_1"), *more]) == 1
    out, err = capsys.readouterr()
    sentence = err.splitlines()[-1]
    assert out == "" and said in sentence and sentence.endswith(".")
