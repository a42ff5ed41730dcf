"""Where one shot ends and the next begins, in a run of thumbnails: cuts, fades through a blank picture, dissolves.

A cut is one frame whose difference to the frame before stands out from the differences around it; how far it must
stand out adapts to how much moves there (the local threshold of Yeo and Liu, "Rapid scene analysis on compressed
video", 1995). A dissolve is recognised by what it is: each frame in it is a weighted mean of a frame before and a
frame after, with a weight that rises (Lienhart, "Reliable transition detection in videos", 2001). A fade is a run of
blank frames: the next shot begins where the picture comes back.

Everything is local: whether a frame is a boundary depends on `CONTEXT_S` seconds (at most `CONTEXT_FRAMES` frames)
around it, so a long film can be looked at in overlapping pieces. Thresholds were set on the three annotated clips of
`tests/engine/media/test_shots.py` and on joints, dissolves and fades put together at random from the shots in them;
beside each stands what was seen there. They are in grey levels, summed over Y, Cb and Cr.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

THUMB_WH = (64, 36)
"""Thumbnails: large enough to tell a head from another, small enough to average noise and grain away."""

CONTEXT_S = 3.0
CONTEXT_FRAMES = 256
"""How far around a frame its neighbours matter: more than the longest dissolve window and the longest flash."""

CUT_NEIGHBOURS = 8
CUT_NEIGHBOURS_S = 1.0
CUT_RANK = 3
"""A frame's difference is measured against the third largest of those of up to 8 frames on each side, within a
second: against the third, so that two other cuts or a flash close by do not hide one (real shots last 4 frames)."""

CUT_RATIO = 2.5
"""How often a cut's difference (over `CUT_FLOOR` and the neighbours') must be theirs. Real cuts: 3.3 and more; other
frames: 2.0 and less; 99.5 % of random joints exceed 2.6."""

CUT_FLOOR = 2.0
"""Added to the neighbours' difference, so that coding noise in a held picture is not a cut."""

CUT_LEAST = 12.0
CUT_LEAST_DARK = 6.0
CUT_MOST_ALIKE = 0.9
CUT_MOST_ALIKE_DARK = 0.5
"""A cut changes the picture by at least this much and leaves at most this correlation between the two: 0.85 and less
in real cuts. In dark scenes everything changes little, so there a small change counts if nothing stays alike."""

CUT_LEAST_SHARE = 0.25
CUT_NOISE = 6.0
"""Share of the pixels that a cut changes by more than noise and the motion around it; a title that appears changes
fewer. 99.5 % of random joints change 0.87 and more by 6 levels."""

FLASH_S = 0.5
FLASH_RETURN = 0.4
FLASH_SHARE = 0.9
FLASH_NOISE = 4.0
"""A flash (or a blackout) is over within half a second: then at least 60 % of the change is undone, and at least 90 %
of the pixels became lighter (or darker), `FLASH_NOISE` aside."""

SOFT_CUT_FRAMES = 3
"""Frames that a cut may smear over in film that was converted between frame rates."""

BLANK_STD = 3.0
"""Standard deviation of Y, Cb and Cr below which a frame is blank; faint logos on white have 4 and more."""

DISSOLVE_HALF_S = (0.17, 0.25, 0.375, 0.58, 0.83, 1.25)
"""Half lengths of the windows in which a dissolve is looked for."""

DISSOLVE_RESIDUAL = 0.12
DISSOLVE_RESIDUAL_PER_S = 0.33
"""Share of the change that a blend of the two ends may leave unexplained: at most 0.12, and less in windows of a half
length below 0.36 s, in which little can move. Dissolves put together from real shots: 90 % below that in the best
window; motion of people and cameras: 0.2 and more where the ends differ as below."""

DISSOLVE_ENERGY = 200.0
DISSOLVE_MOST_ALIKE = 0.6
DISSOLVE_LEAST_STD = 4.0
"""The ends of a dissolve differ: mean squared change, correlation. Neither end is blank (that is a fade)."""

