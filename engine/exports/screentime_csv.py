"""``screentime.csv``: one line an interval, for spreadsheets."""

from __future__ import annotations

import csv
import io

from engine.exports.told import Hard, Told, told
from engine.timeline import Interval, Timeline
from engine.types import Analysis

OF_APPEARANCE = ("person", "kind", "start_s", "end_s", "duration_s", "hard_s", "doubtful_s")
OF_PERSON = (
    *("role", "person_s", "person_low_s", "person_high_s", "person_hard_s", "person_share", "person_chance"),
    *("perhaps", "perhaps_chance"),
)
"""The same in every line of one person: not to be added up."""
LEFT_OUT = "person_hard_left_out_s"
"""Takes the place of person_hard_s where only clear moments count."""
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def screentime_csv(analysis: Analysis, hard: Hard, clear_only: bool = False) -> str:
    """Every appearance of everybody, people in the order of their screen time, times in seconds to 0.1 ms. What is not
    known is empty. With `clear_only` moments that are `hard` to see do not count."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    of_person = [LEFT_OUT if clear_only and name == "person_hard_s" else name for name in OF_PERSON]
    writer.writerow([*OF_APPEARANCE, *of_person])
    for one in told(analysis, hard, clear_only):
        about = _about(one, analysis.video.duration_s)
        for interval in one.person.timeline:
            writer.writerow([*_appearance(one, interval), *about])
    return text.getvalue()


def _appearance(one: Told, interval: Interval) -> list[str]:
    whole = Timeline([interval])
    return [
        harmless(one.person.name),
        one.person.kind,
        _number(interval.start_s),
        _number(interval.end_s),
        _number(interval.duration_s),
        _number((one.hard & whole).duration_s),
        _number((one.doubtful & whole).duration_s),
    ]


def _about(one: Told, duration_s: float) -> list[str]:
    person, seconds = one.person, one.person.screen_time_s
    return [
        one.role.kind,
        _number(seconds),
        _number(None if person.low_s is None else min(person.low_s, seconds)),
        _number(None if person.high_s is None else max(person.high_s, seconds)),
        _number(one.hard.duration_s),
        _number(seconds / duration_s if duration_s else 0.0),
        _number(person.confidence),
        harmless(one.perhaps.name) if one.perhaps else "",
        _number(one.perhaps.chance if one.perhaps else None),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def harmless(name: str) -> str:
    """A name that a spreadsheet would run as a formula gets the apostrophe that makes it text."""
    return f"'{name}" if name.startswith(_FORMULA_STARTS) else name
