"""Faces and posters of albums, cut from the album's own pictures."""

from __future__ import annotations

import hashlib
from functools import partial

import numpy as np
import pytest
from PIL import Image

from engine import config
from engine.errors import MediaError
from engine.pipeline.album_pictures import album_frames, pictures_of
from engine.pipeline.pictures import FaceAt
from engine.store.albums import AlbumRepository, SeenPicture
from engine.store.database import open_store


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAMATIS_DATA", str(tmp_path / "data"))
    return open_store(config.database_path())


@pytest.fixture
def album(store, tmp_path):
    """An album of a red, a green and a blue picture, numbered 0, 1, 2; the green one is gone by now."""
    root = tmp_path / "album"
    (root / "deep").mkdir(parents=True)
    seen = [SeenPicture("bad.png", "", 0, 0, "is damaged")]
    for path, colour in (("red.png", "red"), ("green.png", "lime"), ("deep/blue.png", "blue")):
        Image.new("RGB", (60, 40), colour).save(root / path)
        seen.append(SeenPicture(path, hashlib.sha256((root / path).read_bytes()).hexdigest(), 60, 40))
    albums = AlbumRepository(store)
    record = albums.add(root, "Colours")
    albums.put_pictures(record.sha256, seen)
    (root / "green.png").unlink()
    albums.put_pictures(record.sha256, [one for one in seen if one.path != "green.png"])
    return record


def colours(album, store, times):
    frames = album_frames(album.path, partial(AlbumRepository(store).picture_at, album.sha256), times)
    return [(frame.t_s, tuple(frame.image[0, 0])) for frame in frames]


def test_the_frame_of_an_album_at_a_time_is_the_picture_of_that_number(album, store):
    red, blue = (0.0, (255, 0, 0)), (2.0, (0, 0, 255))
    assert colours(album, store, [0, 0.5, 1.2, 2, 9]) == [red, red, red, blue, blue]
    assert colours(album, store, []) == []


def test_a_picture_that_is_gone_or_another_one_by_now_says_so(album, store):
    Image.new("RGB", (60, 40), "white").save(album.path / "red.png")
    with pytest.raises(MediaError, match="red.png was changed since"):
        colours(album, store, [0])
    (album.path / "red.png").unlink()
    with pytest.raises(MediaError, match="red.png of the album in .* cannot be read"):
        colours(album, store, [0])
    AlbumRepository(store).put_pictures(album.sha256, [SeenPicture("bad.png", "", 0, 0, "is damaged")])
    with pytest.raises(MediaError, match="No picture of the album"):
        colours(album, store, [0])


def test_faces_and_poster_are_files_like_a_films(album, store):
    pictures = pictures_of(album, store)
    face = FaceAt(7, 0, 2.0, (10, 10, 30, 30), 0.9)
    shown = np.asarray(Image.open(pictures.crop(face)))
    assert shown.shape == (160, 160, 3) and shown[80, 80, 2] > 200
    assert Image.open(pictures.write_person("unknown:1", face)).size == (160, 160)
    assert Image.open(pictures.write_poster({}, 3.0)).size == (60, 40)
