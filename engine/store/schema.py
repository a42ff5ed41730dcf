"""The tables, as the newest version of the code sees them.

A change here needs a migration and a new `HEAD`; a test compares the two. Every foreign key cascades, so that deleting
leaves nothing behind, and starts an index, so that cascading does not scan. Times are seconds from a film's start.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

HEAD = "dramatis_0005"
"""The newest migration. Distinctive, so that no other program's database is taken for one of ours."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out; SQLite has no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _owner(name: str, target: str, *, index: bool = True, nullable: bool = False, key: bool = False) -> Column[int]:
    """A foreign key that goes with its target; `index` is False where another index starts with it."""
    cascade = ForeignKey(target, ondelete="CASCADE")
    return Column(name, Integer, cascade, index=index, nullable=nullable, primary_key=key)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=nullable)


def _double(name: str, *, nullable: bool = False) -> Column[float]:
    return Column(name, Double, nullable=nullable)


def _blob(name: str, *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> Column:
    return Column(name, JSON(none_as_null=nullable), nullable=nullable)


def _date(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


galleries = Table(
    "galleries",
    METADATA,
    _id(),
    _text("name"),
    Column("name_key", Text, nullable=False, unique=True),
    _date("created_at"),
    _text("model_id"),
    _number("vector_length"),  # known even where there are no faces
    _text("licence_note"),
    Column("n_changes", Integer, nullable=False, server_default=text("0")),  # of its faces, since it was first saved
)

gallery_corrections = Table(
    "gallery_corrections",
    METADATA,
    _id(),
    _owner("gallery_id", "galleries.id"),
    _date("created_at"),
    _text("author"),
    _text("kind"),
    _json("payload"),
    _date("undone_at", nullable=True),
    sqlite_autoincrement=True,
)

# What building a gallery gave, while some correction of it holds.
gallery_built = Table(
    "gallery_built",
    METADATA,
    _owner("gallery_id", "galleries.id", index=False, key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _text("path"),
    _text("sha256"),  # "" where it is unknown
    _text("person", nullable=True),  # null for a picture that was left out, as the vector
    _blob("vector", nullable=True),
    _text("left_out_reason", nullable=True),
)

gallery_people = Table(
    "gallery_people",
    METADATA,
    _id(),
    _owner("gallery_id", "galleries.id", index=False),
    _text("name"),
    _text("name_key"),
    UniqueConstraint("gallery_id", "name_key"),
)

gallery_pictures = Table(
    "gallery_pictures",
    METADATA,
    _id(),
    _owner("gallery_id", "galleries.id", index=False),
    _number("position"),
    _text("path"),
    Column("sha256", String(64)),  # unknown for pictures that could not be read
    Column("left_out_reason", Text),
    UniqueConstraint("gallery_id", "position"),
)

gallery_faces = Table(
    "gallery_faces",
    METADATA,
    _id(),
    _owner("picture_id", "gallery_pictures.id"),
    _owner("person_id", "gallery_people.id"),
    _number("position"),  # row of `Gallery.vectors`
    _blob("vector"),
    _text("model_id"),
)

films = Table(
    "films",
    METADATA,
    _id(),
    Column("sha256", String(64), nullable=False, unique=True),
    _text("path"),
    _text("title"),
    _double("duration_s"),
    _text("fps"),  # exact: "24000/1001"
    _number("width"),
    _number("height"),
    _text("codec"),
    _date("added_at"),
    _number("highest_unknown_number"),  # never sinks, so that no number is given out twice
    # The id for addresses; the default is for SQLite, which adds a column to films that are there only with one.
    Column("token", Text, nullable=False, index=True, unique=True, server_default=text("''")),
    Column("kind", Text, nullable=False, server_default=text("'film'")),  # or "album": a folder of pictures
    sqlite_autoincrement=True,
)

analyses = Table(
    "analyses",
    METADATA,
    _id(),
    _owner("film_id", "films.id"),
    _date("created_at"),
    _text("engine_version"),
    _json("settings"),
    _json("model_ids"),
    _number("n_frames_damaged"),
    _json("warnings"),
    _text("gallery", nullable=True),
    _json("cast_names", nullable=True),
    _json("said", nullable=True),  # who is who by the analysis alone; null until a person decides otherwise
    sqlite_autoincrement=True,  # an analysis' number, once told to somebody, never means another analysis
)

shots = Table(
    "shots",
    METADATA,
    _owner("analysis_id", "analyses.id", index=False, key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _double("start_s"),
    _double("end_s"),
)

people = Table(
    "people",
    METADATA,
    Column("row_id", Integer, primary_key=True),
    _owner("film_id", "films.id", index=False),
    _text("id"),  # the pipeline's id, unique within the film
    _text("name"),
    _text("kind"),
    _number("unknown_number", nullable=True),  # kept when the stranger gets a name
    _date("created_at"),
    UniqueConstraint("film_id", "id"),
    UniqueConstraint("film_id", "unknown_number"),
)

analysis_people = Table(
    "analysis_people",
    METADATA,
    _owner("analysis_id", "analyses.id", index=False, key=True),
    _owner("person_row_id", "people.row_id", key=True),
    _double("confidence"),
    _number("position"),
    _double("low_s", nullable=True),  # null before bounds were reckoned
    _double("high_s", nullable=True),
)

appearances = Table(
    "appearances",
    METADATA,
    _id(),
    _owner("analysis_id", "analyses.id"),
    _owner("person_row_id", "people.row_id"),
    _double("start_s"),
    _double("end_s"),
)

tracks = Table(
    "tracks",
    METADATA,
    _id(),
    _owner("analysis_id", "analyses.id", index=False),
    _number("number"),  # `Track.id`
    _number("position"),  # in `Analysis.tracks`
    _owner("person_row_id", "people.row_id", nullable=True),
    _number("person_position", nullable=True),  # in `Person.track_ids`
    _double("start_s"),
    _double("end_s"),
    _double("distance", nullable=True),
    _blob("times"),
    _blob("boxes"),
    _blob("scores"),
    _blob("clothes", nullable=True),  # null before they were looked at
    _json("chances", nullable=True),  # [[name, probability], ...]; null without a gallery
    Column("decided", Boolean, nullable=False, server_default=text("0")),  # a person said whose it is
    _text("model_id"),  # of the faces, known even where there are none
    _number("vector_length"),
    UniqueConstraint("analysis_id", "number"),
)

track_faces = Table(
    "track_faces",
    METADATA,
    _id(),
    _owner("track_id", "tracks.id", index=False),
    _number("position"),
    _double("t_s"),
    _blob("box"),
    _double("quality"),
    _blob("vector"),
    _text("model_id"),
    _json("candidates", nullable=True),  # [[name, distance], ...]; null without a gallery
    UniqueConstraint("track_id", "position"),
)

corrections = Table(
    "corrections",
    METADATA,
    _id(),
    _owner("film_id", "films.id"),
    _date("created_at"),
    _text("author"),
    _text("kind"),
    _json("payload"),
    _date("undone_at", nullable=True),
    _json("seen", nullable=True),  # of each move of a decision, where the faces are: long, and rarely read
    Column("batch", Text, index=True),  # equal for what was decided, and is undone, together in several films
    sqlite_autoincrement=True,
)

# Which tracks of each of the film's analyses a correction is about.
decided_tracks = Table(
    "decided_tracks",
    METADATA,
    _owner("correction_id", "corrections.id", index=False, key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),  # of the correction's moves
    _owner("track_row_id", "tracks.id", key=True),
)

album_pictures = Table(
    "album_pictures",
    METADATA,
    _id(),
    _owner("film_id", "films.id", index=False),
    _text("path"),  # relative to the folder
    _number("number"),  # its time in tracks; equal content has one, for ever
    Column("sha256", String(64), nullable=False),
    _number("width"),
    _number("height"),
    _text("problem", nullable=True),  # why it could not be read
    UniqueConstraint("film_id", "path"),
)

jobs = Table(
    "jobs",
    METADATA,
    _id(),
    _text("kind"),
    _text("title"),
    _text("owner"),
    _json("spec"),
    _text("state"),
    _text("phase"),
    _double("fraction"),
    _double("left_s", nullable=True),
    _text("error", nullable=True),
    _json("result", nullable=True),
    _date("created_at"),
    _date("started_at", nullable=True),
    _date("ended_at", nullable=True),
    _date("beat_at", nullable=True),
    _number("worker_pid", nullable=True),
    _number("n_attempts"),
    Column("cancel_requested", Boolean, nullable=False),
    Column("dismissed", Boolean, nullable=False),
    sqlite_autoincrement=True,  # a job's folder is named by its number
)
