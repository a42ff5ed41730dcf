"""``screentime.csv``: one line an interval, for spreadsheets."""

from __future__ import annotations

import csv
import io

from engine.types import Analysis

COLUMNS = ("person", "kind", "start_s", "end_s", "duration_s")
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def screentime_csv(analysis: Analysis) -> str:
    """Every appearance of everybody, people in the order of their screen time, times in seconds to 0.1 ms."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for person in analysis.people:
        for interval in person.timeline:
            writer.writerow(
                (
                    _harmless(person.name),
                    person.kind,
                    f"{interval.start_s:.4f}",
                    f"{interval.end_s:.4f}",
                    f"{interval.duration_s:.4f}",
                )
            )
    return text.getvalue()


def _harmless(name: str) -> str:
    """A name that a spreadsheet would run as a formula gets the apostrophe that makes it text."""
    return f"'{name}" if name.startswith(_FORMULA_STARTS) else name
