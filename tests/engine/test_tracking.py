"""The tracker on scripted scenes: faces are painted into the frames, and what stands in for the networks reads them.

A face is a square of one colour: red is who it is, green how well it scores. What hides a face hides it from the
detector as well; twins are two colours that embed alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.timeline import Interval
from engine.tracking import BEST_FACES, MEMORY_S, PROBE_EVERY_S, ShotTracker
from engine.trails import iou
from engine.types import Detections, Frame
from engine.vision.scales import FilmScales

FPS = 8
STEP_S = 1 / FPS
WIDTH, HEIGHT = 480, 160
SCALES = FilmScales((1.0, 2.0))  # a quick look finds faces of 80 px, a thorough one of 40 px
SIDE = 90
ROUNDED_PX = 1  # faces are painted in whole pixels; a box between two looks lies on a straight way
ANNA, BERT, CARL = 10, 20, 30
TWIN = 100  # TWIN + who: another colour, the same face


@dataclass(frozen=True)
class Face:
    """Somebody at `left`, `top` in one frame, `side` px wide."""

    who: int
    left: float
    top: float = 30
    side: int = SIDE
    score: float = 1.0

    @property
    def box(self):
        return np.array([self.left, self.top, self.left + self.side, self.top + self.side], np.float64)


def painted(faces, width=WIDTH):
    """The frame (HEIGHT, width, 3) of these faces; a later one stands before an earlier one."""
    image = np.zeros((HEIGHT, width, 3), np.uint8)
    for face in faces:
        x1, y1, x2, y2 = np.clip(face.box.round().astype(int), 0, [width, HEIGHT, width, HEIGHT])
        image[y1:y2, x1:x2] = (face.who, 128 + round(100 * face.score), 0)
    return image


def seen(image):
    """The faces that can be seen in a frame: at least half of the square, and not as a narrow strip."""
    red = np.ascontiguousarray(image[:, :, 0])
    for who in set(red[::4, ::4].ravel().tolist()) - {0}:
        mask = red == who
        x, y = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
        box = np.array([x[0], y[0], x[-1] + 1, y[-1] + 1], np.float64)
        sides = box[2:] - box[:2]
        if mask.sum() >= sides.prod() / 2 and sides.max() < 1.5 * sides.min():
            yield who, box, (float(image[:, :, 1][mask][0]) - 128) / 100


class PaintedDetector:
    """Finds painted faces within the limits that the engine's detector has."""

    model_id = "painted"

    def __init__(self):
        self.n_whole = self.n_crops = 0

    def propose(self, image, parts, scale, threshold, n_levels=None):
        self.n_whole += len(parts) > 0
        largest_px = np.inf if n_levels is None else 96 * 1.44 ** (n_levels - 1) * 1.1
        fitting = [face for face in seen(image) if 80 <= (face[1][3] - face[1][1]) * scale <= largest_px]
        return found([face for face in fitting if any(is_within(face[1], part) for part in parts)], threshold)

    def detect_around(self, image, boxes_xyxy, threshold=0.0, context=2.0):
        self.n_crops += len(boxes_xyxy)
        near = {}
        for who, box, score in seen(image) if len(boxes_xyxy) else ():
            for place in np.asarray(boxes_xyxy, np.float64):
                side = (place[2:] - place[:2]).max()
                reach = np.tile((place[:2] + place[2:]) / 2, 2) + np.array([-1, -1, 1, 1]) * side * context / 2
                whole = (box[:2] >= reach[:2] - 5).all() and (box[2:] <= reach[2:] + 5).all()
                if whole and 0.8 <= (box[3] - box[1]) / side <= 1.6:
                    near[who] = (who, box, score)
        return found(near.values(), threshold)


def is_within(box, part):
    top, left, bottom, right = part
    return left <= box[0] and top <= box[1] and box[2] <= right and box[3] <= bottom


def found(faces, threshold):
    faces = sorted((face for face in faces if face[2] > threshold), key=lambda face: -face[2])
    if not faces:
        return Detections.none()
    return Detections(np.stack([box for _, box, _ in faces]), np.array([score for _, _, score in faces]))


