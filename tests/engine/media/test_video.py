from __future__ import annotations

import io
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from engine.errors import MediaError
from engine.media import container, video
from engine.media.video import FrameReader, probe

UNREADABLE = Path("/proc/self/mem")
needs_unreadable = pytest.mark.skipif(not UNREADABLE.exists(), reason="needs a file that cannot be read, as Linux has")


def read(path, **wanted):
    with FrameReader(path, **wanted) as reader:
        return list(reader)


def reader_threads():
    return [t for t in threading.enumerate() if t.name == "frames"]


def one_sentence(error):
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ". " not in text
    return text


def test_probe_tells_size_rate_length_and_codec(numbered_clip):
    info = probe(numbered_clip)
    assert (info.path, info.width, info.height, info.codec) == (numbered_clip, 96, 64, "h264")
    assert info.fps == Fraction(24) and info.duration_s == pytest.approx(4.0)


def test_all_frames_come_in_order_with_their_times(numbered_clip, clips):
    with FrameReader(numbered_clip) as reader:
        frames = list(reader)
        assert next(reader, None) is None
    assert [clips.number_of(f.image) for f in frames] == list(range(96))
    assert [f.t_s for f in frames] == pytest.approx([n / 24 for n in range(96)])
    assert (reader.n_decoded, reader.n_damaged) == (96, 0)
    image = frames[0].image
    assert image.shape == (64, 96, 3) and image.dtype == np.uint8 and image.flags.c_contiguous


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_variable_frame_rate_keeps_each_time(tmp_path, clips, suffix):
    times = [0.0, 0.1, 0.15, 0.5, 0.52, 1.3, 1.301, 2.0]
    path = clips.write(tmp_path / f"vfr{suffix}", clips.numbered(8), times_s=times)
    assert [f.t_s for f in read(path)] == pytest.approx(times, abs=0.001)


def test_a_stream_that_starts_late_starts_at_zero(tmp_path, clips):
    path = clips.write(tmp_path / "late.mkv", clips.numbered(4), times_s=[5.0, 5.5, 6.0, 6.5])
    assert [f.t_s for f in read(path)] == pytest.approx([0.0, 0.5, 1.0, 1.5], abs=0.001)
    assert [clips.number_of(f.image) for f in read(path, start_s=1.0)] == [2, 3]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ([], []),
        ([0.0], [0]),
        ([1.0, 2.0, 3.0], [24, 48, 72]),
        ([1.0 - 0.0005], [24]),  # rounded to milliseconds by a user
        ([1.0 - 0.002], [23]),
        ([1.01, 1.02, 1.03, 1.05], [24, 25]),
        ([0.0, 3.99, 4.5, 99.0], [0, 95]),
        ([99.0], [95]),
    ],
)
def test_a_sample_is_the_frame_on_show_each_once(numbered_clip, clips, wanted, numbers):
    assert [clips.number_of(f.image) for f in read(numbered_clip, sample_times_s=wanted)] == numbers


def test_samples_of_a_held_frame_come_once(tmp_path, clips):
    path = clips.write(tmp_path / "held.mp4", clips.numbered(4), times_s=[0.0, 0.5, 9.0, 10.0])
    frames = read(path, sample_times_s=np.arange(0, 10, 0.25))
    assert [clips.number_of(f.image) for f in frames] == [0, 1, 2]
    assert [f.t_s for f in frames] == pytest.approx([0.0, 0.5, 9.0])


def test_samples_outside_the_range_are_left_out(numbered_clip, clips):
    frames = read(numbered_clip, sample_times_s=[0.0, 1.0, 2.0, 3.0], start_s=1.0, end_s=3.0)
    assert [clips.number_of(f.image) for f in frames] == [24, 48]


def test_only_asked_for_frames_are_converted(numbered_clip, monkeypatch):
    converted = []
    rgb = FrameReader._rgb
    monkeypatch.setattr(FrameReader, "_rgb", lambda self, *args: converted.append(1) or rgb(self, *args))
    read(numbered_clip, sample_times_s=[0.5, 1.5, 2.5])
    assert len(converted) == 3


def test_seeking_gives_the_frames_that_reading_through_gives(numbered_clip):
    everything = read(numbered_clip)
    for start in (1, 11, 12, 13, 37, 59, 60, 95):
        start_s = everything[start].t_s
        with FrameReader(numbered_clip, start_s=start_s) as reader:
            found = list(reader)
        assert [f.t_s for f in found] == [f.t_s for f in everything[start:]]
        assert all(np.array_equal(a.image, b.image) for a, b in zip(found, everything[start:], strict=True))
        assert reader.n_decoded <= len(found) + 24, "the film was read from its beginning"


def test_two_ranges_that_touch_share_no_frame(numbered_clip, clips):
    first, second = read(numbered_clip, end_s=1.25), read(numbered_clip, start_s=1.25)
    assert [clips.number_of(f.image) for f in first + second] == list(range(96))
    assert len(first) == 30


