"""What is needed to tell a film's corrections in words: they themselves, how many faces each is about, and the names
that people have without them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from engine.store import schema
from engine.store.corrections import Correction, CorrectionLog
from engine.store.database import Store
from engine.store.film_records import latest_analysis_id


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """`corrections` in the order in which they were made, also those taken back. `n_tracks` is by (correction id,
    number of the move) how many tracks of the latest analysis the move is about; absent where there is none. `names`
    are by person id the names of everybody ever seen in the film, as analyses gave them."""

    corrections: tuple[Correction, ...]
    n_tracks: dict[tuple[int, int], int]
    names: dict[str, str]


def read_correction_facts(store: Store, video_sha256: str) -> CorrectionFacts:
    """All of it for one film; nothing for an unknown one."""
    found, tracks, people = schema.decided_tracks, schema.tracks, schema.people
    counted = (
        select(found.c.correction_id, found.c.step, func.count())
        .join(tracks, tracks.c.id == found.c.track_row_id)
        .where(tracks.c.analysis_id == latest_analysis_id(video_sha256).scalar_subquery())
        .group_by(found.c.correction_id, found.c.step)
    )
    named = select(people.c.id, people.c.name).join(schema.films).where(schema.films.c.sha256 == video_sha256)
    with store.read() as connection:
        n_tracks = {(correction_id, step): n for correction_id, step, n in connection.execute(counted)}
        names = {person_id: name for person_id, name in connection.execute(named)}
    return CorrectionFacts(CorrectionLog(store).history(video_sha256), n_tracks, names)
