"""How alike the tracks of one film are: in face, and in what they wear.

Clothes tell people of one scene apart where faces are turned, dark or tiny, and tell nothing between scenes or where
everybody dresses alike, which the pairs that are seen together show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from engine.identity.distances import distances
from engine.types import Track

TOGETHER_S = 0.2  # tracks that overlap longer than this are two people; less is the blur of a hand-over
SCENE_S = 180.0  # how fast two moments of a film grow strange to each other in dress

# Hellinger distances of clothes, over a sitcom and a company film: the same dress in another shot, another's dress.
_SAME_DRESS, _SAME_SPREAD = 0.35, 0.13
_OTHER_DRESS, _OTHER_SPREAD = 0.78, 0.17
_FARTHEST = 0.85  # beyond, distances say no more
_FLOOR = 0.02  # of the densities: light changes, people cross in front of each other
_ALIKE = 0.45  # people seen together whose dress is nearer than this are dressed alike
_ALIKE_PRIOR = (1, 10)  # of ten pairs seen together one is dressed alike, until the film says otherwise
_LEAST_DRESS, _MOST_DRESS = -1.2, 2.3  # dress says no more than this: people change, and others wear the same

_BLOCK = 128  # tracks looked at with all that begin before they end
_TILE_ROWS, _TILE_COLUMNS = 512, 1024  # faces compared at once: 4 MB, which stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Looks:
    """n tracks as arrays, made once a film: their times `start_s` and `end_s` (n,), the `vectors` (n_faces, 128) of all
    their faces less the mean of all, with each one's share in its track by quality, `shares` (n_faces,), where each
    track's faces begin, `firsts` (n + 1,), and the square roots of the clothes, `dress` (n, m), rows of 0 where they
    are not known.

    Vectors and shares are float32, as the network gives them, which halves the time: around their mean distances are
    exact to some 3e-7, a quarter of what two runs of the network differ by.
    """

    start_s: np.ndarray
    end_s: np.ndarray
    vectors: np.ndarray
    shares: np.ndarray
    firsts: np.ndarray
    dress: np.ndarray

    def __len__(self) -> int:
        return len(self.start_s)

    def part(self, first: int, last: int) -> Looks:
        """The tracks `first` to `last`, the last one not included; nothing is copied."""
        faces = slice(self.firsts[first], self.firsts[last])
        return Looks(
            self.start_s[first:last],
            self.end_s[first:last],
            self.vectors[faces],
            self.shares[faces],
            self.firsts[first : last + 1] - self.firsts[first],
            self.dress[first:last],
        )


def looks_of(tracks: Sequence[Track]) -> Looks:
    """`tracks`, each with a face at least, as arrays."""
    sizes = [len(track.faces) for track in tracks]
    shares = []
    for track in tracks:
        weights = track.faces.quality.astype(np.float64) + 1e-6
        shares.append(weights / weights.sum())
    dress = np.zeros((len(tracks), max((len(track.clothes) for track in tracks), default=0)))
    for row, track in zip(dress, tracks, strict=True):
        row[: len(track.clothes)] = np.sqrt(track.clothes)
    vectors = np.concatenate([track.faces.vectors for track in tracks] or [np.zeros((1, 128))])
    return Looks(
        np.array([track.start_s for track in tracks], np.float64),
        np.array([track.end_s for track in tracks], np.float64),
        (vectors - vectors.mean(axis=0)).astype(np.float32),
        np.concatenate(shares or [np.empty(0)]).astype(np.float32),
        np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
        dress,
    )


def visible_together(a: Track, b: Track) -> bool:
    """Whether two tracks show two people at once."""
    return a.interval.overlap_s(b.interval) > TOGETHER_S


def seen_together(a: Looks, b: Looks) -> np.ndarray:
    """(n, m) bool: `visible_together` of each of `a` with each of `b`; a track is together with itself."""
    ends = np.minimum(a.end_s[:, None], b.end_s[None])
    return ends - np.maximum(a.start_s[:, None], b.start_s[None]) > TOGETHER_S


def nearness(a: Looks, b: Looks) -> np.ndarray:
    """(n, m) in 0..1, falling with the time between the middles of two tracks: e ** -1 at `SCENE_S`."""
    middles = [(looks.start_s + looks.end_s) / 2 for looks in (a, b)]
    return np.exp(-np.abs(middles[0][:, None] - middles[1][None]) / SCENE_S)


def faces_apart(a: Looks, b: Looks) -> np.ndarray:
    """(n, m) float64: the mean distance over all pairs of faces of two tracks, weighted by quality. Some 6 ns a pair of
    faces, most of it a product of matrices; memory is the answer's and a few MB."""
    apart = np.empty((len(a), len(b)))
    of_rows = [(rows, a.vectors[x], _weights(a, rows, x)) for rows, x in _tiles(a.firsts, _TILE_ROWS)]
    for columns, y in _tiles(b.firsts, _TILE_COLUMNS):
        vectors, weigh = b.vectors[y], _weights(b, columns, y)
        for rows, own, weigh_own in of_rows:
            apart[rows, columns] = (weigh @ (weigh_own @ distances(own, vectors)).T).T
    return apart


