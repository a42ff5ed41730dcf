"""Times and shares in words, the same in every page."""

from __future__ import annotations

import math
from datetime import datetime


def clock(seconds: float, digits: int = 1) -> str:
    """A moment or a length, rounded down so that a moment is never named before it is there.

    >>> clock(754.26), clock(7954, 0), clock(0.96), clock(-1)
    ('12:34.2', '2:12:34', '0:00.9', '0:00.0')
    """
    unit = 10**digits
    ticks = int(max(0.0, seconds) * unit + 1e-6)
    whole, part = divmod(ticks, unit)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{rest:02d}" + (f".{part:0{digits}d}" if digits else "")


def span(low_s: float, high_s: float) -> tuple[str, str]:
    """Seconds at the least, rounded down, and at the most, rounded up.

    >>> span(4.26, 5.11), span(2210.4, 2260.4)
    (('4.2', '5.2 s'), ('36:50', '37:41'))
    """
    if high_s > 59.9:
        return clock(low_s, 0), clock(math.ceil(high_s - 1e-6), 0)
    return f"{math.floor(10 * low_s + 1e-6) / 10:.1f}", f"{math.ceil(10 * high_s - 1e-6) / 10:.1f} s"


def percent(share: float) -> str:
    """
    >>> percent(0.312), percent(0.0312), percent(0.0), percent(1.0)
    ('31 %', '3.1 %', '0 %', '100 %')
    """
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 9.95 else f"{value:.0f} %"


def chance(probability: float) -> str:
    """A probability, rounded down so that what is too little is never shown as enough, and never as certain.

    >>> chance(0.834), chance(0.599), chance(0.998), chance(0.002)
    ('83 %', '59 %', 'over 99 %', 'under 1 %')
    """
    percent = 100 * probability + 1e-6
    return "under 1 %" if percent < 1 else "over 99 %" if percent > 99.001 else f"{int(percent)} %"


def count(n: int, one: str, many: str) -> str:
    """
    >>> count(1, "person", "people"), count(3, "person", "people"), count(1458, "picture", "pictures")
    ('1 person', '3 people', '1,458 pictures')
    """
    return f"{n:,} {one if n == 1 else many}"


def listed(names: list[str]) -> str:
    """
    >>> listed([]), listed(["Anna"]), listed(["Anna", "Bea", "Cy"])
    ('', 'Anna', 'Anna, Bea and Cy')
    """
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}" if names else ""


def day(moment: datetime) -> str:
    """The date of a moment where this machine stands.

    >>> day(datetime(2025, 3, 9))
    '9 March 2025'
    """
    local = moment.astimezone()
    return f"{local.day} {local:%B %Y}"
