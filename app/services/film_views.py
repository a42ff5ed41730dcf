"""One analysed film as records: who is in it, when, how surely, and how well seen. Pure: an outline in, a view out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from engine.identity.roles import MAIN_SHARE, PASSER_BY_S, Role, roles
from engine.identity.sureness import Likely, doubtful_times, perhaps
from engine.store.outlines import Outline, TrackOutline
from engine.timeline import Interval, Timeline
from engine.types import Person

_SAME_S = 0.5  # bounds nearer to each other than this say no more than the seconds alone


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody in a film. `named_by_hand` says that a person chose the name; `intervals` are (start, end) in seconds,
    rising and disjoint, and `seconds` is their sum. `doubts` are the parts of them in which the answer is doubtful, and
    `perhaps` is who of the cast a stranger may well be; () and None where names were not given by probability.
    `bounds` are the seconds at the least and at the most, None where they are not known or say nothing more. `role`
    is "main" or "other": whether a stranger is a mere passer-by depends on a limit that can be chosen. `hard` are the
    moments in which the face is hard to see, in the form of `intervals`: part of these, or left out of them. `place` is
    the position among the film's people where every moment counts."""

    id: str
    name: str
    kind: Literal["known", "unknown"]
    named_by_hand: bool
    seconds: float
    share: float
    intervals: tuple[tuple[float, float], ...]
    doubts: tuple[tuple[float, float], ...] = ()
    perhaps: Likely | None = None
    bounds: tuple[float, float] | None = None
    role: Role = Role("other", "")
    hard: tuple[tuple[float, float], ...] = ()
    place: int = 0

    @property
    def hard_s(self) -> float:
        return sum(end_s - start_s for start_s, end_s in self.hard)

    def is_passer_by(self, limit_s: float = PASSER_BY_S) -> bool:
        """Whether this is a stranger seen for less than `limit_s` in all; who gave a name has met a person."""
        return self.kind == "unknown" and not self.named_by_hand and self.seconds < limit_s

    @property
    def first_s(self) -> float:
        return self.intervals[0][0]

    @property
    def last_s(self) -> float:
        return self.intervals[-1][1]


@dataclass(frozen=True, slots=True)
class FilmView:
    """The latest analysis of a film. `people` longest on screen first, only those who are seen at all; `shots` are the
    moments where one begins. `revision` changes when a name is given or taken back. Main people are seen for
    `main_share` of the longest time. Dates are UTC.

    Every moment counts. `clear` is the same film with those moments alone in which faces are not hard to see, without
    bounds and without the people who have no such moment; None where no face is ever hard to see.
    """

    token: str
    title: str
    duration_s: float
    width: int
    height: int
    analysis_id: int
    revision: int
    analysed_at: datetime
    engine_version: str
    settings: dict[str, Any]
    gallery: str | None
    cast: tuple[str, ...]
    shots: tuple[float, ...]
    people: tuple[PersonView, ...]
    warnings: tuple[str, ...]
    n_frames_damaged: int
    main_share: float = MAIN_SHARE
    passer_by_s: float = PASSER_BY_S
    clear: FilmView | None = None
    clear_only: bool = False

    def counted(self, clear_only: bool) -> FilmView:
        """The film as every moment counts, or as only clear ones do."""
        return self.clear if clear_only and self.clear else self

    @property
    def quick(self) -> bool:
        """Whether the film was looked at quickly: a third of the pictures, for faces twice as large."""
        return bool(self.settings.get("quick"))

    @property
    def looked_fps(self) -> float | None:
        """Pictures looked at per second of film; None where that is not known."""
        sample_fps = self.settings.get("sample_fps")
        return sample_fps / 2 if sample_fps and self.quick else sample_fps

    @property
    def least(self) -> float | None:
        """How probable a name had to be; None where names were not given by probability."""
        return self.settings.get("min_probability") if self.gallery else None

    def person(self, person_id: str) -> PersonView | None:
        return next((person for person in self.people if person.id == person_id), None)


def view_of(
    outline: Outline,
    hard: Mapping[str, Timeline],
    revision: int,
    duration_s: float | None = None,
    place_of: Mapping[str, int] | None = None,
) -> FilmView:
    """The film as `outline` has it; `hard` is by person id. The last two are those of the view in which every moment
    counts, None for itself."""
    film = outline.film
    if duration_s is None:
        # A file can be longer than it says; nobody is on screen for more than all of it.
        duration_s = max([film.duration_s, *(person.timeline.end_s for person in outline.people if person.timeline)])
    least = outline.settings.get("min_probability")
    tracks_of: dict[str, list[TrackOutline]] = {}
    for track in outline.tracks:
        tracks_of.setdefault(track.person_id or "", []).append(track)
    shown = [
        replace(person, name=shown_name(person.name, person.kind == "known" and person.id not in outline.named_by_hand))
        for person in outline.people
        if person.timeline
    ]
    role_of = roles(shown, MAIN_SHARE, passer_by_s=0.0)
    shown.sort(key=lambda person: -person.screen_time_s)
    people = [
        PersonView(
            id=person.id,
            name=person.name,
            kind=person.kind,
            named_by_hand=person.id in outline.named_by_hand,
            seconds=person.screen_time_s,
            share=person.screen_time_s / duration_s,
            intervals=_pairs(person.timeline),
            doubts=_doubts(person, tracks_of.get(person.id, ())),
            perhaps=perhaps(tracks_of.get(person.id, ()), least) if person.kind == "unknown" else None,
            bounds=_bounds(person),
            role=role_of[person.id],
            hard=_pairs(hard.get(person.id, ())),
            place=place if place_of is None else place_of[person.id],
        )
        for place, person in enumerate(shown)
    ]
    return FilmView(
        token=film.token,
        title=film.title,
        duration_s=duration_s,
        width=film.width,
        height=film.height,
        analysis_id=outline.analysis_id,
        revision=revision,
        analysed_at=outline.created_at,
        engine_version=outline.engine_version,
        settings=outline.settings,
        gallery=outline.gallery,
        cast=outline.cast,
        shots=tuple(shot.start_s for shot in outline.shots),
        people=tuple(people),
        warnings=outline.warnings,
        n_frames_damaged=outline.n_frames_damaged,
        clear_only=place_of is not None,
    )


def _pairs(moments: Iterable[Interval]) -> tuple[tuple[float, float], ...]:
    return tuple((interval.start_s, interval.end_s) for interval in moments)


def _doubts(person: Person, tracks: Iterable[TrackOutline]) -> tuple[tuple[float, float], ...]:
    return _pairs(Timeline(Interval(*part) for part in doubtful_times(tracks)) & person.timeline)


def _bounds(person: Person) -> tuple[float, float] | None:
    if person.low_s is None or person.high_s is None:
        return None
    low_s, high_s = min(person.low_s, person.screen_time_s), max(person.high_s, person.screen_time_s)
    return (low_s, high_s) if high_s - low_s > _SAME_S else None


def shown_name(name: str, of_folder: bool) -> str:
    """A name as a page shows it: that of a folder of pictures has spaces where the folder has underscores.

    >>> shown_name("Anna_Lee", True), shown_name("unknown_1", False)
    ('Anna Lee', 'unknown_1')
    """
    return " ".join(name.replace("_", " ").split()) or name if of_folder else name
