"""Which files a browser plays as they are, and the previews made of the others: their times are the film's."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import Cancelled, MediaError, StorageError
from engine.media.playable import content_type, is_browser_playable
from engine.media.preview import write_preview
from engine.media.video import FrameReader, probe

FASTSTART = {"movflags": "+faststart"}


def add_sound(path: Path, codec: str = "aac", begins_s: float = 0.0, tone_s: float = 2.0) -> Path:
    """The film once more, with a tone from `begins_s` on."""
    out = path.with_name(f"sound_{path.name}")
    with (
        av.open(str(path)) as source,
        av.open(str(out), "w", options=FASTSTART if path.suffix == ".mp4" else {}) as film,
    ):
        pictures = source.streams.video[0]
        copy = film.add_stream_from_template(pictures)
        sound = film.add_stream(codec, rate=48_000)
        sound.layout = "stereo"
        for packet in source.demux(pictures):
            if packet.size:
                packet.stream = copy
                film.mux(packet)
        wave = np.sin(np.arange(int(tone_s * 48_000)) * 2 * np.pi * 440 / 48_000).astype(np.float32) / 2
        for at in range(0, len(wave) - 1023, 1024):
            frame = av.AudioFrame.from_ndarray(np.stack([wave[at : at + 1024]] * 2), "fltp", "stereo")
            frame.sample_rate, frame.time_base = 48_000, Fraction(1, 48_000)
            frame.pts = at + round(begins_s * 48_000)
            film.mux(sound.encode(frame))
        film.mux(sound.encode(None))
    return out


def heard_from(path: Path) -> float:
    """When the tone begins, in seconds of the file's clock."""
    with av.open(str(path)) as film:
        for frame in film.decode(audio=0):
            loud = np.abs(frame.to_ndarray().astype(np.float64)).reshape(-1, frame.samples).max(axis=0) > 0.1
            if loud.any():
                return frame.time + int(loud.argmax()) / frame.sample_rate
    raise AssertionError("nothing is heard")


def frames(path: Path, clips):
    """[(number, time)] of a clip of numbered pictures."""
    with FrameReader(path) as reader:
        return [(clips.number_of(frame.image), frame.t_s) for frame in reader]


def check(source: Path, out: Path, clips, *, within_s: float = 0.0006) -> None:
    """The preview has the film's frames at the film's times, and a browser's time 0 is the film's."""
    write_preview(source, out)
    assert is_browser_playable(out)
    want, got = frames(source, clips), frames(out, clips)
    assert [number for number, _ in got] == [number for number, _ in want]
    assert [t_s for _, t_s in got] == pytest.approx([t_s for _, t_s in want], abs=within_s)
    with av.open(str(out)) as film:
        assert film.streams.video[0].start_time == 0
        assert float(film.duration / av.time_base) >= want[-1][1]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("plain.mkv", {}),
        ("ntsc.mkv", {"fps": 30}),
        ("film.avi", {"codec": "mpeg4"}),
        ("film.mpg", {"codec": "mpeg2video"}),
        ("film.ts", {}),
        ("film.mov", {"codec": "mpeg4"}),
        ("index_at_the_end.mp4", {}),
        ("pieces.mp4", {"options": {"movflags": "frag_keyframe+empty_moov"}}),
        ("odd.avi", {"codec": "mpeg4", "size": (93, 65)}),
        ("vfr.mkv", {"times_s": [0, 0.1, 0.15, 0.5, 0.52, 1.3, 1.34, 2.0, 2.1, 4.0]}),
        ("vfr.avi.mkv", {"codec": "mpeg4", "times_s": [0, 0.1, 0.15, 0.5, 0.52, 1.3, 1.34, 2.0, 2.1, 4.0]}),
        ("late.mkv", {"times_s": [5 + n / 24 for n in range(30)]}),
        ("late.mp4", {"times_s": [5 + n / 24 for n in range(30)], "options": FASTSTART}),
        ("one.avi", {"codec": "mpeg4", "n": 1}),
    ],
)
def test_a_preview_has_the_films_frames_at_the_films_times(tmp_path, clips, name, wanted):
    wanted = dict(wanted)
    n, size = wanted.pop("n", len(wanted.get("times_s", range(40)))), wanted.pop("size", (96, 64))
    source = clips.write(tmp_path / name, clips.numbered(n, *size), **wanted)
    assert not is_browser_playable(source)
    check(source, tmp_path / "out" / "preview.mp4", clips)


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_a_preview_is_upright(tmp_path, clips, rotation):
    pictures = clips.numbered(20, 128, 96)
    for picture in pictures:
        picture[:24, :32] = (220, 30, 30)
    source = clips.write(tmp_path / "film.mov", pictures, codec="mpeg4", rotation=rotation)
    write_preview(source, tmp_path / "preview.mp4")
    with FrameReader(source) as reader, FrameReader(tmp_path / "preview.mp4") as made:
        for film, preview in zip(reader, made, strict=True):
            assert film.image.shape == preview.image.shape and film.t_s == pytest.approx(preview.t_s, abs=1e-4)
            assert np.abs(film.image.astype(int) - preview.image).mean() < 12
    assert probe(tmp_path / "preview.mp4").height == (96 if rotation == 180 else 128)


