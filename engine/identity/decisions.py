"""What people decided about who is who, put over what an analysis said by itself.

A decision is about tracks and about people; all of a film's, replayed in the order in which they were made over any of
its analyses, give whose each track is. So the answer depends on nothing but the analysis and the list: taking the last
decision back gives exactly what was there before, and a new analysis is corrected like the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

Kind = Literal["name", "merge", "split", "move", "right", "is not", "not a face", "delete", "ignore", "regard"]
"""What a decision is called; what it does stands in its parts. "delete" and "not a face" do the same, "right" moves
tracks to whose they are, and "regard" ends "ignore"."""
KINDS: tuple[str, ...] = get_args(Kind)

NEW = "new:"
"""What stands for a stranger who is to get a number when the decision is made; further letters tell several apart."""


@dataclass(frozen=True, slots=True)
class Move:
    """These tracks, by their ids in the analysis at hand, are those of the person `to`, whatever an analysis says;
    of nobody where `to` is None, for then they are no faces. They are never those of the people `apart`."""

    tracks: tuple[int, ...]
    to: str | None
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One act of a person. `joined` are pairs (a, b): whoever is a is b from now on; `known_as` are such pairs too,
    for analyses that know b by themselves, and hold until a is given another name. `names` give people names; `ignored`
    says of people whether they are not to be asked about."""

    kind: Kind
    moves: tuple[Move, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()
    known_as: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    ignored: tuple[tuple[str, bool], ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {self.kind}")
        if any(a == b for a, b in (*self.joined, *self.known_as)):
            raise ValueError("joined: somebody is to be themselves")


@dataclass(frozen=True, slots=True)
class Decided:
    """Who is who: `person_of_track` lacks tracks of nobody; `pinned` are the tracks of which a person said whose they
    are. `broken` are (track, person) where one decision says that the track is not that person's and others, that it
    is: the first holds. In the analysis that decisions were made in there are none. `apart` are pairs of people, one
    of whose tracks was said not to be the other's."""

    person_of_track: dict[int, str]
    pinned: frozenset[int]
    broken: tuple[tuple[int, str], ...]
    apart: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class _Apart:
    """Tracks that are not those of `person`, and whose they are instead where nothing else is said."""

    tracks: tuple[int, ...]
    person: str
    instead: str | None


def decided(said: Mapping[int, str], decisions: Iterable[Decision]) -> Decided:
    """Replays `decisions`, the first first, over the person of each track that an analysis `said`; tracks without one
    may be absent. Tracks of a decision that the analysis lacks are passed over by whoever finds them, not here."""
    replay = _Replay(said)
    for decision in _by_last_names(decisions):
        replay.make(decision)
    owner, rules = replay.owner, replay.kept_apart
    broken = [(track, rule.person) for rule in rules for track in rule.tracks if owner[track] == rule.person]
    for rule in rules:
        owner.update((track, rule.instead) for track in rule.tracks if owner[track] == rule.person)
    people = {track: person for track, person in owner.items() if person is not None}
    apart = {(people[track], rule.person) for rule in rules for track in rule.tracks if track in people}
    return Decided(people, frozenset(replay.pinned), tuple(broken), frozenset(apart))


def owners_one_by_one(
    said: Mapping[int, str], decisions: Iterable[Decision | None]
) -> Iterator[Mapping[int, str | None]]:
    """Whose each track is after each of `decisions` (None changes nothing), in one mapping that goes on changing; None
    for tracks of nobody. For the analysis in which the decisions were made, where they break nothing."""
    replay = _Replay(said)
    for decision in _by_last_names(decisions):
        if decision is not None:
            replay.make(decision)
        yield replay.owner


def _by_last_names(decisions: Iterable[Decision | None]) -> list[Decision | None]:
    """The decisions without what an earlier name of somebody said of whom an analysis knows as that one."""
    decisions = list(decisions)
    last = {person: place for place, one in enumerate(decisions) if one for person, _ in one.names}
    return [
        replace(one, known_as=held)
        if one and (held := tuple(pair for pair in one.known_as if last.get(pair[0], place) == place)) != one.known_as
        else one
        for place, one in enumerate(decisions)
    ]


class _Replay:
    """Decisions made one after the other over what an analysis said."""

    def __init__(self, said: Mapping[int, str]) -> None:
        self.owner: dict[int, str | None] = dict(said)
        self.pinned: set[int] = set()
        self.kept_apart: list[_Apart] = []
        self._known = frozenset(said.values())
        self._called: dict[str, str] = {}  # whom the analysis knows by another id than decisions do

    def make(self, decision: Decision) -> None:
        also = {a: b for a, b in decision.known_as if b in self._known}
        self._called |= also
        for a, b in (*((self._of(a), self._of(b)) for a, b in decision.joined), *also.items()):
            for track, person in self.owner.items():
                if person == a:
                    self.owner[track] = b
            for rule in self.kept_apart:
                rule.person = b if rule.person == a else rule.person
                rule.instead = b if rule.instead == a else rule.instead
        for move in decision.moves:
            self.owner.update(dict.fromkeys(move.tracks, self._of(move.to)))
            self.pinned.update(move.tracks)
            self.kept_apart += [_Apart(move.tracks, self._of(person), self._of(move.to)) for person in move.apart]

    def _of(self, person: str | None) -> str | None:
        return self._called.get(person, person) if person else None


def with_numbers(decision: Decision, numbers: Mapping[str, str]) -> Decision:
    """The decision with each person of `numbers` called by the id that it gives them."""

    def of(person: str | None) -> str | None:
        return numbers.get(person, person) if person else None

    return replace(
        decision,
        moves=tuple(
            replace(move, to=of(move.to), apart=tuple(of(person) for person in move.apart)) for move in decision.moves
        ),
        joined=tuple((of(a), of(b)) for a, b in decision.joined),
        known_as=tuple((of(a), of(b)) for a, b in decision.known_as),
        names=tuple((of(person), name) for person, name in decision.names),
    )


def new_people(decision: Decision) -> list[str]:
    """The people of the decision who are to get a number, in the order in which it names them."""
    named = [move.to for move in decision.moves] + [b for _, b in decision.joined]
    return list(dict.fromkeys(person for person in named if person and person.startswith(NEW)))


def contradicted(said: Mapping[int, str], decisions: Sequence[Decision], new: Decision) -> tuple[tuple[int, str], ...]:
    """What `new` would break of what was decided before, as (track, person): the track was said not to be that
    person's, and `new` would make it so. () if it may be made."""
    before = decided(said, decisions).broken
    return tuple(pair for pair in decided(said, [*decisions, new]).broken if pair not in before)
