"""Rank 1, rank 5 and DIR, on people whose places are known."""

from __future__ import annotations

import shutil
from dataclasses import asdict

import numpy as np
import pytest

from engine.errors import GalleryError
from engine.evaluate.identification import evaluate_identification, identification_table, identify
from engine.evaluate.kept_vectors import kept_vectors
from engine.evaluate.ready_gallery import read_names, ready_gallery


def on_a_line(*places):
    return np.array(places, np.float32)[:, None]


def test_people_apart_are_all_named_and_strangers_are_not():
    # Ten people at 0, 1, 2 ... with three pictures each, and 200 strangers at 100, 101 ...
    places = [p + s for p in range(10) for s in (0.1, 0.0, -0.1)]
    vectors = on_a_line(*places, *range(100, 300))
    person = np.array([p for p in range(10) for _ in range(3)] + list(range(10, 210)))
    found = identify(vectors, person)
    assert (found.rank_1, found.rank_5, found.every_rank_1, found.dir) == (1.0, 1.0, 1.0, 1.0)
    assert (found.n_asked, found.n_gallery, found.n_strangers) == (10, 20, 200)
    # Two of 200 are 1 %: the second nearest stranger is at 101, the nearest picture at 9.0.
    assert found.max_distance == pytest.approx(92.0)
    assert "DIR at 1% false, up to 92.000" in identification_table({"jitter": 0, **asdict(found)})


def test_pictures_of_people_are_compared_by_one_view_or_by_the_mean_of_several(demo, tmp_path):
    for person, n in (("Mei_Kuroda", 2), ("Finn_Gallagher", 2), ("Clara_Winther", 1)):
        (tmp_path / person).mkdir()
        for picture in sorted((demo / "gallery" / person).iterdir())[:n]:
            shutil.copy(picture, tmp_path / person)
    plain, steady = (evaluate_identification(tmp_path, jitter) for jitter in (0, 1))
    for record in (plain, steady):
        assert (record["n_asked"], record["n_gallery"], record["n_strangers"], record["rank_1"]) == (2, 2, 1, 1.0)
    assert "1 strangers, each the mean of 3 views" in identification_table(steady)
    assert "views" not in identification_table(plain)
    # Each kind is kept by itself.
    pictures = sorted(tmp_path.glob("*/*"))
    apart = np.linalg.norm(kept_vectors(pictures) - kept_vectors(pictures, jitter=1), axis=1)
    assert (apart > 0.01).all() and (apart < 0.3).all()


def test_who_stands_nearer_to_others_is_not_rank_1():
    # Person 0 asks from 10, where 1, 2 and 3 are; the own picture is at 0. Persons 1 to 3 ask from their places.
    vectors = on_a_line(10, 0, 9.6, 9.5, 10.5, 10.6, 11.2, 11.3, 99)
    person = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4])
    found = identify(vectors, person)
    assert (found.rank_1, found.rank_5) == (0.75, 1.0)
    assert found.n_strangers == 1


def test_without_strangers_or_pairs_there_is_nothing_to_score():
    with pytest.raises(ValueError, match="0 of these"):
        identify(on_a_line(1, 2, 3), np.array([0, 1, 2]))
    with pytest.raises(ValueError, match="0 of those"):
        identify(on_a_line(1, 2), np.array([0, 0]))


def test_a_list_of_names_says_how_they_are_written(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("# Whom.\nAnna_Lee\n\nBen_Okri = Ben Ökri\n", encoding="utf-8")
    assert read_names(path) == {"Anna_Lee": "Anna Lee", "Ben_Okri": "Ben Ökri"}
    for text, wrong in (("A\nA\n", "twice"), ("A_B\nC = a b\n", "twice"), ("# nobody\n", "nobody")):
        path.write_text(text)
        with pytest.raises(GalleryError, match=wrong):
            read_names(path)
    with pytest.raises(GalleryError, match="cannot be read"):
        read_names(tmp_path / "none.txt")


def test_a_ready_gallery_holds_the_people_of_the_list_under_their_names(demo, tmp_path):
    for person in ("Amara_Diallo", "Kenji_Mori"):
        (tmp_path / "images" / person).mkdir(parents=True)
        for number in ("01", "02"):
            source = demo / "gallery" / person / f"{number}.jpg"
            (tmp_path / "images" / person / source.name).write_bytes(source.read_bytes())
    gallery = ready_gallery(tmp_path, {"Kenji_Mori": "Kenji Mōri"}, "stars")
    assert gallery.people == ("Kenji Mōri",)
    assert gallery.paths == ("Kenji_Mori/01.jpg", "Kenji_Mori/02.jpg")
    assert np.linalg.norm(gallery.vectors[0] - gallery.vectors[1]) < 0.6
    with pytest.raises(GalleryError, match="no pictures of Anna_Lee"):
        ready_gallery(tmp_path, {"Anna_Lee": "Anna Lee"}, "stars")
