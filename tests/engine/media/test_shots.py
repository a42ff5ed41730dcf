"""Promises of the shot detector: on rendered clips whose truth is exact, and on three annotated ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from engine.errors import MediaError
from engine.media.container import Film
from engine.media.shots import PIECE_FRAMES, _Pieces, find_shots
from engine.media.transitions import CONTEXT_FRAMES, find_boundaries

PROJECT = Path(__file__).resolve().parents[3]
DATA = PROJECT / ".." / "shared" / "data" / "clips"
DEMO = PROJECT / "demo"
BLACK = np.zeros((90, 160, 3))


def texture(seed, grain=20, width=320):
    """A picture of soft blobs, (180, width, 3)."""
    small = np.random.default_rng(seed).integers(20, 235, (180 // grain, width // grain, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, 180), Image.Resampling.BICUBIC)).astype(float)


def scene(seed, n, *, speed=0.5, **kind):
    """n frames (90, 160, 3) of a camera that moves slowly over a texture."""
    picture = texture(seed, **kind)
    return [picture[40:130, int(i * speed) : int(i * speed) + 160] for i in range(n)]


def dissolved(a, b, n):
    """Scene a, its last n frames mixed with the first n of b, and the rest of b."""
    weights = np.arange(1, n + 1) / (n + 1)
    return [*a[:-n], *((1 - w) * x + w * y for w, x, y in zip(weights, a[-n:], b[:n], strict=True)), *b[n:]]


def faded(frames, n_in=0, n_out=0, to=BLACK):
    frames = list(frames)
    for i in range(n_in):
        frames[i] = to + (frames[i] - to) * i / n_in
    for i in range(n_out):
        frames[-1 - i] = to + (frames[-1 - i] - to) * i / n_out
    return frames


@pytest.fixture
def starts(tmp_path, clips):
    """Starts of the shots found in rendered frames, in frames; times of shots where `times_s` is given."""

    def find(frames, fps=24, times_s=None, **options):
        images = (np.clip(f, 0, 255).astype(np.uint8) for f in frames)
        path = clips.write(tmp_path / "film.mp4", images, fps=fps, times_s=times_s, **options)
        scan = find_shots(path)
        assert scan.n_frames == len(frames) and scan.n_damaged == 0
        assert scan.shots[0].start_s == 0 and scan.shots[-1].end_s == scan.duration_s
        assert all(a.end_s == b.start_s for a, b in zip(scan.shots, scan.shots[1:], strict=False))
        if times_s is not None:
            return [shot.start_s for shot in scan.shots]
        assert scan.duration_s == pytest.approx(len(frames) / fps, abs=1e-3)
        return [shot.start_s * fps for shot in scan.shots]

    return find


def test_cuts_are_found_at_their_first_frame(starts):
    lengths = (30, 4, 50, 12, 25)  # shots of four frames are real
    frames = [f for seed, n in enumerate(lengths) for f in scene(seed, n)]
    assert starts(frames) == pytest.approx([0, 30, 34, 84, 96])


def test_a_cut_back_to_the_same_shot_is_a_cut(starts):
    a = scene(1, 60)
    assert starts([*a[:30], *scene(2, 6), *a[36:]]) == pytest.approx([0, 30, 36])


def test_cuts_between_dark_scenes_are_found(starts):
    frames = [f * 0.12 for seed in range(4) for f in scene(seed, 30)]
    assert starts(frames) == pytest.approx([0, 30, 60, 90])


def test_a_cut_in_fast_motion_is_found(starts):
    assert starts(scene(1, 40, speed=4) + scene(2, 40, speed=4)) == pytest.approx([0, 40])


def test_a_cut_that_was_blended_over_one_frame_is_one_cut(starts):
    found = starts(dissolved(scene(1, 40), scene(2, 40), 1))
    assert len(found) == 2 and abs(found[1] - 39.5) <= 1


@pytest.mark.parametrize("n", [8, 12, 24, 36])
def test_a_dissolve_is_divided_in_its_middle(starts, n):
    found = starts(dissolved(scene(1, 70), scene(2, 70), n))
    assert len(found) == 2
    assert abs(found[1] - (70 - n / 2)) <= 2


def test_cuts_and_dissolves_in_one_film(starts):
    frames = scene(1, 40) + dissolved(scene(2, 60), scene(3, 60), 12) + scene(4, 40)
    found = starts(frames)
    assert [round(f) for f in found if f not in found[2:3]] == [0, 40, 148]
    assert abs(found[2] - (40 + 54)) <= 2


@pytest.mark.parametrize("to", [BLACK, BLACK + 255])
@pytest.mark.parametrize("hold", [0, 10, 50])
def test_a_fade_gives_one_boundary_where_the_picture_comes_back(starts, to, hold):
    frames = faded(scene(1, 50), n_out=12, to=to) + [to] * hold + faded(scene(2, 50), n_in=12, to=to)
    found = starts(frames)
    assert len(found) == 2
    assert abs(found[1] - (50 + hold)) <= 2


def test_fading_in_at_the_start_and_out_at_the_end_divides_nothing(starts):
    assert starts([BLACK] * 20 + faded(scene(1, 60), n_in=12, n_out=12) + [BLACK] * 20) == [0]


def test_black_between_two_cuts_is_a_shot_of_its_own(starts):
    assert starts(scene(1, 30) + [BLACK] * 30 + scene(2, 30)) == pytest.approx([0, 30, 60])


def flash(frames, at, n, gain):
    return [f + gain * max(0.0, 1 - abs(i - at) / n) if abs(i - at) < n else f for i, f in enumerate(frames)]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(flash(scene(1, 60), 30, 1, 150), id="flash of one frame"),
        pytest.param(flash(scene(1, 60), 30, 5, 200), id="flash that decays"),
        pytest.param([*scene(1, 30), BLACK + 255, BLACK + 255, *scene(1, 60)[32:]], id="white frames"),
        pytest.param([*scene(1, 30), BLACK, *scene(1, 60)[31:]], id="black frame dropped in"),
        pytest.param([*scene(1, 30), *[BLACK] * 4, *scene(1, 60)[34:]], id="blackout"),
        pytest.param(scene(1, 60, speed=2.5), id="pan"),
        pytest.param(scene(1, 60, speed=0.5, grain=8), id="slow pan over noise"),
        pytest.param(scene(1, 60, speed=10, grain=4, width=800), id="fast pan over noise"),
        pytest.param([f * 0.05 for f in scene(1, 60)], id="dark"),
        pytest.param([scene(1, 1)[0]] * 60, id="still"),
        pytest.param([BLACK] * 60, id="black"),
    ],
)
def test_what_is_one_shot_stays_one(starts, frames):
    assert starts(frames) == [0]


def test_a_shaking_camera_is_one_shot(starts):
    moves = np.random.default_rng(3).integers(-6, 7, (80, 2)).cumsum(0).clip(-30, 30) + 40
    assert starts([texture(5)[y : y + 90, x : x + 160] for y, x in moves]) == [0]


def test_something_large_crossing_the_picture_is_one_shot(starts):
    frames = [f.copy() for f in scene(1, 80)]
    for i, frame in enumerate(frames):
        frame[:, max(0, 6 * i - 100) : max(0, 6 * i - 20)] = (20, 30, 60)
    assert starts(frames) == [0]


def test_a_title_that_appears_is_no_cut(starts):
    frames = [f.copy() for f in scene(1, 60)]
    for frame in frames[30:]:
        frame[70:84, 10:110] = (250, 250, 240)
    assert starts(frames) == [0]


def test_frames_shown_twice_change_nothing(starts):
    frames = [f for f in scene(1, 30, speed=3) + scene(2, 30, speed=3) for _ in range(2)]
    assert starts(frames) == pytest.approx([0, 60])


def test_slides_of_uneven_length_start_when_they_are_shown(starts):
    times = [0.0, 2.0, 5.0, 5.5, 11.0]
    frames = [scene(seed, 1)[0] for seed in range(5)]
    assert starts(frames, times_s=times) == pytest.approx(times, abs=1e-3)


def test_a_held_still_between_moving_shots(starts):
    times = [n / 24 for n in range(24)] + [1.0] + [4 + n / 24 for n in range(24)]
    frames = [*scene(1, 24), scene(2, 1)[0], *scene(3, 24)]
    assert starts(frames, times_s=times) == pytest.approx([0, 1, 4], abs=1e-3)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_film_of_few_frames_is_one_shot(starts, n):
    assert starts(scene(1, n)) == [0]


@pytest.mark.slow
def test_boundaries_do_not_depend_on_where_a_piece_ends(tmp_path, clips):
    lengths = [37, 90, 64, 118, 51] * 3
    seeds = range(len(lengths))
    images = [f[::2, ::2] for seed, n in zip(seeds, lengths, strict=True) for f in scene(seed, n)]
    assert len(images) > 2 * PIECE_FRAMES
    path = clips.write(tmp_path / "long.mp4", (np.clip(f, 0, 255).astype(np.uint8) for f in images), codec="mpeg4")
    expected = np.cumsum([0, *lengths[:-1]]) / 24
    assert [s.start_s for s in find_shots(path).shots] == pytest.approx(expected.tolist())


def thumbs_of(frames):
    small = [np.asarray(Image.fromarray(f.astype(np.uint8)).convert("YCbCr").resize((64, 36))) for f in frames]
    return np.stack(small).transpose(0, 3, 1, 2)


def test_black_longer_than_a_piece_still_divides_two_shots():
    n_black = PIECE_FRAMES + 3 * CONTEXT_FRAMES
    before, after = faded(scene(1, 40), n_out=12), faded(scene(2, 40), n_in=12)
    thumbs = thumbs_of([*before, *[BLACK] * n_black, *after])
    pieces = _Pieces()
    found = [t for i, thumb in enumerate(thumbs) for t in pieces.add(thumb, i / 24)] + pieces.finish()
    assert len(found) == 1 and abs(found[0] * 24 - (40 + n_black)) <= 2


def test_memory_does_not_grow_with_the_film():
    pieces, thumb = _Pieces(), np.zeros((3, 36, 64), np.uint8)
    held = []
    for i in range(5 * PIECE_FRAMES):
        pieces.add(thumb, i / 24)
        held.append(len(pieces._thumbs))
    assert max(held) <= PIECE_FRAMES + 2 * CONTEXT_FRAMES


def test_no_frames_no_boundaries():
    assert find_boundaries(np.empty((0, 3, 36, 64), np.uint8), np.empty(0)) == []


def test_progress_rises_to_one_and_may_stop_the_scan(numbered_clip):
    told, found = [], []
    scan = find_shots(numbered_clip, told.append, found.append)
    assert tuple(found) == scan.shots
    assert told == sorted(told) and told[0] >= 0 and told[-1] == 1.0 and len(told) >= 3

    def stop(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_shots(numbered_clip, stop)


def test_a_damaged_film_is_scanned_to_its_end(tmp_path, clips):
    frames = [np.random.default_rng(n).integers(0, 255, (64, 96, 3), np.uint8) for n in range(96)]
    path = clips.write(tmp_path / "film.mkv", frames)
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size][40:50]
    data = bytearray(path.read_bytes())
    for place, size in packets:
        # Behind the head of the block that holds it: the container stays whole, what the decoder gets does not.
        data[place + 32 : place + size] = np.random.default_rng(place).bytes(size - 32)
    path.write_bytes(data)
    scan = find_shots(path)
    assert scan.n_damaged > 0
    assert scan.n_frames < 96 and scan.duration_s == pytest.approx(4.0, abs=0.5)


def test_no_film_is_a_media_error(tmp_path):
    with pytest.raises(MediaError):
        find_shots(tmp_path / "none.mp4")


def truth_of(name):
    """(clip, boundaries): each boundary is the stretch of time in which it may be found, frames aside."""
    if name == "trailer":
        clip, truth = DEMO / "trailer.mp4", DEMO / "trailer_truth.json"
        if not clip.exists():
            pytest.skip("needs demo/trailer.mp4, which is not here")
        film = json.loads(truth.read_text())
        shots = film["shots"]
        within = [(s["start"], s["start"] + 0.5 * s["transition_in"].startswith("dissolve")) for s in shots]
        return clip, [*within, (film["end_card"][0],) * 2]
    folder = DATA / name
    if not folder.exists():
        pytest.skip("needs ../shared/data, which is not here")
    with (folder / "shots.csv").open() as file:
        return folder / "clip.mp4", [(float(row["start_s"]),) * 2 for row in csv.DictReader(file)][1:]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["friends_130s", "testvideo", "trailer"])
def test_annotated_clips(name):
    clip, truth = truth_of(name)
    found = [shot.start_s for shot in find_shots(clip).shots[1:]]
    with Film(clip) as film:
        slack_s = 2 / float(film.fps) + 0.001
    left = list(found)
    hits = 0
    for start_s, end_s in truth:
        near = [t for t in left if start_s - slack_s <= t <= end_s + slack_s]
        if near:
            left.remove(near[0])
            hits += 1
    f1 = 2 * hits / (len(found) + len(truth))
    assert f1 >= 0.97, f"false {left}, found {hits} of {len(truth)}"
