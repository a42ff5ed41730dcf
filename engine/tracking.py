"""Faces over time within one shot: detections become tracks.

Frames come at a steady rate. Every second what changed is searched, down to the smallest face; between, only the places
where faces are expected, which costs a small part and may use a lower threshold, so that a face that turns or blurs is
kept. A slow face is looked at twice a second; if it is not where it should be, the frames between are looked at too. A
face found late is followed back in time to where it came from. Association is IoU >= 0.5 with the box that constant
motion predicts (the classic recipe), then, for what is left, nearness confirmed by the embedding. What the tracker lost
and found again within the shot is joined where the embeddings agree. A tracker never sees two shots.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
from scipy.optimize import linear_sum_assignment

from engine.timeline import Interval
from engine.trails import REST_S, Trail, View, iou, is_near, link_trails
from engine.types import Detections, FaceSamples, Frame, Track
from engine.vision.align import FaceAligner
from engine.vision.clothes import clothes_histogram, joined_clothes
from engine.vision.detect import MmodDetector, merge
from engine.vision.embed import FaceEmbedder
from engine.vision.quality import face_quality
from engine.vision.scales import FilmScales
from engine.vision.search import ShotSearch

START_SCORE = 0.0  # to begin a track: dlib's own decision boundary
KEEP_SCORE = -0.8  # to go on with one, where a face is expected; noise in whole frames begins near -1.2
SAME_IOU = 0.5  # the classic recipe
AGREE_DISTANCE = 0.6  # embeddings of one face in neighbouring frames; the network's own training threshold
PROBE_EVERY_S = 1.0  # faces that are not followed yet are searched (`engine.vision.search`)
MEMORY_S = 2.0  # frames are kept as long, to follow newcomers back
LOST_AFTER_S = 2.25  # how long a face is sought where it was last seen: a person may look aside for two seconds
PLACE_SPEAKS_S = 0.75  # of faces too poor to be told apart: after a longer gap it may be somebody else
SEEK_SOON_S = 0.3  # at first in every frame, then in every other one
BEST_FACES = 8  # embedded per track: one each half second of an ordinary shot of four
_FACE_EVERY_S = 0.5  # of the best faces no two come from the same half second
_WEAK_QUALITY = 0.1  # below, an embedding can confirm nothing


class ShotTracker:
    """Follows every face of one shot. Call `step` for each sampled frame in order, then `finish` once.

    Keeps the frames of the last two seconds for following back. Not safe to share.
    """

    def __init__(
        self,
        shot: Interval,
        sample_step_s: float,
        scales: FilmScales,
        detector: MmodDetector,
        aligner: FaceAligner,
        embedder: FaceEmbedder,
    ) -> None:
        self._shot, self._step_s = shot, sample_step_s
        self._search = ShotSearch(scales, shot, detector)
        self._detector, self._aligner, self._embedder = detector, aligner, embedder
        self._active: list[Trail] = []
        self._ended: list[Trail] = []
        self._recent: deque[Frame] = deque()
        self._sample_times: list[float] = []
        self._last_probe_s = float("-inf")

    def step(self, frame: Frame) -> None:
        """Takes the next sampled frame of the shot; its time must exceed the one before."""
        self._sample_times.append(frame.t_s)
        probing = self._probe_is_due(frame.t_s)
        due = [trail for trail in self._active if probing or self._is_last(frame.t_s) or self._is_due(trail, frame.t_s)]
        found = self._look_for(due, frame)
        if probing:
            found = merge([found, self._probe(frame, found)])
        self._associate(frame, found)
        behind = [trail for trail in due if trail.t_s[-1] < frame.t_s and not trail.missed]
        if any([self._catch_up(trail) for trail in behind]):
            found = merge([found, self._look_for(behind, frame)])
            self._associate(frame, found)
        for trail in due:
            trail.missed = trail.t_s[-1] < frame.t_s
            if frame.t_s - trail.t_s[-1] > SEEK_SOON_S:
                trail.due_s = frame.t_s + 2 * self._step_s
        for trail in self._begin(frame, found):
            self._follow(trail, reversed(self._recent))
        self._recent.append(frame)
        self._retire(frame.t_s)

    def finish(self) -> list[Track]:
        """The shot's tracks, numbered from 0 in the order of their first frame. The tracker is spent."""
        for trail in self._active:
            self._catch_up(trail)
        trails = [t for t in self._ended + self._active if self._is_credible(t)]
        self._recent.clear()
        chosen = [self._best_views(trail) for trail in trails]
        chips = [view.chip for views in chosen for view in views]
        vectors = self._embedder.embed(np.stack(chips)) if chips else np.empty((0, 128), np.float32)
        of_trail = np.split(vectors, np.cumsum([len(views) for views in chosen])[:-1]) if trails else []
        groups = link_trails(trails, of_trail)
        tracks = []
        for number, group in enumerate(sorted(groups, key=lambda g: min(trails[i].t_s[0] for i in g))):
            views = [(view, vector) for i in group for view, vector in zip(chosen[i], of_trail[i], strict=True)]
            tracks.append(self._track(number, [trails[i] for i in group], views))
        return tracks

    # One frame.

    def _probe(self, frame: Frame, followed: Detections) -> Detections:
        """Searches what changed; forgets the frames that a later look need not be followed back into."""
        found = self._search.search(frame, followed.boxes_xyxy, KEEP_SCORE)
        self._last_probe_s = frame.t_s
        while self._recent and self._recent[0].t_s < frame.t_s - MEMORY_S - self._step_s:
            self._recent.popleft()
        return found

    def _probe_is_due(self, t_s: float) -> bool:
        since_s = t_s - self._last_probe_s
        return since_s >= PROBE_EVERY_S - self._step_s / 2 or (self._is_last(t_s) and since_s >= PROBE_EVERY_S / 2)

    def _is_last(self, t_s: float) -> bool:
        return t_s + 1.5 * self._step_s >= self._shot.end_s

    def _is_due(self, trail: Trail, t_s: float) -> bool:
        return t_s > trail.due_s - self._step_s / 2

    def _look_for(self, trails: list[Trail], frame: Frame) -> Detections:
        """Faces near where those of the `trails` that are not seen yet in this frame are expected."""
        expected = [trail.predict(frame.t_s) for trail in trails if trail.t_s[-1] < frame.t_s]
        return self._detector.detect_around(frame.image, np.array(expected).reshape(-1, 4), KEEP_SCORE)

    def _associate(self, frame: Frame, found: Detections) -> None:
        """Hands the detections to the active trails that are not seen yet in this frame."""
        boxes = found.boxes_xyxy.astype(np.float64)
        missing = [trail for trail in self._active if trail.t_s[-1] < frame.t_s]
        expected = np.array([trail.predict(frame.t_s) for trail in missing]).reshape(-1, 4)
        taken = iou(boxes, self._taken(frame.t_s)).max(axis=1, initial=0) >= SAME_IOU
        free = set(np.flatnonzero(~taken).tolist())
        waiting = set(range(len(missing)))
        overlap = iou(expected, boxes)
        overlap[:, taken] = 0
        for i, j in zip(*linear_sum_assignment(-overlap), strict=True):
            if overlap[i, j] >= SAME_IOU and self._is_same_after_gap(missing[i], frame, boxes[j], found.scores[j]):
                self._extend(missing[i], frame, boxes[j], float(found.scores[j]))
                waiting.discard(i), free.discard(j)
        for i in sorted(waiting):
            near = [j for j in sorted(free) if is_near(expected[i], boxes[j])]
            match = next((j for j in near if self._agrees(missing[i], frame, boxes[j], found.scores[j])), None)
            if match is not None:
                self._extend(missing[i], frame, boxes[match], float(found.scores[match]))
                free.discard(match)

    def _begin(self, frame: Frame, found: Detections) -> list[Trail]:
        """New trails for the detections that no trail took and that score well."""
        newcomers = []
        for box, score in zip(found.boxes_xyxy.astype(np.float64), found.scores.tolist(), strict=True):
            if score >= START_SCORE and iou(box[None], self._taken(frame.t_s)).max(initial=0) < 0.3:
                trail = Trail()
                self._extend(trail, frame, box, score)
                self._active.append(trail)
                newcomers.append(trail)
        return newcomers

    def _taken(self, t_s: float) -> np.ndarray:
        """Boxes (n, 4) of the trails that are seen in the frame at hand."""
        return np.array([t.boxes[-1] for t in self._active if t.t_s[-1] == t_s]).reshape(-1, 4)

    def _extend(self, trail: Trail, frame: Frame, box: np.ndarray, score: float, *, first: bool = False) -> None:
        rested = bool(trail.t_s) and not first and not trail.missed
        trail.add(frame.t_s, box, score, first=first)
        if rested:
            trail.fill(self._sample_times[-int(REST_S / self._step_s) - 2 :])
        if not first:
            others = np.array([t.boxes[-1] for t in self._active if t is not trail]).reshape(-1, 4)
            trail.missed, trail.due_s = False, frame.t_s + trail.rest_s(others)
        slot = int((frame.t_s - self._shot.start_s) / _FACE_EVERY_S)
        best = trail.views.get(slot)
        if best is None or score > best.quality - 0.2:
            view = self._view(frame, box, score)
            if best is None or view.quality > best.quality:
                trail.views[slot] = view

    def _view(self, frame: Frame, box: np.ndarray, score: float) -> View:
        chips, landmarks = self._aligner.align(frame.image, box[None])
        picture_wh = (frame.image.shape[1], frame.image.shape[0])
        quality = face_quality(box[None], np.array([score], np.float32), landmarks, chips, picture_wh)
        return View(frame.t_s, box, float(quality.overall[0]), chips[0], clothes_histogram(frame.image, box))

    def _is_same_after_gap(self, trail: Trail, frame: Frame, box: np.ndarray, score: float) -> bool:
        """The place alone is proof from one look to the next; after a gap somebody else may stand there."""
        return not trail.missed or self._agrees(trail, frame, box, score)

    def _agrees(self, trail: Trail, frame: Frame, box: np.ndarray, score: float) -> bool:
        """Whether a detection near a trail's expected place shows the trail's face."""
        view = self._view(frame, box, float(score))
        best = max(trail.views.values(), key=lambda v: v.quality)
        if min(view.quality, best.quality) < _WEAK_QUALITY:
            return frame.t_s - trail.t_s[-1] <= PLACE_SPEAKS_S  # neither picture can say no; the place says yes
        here, there = self._embedder.embed(np.stack([view.chip, best.chip]))
        return float(np.linalg.norm(here - there)) < AGREE_DISTANCE

    def _catch_up(self, trail: Trail) -> bool:
        """Follows a trail that was left alone through the frames since; whether it was seen in any."""
        last_s = trail.t_s[-1]
        self._follow(trail, [frame for frame in self._recent if frame.t_s > last_s])
        return trail.t_s[-1] > last_s

    def _follow(self, trail: Trail, frames: Iterable[Frame]) -> None:
        """Extends a trail into `frames`, ever further from it, until it is lost or meets another trail."""
        for frame in frames:
            back = frame.t_s < trail.t_s[0]
            if (trail.t_s[0] - frame.t_s if back else frame.t_s - trail.t_s[-1]) > LOST_AFTER_S:
                return
            expected = trail.predict(frame.t_s)
            found = self._detector.detect_around(frame.image, expected[None], KEEP_SCORE)
            overlap = iou(expected[None], found.boxes_xyxy)[0]
            if overlap.max(initial=0) < SAME_IOU:
                trail.missed = trail.missed or not back
                continue
            box = found.boxes_xyxy[int(overlap.argmax())].astype(np.float64)
            others = [t.box_at(frame.t_s) for t in self._active + self._ended if t is not trail]
            others = np.array([b for b in others if b is not None]).reshape(-1, 4)
            if iou(box[None], others).max(initial=0) >= SAME_IOU:
                return
            self._extend(trail, frame, box, float(found.scores[int(overlap.argmax())]), first=back)

    def _retire(self, t_s: float) -> None:
        lost = [trail for trail in self._active if t_s - trail.t_s[-1] > LOST_AFTER_S]
        self._ended += lost
        self._active = [trail for trail in self._active if trail not in lost]

    # The end of the shot.

    def _is_credible(self, trail: Trail) -> bool:
        """A face seen once is believed only if the shot offered no second look or the score is beyond doubt."""
        return len(trail.t_s) > 1 or len(self._sample_times) <= 2 or max(trail.scores) > 0.5

    def _best_views(self, trail: Trail) -> list[View]:
        best = sorted(trail.views.values(), key=lambda v: -v.quality)[:BEST_FACES]
        return sorted(best, key=lambda v: v.t_s)

    def _track(self, number: int, trails: list[Trail], views: list[tuple[View, np.ndarray]]) -> Track:
        seen = sorted(
            ((t, box, s) for trail in trails for t, box, s in zip(trail.t_s, trail.boxes, trail.scores, strict=True)),
            key=lambda item: item[0],
        )
        views = sorted(sorted(views, key=lambda v: -v[0].quality)[:BEST_FACES], key=lambda v: v[0].t_s)
        start_s, end_s = self._visible(seen[0][0], seen[-1][0])
        return Track(
            id=number,
            start_s=start_s,
            end_s=end_s,
            t_s=np.array([t for t, _, _ in seen]),
            boxes_xyxy=np.stack([box for _, box, _ in seen]),
            scores=np.array([s for _, _, s in seen]),
            faces=FaceSamples(
                t_s=np.array([view.t_s for view, _ in views]),
                boxes_xyxy=np.stack([view.box for view, _ in views]),
                quality=np.array([view.quality for view, _ in views]),
                vectors=np.stack([vector for _, vector in views]),
                model_id=self._embedder.model_id,
            ),
            clothes=joined_clothes(np.stack([view.clothes for view, _ in views])),
        )

    def _visible(self, first_s: float, last_s: float) -> tuple[float, float]:
        """The stretch a track stands for: half a sampling step beyond its ends, and the whole shot's edge where it
        was seen in the shot's first or last sample."""
        half = self._step_s / 2
        start = self._shot.start_s if first_s <= self._sample_times[0] else max(self._shot.start_s, first_s - half)
        end = self._shot.end_s if last_s >= self._sample_times[-1] else min(self._shot.end_s, last_s + half)
        return start, end