class PaintedAligner:
    """Chips cut at the box, with a grain in blue so that they count as sharp; every face looks ahead."""

    _GRAIN = 200 * (np.indices((150, 150)).sum(axis=0) % 2).astype(np.uint8)

    def align(self, image, boxes_xyxy):
        chips = np.empty((len(boxes_xyxy), 150, 150, 3), np.uint8)
        landmarks = np.empty((len(boxes_xyxy), 5, 2), np.float32)
        for i, (x1, y1, x2, y2) in enumerate(boxes_xyxy):
            rows = np.clip(np.linspace(y1, y2 - 1, 150).astype(int), 0, image.shape[0] - 1)
            columns = np.clip(np.linspace(x1, x2 - 1, 150).astype(int), 0, image.shape[1] - 1)
            chips[i] = image[np.ix_(rows, columns)]
            chips[i, :, :, 2] = self._GRAIN
            landmarks[i] = np.array([[0.9, 0.3], [0.6, 0.3], [0.1, 0.3], [0.4, 0.3], [0.5, 0.6]]) * (x2 - x1) + (x1, y1)
        return chips, landmarks


class PaintedEmbedder:
    """One direction for each person, 0.99 apart, and noise of about 0.1; who is read from the middle of the chip."""

    model_id = "painted-v1"

    def __init__(self):
        self.n_faces = 0
        self._random = np.random.default_rng(4)

    def embed(self, chips):
        assert chips.dtype == np.uint8 and chips.shape[1:] == (150, 150, 3)
        self.n_faces += len(chips)
        vectors = self._random.normal(0, 0.1 / np.sqrt(128), (len(chips), 128))
        for vector, who in zip(vectors, chips[:, 75, 75, 0], strict=True):
            vector[who % TWIN] += 0.7
        return vectors.astype(np.float32)


def who_is(vector):
    return int(np.argmax(vector))


@pytest.fixture
def follow():
    """follow(scene, start_s, end_s) -> tracks; `scene(t_s)` gives the faces of the frame at that time."""

    def run(scene, start_s=0.0, end_s=6.0, width=WIDTH):
        shot = Interval(start_s, end_s)
        tracker = ShotTracker(shot, STEP_S, SCALES, PaintedDetector(), PaintedAligner(), PaintedEmbedder())
        times = start_s + STEP_S * np.arange(round((end_s - start_s) * FPS))
        for t_s in times.tolist():
            tracker.step(Frame(painted(scene(t_s), width), t_s))
        tracks = tracker.finish()
        for number, track in enumerate(tracks):
            assert track.id == number
            assert shot.start_s <= track.start_s < track.end_s <= shot.end_s
            assert set(track.t_s) <= set(times) and (np.diff(track.t_s) > 0).all()
            assert track.start_s <= track.t_s[0] and track.t_s[-1] <= track.end_s
            assert 1 <= len(track.faces) <= BEST_FACES and track.faces.model_id == "painted-v1"
            assert (np.diff(track.faces.t_s) > 0).all() and set(track.faces.t_s) <= set(track.t_s)
            assert len({who_is(vector) for vector in track.faces.vectors}) == 1
            for t_s, box in zip(track.t_s.tolist(), track.boxes_xyxy, strict=True):
                there = [(who, there) for who, there, _ in seen(painted(scene(t_s), width))]
                on_face = [who for who, place in there if np.abs(place - box).max() <= ROUNDED_PX]
                assert [who % TWIN for who in on_face] == [who_is(track.faces.vectors[0])]
        assert [t.t_s[0] for t in tracks] == sorted(t.t_s[0] for t in tracks)
        return tracks

    return run


def people(tracks):
    return [who_is(track.faces.vectors[0]) for track in tracks]


def test_a_still_face_is_one_track_that_covers_the_shot_exactly(follow):
    (track,) = follow(lambda t: [Face(ANNA, 100)], 10.02, 14.02)
    assert (track.start_s, track.end_s) == (10.02, 14.02)
    assert np.array_equal(track.t_s, 10.02 + STEP_S * np.arange(32))
    assert (track.boxes_xyxy == [100, 30, 190, 120]).all()
    assert track.scores == pytest.approx(np.ones(32))


@pytest.mark.parametrize("n_samples", [1, 2, 3])
def test_the_shortest_shots_have_tracks(follow, n_samples):
    (track,) = follow(lambda t: [Face(ANNA, 100, score=0.1)], 5.0, 5.0 + n_samples * STEP_S)
    assert (track.start_s, track.end_s, len(track.t_s)) == (5.0, 5.0 + n_samples * STEP_S, n_samples)


def test_a_shot_without_faces_or_frames_has_no_tracks(follow):
    assert follow(lambda t: []) == []
    tracker = ShotTracker(Interval(0, 1), STEP_S, SCALES, PaintedDetector(), PaintedAligner(), PaintedEmbedder())
    assert tracker.finish() == []