@pytest.mark.parametrize(
    ("size", "small"), [((1920, 800), (1280, 532)), ((480, 1280), (270, 720)), ((33, 17), (32, 16))]
)
def test_a_preview_fits_and_has_even_sides(tmp_path, clips, size, small):
    source = clips.write(tmp_path / "film.avi", clips.numbered(3, *size), codec="mpeg4")
    write_preview(source, tmp_path / "preview.mp4")
    info = probe(tmp_path / "preview.mp4")
    assert (info.width, info.height) == small


@pytest.mark.parametrize("name", ["film.mkv", "film.mp4"])
def test_pictures_that_browsers_know_are_copied(tmp_path, clips, name):
    source = clips.write(tmp_path / name, clips.numbered(40))
    write_preview(source, tmp_path / "preview.mp4")
    with av.open(str(source)) as film, av.open(str(tmp_path / "preview.mp4")) as preview:
        sizes = [[packet.size for packet in one.demux(video=0) if packet.size] for one in (film, preview)]
    assert sizes[0] == sizes[1]


def test_a_damaged_film_is_not_copied_and_its_bad_frames_are_left_out(tmp_path, clips):
    source = clips.write(tmp_path / "film.mkv", clips.numbered(120), gop=12)
    data = bytearray(source.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 150] = b"\xa5" * 150
    source.write_bytes(data)
    write_preview(source, tmp_path / "preview.mp4", damaged=True)
    want, got = frames(source, clips), frames(tmp_path / "preview.mp4", clips)
    assert 60 < len(want) < 120
    assert [t_s for _, t_s in got] == pytest.approx([t_s for _, t_s in want], abs=1e-3)


def test_a_film_that_breaks_off_gives_what_there_is(tmp_path, clips):
    whole = clips.write(tmp_path / "whole.mkv", clips.numbered(120))
    source = tmp_path / "film.mkv"
    source.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    write_preview(source, tmp_path / "preview.mp4", damaged=True)
    want, got = frames(source, clips), frames(tmp_path / "preview.mp4", clips)
    assert 40 < len(want) < 120 and [t for _, t in got] == pytest.approx([t for _, t in want], abs=1e-3)


@pytest.mark.parametrize("codec", ["ac3", "aac", "libmp3lame", "libopus"])
@pytest.mark.parametrize("pictures", ["libx264", "mpeg4"])
def test_sound_is_heard_when_it_is_in_the_film(tmp_path, clips, codec, pictures):
    silent = clips.write(tmp_path / "film.mkv", clips.numbered(96), codec=pictures)
    source = add_sound(silent, codec, begins_s=1.25)
    check(source, tmp_path / "preview.mp4", clips)
    with av.open(str(tmp_path / "preview.mp4")) as film:
        kind = film.streams.audio[0].codec_context
        assert kind.name in ("aac", "mp3", "mp3float", "opus", "libopus") and kind.layout.nb_channels == 2
    assert heard_from(tmp_path / "preview.mp4") == pytest.approx(1.25, abs=0.03)


def test_sound_before_the_first_picture_is_left_out(tmp_path, clips):
    silent = clips.write(
        tmp_path / "film.mkv", clips.numbered(72), codec="mpeg4", times_s=[1 + n / 24 for n in range(72)]
    )
    source = add_sound(silent, "ac3", begins_s=2.0)
    write_preview(source, tmp_path / "preview.mp4")
    # the file's first picture is at 1 s, which is the film's 0
    assert heard_from(tmp_path / "preview.mp4") == pytest.approx(1.0, abs=0.03)


