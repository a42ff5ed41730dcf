from __future__ import annotations

import io
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import MediaError
from engine.media import images
from engine.media.images import load_image, picture_files, resize
from engine.media.kinds import is_picture

RAMP = np.broadcast_to(np.linspace(0, 255, 64).astype(np.uint8), (48, 64)).copy()
COLOURS = np.stack([RAMP, RAMP[:, ::-1], np.full_like(RAMP, 90)], axis=-1)
UNREADABLE = Path("/proc/self/mem")


def encoded(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def assert_near(image, expected, tolerance=1):
    assert image.dtype == np.uint8 and image.flags.c_contiguous and image.shape == expected.shape
    assert np.abs(image.astype(int) - expected).max() <= tolerance


def grey(values):
    return np.repeat(values[:, :, None], 3, axis=2)


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_colours_come_back(format):
    assert_near(load_image(encoded(Image.fromarray(COLOURS), format)), COLOURS, 0)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF", "JPEG2000"])
def test_lossy_formats_come_back_nearly(format):
    image = load_image(encoded(Image.fromarray(COLOURS), format, quality=95))
    assert image.shape == COLOURS.shape and np.abs(image.astype(int) - COLOURS).mean() < 6


@pytest.mark.parametrize(
    ("picture", "format", "expected", "tolerance"),
    [
        (Image.fromarray(RAMP), "PNG", grey(RAMP), 0),
        (Image.fromarray(COLOURS).convert("P", palette=Image.Palette.ADAPTIVE), "PNG", COLOURS, 12),
        (Image.fromarray(COLOURS).convert("CMYK"), "TIFF", COLOURS, 2),
        (Image.fromarray(COLOURS).convert("CMYK"), "JPEG", COLOURS, 25),
        (Image.fromarray(RAMP > 127), "PNG", grey((RAMP > 127).astype(np.uint8) * 255), 0),
        (Image.fromarray(RAMP.astype(np.uint16) * 257), "PNG", grey(RAMP), 0),
        (Image.fromarray(RAMP.astype(np.uint16) * 257), "TIFF", grey(RAMP), 0),
        (Image.fromarray(RAMP.astype(np.int32) * 257), "TIFF", grey(RAMP), 0),
        (Image.fromarray(RAMP.astype(np.float32) / 255), "TIFF", grey(RAMP), 0),
        (Image.fromarray(RAMP.astype(np.float32)), "TIFF", grey(RAMP), 0),
    ],
)
def test_every_mode_becomes_rgb(picture, format, expected, tolerance):
    assert_near(load_image(encoded(picture, format)), expected, tolerance)


def test_16_bit_grey_is_scaled_not_clipped():
    dim = np.full((4, 4), 0x8000, np.uint16)
    assert_near(load_image(encoded(Image.fromarray(dim), "PNG")), np.full((4, 4, 3), 128, np.uint8))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_becomes_white(mode):
    alpha = np.where(np.arange(64) < 32, 0, 255).astype(np.uint8) * np.ones((48, 1), np.uint8)
    picture = Image.fromarray(np.dstack([np.zeros_like(COLOURS), alpha]))
    picture = picture.quantize(4) if mode == "PA" else picture.convert(mode)
    expected = grey(np.where(alpha == 0, 255, 0).astype(np.uint8))
    assert_near(load_image(encoded(picture, "PNG")), expected, 0)


def test_a_transparent_colour_of_a_palette_becomes_white():
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 200, 10, 10])
    picture.paste(0, (0, 0, 4, 8))
    image = load_image(encoded(picture, "PNG", transparency=0))
    assert image[0, 0].tolist() == [255, 255, 255] and image[0, 7].tolist() == [200, 10, 10]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_orientation_is_applied(orientation, format):
    stored = np.zeros((32, 64, 3), np.uint8)
    stored[:16, :16] = 255
    upright = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.transpose(1, 0, 2),
        6: np.rot90(stored, -1),
        7: np.rot90(stored, 2).transpose(1, 0, 2),
        8: np.rot90(stored),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = load_image(encoded(Image.fromarray(stored), format, exif=exif))
    assert image.shape == upright.shape and image.flags.c_contiguous
    assert np.abs(image.astype(int) - upright).mean() < 8


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_leaves_the_picture_as_stored():
    data = encoded(Image.fromarray(COLOURS), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    assert load_image(data).shape == COLOURS.shape


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken(format):
    first, second = Image.new("RGB", (16, 16), (200, 0, 0)), Image.new("RGB", (16, 16), (0, 0, 200))
    image = load_image(encoded(first, format, save_all=True, append_images=[second], lossless=True))
    assert_near(image, np.full((16, 16, 3), (200, 0, 0), np.uint8), 2)


def message(source):
    with pytest.raises(MediaError) as error:
        load_image(source)
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ". " not in text
    return text


def test_what_cannot_be_read_is_told_with_its_name(tmp_path):
    empty, letter = tmp_path / "empty.jpg", tmp_path / "letter.jpg"
    empty.write_bytes(b"")
    letter.write_text("Dear Sir or Madam\n" * 20)
    for path, says in [
        (tmp_path / "none.jpg", "There is no picture"),
        (tmp_path, "is a folder"),
        (empty, "is empty"),
        (letter, "is not a picture"),
    ]:
        text = message(path)
        assert says in text and str(path) in text


@pytest.mark.skipif(not UNREADABLE.exists(), reason="needs a file that cannot be read, as Linux has")
def test_what_the_disk_does_not_give_is_told():
    assert "cannot be read (Input/output error)" in message(UNREADABLE)


def test_bytes_that_are_no_picture_are_told():
    assert "empty" in message(b"")
    assert "not a picture" in message(b"%PDF-1.7 and so on")
    assert "not a picture" in message(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")  # would start Ghostscript


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_picture_is_an_error(format, share):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    data = encoded(noise, format)
    assert load_image(data).shape == (64, 64, 3)
    text = message(data[: int(len(data) * share)])
    assert "cut off" in text or "not a picture" in text


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000"])
def test_damaged_bytes_raise_nothing_but_media_errors(format):
    rng = np.random.default_rng(5)
    data = encoded(Image.fromarray(COLOURS), format)
    for _ in range(60):
        damaged = bytearray(data)
        for at in rng.integers(0, len(data), 8):
            damaged[at] = rng.integers(256)
        try:
            image = load_image(bytes(damaged))
        except MediaError:
            continue
        assert image.ndim == 3 and image.dtype == np.uint8


def bomb(width, height):
    """A PNG that claims a size and holds no pixel."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_001, 20_000, 200_000])
def test_too_many_pixels_are_refused_before_decoding(side, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("pixels were decoded"))
    assert "100 megapixels" in message(bomb(side, side))


def test_the_largest_picture_allowed_is_decoded(monkeypatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 48 * 64)
    assert load_image(encoded(Image.fromarray(COLOURS), "PNG")).shape == COLOURS.shape
    monkeypatch.setattr(images, "MAX_PIXELS", 48 * 64 - 1)
    assert "save it smaller" in message(encoded(Image.fromarray(COLOURS), "PNG"))


def test_the_result_may_be_written_to():
    image = load_image(encoded(Image.fromarray(RAMP.astype(np.uint16) * 257), "PNG"))
    image[0, 0] = 7
    assert image[0, 0].tolist() == [7, 7, 7]


def test_threads_do_not_meet():
    data = [encoded(Image.new("RGB", (40, 40), (i, 0, 0)), "PNG") for i in range(8)]
    wrong = []

    def work(i):
        for _ in range(20):
            if load_image(data[i])[0, 0, 0] != i:
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_resize_shrinks_with_antialiasing_and_grows():
    stripes = grey(np.tile(np.array([0, 255], np.uint8), (40, 20)))
    small = resize(stripes, 10, 20)
    assert small.shape == (20, 10, 3) and small.dtype == np.uint8 and small.flags.c_contiguous
    assert np.abs(small[:, 1:-1].astype(int) - 127).max() < 12, "stripes alias"
    assert resize(small, 33, 50).shape == (50, 33, 3)
    with pytest.raises(ValueError):
        resize(small, 0, 5)


def test_picture_files_are_sorted_and_only_pictures(tmp_path):
    for name in ("b.JPG", "a.png", ".hidden.jpg", "notes.txt", "c.webp", "film.mp4"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.jpg").mkdir()
    assert [p.name for p in picture_files(tmp_path)] == ["a.png", "b.JPG", "c.webp"]
    assert picture_files(tmp_path / "folder.jpg") == []
    with pytest.raises(MediaError, match="cannot be listed"):
        picture_files(tmp_path / "none")


def test_is_picture_looks_inside(tmp_path):
    (tmp_path / "a.mp4").write_bytes(encoded(Image.fromarray(COLOURS), "JPEG"))
    (tmp_path / "b.jpg").write_text("no picture")
    assert is_picture(tmp_path / "a.mp4")
    assert not is_picture(tmp_path / "b.jpg") and not is_picture(tmp_path / "none.jpg")