@pytest.mark.parametrize("suffix", [".ts", ".avi", ".mpg"])
def test_a_file_without_an_index_still_gives_every_frame(tmp_path, clips, suffix):
    codec = "libx264" if suffix == ".ts" else "mpeg2video" if suffix == ".mpg" else "mpeg4"
    path = clips.write(tmp_path / f"film{suffix}", clips.numbered(72), fps=25, codec=codec)
    everything = read(path)
    assert [clips.number_of(f.image) for f in everything] == list(range(72))
    assert [f.t_s for f in everything] == pytest.approx([n / 25 for n in range(72)], abs=0.002)
    assert [clips.number_of(f.image) for f in read(path, start_s=1.6)] == list(range(40, 72))


def test_a_bare_stream_without_times_counts_frames(tmp_path, clips):
    path = clips.write(tmp_path / "film.h264", clips.numbered(50), fps=25)
    assert probe(path).duration_s == pytest.approx(50 / float(probe(path).fps), rel=0.05)
    frames = read(path, start_s=0.0)
    assert [clips.number_of(f.image) for f in frames] == list(range(50))
    steps = np.diff([f.t_s for f in frames])
    assert steps == pytest.approx(np.full(49, 1 / float(probe(path).fps)), abs=0.001)
    later = read(path, start_s=frames[20].t_s)
    assert [clips.number_of(f.image) for f in later] == list(range(20, 50))


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotation_metadata_is_applied(tmp_path, clips, rotation):
    stored = np.zeros((48, 96, 3), np.uint8)
    stored[:16, :16] = 255  # one white corner
    path = clips.write(tmp_path / "turned.mp4", [stored] * 5, rotation=rotation)
    upright = np.rot90(stored, rotation // 90)
    image = read(path)[0].image
    assert image.shape == upright.shape and image.flags.c_contiguous
    assert np.abs(image.astype(int) - upright).mean() < 3
    assert (probe(path).height, probe(path).width) == upright.shape[:2]


def test_rows_with_padding_arrive_contiguous(tmp_path, clips):
    path = clips.write(tmp_path / "wide.mp4", clips.numbered(3, width=854, height=480))
    image = read(path)[2].image
    assert image.shape == (480, 854, 3) and image.flags.c_contiguous
    assert clips.number_of(image) == 2


@pytest.mark.parametrize(("longest", "shape"), [(64, (48, 64, 3)), (101, (76, 100, 3)), (640, (240, 320, 3))])
def test_large_frames_are_scaled_to_even_sides(tmp_path, clips, longest, shape):
    path = clips.write(tmp_path / "film.mp4", clips.numbered(3, width=320, height=240))
    assert [f.image.shape for f in read(path, longest_side_px=longest)] == [shape] * 3


def test_a_film_cut_off_in_the_middle_gives_what_is_there(tmp_path, clips):
    whole = clips.write(tmp_path / "whole.mp4", clips.numbered(96), options={"movflags": "faststart"})
    cut = tmp_path / "cut.mp4"
    data = whole.read_bytes()
    cut.write_bytes(data[: data.index(b"mdat") + (len(data) - data.index(b"mdat")) * 6 // 10])
    with FrameReader(cut) as reader:
        numbers = [clips.number_of(f.image) for f in reader]
    assert 30 < len(numbers) < 90 and numbers[:30] == list(range(30))
    last = read(cut, sample_times_s=[3.9])  # the index knows a key frame there, the file does not hold it
    assert len(last) == 1 and clips.number_of(last[0].image) == numbers[-1]


def test_damaged_bytes_are_counted_and_skipped(tmp_path, clips):
    noise = [np.random.default_rng(n).integers(0, 255, (64, 96, 3), np.uint8) for n in range(96)]
    path = clips.write(tmp_path / "film.mkv", noise)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = np.random.default_rng(1).bytes(20_000)
    path.write_bytes(data)
    with FrameReader(path) as reader:
        frames = list(reader)
    assert reader.n_damaged > 0 and 40 < len(frames) < 96
    assert np.all(np.diff([f.t_s for f in frames]) > 0)
    assert frames[-1].t_s > 3.5, "reading went on behind the damage"


def text(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


def picture(path: Path, format: str) -> Path:
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(path, format)
    return path


def sound(path: Path, codec: str = "aac") -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=44100)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), "fltp", "mono")
        samples.sample_rate = 44100
        file.mux(stream.encode(samples))
        file.mux(stream.encode(None))
    return path


def sound_with_cover(path: Path) -> Path:
    cover = io.BytesIO()
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(cover, "JPEG")
    content = b"\0image/jpeg\0\x03\0" + cover.getvalue()
    frame = b"APIC" + len(content).to_bytes(4, "big") + b"\0\0" + content  # ID3v2.3, section 4.15
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\x03\0\0" + size + frame + sound(path, "mp3").read_bytes())
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda d: d / "none.mp4", "There is no film"),
        (lambda d: d, "is a folder"),
        (lambda d: text(d / "a.mp4", ""), "empty"),
        (lambda d: text(d / "a.mp4", "To be, or not to be.\n" * 99), "not a film that can be read"),
        (lambda d: sound(d / "a.mp4"), "only sound"),
        (lambda d: sound_with_cover(d / "a.mp3"), "only sound"),
        (lambda d: picture(d / "a.jpg", "JPEG"), "is a picture, not a film"),
        (lambda d: picture(d / "a.mp4", "PNG"), "is a picture, not a film"),
        (lambda d: picture(d / "a.mp4", "AVIF"), "is a picture, not a film"),
        pytest.param(lambda d: UNREADABLE, "cannot be read", marks=needs_unreadable),
    ],
)
def test_what_is_no_film_is_refused_in_one_sentence(tmp_path, make, says):
    path = make(tmp_path)
    for attempt in (probe, read):
        with pytest.raises(MediaError) as error:
            attempt(path)
        assert says in one_sentence(error) and str(path) in str(error.value)