@pytest.mark.parametrize("sides_per_s", [1.0, 3.2, -3.2])
def test_a_fast_face_is_one_track(follow, sides_per_s):
    left = 20 if sides_per_s > 0 else 1480
    (track,) = follow(lambda t: [Face(ANNA, left + t * sides_per_s * SIDE)], 0.0, 5.0, width=1600)
    assert (track.start_s, track.end_s, len(track.t_s)) == (0.0, 5.0, 40)


def test_a_face_that_comes_nearer_is_one_track(follow):
    (track,) = follow(lambda t: [Face(ANNA, 100 - 4 * t, 30 - 4 * t, side=80 + round(8 * t))], 0.0, 6.0)
    assert len(track.t_s) == 48


@pytest.mark.parametrize("front", [ANNA, BERT])
def test_two_faces_that_cross_keep_their_identity(follow, front):
    def scene(t):
        faces = [Face(ANNA, 20 + 50 * t), Face(BERT, 350 - 50 * t, 34)]
        return sorted(faces, key=lambda face: face.who == front)

    tracks = follow(scene, 0.0, 6.0)  # each box is checked against the face that was painted there
    assert sorted(people(tracks)) == [ANNA, BERT]
    assert [(t.start_s, t.end_s) for t in tracks] == [(0.0, 6.0)] * 2
    assert sorted(len(t.t_s) == 48 for t in tracks) == [False, True]  # only who was hidden has a gap


@pytest.mark.parametrize("appears_s", [1.125, 1.5, 1.875, 2.0])
def test_a_face_found_late_is_followed_back_to_its_first_frame(follow, appears_s):
    (track,) = follow(lambda t: [Face(ANNA, 100 + 30 * t)] if t >= appears_s else [])
    assert track.t_s[0] == appears_s and track.start_s == appears_s - STEP_S / 2
    assert track.end_s == 6.0


def test_a_small_face_that_only_a_thorough_look_finds_is_followed_back(follow):
    (track,) = follow(lambda t: [Face(ANNA, 100, side=50)] if t >= 2.5 else [])
    assert track.t_s[0] == 2.5


def test_who_is_followed_back_does_not_run_into_somebody_else(follow):
    # Bert takes Anna's place: what is there before belongs to her.
    tracks = follow(lambda t: [Face(ANNA if t < 2.0 else BERT, 100)] if not 1.5 <= t < 3.25 else [], 0.0, 6.0)
    assert people(tracks) == [ANNA, BERT]
    assert tracks[0].t_s[-1] == 1.375 and tracks[1].t_s[0] == 3.25


@pytest.mark.parametrize("leaves_s", [2.0, 2.3, 3.0, 4.9])
def test_a_track_ends_where_its_face_leaves(follow, leaves_s):
    (track,) = follow(lambda t: [Face(ANNA, 100)] if t < leaves_s else [])
    assert abs(track.end_s - leaves_s) <= STEP_S
    assert track.start_s == 0.0 and track.t_s[-1] < leaves_s


def test_a_face_that_leaves_through_the_edge_ends_there(follow):
    (track,) = follow(lambda t: [Face(ANNA, 300 + 60 * t)], 0.0, 6.0)
    assert 1.5 < track.end_s < 4.5


@pytest.mark.parametrize("gone_s", [(1.0, 1.8), (2.1, 2.9), (2.5, 3.3), (2.0, 4.0)])
def test_a_short_drop_out_does_not_part_a_track(follow, gone_s):
    (track,) = follow(lambda t: [Face(ANNA, 100 + 5 * t)] if not gone_s[0] <= t < gone_s[1] else [])
    assert (track.start_s, track.end_s) == (0.0, 6.0)
    assert not [t for t in track.t_s if gone_s[0] <= t < gone_s[1]]


@pytest.mark.parametrize("left", [140, 350])
def test_who_appears_as_somebody_vanishes_is_somebody_else(follow, left):
    tracks = follow(lambda t: [Face(ANNA, 100)] if t < 2.0 else [Face(BERT, left)])
    assert people(tracks) == [ANNA, BERT]
    assert tracks[0].t_s[-1] == 1.875 and tracks[1].t_s[0] == 2.0


def test_who_comes_out_from_behind_somebody_is_not_followed_into_them(follow):
    # Found at 2 s, Bert came from where Anna is; what is seen there is hers.
    tracks = follow(lambda t: [Face(BERT, 100 + 180 * max(0, t - 1.3), 34), Face(ANNA, 100)], 0.0, 3.0)
    assert people(tracks) == [ANNA, BERT]
    assert len(tracks[0].t_s) == 24 and 1.5 < tracks[1].t_s[0] < 2.0


