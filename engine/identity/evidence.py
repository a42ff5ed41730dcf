"""How much a distance says: log-likelihood ratios that a track shows a person of the gallery rather than somebody else.

Distances of one person and of two people both lie in bells of about one width. Where the bells stand depends on the
quality of the view (measured on LFW, shrunk, blurred, darkened and compressed; docs/measurements.md), on the gallery
(its own pictures say how near its people are to themselves and to each other: rendered or alike people need a
stricter rule than strangers off the web) and on the film (its light and lenses move everybody away from their
pictures), which is learnt while names are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.errors import ModelError
from engine.identity.distances import distances, nearest_mean, to_people
from engine.types import FaceSamples, Gallery, Track

CALIBRATED_FOR = "dlib-resnet-v1"  # the network whose distances the numbers below are (docs/models.md)

SAME_DISTANCE, OTHER_DISTANCE = 0.40, 0.775  # means over good views of LFW, three to nine pictures a person
SPREAD = 0.08  # standard deviation of both, at every quality
_LFW_SAME_WEIGHT, _LFW_OTHER_WEIGHT = 15, 30  # how many distances of the gallery's own outweigh those means
TRUST = 0.6  # of the ratio: views of one track fail together, and films hold more than LFW shows
_LEAST, _MOST = -3.0, 6.0  # a face says no more than this: it may be covered, or found beside the face
_LEAST_APART = 0.1  # of the two means, however poor the view
_LEAST_QUALITY = 0.01
_BLOCK = 1024  # faces compared with all pictures at once: 8 MB for a thousand pictures
_OTHER_FALL = 0.015  # of the mean distance to others, for each natural logarithm that the quality falls


@dataclass(frozen=True, slots=True)
class Bells:
    """Mean distance to the same person's pictures (`same`) and to other people's (`other`), for good views."""

    same: float
    other: float

    def same_at(self, quality: np.ndarray) -> np.ndarray:
        """`same` for views of `quality` (n,)."""
        return self.same + rise(quality)

    def other_at(self, quality: np.ndarray) -> np.ndarray:
        """`other` for views of `quality` (n,): poor ones are a little nearer to everybody."""
        return self.other - _OTHER_FALL * _poorness(quality)

    def ratios(self, distances: np.ndarray, quality: np.ndarray) -> np.ndarray:
        """(n, m) log-likelihood ratios of `distances` (n, m) of n tracks of `quality` (n,) to m people; above 0 where
        it is rather this person."""
        same = self.same_at(quality)
        other = np.maximum(self.other_at(quality), same + _LEAST_APART)
        slope, middle = TRUST * (other - same) / SPREAD**2, (other + same) / 2
        return np.clip(slope[:, None] * (middle[:, None] - distances), _LEAST, _MOST)


def rise(quality: np.ndarray) -> np.ndarray:
    """How much farther from their own pictures people are in views of `quality` (n,) than in perfect ones."""
    poorness = _poorness(quality)
    return 0.025 * poorness + 0.0085 * poorness**2


def _poorness(quality: np.ndarray) -> np.ndarray:
    return -np.log(np.clip(quality, _LEAST_QUALITY, 1))


@dataclass(frozen=True, slots=True, eq=False)
class KnownFaces:
    """A gallery made ready for many comparisons: `vectors` (n, 128) float64 of its pictures, those of `people[p]` from
    row `firsts[p]` to `firsts[p + 1]`; `bells` are those of its own pictures. It may hold nobody."""

    people: tuple[str, ...]
    vectors: np.ndarray
    firsts: np.ndarray
    bells: Bells


def known_faces(gallery: Gallery) -> KnownFaces:
    """`gallery` ready for comparing. Takes O(n^2) time in its pictures. Raises ModelError if it is of another network
    than `CALIBRATED_FOR`."""
    check_calibrated([gallery.model_id], f"build the gallery {gallery.name} again")
    people = gallery.people
    number = {name: p for p, name in enumerate(people)}
    of_picture = np.array([number[name] for name in gallery.names], np.int64)
    vectors = gallery.vectors[np.argsort(of_picture, kind="stable")].astype(np.float64)
    firsts = np.concatenate([[0], np.cumsum(np.bincount(of_picture, minlength=len(people)))])
    return KnownFaces(people, vectors, firsts, _own_bells(vectors, firsts))


def check_calibrated(model_ids: Iterable[str], mend: str) -> None:
    """Raises ModelError, which tells how to `mend` it, for vectors of a network whose distances were not measured."""
    for model_id in set(model_ids) - {CALIBRATED_FOR}:
        raise ModelError(
            f"How far faces lie apart is known for the network {CALIBRATED_FOR}, not for {model_id}; {mend}."
        )


def face_distances(samples: Sequence[FaceSamples], known: KnownFaces) -> list[np.ndarray]:
    """For each of `samples` (n_faces, n_people) float64: the distance of each face to each of `known.people`, one
    at least: the mean over their nearest pictures. Never to a mean vector: the average of several views lies where no
    real face lies (Davis King's advice on dlib's embeddings).

    Raises ModelError if faces are of another network than `CALIBRATED_FOR`.
    """
    check_calibrated((faces.model_id for faces in samples), "analyse the film again")
    if not samples:
        return []
    vectors = np.concatenate([faces.vectors for faces in samples])
    blocks = (vectors[i : i + _BLOCK].astype(np.float64) for i in range(0, max(1, len(vectors)), _BLOCK))
    found = np.concatenate([to_people(distances(block, known.vectors), known.firsts) for block in blocks])
    return np.split(found, np.cumsum([len(faces) for faces in samples])[:-1])


def track_distances(of_faces: Sequence[np.ndarray]) -> np.ndarray:
    """(n, n_people) float64: the distances of n tracks from those of their faces (`face_distances`, a face at least
    each): the mean over the nearer half of the faces, for a face turned away is far from everybody."""
    return np.array([np.sort(faces, axis=0)[: (len(faces) + 1) // 2].mean(axis=0) for faces in of_faces])


def track_quality(tracks: Sequence[Track]) -> np.ndarray:
    """(n,) quality of tracks: the mean over the better half of each one's faces."""
    best = (np.sort(track.faces.quality)[::-1][: (len(track.faces) + 1) // 2] for track in tracks)
    return np.array([quality.mean() for quality in best], np.float64)


def _own_bells(vectors: np.ndarray, firsts: np.ndarray) -> Bells:
    """Where the two bells stand among pictures each compared with the others; the fewer there are, the nearer to those
    of LFW."""
    owner = np.repeat(np.arange(len(firsts) - 1), np.diff(firsts))
    same: list[float] = []
    other: list[float] = []
    for i in range(0, len(vectors), _BLOCK):
        found = to_people(distances(vectors[i : i + _BLOCK], vectors), firsts)
        other += found[owner[i : i + _BLOCK, None] != np.arange(len(firsts) - 1)].tolist()
    for first, last in pairwise(firsts.tolist()):
        if last - first > 1:
            to_own = distances(vectors[first:last], vectors[first:last])
            np.fill_diagonal(to_own, np.inf)
            same += nearest_mean(to_own, last - first - 1).tolist()
    return Bells(
        _shrunk(same, SAME_DISTANCE, _LFW_SAME_WEIGHT),
        _shrunk(other, OTHER_DISTANCE, _LFW_OTHER_WEIGHT),
    )


def _shrunk(values: Sequence[float], prior: float, weight: float) -> float:
    return float((sum(values) + prior * weight) / (len(values) + weight))
