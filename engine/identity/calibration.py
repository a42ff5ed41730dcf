"""What a distance means: how near strangers are to each other, and how far pictures of one person.

The table beside this module, ``calibration.json``, is made by ``./dramatis evaluate distances FOLDER --json`` from
Labeled Faces in the Wild: for distances in even steps the share of pairs that are nearer, of pairs of two people and of
pairs of one. A table is about one network and says nothing about another's distances.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.errors import ModelError

TABLE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Shares of pairs (n,) float64, 0..1, that are nearer than each of `distances` (n,), rising: `strangers` of pairs
    of two people, `same` of pairs of one. `source` names the pictures, `n_pairs` counts the strangers' pairs."""

    model_id: str
    source: str
    n_pairs: int
    distances: np.ndarray
    strangers: np.ndarray
    same: np.ndarray

    def closer_than_strangers(self, distance: float) -> float:
        """The share of pairs of strangers, 0..1, that are farther from each other than `distance`."""
        return 1 - float(np.interp(distance, self.distances, self.strangers))

    def farther_than_same(self, distance: float) -> float:
        """The share of pairs of pictures of one person, 0..1, that are nearer to each other than `distance`."""
        return float(np.interp(distance, self.distances, self.same))

    def nearest_of_strangers(self, n_people: int) -> float:
        """How near the nearest of `n_people` strangers is in half of all cases: that near, somebody always is."""
        share = 1 - 0.5 ** (1 / max(n_people, 1))
        return float(np.interp(share, self.strangers, self.distances))


@cache
def calibration(model_id: str) -> Calibration:
    """The table for vectors of `model_id`. Raises ModelError if there is none for that network, or it is damaged."""
    try:
        record = json.loads(TABLE.read_bytes())
        grid = np.arange(len(record["strangers"])) * float(record["step"])
        strangers, same = (np.array(record[name], np.float64) for name in ("strangers", "same"))
        if strangers.shape != same.shape or (np.diff(strangers) < 0).any() or (np.diff(same) < 0).any():
            raise ValueError("the shares do not rise")
        found = Calibration(
            record["model_id"], record["source"], int(record["n_pairs_strangers"]), grid, strangers, same
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The table {TABLE} is damaged; put back the one that came with the project.") from error
    if found.model_id != model_id:
        raise ModelError(
            f"What distances mean is known for the network {found.model_id}, not for {model_id}; "
            "make its table with ./dramatis evaluate distances."
        )
    return found


def in_words(share: float) -> str:
    """What `Calibration.closer_than_strangers` says, for a reader.

    >>> in_words(0.996), in_words(0.99998), in_words(0.42)
    ('closer than 99.6 % of strangers are to each other', 'closer than 99.99 % of strangers are to each other', \
'closer than 42 % of strangers are to each other')
    >>> in_words(0.004)
    'no closer than strangers are to each other'
    """
    percent = min(share * 100, 99.99)
    # Rounded down: 99.97 is not 100.
    digits = 0 if percent < 90 else 1 if percent < 99.9 else 2
    shown = np.floor(percent * 10**digits + 1e-9) / 10**digits
    if shown == 0:
        return "no closer than strangers are to each other"
    return f"closer than {shown:.{digits}f} % of strangers are to each other"
