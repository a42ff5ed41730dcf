"""Whom a child looks more like, mother or father, and how sure that is: distances of faces and what they meant in
families that are known.

The table beside this module, ``kinship.json``, is made by ``./dramatis evaluate kinship FOLDER --table`` from
KinFaceW-I (Lu et al., "Neighborhood Repulsed Metric Learning for Kinship Verification", 2014). There each child was
compared with a parent of its own and with somebody else's parent of the other sex, and the chance that the first is its
own is a logistic function of how much nearer it is. The function has an intercept for sons and one for daughters, for
sons lie nearer to men and daughters to women, kin or not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from engine.errors import ModelError

TABLE = Path(__file__).with_name("kinship.json")

Sex = Literal["son", "daughter", "child"]
"""What is said of a child; "child" where nothing is."""
Parent = Literal["mother", "father"]
Relation = Literal["father-son", "father-daughter", "mother-son", "mother-daughter"]

MIN_CHANCE = 0.75
"""Below, it is too close to call: three in four, for both are parents here, which is harder than one of two being a
stranger (``evaluate kinship`` says how many cases are decided with it, and how many of these rightly)."""

STEADY_SHARE = 0.95
"""Of all draws of pictures and views must lie on one side, or it is too close to call."""

N_DRAWS = 400  # the 5th percentile of the draws is then known to about 1 in 100 of the draws
_SEED = 20140


@dataclass(frozen=True, slots=True)
class Side:
    """The chance of the father, of mother and father: logistic in `slope` times how much nearer he is, and
    `intercept`."""

    intercept: float
    slope: float

    def chance_of_father(self, nearer_by: float | np.ndarray) -> np.ndarray:
        """0..1; `nearer_by`: distance to the mother less that to the father."""
        return 1 / (1 + np.exp(-(self.intercept + self.slope * np.asarray(nearer_by, np.float64))))

    def zone(self, min_chance: float = MIN_CHANCE) -> tuple[float, float]:
        """Between which two values of `nearer_by` neither parent reaches `min_chance`."""
        logit = float(np.log(min_chance / (1 - min_chance)))
        return (-logit - self.intercept) / self.slope, (logit - self.intercept) / self.slope


@dataclass(frozen=True, slots=True)
class Kinship:
    """What is known of families: `sides` by what is said of the child; for each relation the shares (n,) float64,
    0..1, of unrelated pairs nearer than each of `distances` (n,), rising."""

    model_id: str
    source: str
    sides: Mapping[Sex, Side]
    distances: np.ndarray
    unrelated: Mapping[Relation, np.ndarray]

    def closer_than_unrelated(self, parent: Parent, sex: Sex, distance: float) -> float:
        """The share, 0..1, of such parents and children of different families who are farther apart than `distance`;
        of a child of either sex the mean of both."""
        sexes: tuple[Sex, ...] = ("son", "daughter") if sex == "child" else (sex,)
        nearer = [np.interp(distance, self.distances, self.unrelated[f"{parent}-{one}"]) for one in sexes]
        return 1 - float(np.mean(nearer))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whom a child looks more like. `mother` and `father` are the distances, `nearer` is who the chance speaks for,
    `chance` (0.5..1) that in families like these the one so much nearer is the true parent, `low` and `high` where nine
    in ten of the draws lie, and `is_decided` whether that is enough."""

    sex: Sex
    mother: float
    father: float
    nearer: Parent
    chance: float
    low: float
    high: float
    is_decided: bool


@cache
def kinship(model_id: str) -> Kinship:
    """The table for vectors of `model_id`. Raises ModelError if there is none for that network, or it is damaged."""
    try:
        record = json.loads(TABLE.read_bytes())
        sides = {sex: Side(float(one["intercept"]), float(one["slope"])) for sex, one in record["sides"].items()}
        unrelated = {name: np.array(one["unrelated"], np.float64) for name, one in record["relations"].items()}
        grid = np.arange(len(next(iter(unrelated.values())))) * float(record["step"])
        if set(sides) != set(get_args(Sex)) or set(unrelated) != set(get_args(Relation)):
            raise ValueError("not these relations")
        if any(one.slope <= 0 for one in sides.values()):
            raise ValueError("a chance that falls the nearer somebody is")
        if any(one.shape != grid.shape or (np.diff(one) < 0).any() for one in unrelated.values()):
            raise ValueError("the shares do not rise")
        found = Kinship(record["model_id"], record["source"], sides, grid, unrelated)
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise ModelError(f"The table {TABLE} is damaged; put back the one that came with the project.") from error
    if found.model_id != model_id:
        raise ModelError(
            f"What likeness in a family means is known for the network {found.model_id}, not for {model_id}; "
            "make its table with ./dramatis evaluate kinship."
        )
    return found