DISSOLVE_MOST_ALIKE_SHIFTED = 0.8
DISSOLVE_SHIFTS_XY = (8, 5)
"""The ends of a dissolve also differ when one is moved over the other, by up to so many thumbnail pixels: fine texture
that moves by about its own grain looks like a blend of where it was and where it will be."""

DISSOLVE_MID_WEIGHT = 0.15
"""How far from one half the weight in the middle of the window may be."""


def find_boundaries(thumbs: np.ndarray, t_s: np.ndarray, *, picture_before: bool = False) -> list[int]:
    """Rising indices of the frames that begin a new shot; 0 is never one of them.

    `thumbs` (n, 3, 36, 64) uint8 are the Y, Cb and Cr planes, `t_s` (n,) their rising times in seconds. For a
    dissolve the index is that of its middle, for a fade that of the first frame that is not blank any more.
    `picture_before` says that something was seen before the first of these frames, so that a blank run at the very
    beginning ends a shot. n may be 0. Costs about 0.15 ms and 50 kB a frame.
    """
    if len(thumbs) < 2:
        return []
    pictures = _pooled(thumbs)
    contrast = pictures.std((2, 3))
    cuts = set(_cuts(thumbs, t_s))
    blank_runs = _runs((contrast < BLANK_STD).all(1))
    faded = np.zeros(len(thumbs), bool)
    for start, end in blank_runs:
        brief = t_s[min(end, len(t_s) - 1)] - t_s[start] <= FLASH_S
        if brief:
            cuts.discard(start)  # a flash of white between two shots is one boundary, where the picture comes back
        blackout = brief and 0 < start and end < len(thumbs) and _undone(thumbs, start, end)
        if end < len(thumbs) and (start > 0 or picture_before) and not blackout:
            cuts.add(end)
        faded[slice(*_fade_around(contrast[:, 0], start, end))] = True
    windows = _dissolve_windows(pictures, t_s, sorted(cuts | set(np.flatnonzero(faded).tolist())))
    dissolves = _middles([(i, half, e) for i, half, e in windows if not _is_moved(thumbs[i - half], thumbs[i + half])])
    return sorted(cuts | set(dissolves))


def shows_picture(thumbs: np.ndarray) -> bool:
    """Whether any of the `thumbs` (n, 3, 36, 64) uint8 is not blank."""
    return bool((_pooled(thumbs).std((2, 3)) >= BLANK_STD).any())


def _difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean absolute difference of uint8 pictures (..., 3, h, w), summed over the planes."""
    apart = np.maximum(a, b) - np.minimum(a, b)
    return apart.sum((-1, -2, -3), dtype=np.uint32) / np.float32(a.shape[-1] * a.shape[-2])


def _alike(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Correlation of luma pictures (..., h, w); 0 where one of them is flat."""
    a = a - a.mean((-1, -2), keepdims=True, dtype=np.float32)
    b = b - b.mean((-1, -2), keepdims=True, dtype=np.float32)
    norm = np.sqrt((a * a).mean((-1, -2)) * (b * b).mean((-1, -2)))
    return (a * b).mean((-1, -2)) / np.maximum(norm, 1.0)


def _cuts(thumbs: np.ndarray, t_s: np.ndarray) -> list[int]:
    difference = np.concatenate([[0.0], _difference(thumbs[1:], thumbs[:-1])])
    neighbours = _neighbours(difference, t_s)
    stands_out = difference >= CUT_RATIO * (CUT_FLOOR + neighbours)
    candidates = np.flatnonzero(stands_out & (difference >= CUT_LEAST_DARK))
    if len(candidates) == 0:
        return []
    before, after = thumbs[candidates - 1], thumbs[candidates]
    alike = _alike(after[:, 0], before[:, 0])
    large = difference[candidates] >= CUT_LEAST
    changed = (large & (alike < CUT_MOST_ALIKE)) | (alike < CUT_MOST_ALIKE_DARK)
    step = np.abs(after.astype(np.int16) - before).sum(1)
    changed &= (step > CUT_NOISE + neighbours[candidates, None, None]).mean((1, 2)) >= CUT_LEAST_SHARE
    found = [int(i) for i in candidates[changed] if not _is_flash(thumbs, t_s, int(i))]
    return _without_soft_doubles(thumbs, found)


