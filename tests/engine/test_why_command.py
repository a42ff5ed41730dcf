"""``./dramatis why``: which parts make a likeness, in the terminal, as JSON and as a picture."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from engine.cli import main
from engine.identity.why import PARTS


@pytest.fixture(scope="module")
def people(tmp_path_factory, demo):
    """Two of the demo's people with two pictures each."""
    folder = tmp_path_factory.mktemp("people")
    for name in ("Finn_Gallagher", "Naomi_Okafor"):
        (folder / name).mkdir()
        for number in ("01", "04"):
            picture = demo / "gallery" / name / f"{number}.jpg"
            (folder / name / picture.name).write_bytes(picture.read_bytes())
    return folder


def test_the_face_most_like_the_person_is_explained_and_drawn(people, demo, tmp_path, capsys):
    photo, drawn = demo / "selfies" / "user_4_group.jpg", tmp_path / "why.png"
    asked = ["why", str(photo), "--gallery", str(people), "--person", "finn gallagher"]
    assert main([*asked, "--out", str(drawn)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("face 2 of 3 and Finn_Gallagher (Finn_Gallagher/0")
    assert str(drawn) in err
    rows = [line.split() for line in out.split("\n\n")[1].splitlines()[1:]]
    assert sorted(row[0] for row in rows) == sorted(PARTS)
    effects = [float(row[3]) for row in rows]
    assert effects == sorted(effects, reverse=True)
    for _, from_them, from_others, effect in rows:
        assert float(effect) == pytest.approx(float(from_them) - float(from_others), abs=0.0016)
    assert "the likeness" in out.split("\n\n")[2]
    with Image.open(drawn) as picture:
        assert (picture.format, picture.size) == ("PNG", (300, 300))
        warm = np.asarray(picture.convert("RGB"), int)
    assert (warm[..., 0] - warm[..., 2]).mean() > 20  # this face is coloured for the likeness

    assert main([*asked, "--face", "1", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == "dramatis.why/1" and record["person"] == "Finn_Gallagher"
    assert record["photo"]["face"]["number"] == 1 and record["photo"]["faces"] == 3
    assert record["distance"] > 0.4 and record["meaning"].startswith("closer than")
    assert [part["part"] for part in record["parts"]] != [row[0] for row in rows]
    assert record["why"].endswith(".")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--person", "Nobody Here"], "has nobody called Nobody Here"),
        (["--person", "Finn Gallagher", "--face", "4"], "which shows 3 faces, numbered from the left"),
        (["--person", "Finn Gallagher", "--face", "0"], "There is no face 0"),
        (["--person", "Finn Gallagher", "--out", "why.jpg"], "name a file that ends in .png"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(people, demo, capsys, more, said):
    photo = str(demo / "selfies" / "user_4_group.jpg")
    assert main(["why", photo, "--gallery", str(people), *more]) == 1
    out, err = capsys.readouterr()
    sentence = err.splitlines()[-1]
    assert out == "" and said in sentence and sentence.endswith(".")