def distance_table(people: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """Distances (n, n) float64 of n people, each the mean over all pairs of a picture of one and one of the other; 0
    from oneself. A person is a sequence of pictures, at least one, a picture its views (v, 128) float32, of which the
    first, the face as it stands, counts. The order of pictures makes no difference."""
    table = np.zeros((len(people), len(people)))
    for i, one in enumerate(people):
        for j in range(i):
            table[i, j] = table[j, i] = _apart(_plain(one), _plain(people[j])).mean()
    return table


def drawn_distances(
    child: Sequence[np.ndarray], others: Sequence[Sequence[np.ndarray]], n_draws: int = N_DRAWS
) -> np.ndarray:
    """How far each of `others` could as well be from `child` (n_draws, others) float64: as many pictures of everybody
    as there are, drawn with replacement, each in one of its views at random; moved so that the mean is the distance of
    `distance_table`. People are as there. The draws are the same in each call, whatever the order of the pictures."""
    random = np.random.default_rng(_SEED)
    everybody = [_sorted(one) for one in (child, *others)]
    chosen = [_draw(pictures, n_draws, random) for pictures in everybody]
    found = np.empty((n_draws, len(others)))
    for i, (pictures, mine) in enumerate(zip(everybody[1:], chosen[1:], strict=True)):
        table = _apart(np.concatenate(everybody[0]), np.concatenate(pictures))
        found[:, i] = table[chosen[0][:, :, None], mine[:, None, :]].mean(axis=(1, 2))
        found[:, i] += _apart(_plain(child), _plain(pictures)).mean() - found[:, i].mean()
    return found


def verdict(
    child: Sequence[np.ndarray], mother: Sequence[np.ndarray], father: Sequence[np.ndarray], sex: Sex, table: Kinship
) -> Verdict:
    """Whom `child` looks more like; people as for `distance_table`. It is decided if the chance reaches `MIN_CHANCE`
    and `STEADY_SHARE` of the draws speak for the same parent."""
    apart = distance_table((child, mother, father))[0]
    side = table.sides[sex]
    of_father = float(side.chance_of_father(apart[1] - apart[2]))
    drawn = drawn_distances(child, (mother, father))
    chances = side.chance_of_father(drawn[:, 0] - drawn[:, 1])
    nearer: Parent = "father" if of_father >= 0.5 else "mother"
    chance, chances = (of_father, chances) if nearer == "father" else (1 - of_father, 1 - chances)
    low, high = np.quantile(chances, ((1 - STEADY_SHARE), STEADY_SHARE))
    return Verdict(
        sex,
        float(apart[1]),
        float(apart[2]),
        nearer,
        chance,
        float(low),
        float(high),
        bool(chance >= MIN_CHANCE and (chances > 0.5).mean() >= STEADY_SHARE),
    )


def _plain(pictures: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack([views[0] for views in _sorted(pictures)])


def _sorted(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
    """In an order that depends on the pictures alone."""
    return sorted(pictures, key=lambda views: views[0].tolist())


def _draw(pictures: Sequence[np.ndarray], n_draws: int, random: np.random.Generator) -> np.ndarray:
    """Rows (n_draws, pictures) of the concatenated views: pictures drawn with replacement, a view of each."""
    first = np.cumsum([0, *(len(views) for views in pictures[:-1])])
    sizes = np.array([len(views) for views in pictures])
    which = random.integers(len(pictures), size=(n_draws, len(pictures)))
    return first[which] + (random.random(which.shape) * sizes[which]).astype(np.int64)


def _apart(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distances (n, m) float64 of rows (n, d) and (m, d)."""
    apart = ones[:, None].astype(np.float64) - others[None]
    return np.sqrt(np.einsum("ijk,ijk->ij", apart, apart))
