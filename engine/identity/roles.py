"""Who matters in a film: its main people, the others, and passers-by; each with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.names import unknown_number
from engine.types import Person

MAIN_SHARE = 0.2  # of the screen time of the person seen longest
PASSER_BY_S = 1.0  # strangers seen for less than this in all


@dataclass(frozen=True, slots=True)
class Role:
    """`kind` and, in a few words, why."""

    kind: Literal["main", "other", "passer-by"]
    reason: str


def roles(
    people: Sequence[Person], main_share: float = MAIN_SHARE, passer_by_s: float = PASSER_BY_S
) -> dict[str, Role]:
    """The role of each of `people`, keyed by id: main people are seen for at least `main_share` of the time of whoever
    is seen longest, passers-by are strangers seen for less than `passer_by_s`. Nobody, no roles."""
    if not people:
        return {}
    longest = max(people, key=lambda person: person.screen_time_s)
    found = {}
    for person in people:
        seconds = person.screen_time_s
        nameless = person.kind == "unknown" and unknown_number(person.name)  # not if somebody gave it a name
        if nameless and seconds < passer_by_s:
            found[person.id] = Role("passer-by", f"{seconds:.1f} s in all, under {passer_by_s:g} s")
        elif person is longest:
            found[person.id] = Role("main", f"{seconds:.1f} s, longest of all")
        else:
            kind = "main" if seconds >= main_share * longest.screen_time_s else "other"
            than = "at least" if kind == "main" else "under"
            reason = f"{seconds:.1f} s, {than} {main_share:.0%} of {longest.name}'s {longest.screen_time_s:.1f} s"
            found[person.id] = Role(kind, reason)
    return found