def dress_apart(a: Looks, b: Looks) -> np.ndarray:
    """(n, m) float64, 0..1: Hellinger distances of the clothes, NaN where those of one are not known."""
    apart = np.sqrt(np.clip(1 - a.dress @ b.dress.T, 0, None))
    apart[~(a.dress.any(axis=1)[:, None] & b.dress.any(axis=1)[None])] = np.nan
    return apart


def dressed_alike(tracks: Sequence[Track]) -> float:
    """Share, 0..1, of the pairs of people seen together that are dressed alike: a tenth until enough are seen."""
    looks = looks_of(sorted(tracks, key=lambda track: track.start_s))
    n_alike, n_pairs = _ALIKE_PRIOR
    for first in range(0, len(looks), _BLOCK):
        block = looks.part(first, min(first + _BLOCK, len(looks)))
        later = looks.part(first, int(np.searchsorted(looks.start_s, block.end_s.max())))
        apart = dress_apart(block, later)[np.triu(seen_together(block, later), k=1)]
        n_alike += int((apart < _ALIKE).sum())
        n_pairs += int((~np.isnan(apart)).sum())
    return n_alike / n_pairs


def dress_evidence(a: Looks, b: Looks, alike: float) -> np.ndarray:
    """(n, m) what the clothes of two tracks say: `dress_ratios` of `dress_apart`."""
    return dress_ratios(dress_apart(a, b), alike)


def dress_ratios(apart: np.ndarray, alike: float) -> np.ndarray:
    """Log-likelihood ratios that clothes `apart` (any shape; NaN says 0) are one person's rather than two people's, in
    a film in which the share `alike` of people seen together is dressed alike."""
    same = _bell(np.maximum(apart, _SAME_DRESS), _SAME_DRESS, _SAME_SPREAD)  # nearer is no less likely
    other = (1 - alike) * _bell(np.minimum(apart, _FARTHEST), _OTHER_DRESS, _OTHER_SPREAD) + alike * same
    return np.nan_to_num(np.clip(np.log((same + _FLOOR) / (other + _FLOOR)), _LEAST_DRESS, _MOST_DRESS))


def _bell(values: np.ndarray, mean: float, spread: float) -> np.ndarray:
    return np.exp(-0.5 * ((values - mean) / spread) ** 2) / spread


def _tiles(firsts: np.ndarray, n_faces: int) -> Iterator[tuple[slice, slice]]:
    """Runs of tracks, whose faces begin at `firsts`, that have some `n_faces` in all; the same runs as faces."""
    first = 0
    while first < len(firsts) - 1:
        last = max(first + 1, int(np.searchsorted(firsts, firsts[first] + n_faces, side="right")) - 1)
        yield slice(first, last), slice(firsts[first], firsts[last])
        first = last


def _weights(looks: Looks, tracks: slice, faces: slice) -> csr_array:
    """(n, n_faces): multiplied with it, values of `faces` become the means of `tracks`."""
    n_faces = faces.stop - faces.start
    begins = looks.firsts[tracks.start : tracks.stop + 1] - faces.start
    return csr_array((looks.shares[faces], np.arange(n_faces), begins), shape=(tracks.stop - tracks.start, n_faces))
