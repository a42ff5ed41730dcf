"""Open-set recognition: who of the gallery each track of a film is, or nobody, with a probability.

Each track's face speaks first (`engine.identity.evidence`); then tracks speak for each other: whoever is surely named
lends the name to tracks alike in dress or face near in time (`engine.identity.pairs`), and takes it from tracks
visible at the same moment. How common each person and strangers are in this film, and how far its light puts people
from their pictures, is estimated along the way from the tracks themselves (expectation-maximisation; mean field for
the ties between tracks). So in a film of a cast alone a doubtful face is rather somebody of the cast, and among many
extras it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from engine.identity.evidence import Bells, KnownFaces, face_distances, track_distances, track_quality
from engine.identity.pairs import Pairs, film_pairs
from engine.types import Candidates, Chances, Track

N_CANDIDATES = 3  # the person named, the one a doubter would ask about, and one more

_ROUNDS, _FACES_ALONE = 24, 2  # names stand still after some twelve rounds; in the first ones tracks do not tell others
_STRANGERS_AT_LEAST, _PERSON_AT_LEAST = 3.0, 0.3  # tracks of some seconds thought to be seen beside those that are
_TAKEN = 4.0  # log-odds against being who stands elsewhere in the same picture
_TELLS_FROM = 0.4  # who is less surely this person tells nobody
_MOST_TOLD = 0.8  # that somebody wears one thing throughout a scene; log(1 - this) is the most that dress denies
_GAP, _GAP_RANGE = 0.05, (-0.02, 0.13)  # how much farther films are from pictures than pictures from each other
_SURE = 0.7  # who is named so surely tells of the film's gap


@dataclass(frozen=True, slots=True)
class Recognition:
    """`name` is None for a stranger. `distance` is Euclidean, to the person named or, of strangers, to the nearest one.
    `chances` are the most probable people of the gallery, the likeliest first, with their probabilities; what these
    and the others lack to 1 is the probability of being nobody of the gallery. `candidates` say of each of the track's
    faces, taken by itself, whom it is like."""

    name: str | None
    distance: float
    chances: Chances
    candidates: tuple[Candidates, ...]

    def chance_of(self, name: str | None) -> float:
        """The probability of being `name`, 0 for somebody not among `chances`; of None, of being none of those."""
        of_names = dict(self.chances)
        return of_names.get(name, 0.0) if name is not None else max(0.0, 1 - sum(of_names.values()))


def face_candidates(of_faces: np.ndarray, people: Sequence[str]) -> tuple[Candidates, ...]:
    """For each face of `of_faces` (n, n_people), its distances to `people`, the `N_CANDIDATES` that it is nearest to,
    the nearest first; () for no faces."""
    nearest = np.argsort(of_faces, axis=1, kind="stable")[:, :N_CANDIDATES]
    rows = zip(nearest.tolist(), np.take_along_axis(of_faces, nearest, axis=1).tolist(), strict=True)
    return tuple(tuple((people[i], distance) for i, distance in zip(*row, strict=True)) for row in rows)


def recognise(
    tracks: Sequence[Track],
    known: KnownFaces,
    max_distance: float,
    min_probability: float,
    pairs_of: Callable[[Sequence[Track]], Pairs] = film_pairs,
) -> dict[int, Recognition]:
    """Who of the `known` each of the tracks of a film (each with a face at least) is, keyed by track id; `pairs_of`
    says what they tell each other.

    A track gets a name that is at least `min_probability` probable and at most `max_distance` away; the surest names
    are settled first, and nobody is in one picture twice. Raises ModelError for faces of another network than the
    gallery's.
    """
    people = known.people
    if not tracks or not people:
        return {}
    of_faces = face_distances([track.faces for track in tracks], known)
    distances = track_distances(of_faces)
    pairs = pairs_of(tracks)
    chances = _probabilities(tracks, distances, known.bells, pairs)
    chosen = _settled(np.where(distances <= max_distance, chances, 0), min_probability, pairs)
    found = {}
    for i, track in enumerate(tracks):
        likeliest = np.argsort(-chances[i], kind="stable")[:N_CANDIDATES]
        found[track.id] = Recognition(
            name=None if chosen[i] is None else people[chosen[i]],
            distance=float(distances[i].min() if chosen[i] is None else distances[i, chosen[i]]),
            chances=tuple((people[p], float(chances[i, p])) for p in likeliest),
            candidates=face_candidates(of_faces[i], people),
        )
    return found


def _probabilities(tracks: Sequence[Track], distances: np.ndarray, bells: Bells, pairs: Pairs) -> np.ndarray:
    """(n, n_people) probabilities; a row sums to 1 less the probability of being nobody of these."""
    n, n_people = distances.shape
    quality = track_quality(tracks)
    seconds = np.array([track.interval.duration_s for track in tracks])
    weight = np.log1p(seconds)  # a long track is one decision, though a weightier one
    frequency = np.full(n_people + 1, 1 / (n_people + 1))
    bells = _in_this_film(bells, distances, quality, weight)
    gap, told, chances = _GAP, np.zeros((n, n_people)), None
    for round_ in range(_ROUNDS):
        logits = np.zeros((n, n_people + 1))
        logits[:, 1:] = Bells(bells.same + gap, bells.other).ratios(distances, quality) + told
        if chances is not None:
            logits[:, 1:] -= _TAKEN * (pairs.together @ chances[:, 1:])
        logits += np.log(frequency)
        fresh = np.exp(logits - logits.max(axis=1, keepdims=True))
        fresh /= fresh.sum(axis=1, keepdims=True)
        chances = fresh if chances is None else (chances + fresh) / 2  # damped, or neighbours swap names for ever
        seen = (chances * weight[:, None]).sum(axis=0) + _PERSON_AT_LEAST
        seen[0] += _STRANGERS_AT_LEAST
        frequency = seen / seen.sum()
        gap = _gap(distances, chances[:, 1:], bells, quality, weight)
        if round_ >= _FACES_ALONE:
            told = _told(chances[:, 1:], seconds, pairs)
    return chances[:, 1:]


def _in_this_film(bells: Bells, distances: np.ndarray, quality: np.ndarray, weight: np.ndarray) -> Bells:
    """Moves the mean distance to other people half way to that of this film, where three people or more tell it: all
    but the nearest one are surely others."""
    if distances.shape[1] < 3:
        return bells
    others = np.sort(distances, axis=1)[:, 1:].mean(axis=1)
    weight = weight * np.clip(quality, 0.05, 0.5)
    shift = ((others - bells.other_at(quality)) * weight).sum() / (weight.sum() + 1)
    return Bells(bells.same, bells.other + 0.5 * shift)


def _gap(distances: np.ndarray, chances: np.ndarray, bells: Bells, quality: np.ndarray, weight: np.ndarray) -> float:
    """How much farther the surely named are from their pictures than pictures are from each other."""
    counted = np.where(chances > _SURE, chances, 0) * (weight * np.clip(quality, 0, 0.5))[:, None]
    beyond = distances - bells.same_at(quality)[:, None]
    return float(np.clip(((counted * beyond).sum() + _GAP) / (counted.sum() + 1), *_GAP_RANGE))


def _told(chances: np.ndarray, seconds: np.ndarray, pairs: Pairs) -> np.ndarray:
    """(n, n_people) log-likelihood ratios out of what the other tracks of each person say."""
    # Sparse, for of sixty people a track can be at most two.
    tellers = csr_array(np.where(chances > _TELLS_FROM, chances, 0) * np.minimum(1, seconds)[:, None])
    heard = (pairs.near @ tellers).toarray()
    ratio = (pairs.told @ tellers).toarray() / np.maximum(heard, 1e-9)
    trust = _MOST_TOLD * heard / (heard + 1)
    return np.log(trust * ratio + 1 - trust)


def _settled(chances: np.ndarray, least: float, pairs: Pairs) -> list[int | None]:
    """The person of each track, or None; the surest first, nobody twice in one picture."""
    chosen: list[int | None] = [None] * len(chances)
    tracks, people = np.nonzero(chances >= least)
    together = pairs.together
    for k in np.argsort(-chances[tracks, people], kind="stable"):
        i, p = int(tracks[k]), int(people[k])
        beside = together.indices[together.indptr[i] : together.indptr[i + 1]]
        if chosen[i] is None and all(chosen[j] != p for j in beside):
            chosen[i] = p
    return chosen
