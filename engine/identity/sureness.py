"""How sure the names of a film are: whose chances, for how many seconds, and which seconds are too close to call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from engine.names import name_key
from engine.timeline import Interval, Timeline
from engine.types import Chances

SURE = 0.75
"""An answer less probable than this is doubtful: one in four of such answers, or more, is expected to be wrong."""

PERHAPS = 0.25
"""From here on a person of the cast is worth mentioning as who a stranger may be."""

KNOWN = "known:"
"""What the ids of the cast begin with; the key of the name follows."""

_LEAST_S = 0.001


class Answered(Protocol):
    """A track and its answer: whose it is (None: nobody's), from when to when, who it may be (None: not known), and
    whether a person said so."""

    @property
    def person_id(self) -> str | None: ...
    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...
    @property
    def chances(self) -> Chances | None: ...
    @property
    def decided(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Likely:
    """One of the cast, by the name in the cast, and the probability of being that one."""

    name: str
    chance: float

    @property
    def person_id(self) -> str:
        """The id that this one has in the films of the cast."""
        return KNOWN + name_key(self.name)


def mean_chances(tracks: Iterable[Answered]) -> tuple[Likely, ...] | None:
    """Who the tracks may be, the likeliest first: the probabilities of each track weighted by its seconds. What is
    lacking to 1 is the probability of being nobody of the cast. None if no track's chances are known."""
    found: dict[str, float] = {}
    all_s = 0.0
    for track in tracks:
        if track.chances is None:
            continue
        seconds = _seconds(track)
        all_s += seconds
        for name, chance in track.chances:
            found[name] = found.get(name, 0.0) + chance * seconds
    if not all_s:
        return None
    return tuple(sorted((Likely(name, of / all_s) for name, of in found.items()), key=lambda one: -one.chance))


def nobody_of_cast(chances: Iterable[Likely]) -> float:
    """The probability of being nobody of the cast."""
    return max(0.0, 1.0 - sum(one.chance for one in chances))


def perhaps(tracks: Iterable[Answered], least: float | None) -> Likely | None:
    """Who of the cast a stranger with these tracks may well be, though not surely enough for a name, for which `least`
    was wanted (None: names were not given by probability)."""
    first = next(iter(mean_chances(tracks) or ()), None)
    return first if first and least is not None and PERHAPS <= first.chance < least else None


def doubtful_times(tracks: Iterable[Answered]) -> tuple[tuple[float, float], ...]:
    """When one person's tracks are less than `SURE` to be that person's, as (start, end) in seconds, rising and
    disjoint; a moment that another of the tracks is sure of is not doubtful."""
    doubtful, sure = [], []
    for track in tracks:
        (doubtful if _is_doubtful(track) else sure).append(Interval(track.start_s, track.end_s))
    if not doubtful:
        return ()
    return tuple((part.start_s, part.end_s) for part in Timeline(doubtful) - Timeline(sure))


def _is_doubtful(track: Answered) -> bool:
    if track.decided or track.chances is None or track.person_id is None:
        return False
    if track.person_id.startswith(KNOWN):
        own = track.person_id.removeprefix(KNOWN)
        return sum(chance for name, chance in track.chances if name_key(name) == own) < SURE
    return 1.0 - sum(chance for _, chance in track.chances) < SURE


def _seconds(track: Answered) -> float:
    return max(_LEAST_S, track.end_s - track.start_s)