def test_a_face_that_comes_back_weak_is_still_awaited(follow):
    scores = ((2.0, 1.0), (2.8, -1.2), (6.0, -0.5))  # until when, how well it scores
    (track,) = follow(lambda t: [Face(ANNA, 100, score=next(score for until, score in scores if t < until))])
    assert track.end_s == 6.0 and len(track.t_s) == 48 - 7


@pytest.mark.parametrize(("back", "groups"), [(ANNA, [ANNA]), (TWIN + ANNA, [ANNA]), (BERT, [ANNA, BERT])])
def test_a_longer_drop_out_is_joined_only_where_the_embeddings_agree(follow, back, groups):
    def scene(t):
        return [Face(ANNA, 100)] if t < 2.0 else [Face(back, 130)] if t >= 3.6 else []

    tracks = follow(scene)
    assert people(tracks) == groups
    assert tracks[0].start_s == 0.0 and tracks[-1].end_s == 6.0
    assert sum(len(t.t_s) for t in tracks) >= 16 + 19 - 1  # by then it is sought in every other frame


def test_after_a_second_the_place_alone_proves_nothing(follow, monkeypatch):
    monkeypatch.setattr("engine.tracking._WEAK_QUALITY", 2.0)  # as if all faces were too poor to be told apart
    tracks = follow(lambda t: [Face(ANNA, 100)] if t < 2.0 else [Face(BERT, 100)] if t >= 3.0 else [])
    assert people(tracks) == [ANNA, BERT]


def test_a_face_that_was_gone_too_long_is_a_new_track(follow):
    tracks = follow(lambda t: [Face(ANNA, 100)] if t < 2.0 or t >= 4.5 else [], 0.0, 8.0)
    assert people(tracks) == [ANNA, ANNA]
    assert tracks[0].end_s < 2.1 and tracks[1].start_s > 4.4


def test_faces_visible_together_are_never_joined_even_if_they_embed_alike(follow):
    def scene(t):
        faces = [Face(TWIN + ANNA, 300)] if 0.5 <= t < 5.5 else []
        return faces + ([Face(ANNA, 100)] if t < 2.0 or t >= 3.6 else [])

    tracks = follow(scene)
    assert people(tracks) == [ANNA, ANNA]
    by_place = {round(float(track.boxes_xyxy[0, 0])): track for track in tracks}
    assert (by_place[100].start_s, by_place[100].end_s) == (0.0, 6.0)
    assert (by_place[300].t_s[0], by_place[300].t_s[-1]) == (0.5, 5.375)


def test_a_chain_of_joins_never_holds_two_who_are_visible_together(follow):
    # The twin at 300 begins before Anna at 100 ends; both agree with who comes after them.
    def scene(t):
        faces = [Face(ANNA, 20)] if t < 2.0 else []
        faces += [Face(TWIN + ANNA, 350)] if 1.0 <= t < 2.5 else []
        return faces + ([Face(ANNA, 180)] if t >= 3.75 else [])

    places = sorted(sorted(set(track.boxes_xyxy[:, 0].tolist())) for track in follow(scene))
    assert places in ([[20, 180], [350]], [[20], [180, 350]])


@pytest.mark.parametrize(("score", "n_tracks"), [(-0.1, 0), (0.2, 0), (0.45, 0), (0.7, 1)])
def test_a_face_seen_once_must_be_beyond_doubt(follow, score, n_tracks):
    tracks = follow(lambda t: [Face(CARL, 100, score=score)] if t == 2.0 else [])
    assert len(tracks) == n_tracks
    for track in tracks:
        assert track.interval == Interval(2.0 - STEP_S / 2, 2.0 + STEP_S / 2)


def test_a_weak_face_goes_on_where_it_is_expected_but_begins_nothing(follow):
    (track,) = follow(lambda t: [Face(ANNA, 100, score=1.0 if t < 1.5 else -0.5), Face(BERT, 300, score=-0.5)])
    assert people([track]) == [ANNA] and len(track.t_s) == 48


def test_the_best_few_faces_of_a_long_track_are_embedded():
    embedder = PaintedEmbedder()
    tracker = ShotTracker(Interval(0, 12), STEP_S, SCALES, PaintedDetector(), PaintedAligner(), embedder)
    for i in range(12 * FPS):
        score = 1.0 if i >= 48 else 0.4  # the better half is the later one
        tracker.step(Frame(painted([Face(ANNA, 100, score=score), Face(BERT, 300)]), i * STEP_S))
    tracks = tracker.finish()
    assert [len(track.faces) for track in tracks] == [BEST_FACES] * 2
    assert embedder.n_faces == 2 * BEST_FACES
    anna = next(track for track in tracks if people([track]) == [ANNA])
    assert anna.faces.t_s.min() >= 6.0
    assert len({int(t / 0.5) for t in anna.faces.t_s}) == BEST_FACES
    assert ((anna.faces.quality > 0) & (anna.faces.quality <= 1)).all()


