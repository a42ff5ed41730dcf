"""What may be wrong in who is who: faces that do not look like the others of their person, two names of one person, two
people under one name, and pictures that are there twice.

Faces are vectors (n, d), their people `owners` (n,) int64, 0 .. k-1, each with a face at least. Distances are computed
block by block: memory grows with faces times people, not with the square of the faces, but for a single person's.

Measured by `./dramatis evaluate inspector` (docs/measurements.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.identity.distances import distances
from engine.identity.two_people import halves_of

NEAREST_SHARE = 0.5
"""Of a person's other faces, the nearest ones, to which a face is compared. Of LFW's people with ten pictures, a
twentieth of them swapped, the mean distance to the nearest half puts all that were swapped in the first 8 % of the
list, as that to the nearest three does; the distance to the medoid 99.0 to 99.9 % of them, that to the nearest one
98.1 to 99.5 %. Half of all withstands several wrong pictures of one other person, which are near each other."""

TYPICAL_WITHIN, TYPICAL_PAIRS = 0.44, 2
"""Of a person whose faces are few: how far pictures of one person lie apart on average (LFW, people with four pictures
or more), and for how many pairs of faces that counts."""

SAME_FACE = 0.15
"""Faces nearer than this are from one picture: cut otherwise, a picture's face moves by 0.08, 0.14 at the most (25
pictures of LFW and the ten of the demo); of 18,712 pairs of different pictures of one person of LFW two are as near."""
ALIKE_BITS, ALIKE_FACE = 4, 0.36
"""Pictures whose hashes differ in so few bits, and whose faces are not farther apart, are one picture too: saved again
or scaled to half, 2 bits at the most, while the face moves by 0.18 to 0.25, and by 0.35 at the most."""

LEAST_TO_DIVIDE = 4
"""Faces of a person who is asked about as two: with fewer, one odd picture and two people look the same."""

LIKELY_SAME = 0.05
"""To this excess two names are said to be one person's: of 100 people of LFW split in two at random 0.043 is the most,
while of its 178 with ten pictures no two are nearer than 0.115, and of 1,700 with two or more six pairs are."""
LIKELY_TWO = 0.15
"""From this gap on somebody is said to be two people: so it is with 99 % of 305 pairs of LFW's people put together, and
with 4 % of 610 who have four pictures or more."""

_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, by number: how far apart their faces are on average (`between`), how much farther than faces of
    one of them (`excess`, about 0 for one person under two names), and the nearest face of each, by row."""

    first: int
    second: int
    between: float
    excess: float
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Divided:
    """A person by number, the rows of the smaller half of the faces, and mean distances between the halves and within
    them; None where each half is one face. `gap` is the difference: large for two people."""

    person: int
    second: tuple[int, ...]
    between: float
    within: float | None
    gap: float


