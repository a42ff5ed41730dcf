"""Corrections of who is who in words, each with the names that people had when it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.identity.sureness import KNOWN
from engine.store.correction_facts import CorrectionFacts
from engine.store.corrections import Correction
from engine.store.decided_names import RENAME


@dataclass(frozen=True, slots=True)
class ToldCorrection:
    """A correction as it is shown: `words` like "unknown_3 named Ada, 5 faces", who made it ("" if nobody signed in)
    and when (UTC), and whether it holds."""

    id: int
    words: str
    author: str
    made_at: datetime
    holds: bool


def told_corrections(facts: CorrectionFacts) -> tuple[ToldCorrection, ...]:
    """All corrections of a film, in the order in which they were made."""
    told = []
    for place, one in enumerate(facts.corrections):
        words = _Words(facts, _names_at(facts, place), one).said()
        told.append(ToldCorrection(one.id, words, one.author, one.created_at, one.undone_at is None))
    return tuple(told)


def _names_at(facts: CorrectionFacts, place: int) -> dict[str, str]:
    """What everybody was called when correction `place` was made."""
    made_at = facts.corrections[place].created_at
    names = dict(facts.names)
    for earlier in facts.corrections[:place]:
        if earlier.undone_at is None or earlier.undone_at > made_at:
            names.update(_given(earlier))
    return names


def _given(one: Correction) -> Iterable[tuple[str, str]]:
    if one.kind == RENAME:
        return [(one.payload["person_id"], one.payload["name"])]
    return [(person_id, name) for person_id, name in one.payload.get("names", ())]


class _Words:
    """The words of one correction."""

    def __init__(self, facts: CorrectionFacts, names: Mapping[str, str], one: Correction) -> None:
        self._facts, self._names, self._one = facts, names, one
        self._moves: list[dict[str, Any]] = one.payload.get("moves", [])
        self._joined: list[list[str]] = one.payload.get("joined", [])

    def said(self) -> str:
        match self._one.kind:
            case "rename" | "name":
                return self._naming()
            case "merge":
                targets = list(dict.fromkeys(into for _, into in self._joined))
                return f"{self._listed(who for who, _ in self._joined)} joined with {self._listed(targets)}"
            case "split":
                to = self._moves[0]["to"]
                return f"{self._taken(to)} split off as {self._name(to)}"
            case "move":
                to = self._moves[0]["to"]
                # A new person gets the name with the faces.
                return f"{self._taken(to)} moved to {dict(_given(self._one)).get(to) or self._name(to)}"
            case "right":
                people = self._listed(move["to"] for move in self._moves)
                return f"{self._faces(range(len(self._moves)))} of {people} said to be right"
            case "is not":
                return self._denial()
            case "not a face":
                return f"{self._faces(range(len(self._moves)))} said to be no face"
            case "delete":
                return f"{self._faces(range(len(self._moves)))} deleted"
            case "ignore":
                return f"{self._listed(who for who, _ in self._one.payload['ignored'])} ignored"
            case "regard":
                return f"{self._listed(who for who, _ in self._one.payload['ignored'])} asked about again"
        return self._one.kind

    def _naming(self) -> str:
        given = list(_given(self._one))
        joined = [who for who, _ in self._joined]
        if given:
            target, name = given[0]
            # Where several ids were given one name they are one person, who has pictures.
            who = [target, *joined] if self._moves else [target]
            return self._counted(f"{self._listed(who)} named {name}", range(len(self._moves)))
        # Somebody of that name was there.
        return self._counted(
            f"{self._listed(joined)} said to be {self._name(self._joined[0][1])}", range(len(self._moves))
        )

    def _denial(self) -> str:
        """Whom `apart` names is denied, but for the moves that only keep what is left from those taken out."""
        to = self._moves[0]["to"]
        steps = [step for step, move in enumerate(self._moves) if to not in move["apart"]]
        who = self._listed(self._moves[step]["to"] for step in steps)
        denied = self._listed((person for step in steps for person in self._moves[step]["apart"]), "or")
        verb = "is" if len({self._moves[step]["to"] for step in steps}) == 1 else "are"
        return self._counted(f"{who} {verb} not {denied}", steps)

    def _taken(self, to: str) -> str:
        """The faces that went to `to`, and whose they were."""
        parts = []
        for step, move in enumerate(self._moves):
            if move["to"] == to and move["apart"]:
                parts.append(f"{self._faces([step])} of {self._listed(move['apart'])}")
        return " and ".join(parts) or "Faces"

    def _counted(self, words: str, steps: Iterable[int]) -> str:
        return f"{words}, {faces}" if (faces := self._faces(steps, least=1)) else words

    def _faces(self, steps: Iterable[int], least: int = 0) -> str:
        n = sum(self._facts.n_tracks.get((self._one.id, step), 0) for step in steps)
        return "" if n < least else f"{n} face" if n == 1 else f"{n} faces"

    def _name(self, person_id: str) -> str:
        name = self._names.get(person_id)
        if name is None:
            return person_id.removeprefix(KNOWN)
        # The names of the cast are those of folders.
        return " ".join(name.replace("_", " ").split()) if person_id.startswith(KNOWN) else name

    def _listed(self, ids: Iterable[str], last: str = "and") -> str:
        names = [self._name(person_id) for person_id in dict.fromkeys(ids)]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else "nobody"
