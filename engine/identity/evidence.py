"""How much a distance says: log-likelihood ratios that a track shows a person of the gallery rather than somebody else.

Distances of one person and of two people both lie in bells of about one width. Where the bells stand depends on the
quality of the view (measured on LFW, shrunk, blurred, darkened and compressed; docs/measurements.md), on the gallery
(its own pictures say how near its people are to themselves and to each other: rendered or alike people need a
stricter rule than strangers off the web) and on the film (its light and lenses move everybody away from their
pictures), which is learnt while names are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from engine.errors import ModelError
from engine.types import FaceSamples, Gallery, Track

PICTURES_PER_NEAREST, MOST_NEAREST = 5, 3
"""A face is compared with the nearest fifth of a person's pictures, one at least and three at most: so three pictures
of somebody and thirty give about the same distance, and a lone lookalike among thirty names nobody."""

SAME_DISTANCE, OTHER_DISTANCE = 0.40, 0.775  # means over good views of LFW, three to nine pictures a person
SPREAD = 0.08  # standard deviation of both, at every quality
_LFW_SAME_WEIGHT, _LFW_OTHER_WEIGHT = 15, 30  # how many distances of the gallery's own outweigh those means
TRUST = 0.6  # of the ratio: views of one track fail together, and films hold more than LFW shows
_LEAST, _MOST = -3.0, 6.0  # a face says no more than this: it may be covered, or found beside the face
_LEAST_APART = 0.1  # of the two means, however poor the view
_LEAST_QUALITY = 0.01
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


def face_distances(samples: Sequence[FaceSamples], gallery: Gallery) -> list[np.ndarray]:
    """For each of `samples` (n_faces, n_people) float64: the distance of each face to each of `gallery.people`, the
    mean over their nearest pictures. Never to a mean vector: the average of several views lies where no real face lies
    (Davis King's advice on dlib's embeddings).

    Raises ModelError if faces and gallery come from different networks.
    """
    for model_id in {faces.model_id for faces in samples} - {gallery.model_id}:
        raise ModelError(
            f"The gallery {gallery.name} was made with the network {gallery.model_id}, not {model_id}; build it again."
        )
    people = _vectors_of_people(gallery)
    return [_to_people(faces.vectors.astype(np.float64), people) for faces in samples]


def track_distances(of_faces: Sequence[np.ndarray]) -> np.ndarray:
    """(n, n_people) float64: the distances of n tracks from those of their faces (`face_distances`, a face at least
    each): the mean over the nearer half of the faces, for a face turned away is far from everybody."""
    return np.array([np.sort(faces, axis=0)[: (len(faces) + 1) // 2].mean(axis=0) for faces in of_faces])


def gallery_bells(gallery: Gallery) -> Bells:
    """Where the two bells stand among the gallery's own pictures, each compared with the others; the fewer there are,
    the nearer to those of LFW."""
    people = _vectors_of_people(gallery)
    same: list[float] = []
    other: list[float] = []
    for p, pictures in enumerate(people):
        other += np.delete(_to_people(pictures, people), p, axis=1).ravel().tolist()
        if len(pictures) > 1:
            to_own = cdist(pictures, pictures)
            np.fill_diagonal(to_own, np.inf)
            same += _nearest_mean(to_own, len(pictures) - 1).tolist()
    return Bells(
        _shrunk(same, SAME_DISTANCE, _LFW_SAME_WEIGHT),
        _shrunk(other, OTHER_DISTANCE, _LFW_OTHER_WEIGHT),
    )


def track_quality(tracks: Sequence[Track]) -> np.ndarray:
    """(n,) quality of tracks: the mean over the better half of each one's faces."""
    best = (np.sort(track.faces.quality)[::-1][: (len(track.faces) + 1) // 2] for track in tracks)
    return np.array([quality.mean() for quality in best], np.float64)


def _vectors_of_people(gallery: Gallery) -> list[np.ndarray]:
    names, vectors = np.array(gallery.names), gallery.vectors.astype(np.float64)
    return [vectors[names == name] for name in gallery.people]


def _to_people(vectors: np.ndarray, people: Sequence[np.ndarray]) -> np.ndarray:
    distances = np.empty((len(vectors), len(people)))
    for i, pictures in enumerate(people):
        distances[:, i] = _nearest_mean(cdist(vectors, pictures), len(pictures))
    return distances


def _nearest_mean(to_pictures: np.ndarray, n_pictures: int) -> np.ndarray:
    """The mean of each row's nearest few, as many as `n_pictures` of somebody call for."""
    n_nearest = min(MOST_NEAREST, max(1, round(n_pictures / PICTURES_PER_NEAREST)))
    return np.sort(to_pictures, axis=1)[:, :n_nearest].mean(axis=1)


def _shrunk(values: Sequence[float], prior: float, weight: float) -> float:
    return float((sum(values) + prior * weight) / (len(values) + weight))
