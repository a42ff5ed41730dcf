"""Plain-text tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from engine.types import Analysis

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


def people_table(analysis: Analysis) -> str:
    """Everybody on screen, longest first: seconds, share of the film, appearances, first and last moment."""
    if not analysis.people:
        return "Nobody's face is visible in this film."
    rows = [
        (
            person.name if len(person.name) <= _LONGEST_NAME else person.name[: _LONGEST_NAME - 3] + "...",
            f"{person.screen_time_s:.1f}",
            f"{person.screen_time_s / analysis.video.duration_s:.1%}",
            str(len(person.timeline)),
            f"{person.timeline.start_s:.1f}",
            f"{person.timeline.end_s:.1f}",
        )
        for person in analysis.people
    ]
    return text_table(("person", "seconds", "share", "times", "first", "last"), rows)
