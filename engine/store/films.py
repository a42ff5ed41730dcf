"""Films, their people and their analyses. A film is its content: the same bytes under a new name are the same film."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from engine.errors import StorageError
from engine.store import schema
from engine.store.analysis_rows import check, insert_analysis, read_analysis
from engine.store.corrections import decided_names
from engine.store.database import Store, insert_all
from engine.types import Analysis, Person

_UNKNOWN = re.compile(r"unknown_([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class FilmRecord:
    """A film for a list. `title` is the file's name without ending when the film was first analysed, `path` where it
    was last; `added_at` is UTC."""

    sha256: str
    path: Path
    title: str
    duration_s: float
    fps: Fraction
    width: int
    height: int
    codec: str
    added_at: datetime
    n_analyses: int


class FilmRepository:
    """The films of a store, each found by the SHA-256 of its file, and their analyses, each found by its id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save_analysis(self, analysis: Analysis) -> int:
        """Adds `analysis` to those of its film (itself added if it is new) in one transaction; returns its id.

        People with the id of one saved before are that person and take the name given now; names decided by people
        (corrections of kind "rename") still stand above it. Settings must be JSON values. About 1 s for 2,000 tracks.

        Raises ValueError if the analysis contradicts itself, ModelError if it mixes models, StorageError if the
        database fails or a new stranger has a number that somebody else was given before. Nothing is stored then.
        """
        check(analysis)
        with self._store.write() as connection:
            film_id = _upsert_film(connection, analysis)
            row_of_person = _upsert_people(connection, film_id, analysis.people)
            return insert_analysis(connection, film_id, row_of_person, analysis)

    def load_analysis(self, analysis_id: int) -> Analysis:
        """The analysis as it was saved, but for names, which are today's, and the film's facts, which are those of its
        last save. Raises StorageError if there is none."""
        with self._store.read() as connection:
            analysis = _load(connection, select(schema.analyses).where(schema.analyses.c.id == analysis_id))
        if analysis is None:
            raise StorageError(
                f"There is no analysis {analysis_id}; it may have been deleted, so analyse the film again."
            )
        return analysis

    def latest(self, video_sha256: str) -> Analysis | None:
        """The analysis of this film that was saved last, None if there is none."""
        newest = (
            select(schema.analyses)
            .join(schema.films)
            .where(schema.films.c.sha256 == video_sha256)
            .order_by(schema.analyses.c.id.desc())
            .limit(1)
        )
        with self._store.read() as connection:
            return _load(connection, newest)

    def films(self) -> tuple[FilmRecord, ...]:
        """All films, the newest addition first."""
        films, analyses = schema.films, schema.analyses
        query = (
            select(films, func.count(analyses.c.id).label("n_analyses"))
            .outerjoin(analyses)
            .group_by(films.c.id)
            .order_by(films.c.id.desc())
        )
        with self._store.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            FilmRecord(
                sha256=row.sha256,
                path=Path(row.path),
                title=row.title,
                duration_s=row.duration_s,
                fps=Fraction(row.fps),
                width=row.width,
                height=row.height,
                codec=row.codec,
                added_at=row.added_at,
                n_analyses=row.n_analyses,
            )
            for row in rows
        )

    def delete_film(self, video_sha256: str) -> None:
        """Removes a film with its analyses, people and corrections; nothing happens if there is none."""
        with self._store.write() as connection:
            connection.execute(delete(schema.films).where(schema.films.c.sha256 == video_sha256))

    def unknown_numbers(self, video_sha256: str) -> dict[str, int]:
        """Person id -> n of the name ``unknown_n`` that the person had last, also if there is a better name by now;
        {} for an unknown film."""
        people = schema.people
        query = (
            select(people.c.id, people.c.unknown_number)
            .join(schema.films)
            .where(schema.films.c.sha256 == video_sha256, people.c.unknown_number.is_not(None))
            .order_by(people.c.unknown_number)
        )
        with self._store.read() as connection:
            return {person_id: number for person_id, number in connection.execute(query)}

    def highest_unknown_number(self, video_sha256: str) -> int:
        """The highest number a stranger of this film was ever given, 0 before the first; new ones start above it."""
        query = select(schema.films.c.highest_unknown_number).where(schema.films.c.sha256 == video_sha256)
        with self._store.read() as connection:
            return connection.scalar(query) or 0


def _load(connection: Connection, query: Select) -> Analysis | None:
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    film = connection.execute(select(schema.films).where(schema.films.c.id == row.film_id)).one()
    return read_analysis(connection, row, film, decided_names(connection, film.id))


def _upsert_film(connection: Connection, analysis: Analysis) -> int:
    video = analysis.video
    facts = {
        "path": str(video.path),
        "duration_s": float(video.duration_s),
        "fps": f"{video.fps.numerator}/{video.fps.denominator}",
        "width": video.width,
        "height": video.height,
        "codec": video.codec,
    }
    table = schema.films
    film_id = connection.scalar(select(table.c.id).where(table.c.sha256 == analysis.video_sha256))
    if film_id is not None:
        connection.execute(update(table).where(table.c.id == film_id).values(**facts))
        return film_id
    new = {"sha256": analysis.video_sha256, "title": video.path.stem, "added_at": schema.now()}
    return connection.execute(insert(table).values(**facts, **new, highest_unknown_number=0)).inserted_primary_key[0]


def _upsert_people(connection: Connection, film_id: int, people: tuple[Person, ...]) -> dict[str, int]:
    """Person id -> row id of everybody ever seen in the film, the given `people` included."""
    numbers = [number for number in map(_unknown_number, people) if number is not None]
    if len(set(numbers)) != len(numbers):
        raise ValueError("analysis: two strangers have the same number")
    table = schema.people
    query = select(table.c.id, table.c.row_id, table.c.unknown_number).where(table.c.film_id == film_id)
    known = {row.id: row for row in connection.execute(query)}
    of_film = schema.films.c.id == film_id
    highest = given = connection.scalar(select(schema.films.c.highest_unknown_number).where(of_film))
    added = []
    for person in people:
        held = known[person.id].unknown_number if person.id in known else None
        number = _unknown_number(person)
        if number is not None and number != held:
            # At or below `given` a number is, or was, somebody else's, also if that person is not there any more.
            if number <= given:
                raise StorageError(
                    f"The film was analysed twice at the same time and {person.name} is somebody else by now; "
                    "analyse it again."
                )
            highest = max(highest, number)
        row = {"name": person.name, "kind": person.kind, "unknown_number": held if number is None else number}
        if person.id in known:
            connection.execute(update(table).where(table.c.row_id == known[person.id].row_id).values(**row))
        else:
            added.append({"film_id": film_id, "id": person.id, "created_at": schema.now(), **row})
    insert_all(connection, table, added)
    connection.execute(update(schema.films).where(of_film).values(highest_unknown_number=highest))
    return {person_id: row_id for person_id, row_id, _ in connection.execute(query)}


def _unknown_number(person: Person) -> int | None:
    """n of a stranger called ``unknown_n``, else None."""
    match = _UNKNOWN.fullmatch(person.name) if person.kind == "unknown" else None
    return int(match[1]) if match else None
