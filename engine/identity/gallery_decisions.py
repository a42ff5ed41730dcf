"""What people decided about the pictures of a gallery, put over what building it gave.

A decision names pictures by their content and people by their names; all that hold, replayed in the order in which they
were made over any building of the gallery, give who is in it. So the answer depends on nothing but the pictures and the
list: taking the last decision back gives exactly the gallery that was there before, and a gallery that is built again
from its folder is corrected like the old one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from engine.names import name_key
from engine.types import Gallery, LeftOut

Kind = Literal["remove", "move", "merge", "right"]
KINDS: tuple[str, ...] = get_args(Kind)

TAKEN_OUT = "taken out by hand"
"""The reason of a picture that was removed: it is left out like others, and may be put back by undoing that."""


@dataclass(frozen=True, slots=True)
class GalleryDecision:
    """One act of a person. `pictures` are SHA-256 of contents: "remove" takes them out, "move" makes them those of the
    person `to`, who may be new, "right" says that they are whose they are. "merge" makes `people` be `to` from then on.
    `before` are whose the pictures were when it was made, for telling."""

    kind: Kind
    pictures: tuple[str, ...] = ()
    to: str = ""
    people: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {self.kind}")
        if (self.kind == "merge") == bool(self.pictures) or (self.kind == "merge") != bool(self.people):
            raise ValueError(f"a {self.kind} is about {'people' if self.kind == 'merge' else 'pictures'}")
        if (self.kind in ("move", "merge")) != bool(name_key(self.to)):
            raise ValueError(f"a {self.kind} goes to {'somebody' if self.kind in ('move', 'merge') else 'nobody'}")


@dataclass(frozen=True, slots=True)
class CorrectedGallery:
    """A gallery as it was decided to be, and the contents of which a person said whose they are."""

    gallery: Gallery
    by_hand: frozenset[str]


def corrected(built: Gallery, decisions: Iterable[GalleryDecision]) -> CorrectedGallery:
    """Replays `decisions`, the first first, over the gallery as it was `built`; pictures and people that it lacks are
    passed over. The rows that stay keep their order; what is taken out is left out, with `TAKEN_OUT`, behind all that
    was left out before. Names that compare equal are one person, spelt as who came first."""
    owners: list[str | None] = list(built.names)
    spelling: dict[str, str] = {}
    rows: dict[str, list[int]] = defaultdict(list)
    for row, (person, sha256) in enumerate(zip(built.names, built.sha256, strict=True)):
        spelling.setdefault(name_key(person), person)
        rows[sha256].append(row)
    by_hand: set[str] = set()
    for decision in decisions:
        there = [sha256 for sha256 in decision.pictures if sha256 in rows]
        if decision.kind == "merge":
            gone = {name_key(person) for person in decision.people}
            to = spelling.setdefault(name_key(decision.to), decision.to)
            owners = [to if owner is not None and name_key(owner) in gone else owner for owner in owners]
        elif decision.kind == "right":
            by_hand.update(sha256 for sha256 in there if all(owners[row] is not None for row in rows[sha256]))
        else:
            moves = decision.kind == "move"
            to = spelling.setdefault(name_key(decision.to), decision.to) if moves else None
            for sha256 in there:
                for row in rows[sha256]:
                    owners[row] = to
            by_hand.update(there) if moves else by_hand.difference_update(there)
    if owners == list(built.names):
        return CorrectedGallery(built, frozenset(by_hand))
    return CorrectedGallery(_with_owners(built, owners), frozenset(by_hand))


def _with_owners(built: Gallery, owners: list[str | None]) -> Gallery:
    kept = [row for row, owner in enumerate(owners) if owner is not None]
    out = dict.fromkeys(
        LeftOut(built.paths[row], TAKEN_OUT, built.sha256[row]) for row, owner in enumerate(owners) if owner is None
    )
    return Gallery(
        built.name,
        built.model_id,
        tuple(owners[row] for row in kept),
        tuple(built.paths[row] for row in kept),
        tuple(built.sha256[row] for row in kept),
        built.vectors[np.array(kept, np.int64)],
        built.left_out + tuple(out),
    )
