"""Films, their people and their analyses. A film is its content: the same bytes under a new name are the same film."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from engine.errors import StorageError
from engine.identity.decisions import decided
from engine.names import unknown_number
from engine.store import schema
from engine.store.analysis_rows import check, insert_analysis, read_analysis, read_tracks_of
from engine.store.best_faces import BestFace, read_best_face_of_tracks
from engine.store.database import Store, insert_all
from engine.store.decided import reapply, said_people
from engine.store.decided_names import decided_names
from engine.store.decision_rows import decisions_about, find_again
from engine.store.film_records import FilmPerson, FilmRecord, film_records, latest_analysis_id
from engine.store.hard_moments import read_hard_moments
from engine.store.outlines import (
    Outline,
    TrackBoxes,
    TrackFace,
    TrackOutline,
    read_best_faces,
    read_boxes,
    read_faces,
    read_outline,
)
from engine.timeline import Timeline
from engine.types import Analysis, Person, Track, VideoInfo

__all__ = ["FilmPerson", "FilmRecord", "FilmRepository", "Outline", "TrackBoxes", "TrackFace", "TrackOutline"]


class FilmRepository:
    """The films of a store, each found by the SHA-256 of its file, and their analyses, each found by its id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, video: VideoInfo, video_sha256: str, title: str) -> FilmRecord:
        """Adds a film that is not analysed yet. A film that is known stays as it is, but for the path."""
        with self._store.write() as connection:
            change = update(schema.films).where(schema.films.c.sha256 == video_sha256).values(path=str(video.path))
            if connection.execute(change).rowcount == 0:
                _upsert_film(connection, video, video_sha256, title)
            return film_records(connection, schema.films.c.sha256 == video_sha256)[0]

    def save_analysis(self, analysis: Analysis) -> int:
        """Adds `analysis` to those of its film (itself added if it is new) in one transaction; returns its id.

        People with the id of one saved before are that person and take the name given now; what people decided
        (`engine.store.corrections`) still stands above it. Settings must be JSON values. About 1 s for 2,000 tracks.

        Raises ValueError if the analysis contradicts itself, ModelError if it mixes models, StorageError if the
        database fails or a new stranger has a number that somebody else was given before. Nothing is stored then.
        """
        check(analysis)
        with self._store.write() as connection:
            film_id = _upsert_film(connection, analysis.video, analysis.video_sha256, title=analysis.video.path.stem)
            row_of_person = _upsert_people(connection, film_id, analysis.people)
            analysis_id = insert_analysis(connection, film_id, row_of_person, analysis)
            find_again(connection, film_id, analysis_id, analysis.tracks)
            reapply(connection, film_id)
            return analysis_id

    def load_analysis(self, analysis_id: int, *, faces: bool = True) -> Analysis:
        """The analysis as it was saved, but for what people decided, which stands as today (of an earlier analysis: as
        when the next one came), and the film's facts, which are those of its last save. Without `faces` its tracks seem
        to have none, and reading takes a tenth of the time. Raises StorageError if there is none."""
        query = select(*schema.ANALYSIS_FACTS).where(schema.analyses.c.id == analysis_id)
        with self._store.read() as connection:
            analysis = _load(connection, query, faces=faces)
        if analysis is None:
            raise StorageError(
                f"There is no analysis {analysis_id}; it may have been deleted, so analyse the film again."
            )
        return analysis

    def said(self, analysis_id: int) -> tuple[Person, ...] | None:
        """Its people as the analysis said by itself; None where nobody decided otherwise, or there is none."""
        with self._store.read() as connection:
            return said_people(connection, analysis_id)

    def decided_tracks(self, video_sha256: str, tracks: Sequence[Track]) -> dict[int, str]:
        """Track id -> the person whom a person said it shows, among the `tracks` of an analysis of this film that is
        not saved yet; those of which nobody said anything, and those that are no faces, are absent."""
        with self._store.read() as connection:
            film_id = connection.scalar(select(schema.films.c.id).where(schema.films.c.sha256 == video_sha256))
            return {} if film_id is None else decided({}, decisions_about(connection, film_id, tracks)).person_of_track

    def latest(self, video_sha256: str) -> Analysis | None:
        """The analysis of this film that was saved last, None if there is none."""
        newest = (
            select(*schema.ANALYSIS_FACTS)
            .join(schema.films)
            .where(schema.films.c.sha256 == video_sha256)
            .order_by(schema.analyses.c.id.desc())
            .limit(1)
        )
        with self._store.read() as connection:
            return _load(connection, newest)

    def films(self, *, people: bool = True) -> tuple[FilmRecord, ...]:
        """All films, the newest addition first; albums are listed by `engine.store.albums`. `people` as in
        `film_records`."""
        with self._store.read() as connection:
            return film_records(connection, schema.films.c.kind == "film", people=people)

    def by_token(self, token: str, *, people: bool = True) -> FilmRecord | None:
        """The film or album that `token` stands for in addresses, None if there is none. `people` as in
        `film_records`."""
        return self._film(schema.films.c.token == token, people=people) if token else None

    def by_sha256(self, video_sha256: str) -> FilmRecord | None:
        return self._film(schema.films.c.sha256 == video_sha256)

    def outline(self, video_sha256: str) -> Outline | None:
        """The latest analysis of a film without boxes and vectors; None if the film is unknown or was never analysed.
        About 0.1 s for 5,000 tracks."""
        with self._store.read() as connection:
            return read_outline(connection, video_sha256)

    def hard_moments(self, analysis_id: int) -> dict[str, Timeline]:
        """Person id -> when that one is hard to see in the analysis (`engine.identity.visibility`); absent who never
        is."""
        with self._store.read() as connection:
            return read_hard_moments(connection, analysis_id)

    def boxes(self, video_sha256: str, start_s: float, end_s: float) -> tuple[TrackBoxes, ...]:
        """Where faces are in ``[start_s, end_s)`` according to the latest analysis, a track each, by their start; with
        one box before and after the window, if the track goes on there. () for an unknown film."""
        with self._store.read() as connection:
            return tuple(read_boxes(connection, video_sha256, start_s, end_s))

    def faces(self, video_sha256: str, track_ids: Iterable[int]) -> dict[int, tuple[TrackFace, ...]]:
        """Track id -> the best faces of that track in the latest analysis, without vectors; unknown tracks are
        absent."""
        with self._store.read() as connection:
            return read_faces(connection, video_sha256, track_ids)

    def tracks_of(self, video_sha256: str, person_id: str) -> tuple[Track, ...]:
        """The tracks of a person of the latest analysis, whole, in its order; () for somebody who is not there."""
        with self._store.read() as connection:
            analysis_id = connection.scalar(latest_analysis_id(video_sha256))
            return () if analysis_id is None else tuple(read_tracks_of(connection, analysis_id, person_id))

    def best_faces(self, video_sha256: str) -> dict[str, tuple[int, int]]:
        """Person id -> (track id, index among the track's faces) of their best face in the latest analysis; people
        without any are absent."""
        with self._store.read() as connection:
            return read_best_faces(connection, video_sha256)

    def best_face_of_tracks(self, analysis_id: int) -> dict[int, BestFace]:
        """Track id -> its best face, with its vector; tracks without a face are absent. Never changes."""
        with self._store.read() as connection:
            return read_best_face_of_tracks(connection, analysis_id)

    def retitle(self, video_sha256: str, title: str) -> None:
        """Gives a film another title, without the white space around it. Raises StorageError, and keeps the old one,
        if the title is empty or the film is not there."""
        title = " ".join(title.split())
        if not title:
            raise StorageError("A film needs a title; type one.")
        with self._store.write() as connection:
            change = update(schema.films).where(schema.films.c.sha256 == video_sha256).values(title=title)
            if connection.execute(change).rowcount == 0:
                raise StorageError("This film is not in the database any more; reload the page.")

    def _film(self, where: ColumnElement[bool], *, people: bool = True) -> FilmRecord | None:
        with self._store.read() as connection:
            return next(iter(film_records(connection, where, people=people)), None)

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

    def strangers_last_seen(self, video_sha256: str) -> tuple[int, ...]:
        """Ids of the film's analyses, the newest first, in which some stranger was seen that no later one has, or
        strangers were corrected."""
        told, people = schema.analysis_people, schema.people
        last = (
            select(func.max(told.c.analysis_id).label("analysis_id"))
            .join(people, people.c.row_id == told.c.person_row_id)
            .join(schema.films, schema.films.c.id == people.c.film_id)
            .where(schema.films.c.sha256 == video_sha256, people.c.unknown_number.is_not(None))
            .group_by(people.c.row_id)
            .subquery()
        )
        with self._store.read() as connection:
            corrected = (
                select(schema.analyses.c.id)
                .join(schema.films)
                .where(schema.films.c.sha256 == video_sha256, schema.analyses.c.said.is_not(None))
            )
            found = {*connection.scalars(select(last.c.analysis_id)), *connection.scalars(corrected)}
            return tuple(sorted(found, reverse=True))


def _load(connection: Connection, query: Select, *, faces: bool = True) -> Analysis | None:
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    film = connection.execute(select(schema.films).where(schema.films.c.id == row.film_id)).one()
    return read_analysis(connection, row, film, decided_names(connection, film.id), faces=faces)


def _upsert_film(connection: Connection, video: VideoInfo, video_sha256: str, title: str) -> int:
    """The id of the film, whose facts are now those of `video`; `title` is for a new one."""
    facts = {
        "path": str(video.path),
        "duration_s": float(video.duration_s),
        "fps": f"{video.fps.numerator}/{video.fps.denominator}",
        "width": video.width,
        "height": video.height,
        "codec": video.codec,
    }
    table = schema.films
    film_id = connection.scalar(select(table.c.id).where(table.c.sha256 == video_sha256))
    if film_id is not None:
        connection.execute(update(table).where(table.c.id == film_id).values(**facts))
        return film_id
    new = {"sha256": video_sha256, "title": title, "added_at": schema.now(), "token": secrets.token_urlsafe(12)}
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
    return unknown_number(person.name) if person.kind == "unknown" else None