def test_a_joined_track_keeps_no_more_faces_than_another(follow):
    (track,) = follow(lambda t: [Face(ANNA, 100)] if t < 6.0 or t >= 7.6 else [], 0.0, 14.0)
    assert len(track.faces) == BEST_FACES


def test_memory_does_not_grow_with_the_shot():
    tracker = ShotTracker(Interval(0, 40), STEP_S, SCALES, PaintedDetector(), PaintedAligner(), PaintedEmbedder())
    blank, most = painted([]), 0
    for i in range(40 * FPS):
        tracker.step(Frame(blank, i * STEP_S))
        most = max(most, len(tracker._recent))
    assert MEMORY_S * FPS <= most <= (MEMORY_S + PROBE_EVERY_S) * FPS + 2
    assert tracker.finish() == [] and not tracker._recent


def test_a_still_picture_is_searched_once_and_its_face_looked_at_twice_a_second():
    detector = PaintedDetector()
    tracker = ShotTracker(Interval(0, 10), STEP_S, SCALES, detector, PaintedAligner(), PaintedEmbedder())
    for i in range(10 * FPS):
        tracker.step(Frame(painted([Face(ANNA, 100)]), i * STEP_S))
    (track,) = tracker.finish()
    assert len(track.t_s) == 10 * FPS
    assert detector.n_whole <= 2
    assert 20 <= detector.n_crops <= 32  # its first samples, each probe, and what the search made of it


def test_a_face_that_moves_off_between_two_looks_is_caught_up_with(follow):
    (track,) = follow(lambda t: [Face(ANNA, 40 + max(0, t - 2.13) * 150)], 0.0, 6.0, width=900)
    assert len(track.t_s) == 48


@pytest.mark.parametrize("leaves_s", [2.1, 2.35, 2.6])
def test_between_two_looks_nobody_is_made_up(follow, leaves_s):
    (track,) = follow(lambda t: [Face(ANNA, 100)] if t < leaves_s else [])
    assert leaves_s - STEP_S <= track.t_s[-1] < leaves_s


# Overlap of boxes.

corners = st.floats(-1e4, 1e4, allow_nan=False, width=32)
boxes = arrays.arrays(np.float64, st.tuples(st.integers(0, 5), st.just(4)), elements=corners).map(
    lambda b: np.concatenate([np.minimum(b[:, :2], b[:, 2:]), np.maximum(b[:, :2], b[:, 2:])], axis=1)
)


@settings(deadline=None, max_examples=150)
@given(boxes, boxes)
def test_iou_is_symmetric_and_a_share(a, b):
    overlap = iou(a, b)
    assert overlap.shape == (len(a), len(b)) and overlap.dtype == np.float64
    assert np.allclose(overlap, iou(b, a).T)
    assert ((overlap >= 0) & (overlap <= 1 + 1e-9)).all()


@settings(deadline=None, max_examples=100)
@given(boxes)
def test_iou_of_a_box_with_itself_is_one(a):
    area = (a[:, 2:] - a[:, :2]).prod(axis=1)
    own = np.diag(iou(a, a))
    assert own[area > 1e-3] == pytest.approx(np.ones((area > 1e-3).sum()))
    assert (own[area == 0] == 0).all()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 0, 2, 2], [1, 0, 3, 2], 1 / 3),
        ([0, 0, 2, 2], [2, 0, 4, 2], 0),
        ([0, 0, 4, 4], [1, 1, 3, 3], 1 / 4),
        ([0, 0, 2, 2], [5, 5, 6, 6], 0),
    ],
)
def test_iou_by_hand(a, b, expected):
    assert iou(np.array([a], float), np.array([b], float)) == pytest.approx(np.array([[expected]]))


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0)])
def test_iou_of_nothing(n, m):
    assert iou(np.zeros((n, 4)), np.zeros((m, 4))).shape == (n, m)


def test_a_small_face_is_followed_to_the_end_of_the_shot(follow):
    (track,) = follow(lambda t: [Face(ANNA, 100, side=50)], 0.0, 8.0)
    assert (track.end_s, len(track.t_s)) == (8.0, 64)