def _neighbours(difference: np.ndarray, t_s: np.ndarray) -> np.ndarray:
    """For each frame the `CUT_RANK`-th largest difference among its neighbours, 0 where it has fewer."""
    n, w = len(difference), CUT_NEIGHBOURS
    padded, padded_t = np.pad(difference, w), np.pad(t_s.astype(np.float64), w, constant_values=np.inf)
    near = [
        np.where(np.abs(padded_t[k : k + n] - t_s) <= CUT_NEIGHBOURS_S, padded[k : k + n], 0.0)
        for k in range(2 * w + 1)
        if k != w
    ]
    return np.partition(np.stack(near), -CUT_RANK, axis=0)[-CUT_RANK]


def _is_flash(thumbs: np.ndarray, t_s: np.ndarray, i: int) -> bool:
    """Whether the change at frame i is that into, or out of, a flash or a blackout."""
    step = thumbs[i, 0].astype(np.int16) - thumbs[i - 1, 0]
    if max((step >= -FLASH_NOISE).mean(), (step <= FLASH_NOISE).mean()) < FLASH_SHARE:
        return False
    change = _difference(thumbs[i], thumbs[i - 1])
    last = min(int(np.searchsorted(t_s, t_s[i] + FLASH_S, "right")), i + CONTEXT_FRAMES)
    first = max(int(np.searchsorted(t_s, t_s[i - 1] - FLASH_S, "left")), i - CONTEXT_FRAMES)
    after = _difference(thumbs[i + 1 : last], thumbs[i - 1])
    before = _difference(thumbs[first : i - 1], thumbs[i])
    return min(after.min(initial=np.inf), before.min(initial=np.inf)) < FLASH_RETURN * change


def _undone(thumbs: np.ndarray, start: int, end: int) -> bool:
    """Whether the picture after frames [start, end) is the one before them."""
    before, after = thumbs[start - 1], thumbs[end]
    return bool(_difference(after, before) < FLASH_RETURN * _difference(thumbs[start], before))


def _without_soft_doubles(thumbs: np.ndarray, cuts: Sequence[int]) -> list[int]:
    """One cut where the frames between two close ones are blends of their surroundings."""
    kept: list[int] = []
    for cut in cuts:
        if kept and cut - kept[-1] <= SOFT_CUT_FRAMES:
            before, after = _pooled(thumbs[[kept[-1] - 1, cut]])
            between = _pooled(thumbs[kept[-1] : cut])
            weight, residual, _ = _blend(before[None], between, after[None])
            if (residual < DISSOLVE_RESIDUAL).all():
                kept[-1] += int(np.argmax(weight >= 0.5)) if (weight >= 0.5).any() else len(weight)
                continue
        kept.append(cut)
    return kept


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """The half-open stretches in which `mask` (n,) is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask, [0]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _fade_around(contrast: np.ndarray, start: int, end: int) -> tuple[int, int]:
    """Frames [start, end) together with those in which the contrast falls before and rises after them."""
    while start > 0 and contrast[start - 1] > contrast[start]:
        start -= 1
    while end < len(contrast) and contrast[end] > contrast[end - 1]:
        end += 1
    return start, end


def _pooled(thumbs: np.ndarray) -> np.ndarray:
    """Thumbnails at half their size, as float32: small motion inside a dissolve blurs away."""
    rows = thumbs[:, :, ::2].astype(np.uint16) + thumbs[:, :, 1::2]
    return (rows[..., ::2] + rows[..., 1::2]).astype(np.float32) / 4


def _energy(change: np.ndarray) -> np.ndarray:
    """Mean square of pictures (n, 3, h, w), (n,)."""
    return np.einsum("nphw,nphw->n", change, change) / np.prod(change.shape[1:])


def _blend(a: np.ndarray, middle: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least-squares weight of b in ``middle = (1 - w) a + w b``, the share of the change it does not explain, and
    the mean squared change from a to b; for n pictures at once, each (n,)."""
    change, moved = b - a, middle - a
    energy = np.maximum(_energy(change), 1e-6)
    weight = (moved * change).mean((1, 2, 3)) / energy
    return weight, _energy(moved - weight[:, None, None, None] * change) / energy, energy


