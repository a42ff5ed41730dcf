"""Open-set recognition: who of the gallery is this, or nobody.

A face's distance to a person is the mean of its distances to the nearest few of that person's pictures; a track's
is the mean over the nearer half of its faces, for a face turned away is far from everybody. Tracks that are surely
one person are judged together. Never a mean vector: the average of several views lies where no real face lies (Davis
King's advice on dlib's embeddings). Two tracks that are visible together never get one name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from engine.errors import ModelError
from engine.types import Candidates, FaceSamples, Gallery, Track

NEAREST_PICTURES = 3  # a lone lookalike picture among thirty cannot name a stranger; three can be had for anybody
N_CANDIDATES = 3  # the person named, the one a doubter would ask about, and one more
TOGETHER_S = 0.2  # tracks that overlap longer than this are two people; less is the blur of a hand-over


@dataclass(frozen=True, slots=True)
class Recognition:
    """The name given to a track, its group's distance to that person, and how much farther the second person is (both
    Euclidean; `margin` is infinite if there is no second person)."""

    name: str
    distance: float
    margin: float


def face_distances(faces: FaceSamples, gallery: Gallery) -> np.ndarray:
    """(n, n_people) float64: the distance of each face to each of `gallery.people`, the mean over their nearest
    pictures.

    Raises ModelError if faces and gallery come from different networks.
    """
    if faces.model_id != gallery.model_id:
        raise ModelError(
            f"The gallery {gallery.name} was made with the network {gallery.model_id}, not {faces.model_id}; "
            "build it again."
        )
    to_pictures = cdist(faces.vectors.astype(np.float64), gallery.vectors.astype(np.float64))
    names = np.array(gallery.names)
    distances = np.empty((len(faces), len(gallery.people)))
    for i, name in enumerate(gallery.people):
        distances[:, i] = np.sort(to_pictures[:, names == name], axis=1)[:, :NEAREST_PICTURES].mean(axis=1)
    return distances


def person_distances(faces: FaceSamples, gallery: Gallery) -> dict[str, float]:
    """Distance of a track's faces (n >= 1) to each person of the gallery, nearest first.

    Raises ModelError if the two come from different networks.
    """
    n_near = (len(faces) + 1) // 2
    nearer_half = np.sort(face_distances(faces, gallery), axis=0)[:n_near]
    distances = {name: float(nearer_half[:, i].mean()) for i, name in enumerate(gallery.people)}
    return dict(sorted(distances.items(), key=lambda item: item[1]))


def face_candidates(faces: FaceSamples, gallery: Gallery) -> tuple[Candidates, ...]:
    """For each face, taken by itself, the `N_CANDIDATES` people of the gallery it is nearest to, the nearest first;
    () for no faces. Raises ModelError as `face_distances` does."""
    people = gallery.people
    found = []
    for distances in face_distances(faces, gallery):
        nearest = np.argsort(distances, kind="stable")[:N_CANDIDATES]
        found.append(tuple((people[i], float(distances[i])) for i in nearest))
    return tuple(found)


def recognise(groups: Sequence[Sequence[Track]], gallery: Gallery, max_distance: float) -> dict[int, Recognition]:
    """Names for the groups of tracks that are near enough to somebody, keyed by track id; strangers are absent.

    The tracks of a group are one person and get one name: the one whose distance, the mean over the group's tracks
    weighted by their number of faces, is least. The nearest pairs of group and person are settled first; a group
    whose nearest person already stands elsewhere in the same picture falls to its next one within `max_distance`, or
    stays a stranger.
    """
    distances = [_group_distances(group, gallery) for group in groups]
    pairs = sorted((d, i, name) for i, of in enumerate(distances) for name, d in of.items())
    settled: set[int] = set()
    named: dict[int, Recognition] = {}
    tracks_of: dict[str, list[Track]] = {name: [] for name in gallery.people}
    for distance, i, name in pairs:
        if distance > max_distance:
            break
        group = groups[i]
        if i in settled or any(visible_together(a, b) for a in group for b in tracks_of[name]):
            continue
        second = min((d for other, d in distances[i].items() if other != name), default=float("inf"))
        named |= {track.id: Recognition(name, distance, second - distance) for track in group}
        settled.add(i)
        tracks_of[name] += group
    return named


def _group_distances(group: Sequence[Track], gallery: Gallery) -> dict[str, float]:
    of_tracks = [person_distances(track.faces, gallery) for track in group]
    weights = [len(track.faces) for track in group]
    return {name: float(np.average([d[name] for d in of_tracks], weights=weights)) for name in of_tracks[0]}


def visible_together(a: Track, b: Track) -> bool:
    """Whether two tracks show two people at once."""
    return a.interval.overlap_s(b.interval) > TOGETHER_S
