from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sqlalchemy import text

from engine.errors import GalleryError, ModelError, StorageError
from engine.names import name_key
from engine.store.database import open_store
from engine.store.galleries import GalleryRepository
from engine.types import LeftOut


@pytest.fixture
def galleries(store):
    return GalleryRepository(store)


def assert_same(actual, expected):
    for field in dataclasses.fields(expected):
        one, other = getattr(actual, field.name), getattr(expected, field.name)
        if field.name == "vectors":
            assert one.dtype == np.float32
            assert one.shape == other.shape
            assert one.tobytes() == other.tobytes()
        else:
            assert one == other, field.name


@pytest.mark.parametrize("names", [(), ("Zoë",), ("Zoë", "Ana", "Zoë", "Bo", "Ana")])
def test_a_gallery_comes_back_as_it_was(galleries, make_gallery, database, names):
    gallery = make_gallery(names=names)
    galleries.save(gallery, "CC BY 4.0")
    again = GalleryRepository(open_store(database))
    assert_same(again.load("Stars"), gallery)
    assert again.licence_note("stars") == "CC BY 4.0"


def test_two_contents_under_one_path_stay_two_pictures(galleries, make_gallery):
    gallery = dataclasses.replace(make_gallery(), paths=("a.jpg",) * 3, sha256=("1" * 64, "2" * 64, "1" * 64))
    galleries.save(gallery)
    assert_same(galleries.load("Stars"), gallery)


def test_saving_again_replaces(galleries, make_gallery, row_counts):
    galleries.save(make_gallery(names=("Bo",) * 9), "old terms")
    new = make_gallery(name="STARS", names=("Ana", "Zoë"), n_dims=64)
    galleries.save(new)
    assert galleries.names() == ("STARS",)
    assert_same(galleries.load("stars"), new)
    assert galleries.licence_note("stars") == "old terms"
    galleries.save(new, "")
    assert galleries.licence_note("stars") == ""
    assert row_counts() == {"galleries": 1, "gallery_people": 2, "gallery_pictures": 3, "gallery_faces": 2}


@pytest.mark.parametrize(
    ("saved", "asked"), [("Stars", "sTARS"), ("Léa", "Le\u0301a"), ("Straße", "STRASSE"), ("Ⅻ Stars", "xii stars")]
)
def test_names_are_found_as_people_type_them(galleries, make_gallery, saved, asked):
    galleries.save(make_gallery(name=saved))
    assert galleries.load(asked).name == saved


def test_name_key_keeps_different_names_apart():
    assert len({name_key(name) for name in ("Léa", "Lea", "L éa")}) == 3


def test_names_are_sorted_without_case(galleries, make_gallery):
    for name in ("beta", "Alpha", "Gamma"):
        galleries.save(make_gallery(name=name))
    assert galleries.names() == ("Alpha", "beta", "Gamma")


@pytest.mark.parametrize(
    ("n_galleries", "message"),
    [
        (0, "There is no gallery called 'X'; build one first."),
        (2, "There is no gallery called 'X'; choose one of these: g0, g1."),
        (5, "There is no gallery called 'X'; choose one of these: g0, g1, g2, g3, g4."),
        (6, "There is no gallery called 'X'; choose one of these: g0, g1, g2, g3, g4, ...."),
    ],
)
@pytest.mark.parametrize("method", ["load", "delete", "licence_note"])
def test_a_missing_gallery_names_those_there_are(galleries, make_gallery, method, n_galleries, message):
    for i in range(n_galleries):
        galleries.save(make_gallery(name=f"g{i}", names=("Ana",)))
    with pytest.raises(GalleryError) as caught:
        getattr(galleries, method)("X")
    assert str(caught.value) == message


def test_people_too_alike_are_refused(galleries, make_gallery, row_counts):
    with pytest.raises(GalleryError, match="'ANA' and 'Ana'"):
        galleries.save(make_gallery(names=("Ana", "ANA")))
    assert row_counts() == {}


def test_deleting_leaves_the_others_and_no_orphans(galleries, make_gallery, row_counts):
    galleries.save(make_gallery(name="other"))
    before = row_counts()
    galleries.save(make_gallery())
    galleries.delete("stars")
    assert galleries.names() == ("other",)
    assert row_counts() == before
    galleries.delete("other")
    assert row_counts() == {}


def test_deleted_vectors_are_gone_from_the_disk(galleries, make_gallery, database):
    gallery = make_gallery()
    galleries.save(gallery)
    vector = gallery.vectors[1].tobytes()

    def on_disk():
        return any(vector in path.read_bytes() for path in database.parent.iterdir())

    assert on_disk()
    galleries.delete("Stars")
    assert not on_disk()


def test_mixed_models_are_refused(galleries, make_gallery, store):
    galleries.save(make_gallery())
    with store.write() as connection:
        connection.execute(text("UPDATE gallery_faces SET model_id = 'arcface' WHERE position = 1"))
    with pytest.raises(ModelError, match="mixes vectors of arcface and dlib-resnet-1"):
        galleries.load("Stars")


def test_a_damaged_vector_is_refused(galleries, make_gallery, store):
    galleries.save(make_gallery())
    with store.write() as connection:
        connection.execute(text("UPDATE gallery_faces SET vector = x'0000' WHERE position = 1"))
    with pytest.raises(StorageError, match="damaged"):
        galleries.load("Stars")


def test_a_full_disk_keeps_the_old_gallery(galleries, make_gallery, full_disk):
    old = make_gallery()
    galleries.save(old)
    full_disk()
    with pytest.raises(StorageError, match="disk is full"):
        galleries.save(make_gallery(names=("Bo",) * 500))
    assert_same(galleries.load("Stars"), old)


def test_a_file_name_that_is_not_text_is_refused(galleries, make_gallery, row_counts):
    gallery = dataclasses.replace(make_gallery(names=("Ana",)), paths=("caf\udce9.jpg",))
    with pytest.raises(StorageError, match=r"caf\\udce9\.jpg.*rename the file"):
        galleries.save(gallery)
    assert row_counts() == {}


def test_a_new_gallery_takes_no_other_ones_place(galleries, make_gallery):
    old = make_gallery()
    galleries.save(old)
    with pytest.raises(GalleryError, match="There is a gallery called Stars already; choose another name.$"):
        galleries.save(make_gallery(name="STARS", names=("Bo",)), is_new=True)
    assert_same(galleries.load("Stars"), old)


def test_contents_are_those_of_all_pictures_that_could_be_read(galleries, make_gallery):
    left_out = (LeftOut("Bo/2.jpg", "no face found", "e" * 64), LeftOut("Bo/3.jpg", "cannot be read"))
    gallery = dataclasses.replace(make_gallery(), left_out=left_out)
    galleries.save(gallery)
    assert_same(galleries.load("Stars"), gallery)
    assert galleries.contents("stars") == galleries.contents() == {*gallery.sha256, "e" * 64}
