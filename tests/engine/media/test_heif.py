from __future__ import annotations

import resource
import struct
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from engine.errors import MediaError
from engine.media import heif
from engine.media.images import load_image, picture_files
from engine.media.kinds import is_picture
from engine.media.photo import load_photo
from tests import heif_files
from tests.heif_files import heic

CORNERS = np.zeros((64, 128, 3), np.uint8)
CORNERS[:32, :64] = (255, 0, 0)
CORNERS[32:, 64:] = (0, 0, 255)


def assert_shows(image, expected):
    assert image.shape == expected.shape and image.dtype == np.uint8 and image.flags.c_contiguous
    assert np.abs(image.astype(int) - expected).mean() < 4


@pytest.mark.parametrize("tiled", [False, True])
@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_a_telephones_photo_is_read(brand, tiled):
    assert_shows(load_image(heic(CORNERS, brand, tiled=tiled)), CORNERS)


@pytest.mark.parametrize("tiled", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_it_is_turned_once_whatever_its_exif_data_say(quarter_turns, mirrored, tiled):
    exif = Image.Exif()
    exif[0x0112] = 6  # what a telephone held upright writes, beside the turn of the file itself
    shown = np.rot90(CORNERS, quarter_turns)
    shown = shown[:, ::-1] if mirrored else shown
    content = heic(CORNERS, quarter_turns=quarter_turns, mirrored=mirrored, exif=exif.tobytes(), tiled=tiled)
    assert_shows(load_image(content), shown)


def test_its_name_does_not_matter(tmp_path):
    for name in ("a.heic", "b.HEIF", "c.jpg", "d.hif"):
        (tmp_path / name).write_bytes(heic(CORNERS))
    assert [path.name for path in picture_files(tmp_path)] == ["a.heic", "b.HEIF", "c.jpg", "d.hif"]
    for path in picture_files(tmp_path):
        assert is_picture(path)
        assert_shows(load_image(path), CORNERS)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_one_is_one_sentence(share):
    noise = np.random.default_rng(0).integers(0, 255, (64, 128, 3), np.uint8)
    content = heic(noise, tiled=True)
    with pytest.raises(MediaError, match="cut off|not a picture") as refused:
        load_image(content[: int(len(content) * share)])
    assert str(refused.value).endswith(".")


@pytest.mark.slow
def test_damaged_bytes_raise_nothing_but_media_errors():
    rng = np.random.default_rng(5)
    content = heic(CORNERS, tiled=True, quarter_turns=1, exif=Image.Exif().tobytes())
    for _ in range(40):
        damaged = bytearray(content)
        for at in rng.integers(0, len(content), 4):
            damaged[at] = rng.integers(256)
        try:
            image = load_image(bytes(damaged))
        except MediaError:
            continue
        assert image.ndim == 3 and image.dtype == np.uint8


def test_what_makes_the_reader_crash_is_damaged():
    with pytest.raises(MediaError, match="damaged or cut off"):
        load_image(heic(CORNERS, exif=Image.Exif().tobytes()).replace(b"Exif", b"Ex\xcbf"))


def test_a_file_larger_than_any_photo_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "film").write_bytes(heic(CORNERS))
    assert is_picture(tmp_path / "film")
    monkeypatch.setattr(heif, "MAX_BYTES", 500)
    assert not is_picture(tmp_path / "film")


@pytest.mark.parametrize("side", [9_000, 20_000, 60_000])
@pytest.mark.parametrize("tiled", [False, True])
def test_too_many_pixels_are_refused_before_decoding(side, tiled, monkeypatch):
    content = heic(CORNERS, says_wh=(side, side), tiled=tiled)
    monkeypatch.setattr(heif.HeifPhoto, "load", lambda self: pytest.fail("pixels were decoded"))
    with pytest.raises(MediaError, match="holiday has more than 64 megapixels; save it smaller"):
        load_photo(content, "holiday")


@pytest.mark.parametrize("says_wh", [(8, 8), (4096, 64)])
def test_a_picture_of_another_size_than_stated_is_damaged(says_wh):
    with pytest.raises(MediaError, match="damaged"):
        load_image(heic(CORNERS, says_wh=says_wh))


def grid_of_large_tiles(side: int, n: int, n_sets: int = 1) -> bytes:
    """A file that shows 16 by 16 pixels, made of `n` tiles of `side` pixels squared, as it says, named `n_sets` times
    over."""
    units = heif_files._coded(np.zeros((64, 64, 3), np.uint8))
    properties = [heif_files._configuration(units), heif_files._ispe(side, side), heif_files._ispe(16, 16)]
    items = [(b"hvc1", heif_files._picture_units(units), [1, 2])] * n
    items.append((b"grid", struct.pack(">BBBBHH", 0, 0, 0, n * n_sets - 1, 16, 16), [3]))
    tiles = list(range(1, n + 1)) * n_sets
    references = heif_files._box(b"dimg", struct.pack(f">HH{len(tiles)}H", n + 1, len(tiles), *tiles))
    return heif_files._file(b"heic", n + 1, items, properties, references)


@pytest.mark.parametrize(("side", "n", "n_sets"), [(4096, 20, 1), (2048, 1, 100)])
def test_small_pictures_of_large_tiles_cost_nothing(side, n, n_sets):
    content = grid_of_large_tiles(side, n, n_sets)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(MediaError, match="megapixels"):
        load_image(content)
    assert time.monotonic() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_picture_made_of_itself_or_without_a_size_is_none():
    units = heif_files._coded(CORNERS)
    configuration, picture = heif_files._configuration(units), heif_files._picture_units(units)
    itself = heif_files._box(b"dimg", struct.pack(">HHH", 1, 1, 1))
    layout = struct.pack(">BBBBHH", 0, 0, 0, 0, 128, 64)
    for content in (
        heif_files._file(b"heic", 1, [(b"grid", layout, [1])], [heif_files._ispe(128, 64)], itself),
        heif_files._file(b"heic", 1, [(b"hvc1", picture, [1])], [configuration], b""),
        heic(CORNERS) + heif_files._full(b"meta", b""),
    ):
        with pytest.raises(MediaError, match="not a picture"):
            load_image(content)


def test_large_pictures_are_read_without_a_word_of_pillow(tmp_path):
    Image.new("1", (9600, 9600)).save(tmp_path / "large.png")
    read = f"from engine.media.images import load_image; load_image(Path({str(tmp_path / 'large.png')!r}))"
    done = subprocess.run([sys.executable, "-c", f"from pathlib import Path; {read}"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
