"""Galleries in a list say the same as the galleries themselves."""

from __future__ import annotations

import numpy as np

from engine.store.galleries import GalleryRepository
from engine.store.overviews import GalleryPerson, gallery_overviews
from engine.types import Gallery, LeftOut


def gallery(name: str, faces: list[tuple[str, str]], left_out: tuple[LeftOut, ...] = ()) -> Gallery:
    names, paths = zip(*faces, strict=True) if faces else ((), ())
    vectors = np.zeros((len(faces), 128))
    return Gallery(
        name, "dlib-resnet-1", names, paths, tuple(f"{i:064d}" for i in range(len(faces))), vectors, left_out
    )


def test_nothing_gives_nothing(store):
    assert gallery_overviews(store) == ()


def test_people_pictures_and_what_was_left_out(store):
    repository = GalleryRepository(store)
    repository.save(
        gallery(
            "First",
            [("ben", "ben/2.jpg"), ("Anna", "Anna/1.jpg"), ("ben", "ben/1.jpg")],
            (LeftOut("Anna/9.jpg", "no face found"),),
        )
    )
    repository.save(gallery("Empty", []))
    empty, first = gallery_overviews(store)
    assert (empty.name, empty.people, empty.left_out, empty.n_pictures) == ("Empty", (), (), 0)
    assert first.name == "First"
    assert first.people == (GalleryPerson("Anna", ("Anna/1.jpg",)), GalleryPerson("ben", ("ben/2.jpg", "ben/1.jpg")))
    assert first.left_out == (LeftOut("Anna/9.jpg", "no face found"),)
    assert first.n_pictures == 3
    assert first.created_at.tzinfo is not None
    repository.save(gallery("First", [("Anna", "Anna/1.jpg")]))
    assert [one.name for one in gallery_overviews(store)] == ["First", "Empty"]
