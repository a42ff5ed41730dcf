"""What every format tells of an analysis: its people as they are counted, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.identity.roles import Role, roles
from engine.identity.sureness import Likely, doubtful_times, perhaps
from engine.identity.visibility import clear_people
from engine.names import unknown_number
from engine.store.outlines import TrackOutline
from engine.timeline import Interval, Timeline
from engine.types import Analysis, Person

Hard = Mapping[str, Timeline]
"""Person id -> when that one is hard to see; absent who never is. `FilmRepository.hard_moments` knows it, and
`engine.identity.visibility.hard_of_people` of an analysis that still has its faces."""


@dataclass(frozen=True, slots=True)
class Told:
    """One person. `person.timeline` is what counts; `hard` are the moments in which that one is hard to see: part of
    what counts, or left out of it. `doubtful` is the part of what counts that is less than
    `engine.identity.sureness.SURE` to be right, `perhaps` who of the cast a stranger without a name may well be."""

    person: Person
    role: Role
    hard: Timeline
    doubtful: Timeline
    perhaps: Likely | None


def told(analysis: Analysis, hard: Hard, clear_only: bool = False) -> tuple[Told, ...]:
    """Everybody of `analysis`, in its order: longest first. With `clear_only` only moments in which they are not `hard`
    to see count, and who has none is left out."""
    people = clear_people(analysis.people, hard) if clear_only else analysis.people
    whole = {person.id: person.timeline for person in analysis.people}
    role_of = roles(people)
    answers = {
        track.id: TrackOutline(
            id=track.id,
            person_id=analysis.person_of_track.get(track.id),
            start_s=track.start_s,
            end_s=track.end_s,
            distance=analysis.distance_of_track.get(track.id),
            chances=analysis.chances.get(track.id),
            decided=track.id in analysis.decided,
        )
        for track in analysis.tracks
    }
    least = analysis.settings.get("min_probability")
    found = []
    for person in people:
        own = [answers[number] for number in person.track_ids]
        # Who gave a stranger a name has ended the doubt.
        named_by_hand = person.kind == "unknown" and unknown_number(person.name) is None
        doubtful = Timeline() if named_by_hand else Timeline(Interval(*part) for part in doubtful_times(own))
        found.append(
            Told(
                person=person,
                role=role_of[person.id],
                hard=hard.get(person.id, Timeline()) & whole[person.id],
                doubtful=doubtful & person.timeline,
                perhaps=perhaps(own, least) if person.kind == "unknown" and not named_by_hand else None,
            )
        )
    return tuple(found)