def _dissolve_windows(pictures: np.ndarray, t_s: np.ndarray, borders: Sequence[int]) -> list[tuple[int, int, float]]:
    """Windows (middle, half, evidence) that look like a dissolve; none reaches across one of the `borders`."""
    period_s = float(np.median(np.diff(t_s)))
    next_border = np.append(borders, len(pictures))
    seen: list[tuple[int, int, float]] = []
    for half in sorted({max(2, min(CONTEXT_FRAMES // 2, round(h / period_s))) for h in DISSOLVE_HALF_S}):
        middle = np.arange(half, len(pictures) - half)
        free = next_border[np.searchsorted(next_border, middle - half, "right")] > middle + half
        free &= t_s[2 * half :] - t_s[: -2 * half] <= CONTEXT_S
        middle = middle[free]
        middle = middle[_energy(pictures[middle + half] - pictures[middle - half]) >= DISSOLVE_ENERGY]
        most = min(DISSOLVE_RESIDUAL, DISSOLVE_RESIDUAL_PER_S * half * period_s)
        seen += [(int(i), half, w) for i, w in _blended(pictures, middle, half, most)]
    return seen


def _blended(pictures: np.ndarray, middle: np.ndarray, half: int, most: float) -> list[tuple[int, float]]:
    """Those of the `middle` frames around which a window of 2 * half frames is a dissolve, each with its weight as
    evidence: the energy of the change, less what stays unexplained."""
    a, b = pictures[middle - half], pictures[middle + half]
    differ = _alike(a[:, 0], b[:, 0]) <= DISSOLVE_MOST_ALIKE
    differ &= np.minimum(a[:, 0].std((1, 2)), b[:, 0].std((1, 2))) >= DISSOLVE_LEAST_STD
    a, b, middle = a[differ], b[differ], middle[differ]
    weight, residual, energy = _blend(a, pictures[middle], b)
    earlier, earlier_residual, _ = _blend(a, pictures[middle - half // 2], b)
    later, later_residual, _ = _blend(a, pictures[middle + half // 2], b)
    worst = np.maximum(residual, (earlier_residual + residual + later_residual) / 3)
    found = (worst < most) & (np.abs(weight - 0.5) <= DISSOLVE_MID_WEIGHT) & (earlier < weight) & (weight < later)
    evidence = energy * (1 - worst / most)
    return [(int(i), float(e)) for i, e in zip(middle[found], evidence[found], strict=True)]


def _middles(windows: Sequence[tuple[int, int, float]]) -> list[int]:
    """One middle for each group of windows (middle, half, evidence) that overlap: their mean, by evidence."""
    middles: list[int] = []
    group: list[tuple[int, int, float]] = []
    reach = -1
    for window in [*sorted(windows, key=lambda w: w[0] - w[1]), None]:
        if group and (window is None or window[0] - window[1] > reach):
            middles.append(round(sum(i * e for i, _, e in group) / sum(e for _, _, e in group)))
            group = []
        if window is not None:
            reach = window[0] + window[1] if not group else max(reach, window[0] + window[1])
            group.append(window)
    return middles


def _is_moved(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether thumbnail b shows much the same as a, at another place."""
    most_x, most_y = DISSOLVE_SHIFTS_XY
    height, width = a.shape[1:]
    inner = a[0, most_y : height - most_y, most_x : width - most_x]
    moved = sliding_window_view(b[0], inner.shape).reshape(-1, *inner.shape)
    return bool(_alike(inner, moved).max() > DISSOLVE_MOST_ALIKE_SHIFTED)
