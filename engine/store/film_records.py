"""Films and albums as a list shows them: their facts, when they were analysed, and who is in them; no boxes, no
vectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from engine.store import schema
from engine.store.decided_names import names_of_films

Kind = Literal["film", "album"]


@dataclass(frozen=True, slots=True)
class FilmPerson:
    """Somebody in a film's latest analysis. `name` is the decided one; `named_by_hand` says that a person chose it."""

    id: str
    name: str
    kind: Literal["known", "unknown"]
    screen_time_s: float
    named_by_hand: bool


@dataclass(frozen=True, slots=True)
class FilmRecord:
    """A film for a list, or, where `kind` says so, an album (`engine.store.albums`). `title` is what a person called
    it, at first the name of the file that it came from without its ending; `path` is where it was last; dates are UTC.
    `token` stands for the film in addresses: random, and telling nothing of its content.

    `people` are those of the latest analysis, longest screen time first; a film that was never analysed has no people
    and None for `analysed_at` and `latest_analysis_id`.
    """

    sha256: str
    token: str
    path: Path
    title: str
    duration_s: float
    fps: Fraction
    width: int
    height: int
    codec: str
    added_at: datetime
    n_analyses: int
    analysed_at: datetime | None
    latest_analysis_id: int | None
    people: tuple[FilmPerson, ...]
    kind: Kind = "film"


def film_records(connection: Connection, *where: ColumnElement[bool], people: bool = True) -> tuple[FilmRecord, ...]:
    """The films and albums to which all of `where` applies, the newest addition first. Without `people`, whose seconds
    have to be summed up, they are () for every film."""
    films = schema.films
    of_film = (
        select(
            schema.analyses.c.film_id,
            func.count().label("n_analyses"),
            func.max(schema.analyses.c.id).label("latest_analysis_id"),
        )
        .group_by(schema.analyses.c.film_id)
        .subquery()
    )
    query = (
        select(films, of_film.c.n_analyses, of_film.c.latest_analysis_id, schema.analyses.c.created_at)
        .select_from(films)
        .outerjoin(of_film, of_film.c.film_id == films.c.id)
        .outerjoin(schema.analyses, schema.analyses.c.id == of_film.c.latest_analysis_id)
        .where(*where)
        .order_by(films.c.id.desc())
    )
    rows = connection.execute(query).all()
    film_of_analysis = {row.latest_analysis_id: row.id for row in rows if row.latest_analysis_id} if people else {}
    people_of_analysis = _people(connection, film_of_analysis)
    return tuple(
        FilmRecord(
            sha256=row.sha256,
            token=row.token,
            path=Path(row.path),
            title=row.title,
            duration_s=row.duration_s,
            fps=Fraction(row.fps),
            width=row.width,
            height=row.height,
            codec=row.codec,
            added_at=row.added_at,
            n_analyses=row.n_analyses or 0,
            analysed_at=row.created_at,
            latest_analysis_id=row.latest_analysis_id,
            people=tuple(people_of_analysis.get(row.latest_analysis_id, ())),
            kind=row.kind,
        )
        for row in rows
    )


def latest_analysis_id(video_sha256: str) -> Select:
    """A query for the id of the film's analysis that was saved last."""
    return select(func.max(schema.analyses.c.id)).join(schema.films).where(schema.films.c.sha256 == video_sha256)


def _people(connection: Connection, film_of_analysis: dict[int, int]) -> dict[int, list[FilmPerson]]:
    """Analysis id -> its people, longest screen time first; people never visible have 0 seconds."""
    if not film_of_analysis:
        return {}
    seconds = func.sum(schema.appearances.c.end_s - schema.appearances.c.start_s)
    visible = schema.appearances
    told = schema.analysis_people
    query = (
        select(
            told.c.analysis_id,
            schema.people.c.id,
            schema.people.c.name,
            schema.people.c.kind,
            func.coalesce(seconds, 0.0).label("screen_time_s"),
        )
        .select_from(told)
        .join(schema.people, schema.people.c.row_id == told.c.person_row_id)
        .outerjoin(
            visible,
            (visible.c.analysis_id == told.c.analysis_id) & (visible.c.person_row_id == told.c.person_row_id),
        )
        .where(told.c.analysis_id.in_(film_of_analysis))
        .group_by(told.c.analysis_id, told.c.position, schema.people.c.id, schema.people.c.name, schema.people.c.kind)
        .order_by(told.c.analysis_id, told.c.position)
    )
    names = names_of_films(connection, film_of_analysis.values())
    found: dict[int, list[FilmPerson]] = {}
    for row in _longest_first(connection.execute(query)):
        decided = names.get(film_of_analysis[row.analysis_id], {}).get(row.id)
        found.setdefault(row.analysis_id, []).append(
            FilmPerson(
                id=row.id,
                name=row.name if decided is None else decided,
                kind=row.kind,
                screen_time_s=row.screen_time_s,
                named_by_hand=decided is not None,
            )
        )
    return found


def _longest_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: -row.screen_time_s)