@pytest.mark.parametrize(
    "lines",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {}\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
        '<Representation id="1"><BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>\n',
    ],
)
@pytest.mark.parametrize("name", ["list.mp4", "list.m3u8", "list.ffconcat", "list.mpd"])
def test_a_list_of_films_opens_none_of_them(tmp_path, numbered_clip, lines, name):
    film = tmp_path / "film.ts"
    film.write_bytes(numbered_clip.read_bytes())
    with pytest.raises(MediaError, match="not a film"):
        probe(text(tmp_path / name, lines.format(film.name)))


@pytest.mark.parametrize("name", ["concat:a|b.mp4", "http:x.mp4", "-i.mp4", "frame%03d.mp4", "Schöner Film ☃.mp4"])
def test_a_name_is_never_an_address_or_a_pattern(tmp_path, numbered_clip, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path(name)
    path.write_bytes(numbered_clip.read_bytes())
    assert probe(path).width == 96


def test_frames_larger_than_the_limit_are_refused(numbered_clip, monkeypatch):
    monkeypatch.setattr(container, "MAX_FRAME_PIXELS", 96 * 64 - 1)
    with pytest.raises(MediaError, match="larger than|not a film"):
        probe(numbered_clip)


def test_a_film_whose_frames_cannot_be_decoded_is_refused(tmp_path, numbered_clip):
    data = bytearray(numbered_clip.read_bytes())
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[start:end] = bytes(end - start)
    path = tmp_path / "hollow.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="No frame"):
        probe(path)


@pytest.mark.parametrize("n_read", [0, 1, 7])
def test_leaving_early_ends_the_thread(numbered_clip, n_read):
    with FrameReader(numbered_clip, queue_size=1) as reader:
        for _ in range(n_read):
            next(reader)
        assert reader_threads()
    assert not reader_threads()
    assert next(reader, None) is None


def test_an_exception_in_the_loop_ends_the_thread(numbered_clip):
    with pytest.raises(KeyboardInterrupt), FrameReader(numbered_clip, queue_size=1) as reader:
        for _ in reader:
            raise KeyboardInterrupt
    assert not reader_threads()


def test_an_error_while_decoding_reaches_the_consumer(numbered_clip, monkeypatch):
    def failing(self):
        yield 0.0, self._first[1]
        raise MediaError("The disk went away.")

    monkeypatch.setattr(video.Film, "frames", failing)
    seen = []
    with pytest.raises(MediaError, match="disk"), FrameReader(numbered_clip) as reader:
        seen.extend(frame.t_s for frame in reader)
    assert seen == [] or seen == [0.0]
    assert not reader_threads()


def test_misuse_is_told(numbered_clip):
    with pytest.raises(RuntimeError, match="with"):
        next(FrameReader(numbered_clip))
    with pytest.raises(ValueError, match="rise"):
        FrameReader(numbered_clip, sample_times_s=[1.0, 0.5])
    with FrameReader(numbered_clip) as reader, pytest.raises(RuntimeError, match="once"):
        reader.__enter__()


def test_several_readers_of_one_film_do_not_meet(numbered_clip, clips):
    with FrameReader(numbered_clip) as a, FrameReader(numbered_clip, start_s=2.0) as b:
        pairs = [(clips.number_of(x.image), clips.number_of(y.image)) for x, y in zip(a, b, strict=False)]
    assert pairs == [(n, n + 48) for n in range(48)]


def test_a_title_in_the_wrong_encoding_does_not_matter(tmp_path, clips):
    path, buffer = tmp_path / "film.mkv", io.BytesIO()
    with av.open(buffer, "w", format="matroska") as file:
        file.metadata["title"] = "XXXX"
        stream = file.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for image in clips.numbered(5):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        file.mux(stream.encode(None))
    path.write_bytes(buffer.getvalue().replace(b"XXXX", b"\xe9\xe8\xff\xfe"))
    assert probe(path).width == 96
