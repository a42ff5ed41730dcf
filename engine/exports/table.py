"""Plain-text tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from engine.exports.told import Hard, Told, told
from engine.identity.roles import MAIN_SHARE, PASSER_BY_S
from engine.types import Analysis, Person

_LONGEST_NAME = 40


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Columns as wide as their widest cell; the first `left` columns are aligned left, the others right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = (
        "  ".join(
            cell.ljust(w) if i < left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, *rows)
    )
    return "\n".join(line.rstrip() for line in lines)


def people_table(analysis: Analysis, hard: Hard, only_main: bool = False, clear_only: bool = False) -> str:
    """Who is on screen, longest first: seconds and their bounds, those hard to see, share of the film, appearances,
    first and last moment. Passers-by, and with `only_main` all but the main people, are counted in a line below instead
    of shown; so is what `clear_only` leaves out, where there are no bounds."""
    if not analysis.people:
        return "Nobody's face is visible in this film."
    people = told(analysis, hard, clear_only)
    kinds = ("main",) if only_main else ("main", "other")
    shown = [one for one in people if one.role.kind in kinds]
    rows = [
        (
            _short(one.person.name),
            f"{one.person.screen_time_s:.1f}",
            *(() if clear_only else (_bounds(one.person), f"{one.hard.duration_s:.1f}")),
            f"{one.person.screen_time_s / analysis.video.duration_s:.1%}",
            str(len(one.person.timeline)),
            f"{one.person.timeline.start_s:.1f}",
            f"{one.person.timeline.end_s:.1f}",
        )
        for one in shown
    ]
    head = ("person", "seconds", *(() if clear_only else ("least - most", "hard")), "share", "times", "first", "last")
    notes = [*_not_shown(people, kinds), *(_not_counted(analysis, people, hard) if clear_only else ())]
    return "\n".join([text_table(head, rows), *notes])


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3] + "..."


def _bounds(person: Person) -> str:
    if person.low_s is None or person.high_s is None:
        return ""
    return f"{person.low_s:.1f} - {person.high_s:.1f}"


def _not_shown(people: Sequence[Told], kinds: Sequence[str]) -> list[str]:
    lines = []
    for kind, one, more, why in (
        ("other", "other person", "other people", f"each under {MAIN_SHARE:.0%} of the longest time"),
        ("passer-by", "passer-by", "passers-by", f"strangers, each under {PASSER_BY_S:g} s"),
    ):
        of_kind = [told_one.person for told_one in people if told_one.role.kind == kind]
        if of_kind and kind not in kinds:
            seconds = sum(person.screen_time_s for person in of_kind)
            words = one if len(of_kind) == 1 else more
            lines.append(f"not shown: {len(of_kind)} {words} ({why}), {seconds:.1f} s together")
    return lines


def _not_counted(analysis: Analysis, people: Sequence[Told], hard: Hard) -> list[str]:
    seconds = sum((hard[one.id] & one.timeline).duration_s for one in analysis.people if one.id in hard)
    n_gone = len(analysis.people) - len(people)
    gone = f"; {n_gone} {'person is' if n_gone == 1 else 'people are'} seen in no others" if n_gone else ""
    return [f"not counted: {seconds:.1f} s in which a face is hard to see{gone}"]