def oddness(vectors: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """(n,) float64: the mean distance of each face to the nearest half of the other faces of its person, NaN for a face
    without another. The largest are most likely somebody else's."""
    odd = np.full(len(owners), np.nan)
    for own in members(owners):
        if len(own) < 2:
            continue
        n_nearest = max(1, round(NEAREST_SHARE * (len(own) - 1)))
        for block in np.array_split(own, -(-len(own) // _BLOCK)):
            apart = distances(vectors[block].astype(np.float64), vectors[own].astype(np.float64))
            apart[np.arange(len(block)), np.searchsorted(own, block)] = np.inf
            odd[block] = np.partition(apart, n_nearest - 1, axis=1)[:, :n_nearest].mean(axis=1)
    return odd


def same_person(vectors: np.ndarray, owners: np.ndarray, most: int = 25) -> list[Pair]:
    """The `most` pairs of people that are most likely one person under two names, the likeliest first: those whose
    faces lie, on average, the least farther apart than faces of either. Fewer than two people, no pairs.

    O(n^2) time: 5,000 faces take about 1 s.
    """
    n_people = int(owners.max(initial=-1)) + 1
    if n_people < 2:
        return []
    order = np.argsort(owners, kind="stable")
    faces = vectors[order].astype(np.float64)
    sizes = np.bincount(owners, minlength=n_people)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    to_people = np.empty((len(faces), n_people))
    for start in range(0, len(faces), _BLOCK):
        apart = distances(faces[start : start + _BLOCK], faces)
        rows = np.arange(len(apart))
        apart[rows, start + rows] = 0.0
        to_people[start : start + _BLOCK] = np.add.reduceat(apart, firsts, axis=1)
    sums = np.add.reduceat(to_people, firsts, axis=0)
    between = sums / (sizes[:, None] * sizes[None])
    n_pairs = sizes * (sizes - 1)
    within = (np.diag(sums) + TYPICAL_PAIRS * TYPICAL_WITHIN) / (n_pairs + TYPICAL_PAIRS)
    excess = between - (within[:, None] + within[None]) / 2
    i, j = np.triu_indices(n_people, 1)
    best = np.argsort(excess[i, j], kind="stable")[:most]
    found = []
    for a, b in zip(i[best].tolist(), j[best].tolist(), strict=True):
        mine = order[firsts[a] : firsts[a] + sizes[a]]
        theirs = order[firsts[b] : firsts[b] + sizes[b]]
        apart = distances(vectors[mine].astype(np.float64), vectors[theirs].astype(np.float64))
        row, column = np.unravel_index(int(apart.argmin()), apart.shape)
        nearest = int(mine[row]), int(theirs[column])
        found.append(Pair(a, b, float(between[a, b]), float(excess[a, b]), nearest))
    return found


def two_under_one(vectors: np.ndarray, owners: np.ndarray, most: int = 25) -> list[Divided]:
    """The `most` people whose faces come apart the most when they are divided in two (`LEAST_TO_DIVIDE` faces at
    least), the most likely to be two people first."""
    found = []
    for person, own in enumerate(members(owners)):
        if len(own) < LEAST_TO_DIVIDE:
            continue
        apart = distances(vectors[own].astype(np.float64), vectors[own].astype(np.float64))
        np.fill_diagonal(apart, 0.0)
        halves = halves_of(apart, vectors[own])
        same = halves[:, None] == halves[None]
        upper = np.triu(np.ones_like(same), 1)
        between = float(apart[upper & ~same].mean())
        within = float(apart[upper & same].mean()) if (upper & same).any() else None
        smaller = 1 if 2 * halves.sum() <= len(own) else 0
        gap = between - (TYPICAL_WITHIN if within is None else within)
        found.append(Divided(person, tuple(own[halves == smaller].tolist()), between, within, gap))
    found.sort(key=lambda one: -one.gap)
    return found[:most]


def near_duplicates(
    vectors: np.ndarray, hashes: np.ndarray | None = None, most: int = 500
) -> list[tuple[int, int, float]]:
    """Pairs of rows (a < b) that show one picture, with the distance of their faces, the nearest first. By the face
    alone (`SAME_FACE`), and where `hashes` (n, 64) bool of the pictures (`engine.media.picture_hash`) are given also by
    both (`ALIKE_BITS`): the face finds what was cut otherwise, the hash what was scaled or saved again. A row of
    `hashes` that is all False is of a picture that could not be read. O(n^2) time."""
    found: list[tuple[int, int, float]] = []
    faces = vectors.astype(np.float64)
    signs = None if hashes is None else np.where(hashes, 1.0, -1.0).astype(np.float32)
    known = None if hashes is None else hashes.any(axis=1)
    for start in range(0, len(faces), _BLOCK):
        rows = slice(start, start + _BLOCK)
        apart = distances(faces[rows], faces[start:])
        same = apart < SAME_FACE
        if signs is not None and known is not None:
            bits = (signs.shape[1] - signs[rows] @ signs[start:].T) / 2
            same |= (bits <= ALIKE_BITS) & (apart < ALIKE_FACE) & known[rows, None] & known[None, start:]
        near = np.argwhere(np.triu(same, 1))
        found += [(start + int(a), start + int(b), float(apart[a, b])) for a, b in near]
    found.sort(key=lambda one: (one[2], one[0], one[1]))
    return found[:most]


def members(owners: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of each person, sorted, person 0 first."""
    order = np.argsort(owners, kind="stable")
    sizes = np.bincount(owners) if len(owners) else np.empty(0, np.int64)
    yield from np.split(order, np.cumsum(sizes)[:-1]) if len(sizes) else ()