def test_sound_does_not_outlast_the_picture(tmp_path, clips):
    source = add_sound(clips.write(tmp_path / "film.mkv", clips.numbered(24), codec="mpeg4"), "ac3", tone_s=20)
    write_preview(source, tmp_path / "preview.mp4")
    with av.open(str(tmp_path / "preview.mp4")) as film:
        assert film.duration / av.time_base < 1.2


def test_progress_rises_to_one_and_a_wish_to_stop_leaves_nothing(tmp_path, clips):
    source = clips.write(tmp_path / "film.avi", clips.numbered(100), codec="mpeg4")
    told = []
    write_preview(source, tmp_path / "preview.mp4", told.append)
    assert told == sorted(told) and told[0] < 0.2 and told[-1] == 1.0 and len(told) > 3

    def stop(fraction):
        raise Cancelled("The work was stopped.")

    for name, damaged in (("film.avi", True), ("film.mkv", False)):
        source = clips.write(tmp_path / name, clips.numbered(100), codec="mpeg4" if damaged else "libx264")
        (tmp_path / "preview.mp4").write_bytes(b"the older one")
        with pytest.raises(Cancelled):
            write_preview(source, tmp_path / "preview.mp4", stop, damaged=damaged)
        assert (tmp_path / "preview.mp4").read_bytes() == b"the older one"
        assert list(tmp_path.glob(".*")) == []


def test_what_cannot_be_read_or_written_is_a_sentence(tmp_path, clips):
    text = tmp_path / "text.mp4"
    text.write_text("not a film")
    with pytest.raises(MediaError):
        write_preview(text, tmp_path / "preview.mp4")
    source = clips.write(tmp_path / "film.avi", clips.numbered(3), codec="mpeg4")
    with pytest.raises(StorageError):
        write_preview(source, text / "preview.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.avi", "text.mp4"]


@pytest.mark.parametrize(
    ("name", "wanted", "kind"),
    [
        ("film.mp4", {"options": FASTSTART}, "video/mp4"),
        ("film.mov", {"options": FASTSTART}, "video/mp4"),
        ("rotated.mp4", {"options": FASTSTART, "rotation": 90}, "video/mp4"),
        ("vp8.webm", {"codec": "libvpx"}, "video/webm"),
        ("vp9.webm", {"codec": "libvpx-vp9"}, "video/webm"),
        ("vp9.mp4", {"codec": "libvpx-vp9", "options": FASTSTART}, "video/mp4"),
    ],
)
def test_what_browsers_play(tmp_path, clips, name, wanted, kind):
    path = clips.write(tmp_path / name, clips.numbered(20), **wanted)
    nameless = path.rename(tmp_path / "0123abcd")
    assert is_browser_playable(nameless) and content_type(nameless) == kind


def test_sound_that_browsers_do_not_know_makes_a_film_unplayable(tmp_path, clips):
    silent = clips.write(tmp_path / "film.mp4", clips.numbered(20), options=FASTSTART)
    assert is_browser_playable(add_sound(silent, "aac")) and not is_browser_playable(add_sound(silent, "ac3"))


def test_a_file_is_judged_anew_when_it_has_changed(tmp_path, clips):
    path = clips.write(tmp_path / "film.mp4", clips.numbered(20), options=FASTSTART)
    assert is_browser_playable(path)
    path.write_bytes(path.read_bytes()[:300])
    assert not is_browser_playable(path)


def test_odd_files_are_not_playable_and_raise_nothing(tmp_path, demo):
    whole = (demo / "trailer.mp4").read_bytes()
    assert is_browser_playable(demo / "trailer.mp4")
    odd = [b"", b"\0", b"\x1a\x45\xdf\xa3", b"\x1a\x45\xdf\xa3\x42\x82\x84webm", b"\0\0\0\x08moov\0\0\0\x08mdat"]
    odd += [b"\0\0\0\x01moov" + b"\xff" * 8, b"\0\0\0\0moov", whole[:40], whole[:3000], whole[8:], bytes(5000)]
    for n, content in enumerate(odd):
        path = tmp_path / f"{n}.mp4"
        path.write_bytes(content)
        assert not is_browser_playable(path)
    assert not is_browser_playable(tmp_path) and not is_browser_playable(tmp_path / "none")
    assert not is_browser_playable(Path("a\0b"))
