"""Frames at given times, near and far, and faces cut out of them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.errors import MediaError
from engine.media.container import Film
from engine.media.stills import SEEK_GAP_S, face_crop, frames_at, jpeg_bytes, shrunk


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory, clips):
    """20 seconds, a number every tenth of a second."""
    return clips.write(tmp_path_factory.mktemp("stills") / "long.mp4", clips.numbered(200), fps=10, gop=25)


def numbers(path, clips, times_s):
    return [clips.number_of(frame.image) for frame in frames_at(path, times_s)]


def test_each_time_gives_the_frame_on_show(long_clip, clips):
    times = [0.0, 0.05, 0.0999, 0.1, 0.2, 5.31, 5.31, 12.0, 19.99]
    assert numbers(long_clip, clips, times) == [0, 0, 1, 1, 2, 53, 53, 120, 199]


def test_before_and_after_the_film_its_ends_are_given(long_clip, clips):
    assert numbers(long_clip, clips, [-3.0, 0.0, 25.0, 1e9]) == [0, 0, 199, 199]
    assert numbers(long_clip, clips, []) == []


def test_times_must_rise(long_clip):
    with pytest.raises(ValueError):
        list(frames_at(long_clip, [2.0, 1.0]))


@settings(max_examples=15)
@given(times=st.lists(st.integers(0, 199), max_size=8))
def test_seeking_and_decoding_on_give_the_same(long_clip, clips, times):
    assert numbers(long_clip, clips, [n / 10 + 0.05 for n in sorted(times)]) == sorted(times)


def test_far_apart_is_jumped_near_is_decoded(long_clip, monkeypatch):
    jumps = []
    seek = Film.seek
    monkeypatch.setattr(Film, "seek", lambda self, t_s: (jumps.append(t_s), seek(self, t_s))[1])
    list(frames_at(long_clip, [0.0, 1.0, 2.0, 3.0 + SEEK_GAP_S, 3.5 + SEEK_GAP_S]))
    assert jumps == [3.0 + SEEK_GAP_S]


def test_an_index_that_leads_back_is_not_asked_again(tmp_path, clips, monkeypatch):
    path = clips.write(tmp_path / "film.mp4", clips.numbered(200), fps=10, gop=1000)  # one key frame, the first
    jumps = []
    seek = Film.seek
    monkeypatch.setattr(Film, "seek", lambda self, t_s: (jumps.append(t_s), seek(self, t_s))[1])
    assert numbers(path, clips, [1.0, 7.0, 13.0, 19.0]) == [10, 70, 130, 190]
    assert len(jumps) <= 1


def test_what_is_no_film_is_refused(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_text("not a film")
    with pytest.raises(MediaError):
        list(frames_at(path, [0.0]))


def test_a_face_is_in_the_middle_of_its_crop():
    image = np.zeros((400, 600, 3), np.uint8)
    image[100:160, 200:260] = 255
    crop = face_crop(image, (200, 100, 260, 160), margin=0.5, side_px=120)
    assert crop.shape == (120, 120, 3) and crop.dtype == np.uint8
    assert (crop[31:89, 31:89] > 250).all() and (crop[:28] < 5).all() and (crop[:, 92:] < 5).all()


def test_beyond_the_picture_its_edge_is_repeated():
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, :10] = 200
    crop = face_crop(image, (0, 20, 40, 60), margin=0.5, side_px=80)
    assert (crop[:, :19] > 195).all() and (crop[:, 35:] < 5).all()


@settings(max_examples=60)
@given(box=st.tuples(*[st.floats(-1e4, 1e4)] * 4), side=st.integers(1, 64))
def test_any_box_gives_a_crop(box, side):
    assert face_crop(np.zeros((30, 40, 3), np.uint8), box, side_px=side).shape == (side, side, 3)


def test_a_picture_is_made_narrower_in_its_proportions_and_never_wider():
    assert shrunk(np.zeros((720, 1280, 3), np.uint8), 640).shape == (360, 640, 3)
    assert shrunk(np.zeros((72, 128, 3), np.uint8), 640).shape == (72, 128, 3)


def test_jpeg_bytes_are_a_jpeg_of_the_picture():
    image = np.zeros((40, 60, 3), np.uint8)
    image[:, :, 0] = 200
    with Image.open(io.BytesIO(jpeg_bytes(image))) as picture:
        assert picture.format == "JPEG" and picture.size == (60, 40)
        assert np.abs(np.asarray(picture).astype(int) - image).max() < 12
