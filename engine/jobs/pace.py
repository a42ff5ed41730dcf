"""How far a job is and how long it still takes, from phases that take very different times."""

from __future__ import annotations

from collections.abc import Mapping

_SURE_AFTER_S, _SURE_AFTER_SHARE = 2.0, 0.02  # before both, a pace is a guess and no time left is told


class Pace:
    """Puts the phases of a job, each heard as a fraction, together to one fraction and the seconds left.

    `weights` are the phases in their order with the time each takes, in any unit, for a job that begins from nothing.
    What a phase says first was there before this run (pieces that an interrupted run left) and a phase that is never
    heard of was not needed: both count as done, but not for the pace.
    """

    def __init__(self, weights: Mapping[str, float], now_s: float) -> None:
        self._weights = dict(weights)
        self._first_s = now_s
        self.phase, self._share, self._found, self._began_s = "", 0.0, 0.0, now_s
        self._worked = 0.0  # weight of what this run did in the phases before

    def plan(self, phase: str, weight: float) -> None:
        """Adds a phase at the end, or changes what one weighs."""
        self._weights[phase] = weight

    def hear(self, phase: str, share: float, now_s: float) -> None:
        """Takes news of a phase; shares that fall back are ignored, as are phases that are over."""
        if phase != self.phase:
            order = list(self._weights)
            if phase not in order or (self.phase and order.index(phase) < order.index(self.phase)):
                return
            if self.phase:
                self._worked += self._weights[self.phase] * (1 - self._found)
            self.phase, self._share, self._found, self._began_s = phase, share, share, now_s
        self._share = min(1.0, max(self._share, share))

    @property
    def fraction(self) -> float:
        """Of the whole job, 0 to 1; does not fall while phases are heard in their order."""
        before, _ = self._around()
        total = sum(self._weights.values())
        return min(1.0, (before + self._weights.get(self.phase, 0.0) * self._share) / total) if total else 0.0

    def left_s(self, now_s: float) -> float | None:
        """Seconds until the end at the pace of this run; None while too little is done to tell."""
        weight = self._weights.get(self.phase, 0.0)
        got, spent_s = self._share - self._found, now_s - self._began_s
        worked, elapsed_s = self._worked + weight * got, now_s - self._first_s
        own_s = None
        if got >= _SURE_AFTER_SHARE and spent_s >= _SURE_AFTER_S:
            own_s = spent_s / got  # the whole phase, at its own pace
        per_weight_s = None
        if own_s is not None and weight > 0:
            per_weight_s = own_s / weight
        elif worked > _SURE_AFTER_SHARE * sum(self._weights.values()) and elapsed_s >= _SURE_AFTER_S:
            per_weight_s = elapsed_s / worked
        if per_weight_s is None:
            return None
        _, after = self._around()
        rest_s = (1 - self._share) * (own_s if own_s is not None else weight * per_weight_s)
        return rest_s + after * per_weight_s

    def _around(self) -> tuple[float, float]:
        """Weights of the phases before and after the present one."""
        order = list(self._weights)
        at = order.index(self.phase) if self.phase in order else -1
        values = list(self._weights.values())
        return sum(values[: max(at, 0)]), sum(values[at + 1 :])
