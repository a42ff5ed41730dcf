"""Time as a row of cells a tenth of a second wide, each standing for its middle: what identities are counted on.

Interval algebra is exact and stays the measure of seconds. The grid is for what a protocol of the literature defines
frame by frame, and to show that the two agree: a timeline's seconds on the grid differ by up to one cell for each of
its intervals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from engine.timeline import Timeline

CELL_S = 0.1


def on_grid(timeline: Timeline, n_cells: int) -> np.ndarray:
    """(n_cells,) bool: whether the middle of each cell, (i + 0.5) * 0.1 s, lies in `timeline`.

    >>> from engine.timeline import Interval
    >>> on_grid(Timeline([Interval(0.1, 0.25)]), 4)
    array([False,  True, False, False])
    """
    cells = np.zeros(n_cells, bool)
    for interval in timeline:
        first, last = (int(np.ceil(t_s / CELL_S - 0.5 - 1e-9)) for t_s in (interval.start_s, interval.end_s))
        cells[max(0, first) : max(0, last)] = True
    return cells


def rows_on_grid(timelines: Sequence[Timeline], n_cells: int) -> np.ndarray:
    """(n, n_cells) bool, a row for each timeline; n may be 0."""
    return np.array([on_grid(timeline, n_cells) for timeline in timelines], bool).reshape(len(timelines), n_cells)


def n_cells_of(*groups: Sequence[Timeline]) -> int:
    """Cells enough for every moment of the timelines; 0 if there are none."""
    end_s = max((timeline.end_s for group in groups for timeline in group if timeline), default=0.0)
    return int(np.ceil(end_s / CELL_S))


def identity_f1(said: Sequence[Timeline], wanted: Sequence[Timeline], free: Sequence[Timeline]) -> float:
    """IDF1 (Ristani et al. 2016) over time: 2 found / (said + wanted - free), in cells, under the one-to-one matching
    of `said` identities to true ones that makes it best; 1.0 if nothing is said or wanted.

    True identity i wants the cells `wanted[i]`; cells of `free[i]` outside these may be said of it and count neither
    way. The matching (linear_sum_assignment) maximises found + free / 2 over all pairs, which without free cells is
    the IDF1 itself. Somebody said who is matched to nobody is false in every cell, free or not.
    """
    if len(wanted) != len(free):
        raise ValueError(f"expected free seconds for each of {len(wanted)}, got {len(free)}")
    n_cells = n_cells_of(said, wanted, free)
    says, wants = rows_on_grid(said, n_cells).astype(float), rows_on_grid(wanted, n_cells).astype(float)
    frees = rows_on_grid(free, n_cells).astype(float) * (1 - wants)
    found, spared = says @ wants.T, says @ frees.T
    i, j = linear_sum_assignment(-(2 * found + spared))
    total = says.sum() + wants.sum() - spared[i, j].sum()
    return float(2 * found[i, j].sum() / total) if total else 1.0
