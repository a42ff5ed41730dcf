"""Photos in memory: few, not for long, and known by ids alone."""

from __future__ import annotations

import numpy as np
import pytest

from app.services.photo_shelf import HeldPhoto, PhotoShelf
from engine.errors import MediaError
from engine.pipeline.lookalike import Photo, PhotoFace


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def held(n_bytes: int = 1000, n_faces: int = 1) -> HeldPhoto:
    faces = tuple(PhotoFace(i + 1, (0.0, 0.0, 9.0, 9.0), np.zeros(128, np.float32)) for i in range(n_faces))
    return HeldPhoto(Photo("a photo", 10, 10, "net", faces), bytes(n_bytes), (b"",) * n_faces)


def test_an_id_gives_its_photo_until_it_is_forgotten():
    shelf = PhotoShelf()
    one, two = shelf.put(held()), shelf.put(held(n_faces=3))
    assert one != two
    assert min(len(one), len(two)) >= 20
    assert len(shelf.get(two).photo.faces) == 3
    shelf.forget([one, "never there"])
    with pytest.raises(MediaError, match="forgotten by now"):
        shelf.get(one)
    assert len(shelf) == 1


def test_nobody_asks_for_half_an_hour():
    clock = Clock()
    shelf = PhotoShelf(kept_s=1800, now=clock)
    old, asked = shelf.put(held()), shelf.put(held())
    clock.now = 1000
    shelf.get(asked)
    clock.now = 1801
    shelf.get(asked)
    with pytest.raises(MediaError):
        shelf.get(old)


def test_photos_go_by_themselves_too():
    shelf = PhotoShelf(kept_s=0.05)
    shelf.put(held())
    assert shelf._timer is not None
    shelf._timer.join(5)
    while shelf._timer is not None:
        shelf._timer.join(5)
    assert len(shelf) == 0


def test_the_one_asked_for_longest_ago_goes_when_there_are_too_many():
    shelf = PhotoShelf(most_photos=3)
    ids = [shelf.put(held()) for _ in range(3)]
    shelf.get(ids[0])
    shelf.put(held())
    assert len(shelf) == 3
    shelf.get(ids[0])
    with pytest.raises(MediaError):
        shelf.get(ids[1])


def test_bytes_are_bounded():
    shelf = PhotoShelf(most_bytes=1_000_000)
    for _ in range(30):
        shelf.put(held(200_000))
    assert shelf.n_bytes <= 1_000_000
    assert len(shelf) == 3  # each with the face that the network saw
