"""Plain-text tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from engine.identity.roles import MAIN_SHARE, PASSER_BY_S, Role, roles
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


def people_table(analysis: Analysis, only_main: bool = False) -> str:
    """Who is on screen, longest first: seconds and their bounds, share of the film, appearances, first and last moment.
    Passers-by, and with `only_main` all but the main people, are counted in a line below instead of shown."""
    if not analysis.people:
        return "Nobody's face is visible in this film."
    role_of = roles(analysis.people)
    kinds = ("main",) if only_main else ("main", "other")
    shown = [person for person in analysis.people if role_of[person.id].kind in kinds]
    rows = [
        (
            person.name if len(person.name) <= _LONGEST_NAME else person.name[: _LONGEST_NAME - 3] + "...",
            f"{person.screen_time_s:.1f}",
            _bounds(person),
            f"{person.screen_time_s / analysis.video.duration_s:.1%}",
            str(len(person.timeline)),
            f"{person.timeline.start_s:.1f}",
            f"{person.timeline.end_s:.1f}",
        )
        for person in shown
    ]
    head = ("person", "seconds", "least - most", "share", "times", "first", "last")
    return "\n".join([text_table(head, rows), *_left_out(analysis, role_of, kinds)])


def _bounds(person: Person) -> str:
    if person.low_s is None or person.high_s is None:
        return ""
    return f"{person.low_s:.1f} - {person.high_s:.1f}"


def _left_out(analysis: Analysis, role_of: dict[str, Role], kinds: Sequence[str]) -> list[str]:
    lines = []
    for kind, one, more, why in (
        ("other", "other person", "other people", f"each under {MAIN_SHARE:.0%} of the longest time"),
        ("passer-by", "passer-by", "passers-by", f"strangers, each under {PASSER_BY_S:g} s"),
    ):
        of_kind = [person for person in analysis.people if role_of[person.id].kind == kind]
        if of_kind and kind not in kinds:
            seconds = sum(person.screen_time_s for person in of_kind)
            words = one if len(of_kind) == 1 else more
            lines.append(f"not shown: {len(of_kind)} {words} ({why}), {seconds:.1f} s together")
    return lines
