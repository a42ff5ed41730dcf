"""What the charts of a film show: who is with whom, how full the screen is, and when. Pure: a view in, figures out."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.film_views import FilmView, PersonView
from engine.copresence import crowd, seconds_in_stretches, seconds_together
from engine.timeline import Interval, Timeline

MAX_TOGETHER = 30
"""People shown in the table of who appears with whom: more could not be read."""

N_STRETCHES = 120


@dataclass(frozen=True, slots=True)
class Together:
    """For how long each two of the first people of the view are on screen at once: `seconds[i][j]`, symmetric, each
    one's own time on the diagonal; `n_left_out` people are not in it."""

    seconds: tuple[tuple[float, ...], ...]
    n_left_out: int

    @property
    def most(self) -> tuple[int, int] | None:
        """The two people who share the most time, None if no two are ever seen together."""
        n = len(self.seconds)
        pairs = [(self.seconds[i][j], -i, -j) for i in range(n) for j in range(i + 1, n)]
        seconds, i, j = max(pairs, default=(0.0, 0, 0))
        return (-i, -j) if seconds > 0 else None


@dataclass(frozen=True, slots=True)
class Shares:
    """Seconds of the film with somebody on screen, with somebody known by name, with strangers alone, and with
    nobody; the first is the sum of the next two."""

    somebody_s: float
    named_s: float
    strangers_s: float
    nobody_s: float
    longest_nobody: tuple[float, float] | None
    most: int
    fullest: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Presence:
    """The film in equal stretches of `length_s` seconds: `seconds[i][k]` is how long person i of the view is seen in
    stretch k."""

    length_s: float
    seconds: tuple[tuple[float, ...], ...]


def together(view: FilmView, n: int = MAX_TOGETHER) -> Together:
    table = seconds_together([_timeline(person) for person in view.people[:n]])
    return Together(tuple(map(tuple, table)), max(0, len(view.people) - n))


def shares(view: FilmView) -> Shares:
    timelines = [_timeline(person) for person in view.people]
    somebody = Timeline(interval for timeline in timelines for interval in timeline)
    named = Timeline(
        interval
        for person in view.people
        if person.kind == "known" or person.named_by_hand
        for interval in _timeline(person)
    )
    nobody = Timeline([Interval(0.0, view.duration_s)]) - somebody
    longest = max(nobody, key=lambda interval: interval.duration_s, default=None)
    full = crowd(timelines)
    return Shares(
        somebody_s=somebody.duration_s,
        named_s=named.duration_s,
        strangers_s=somebody.duration_s - named.duration_s,
        nobody_s=nobody.duration_s,
        longest_nobody=_pair(longest),
        most=full.most,
        fullest=_pair(full.fullest),
    )


def presence(view: FilmView, n_stretches: int = N_STRETCHES) -> Presence:
    return Presence(
        length_s=view.duration_s / n_stretches,
        seconds=tuple(
            tuple(seconds_in_stretches(_timeline(person), view.duration_s, n_stretches)) for person in view.people
        ),
    )


def _timeline(person: PersonView) -> Timeline:
    return Timeline(Interval(start_s, end_s) for start_s, end_s in person.intervals)


def _pair(interval: Interval | None) -> tuple[float, float] | None:
    return None if interval is None else (interval.start_s, interval.end_s)
