"""How true a film's screen time is: seconds said against seconds seen by a careful human.

A *clear* second of a person must be found, a *hard* one may be, and any other second with that person's name on it
is false. Counted exactly, by interval algebra, over the people of the cast; `clear_on_grid` counts the same in tenths
of a second.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from engine.errors import EvaluationError
from engine.evaluate.grid import CELL_S, n_cells_of, on_grid
from engine.names import name_key
from engine.timeline import Interval, Timeline
from engine.types import Analysis

VISIBILITIES = ("clear", "hard", "body")
Truth = dict[str, dict[str, Timeline]]
"""For each person, by `name_key`, the moments of each visibility."""


@dataclass(frozen=True, slots=True)
class Score:
    """Seconds found, missed and falsely said; all at least 0."""

    found_s: float
    missed_s: float
    false_s: float

    def __add__(self, other: Score) -> Score:
        return Score(self.found_s + other.found_s, self.missed_s + other.missed_s, self.false_s + other.false_s)

    @property
    def precision(self) -> float:
        """Share of the said seconds that are true; 1.0 if none is said."""
        said = self.found_s + self.false_s
        return self.found_s / said if said else 1.0

    @property
    def recall(self) -> float:
        """Share of the true seconds that are found; 1.0 if there are none."""
        true = self.found_s + self.missed_s
        return self.found_s / true if true else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.found_s + self.missed_s + self.false_s
        return 2 * self.found_s / total if total else 1.0


@dataclass(frozen=True, slots=True)
class PersonScore:
    """One person of the cast: the score with hard seconds free (`clear`), and with every second of a visible face
    wanted (`every`), and the seconds said, and true as clear and as visible."""

    name: str
    clear: Score
    every: Score
    said_s: float
    clear_s: float
    visible_s: float

    @property
    def error_s(self) -> float:
        """How far the seconds said lie above the visible ones (positive) or below the clear ones (negative); 0.0
        between the two, where a careful human might have said as much."""
        return max(0.0, self.said_s - self.visible_s) + min(0.0, self.said_s - self.clear_s)

    @property
    def from_clear_s(self) -> float:
        """The seconds said less the clear ones: the error of who wants clear seconds alone."""
        return self.said_s - self.clear_s


def median_error_s(people: Iterable[PersonScore], of: str = "error_s") -> float | None:
    """Median over `people` of the absolute `error_s` or `from_clear_s`; None if there is nobody."""
    errors = [abs(getattr(person, of)) for person in people]
    return median(errors) if errors else None


@dataclass(frozen=True, slots=True)
class ScreenTimeScore:
    """A film's score over its cast, and the strangers the truth knows and the ones the analysis says."""

    people: tuple[PersonScore, ...]
    n_strangers_true: int
    n_strangers_said: int

    @property
    def clear(self) -> Score:
        return sum((p.clear for p in self.people), Score(0, 0, 0))

    @property
    def every(self) -> Score:
        return sum((p.every for p in self.people), Score(0, 0, 0))


def read_truth(path: Path) -> Truth:
    """Reads ``person,start_s,end_s,visibility`` with visibility clear, hard or body. Raises EvaluationError."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"The ground truth {path} cannot be read ({error}).") from error
    if {"person", "start_s", "end_s", "visibility"} - set(columns):
        raise EvaluationError(f"The first line of {path} is not person,start_s,end_s,visibility; write it so.")
    found: dict[str, dict[str, list[Interval]]] = {}
    for number, row in enumerate(rows, start=2):
        try:
            kinds = found.setdefault(name_key(row["person"]), {kind: [] for kind in VISIBILITIES})
            kinds[row["visibility"]].append(Interval(float(row["start_s"]), float(row["end_s"])))
        except (KeyError, ValueError, TypeError) as error:
            raise EvaluationError(
                f"Line {number} of {path} is not person,start_s,end_s,visibility with visibility clear, hard or body."
            ) from error
    return {person: {kind: Timeline(parts) for kind, parts in kinds.items()} for person, kinds in found.items()}


def visible(kinds: Mapping[str, Timeline]) -> Timeline:
    """When a person's face is visible, clear or hard."""
    return kinds["clear"] | kinds["hard"]


def present(kinds: Mapping[str, Timeline]) -> Timeline:
    """When a person is there, with a visible face or without."""
    return visible(kinds) | kinds["body"]


def strangers_of(truth: Truth, cast: Collection[str]) -> list[str]:
    """The keys of those with a visible face who are not among `cast`, keys too."""
    return [key for key, kinds in truth.items() if key not in cast and visible(kinds)]


def score_person(name: str, said: Timeline, truth: Mapping[str, Timeline]) -> PersonScore:
    """`truth` holds a timeline for each visibility; where two overlap the clearer one counts."""
    clear, seen = truth["clear"], visible(truth)
    false = (said - seen).duration_s
    return PersonScore(
        name=name,
        clear=Score((said & clear).duration_s, (clear - said).duration_s, false),
        every=Score((said & seen).duration_s, (seen - said).duration_s, false),
        said_s=said.duration_s,
        clear_s=clear.duration_s,
        visible_s=seen.duration_s,
    )


def clear_on_grid(said: Timeline, truth: Mapping[str, Timeline]) -> Score:
    """`PersonScore.clear` counted in cells of 0.1 s, each by its middle: differs from the exact one by at most half a
    cell for each end of an interval."""
    n_cells = n_cells_of([said, *truth.values()])
    says, clear, hard = (on_grid(line, n_cells) for line in (said, truth["clear"], truth["hard"]))
    parts = (says & clear, clear & ~says, says & ~clear & ~hard)
    return Score(*(float(part.sum()) * CELL_S for part in parts))


def score_analysis(analysis: Analysis, truth: Truth, cast: Iterable[str]) -> ScreenTimeScore:
    """Scores the people of `cast`, whether they are in the truth, in the analysis, in both or in neither."""
    cast = sorted(cast)
    keys = {name_key(name) for name in cast}
    people = [score_person(name, said, of) for name, said, of in said_and_true(analysis, truth, cast)]
    n_said = sum(person.kind == "unknown" for person in analysis.people)
    return ScreenTimeScore(tuple(people), len(strangers_of(truth, keys)), n_said)


def said_and_true(
    analysis: Analysis, truth: Truth, cast: Iterable[str]
) -> list[tuple[str, Timeline, Mapping[str, Timeline]]]:
    """For each of `cast` the name, the seconds said and the true ones, empty where there are none."""
    said = {name_key(p.name): p.timeline for p in analysis.people if p.kind == "known"}
    nowhere = {kind: Timeline() for kind in VISIBILITIES}
    return [(name, said.get(name_key(name), Timeline()), truth.get(name_key(name), nowhere)) for name in cast]
