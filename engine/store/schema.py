"""The tables, as the newest version of the code sees them.

A change here needs a migration and a new `HEAD`; a test compares the two. Every foreign key cascades, so that deleting
leaves nothing behind, and starts an index, so that cascading does not scan. Times are seconds from a film's start.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint, text

from engine.store.columns import (
    METADATA,
    UtcDateTime,
    blob_column,
    date_column,
    double_column,
    id_column,
    json_column,
    now,
    number_column,
    owner_column,
    text_column,
)

__all__ = ["HEAD", "METADATA", "UtcDateTime", "now"]

HEAD = "dramatis_0005"
"""The newest migration. Distinctive, so that no other program's database is taken for one of ours."""


galleries = Table(
    "galleries",
    METADATA,
    id_column(),
    text_column("name"),
    Column("name_key", Text, nullable=False, unique=True),
    date_column("created_at"),
    text_column("model_id"),
    number_column("vector_length"),  # known even where there are no faces
    text_column("licence_note"),
    Column("n_changes", Integer, nullable=False, server_default=text("0")),  # of its faces, since it was first saved
)

gallery_corrections = Table(
    "gallery_corrections",
    METADATA,
    id_column(),
    owner_column("gallery_id", "galleries.id"),
    date_column("created_at"),
    text_column("author"),
    text_column("kind"),
    json_column("payload"),
    date_column("undone_at", nullable=True),
    sqlite_autoincrement=True,
)

# What building a gallery gave, while some correction of it holds.
gallery_built = Table(
    "gallery_built",
    METADATA,
    owner_column("gallery_id", "galleries.id", index=False, key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    text_column("path"),
    text_column("sha256"),  # "" where it is unknown
    text_column("person", nullable=True),  # null for a picture that was left out, as the vector
    blob_column("vector", nullable=True),
    text_column("left_out_reason", nullable=True),
)

gallery_people = Table(
    "gallery_people",
    METADATA,
    id_column(),
    owner_column("gallery_id", "galleries.id", index=False),
    text_column("name"),
    text_column("name_key"),
    UniqueConstraint("gallery_id", "name_key"),
)

gallery_pictures = Table(
    "gallery_pictures",
    METADATA,
    id_column(),
    owner_column("gallery_id", "galleries.id", index=False),
    number_column("position"),
    text_column("path"),
    Column("sha256", String(64)),  # unknown for pictures that could not be read
    Column("left_out_reason", Text),
    UniqueConstraint("gallery_id", "position"),
)

gallery_faces = Table(
    "gallery_faces",
    METADATA,
    id_column(),
    owner_column("picture_id", "gallery_pictures.id"),
    owner_column("person_id", "gallery_people.id"),
    number_column("position"),  # row of `Gallery.vectors`
    blob_column("vector"),
    text_column("model_id"),
)

films = Table(
    "films",
    METADATA,
    id_column(),
    Column("sha256", String(64), nullable=False, unique=True),
    text_column("path"),
    text_column("title"),
    double_column("duration_s"),
    text_column("fps"),  # exact: "24000/1001"
    number_column("width"),
    number_column("height"),
    text_column("codec"),
    date_column("added_at"),
    number_column("highest_unknown_number"),  # never sinks, so that no number is given out twice
    # The id for addresses; the default is for SQLite, which adds a column to films that are there only with one.
    Column("token", Text, nullable=False, index=True, unique=True, server_default=text("''")),
    Column("kind", Text, nullable=False, server_default=text("'film'")),  # or "album": a folder of pictures
    sqlite_autoincrement=True,
)

analyses = Table(
    "analyses",
    METADATA,
    id_column(),
    owner_column("film_id", "films.id"),
    date_column("created_at"),
    text_column("engine_version"),
    json_column("settings"),
    json_column("model_ids"),
    number_column("n_frames_damaged"),
    json_column("warnings"),
    text_column("gallery", nullable=True),
    json_column("cast_names", nullable=True),
    json_column("said", nullable=True),  # who is who by the analysis alone; null until a person decides otherwise
    sqlite_autoincrement=True,  # an analysis' number, once told to somebody, never means another analysis
)
ANALYSIS_FACTS = tuple(column for column in analyses.c if column is not analyses.c.said)
"""What is read of an analysis: all but what it said by itself, which is long; `engine.store.decided` asks for that."""

shots = Table(
    "shots",
    METADATA,
    owner_column("analysis_id", "analyses.id", index=False, key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    double_column("start_s"),
    double_column("end_s"),
)

people = Table(
    "people",
    METADATA,
    Column("row_id", Integer, primary_key=True),
    owner_column("film_id", "films.id", index=False),
    text_column("id"),  # the pipeline's id, unique within the film
    text_column("name"),
    text_column("kind"),
    number_column("unknown_number", nullable=True),  # kept when the stranger gets a name
    date_column("created_at"),
    UniqueConstraint("film_id", "id"),
    UniqueConstraint("film_id", "unknown_number"),
)

analysis_people = Table(
    "analysis_people",
    METADATA,
    owner_column("analysis_id", "analyses.id", index=False, key=True),
    owner_column("person_row_id", "people.row_id", key=True),
    double_column("confidence"),
    number_column("position"),
    double_column("low_s", nullable=True),  # null before bounds were reckoned
    double_column("high_s", nullable=True),
)

appearances = Table(
    "appearances",
    METADATA,
    id_column(),
    owner_column("analysis_id", "analyses.id"),
    owner_column("person_row_id", "people.row_id"),
    double_column("start_s"),
    double_column("end_s"),
)

tracks = Table(
    "tracks",
    METADATA,
    id_column(),
    owner_column("analysis_id", "analyses.id", index=False),
    number_column("number"),  # `Track.id`
    number_column("position"),  # in `Analysis.tracks`
    owner_column("person_row_id", "people.row_id", nullable=True),
    number_column("person_position", nullable=True),  # in `Person.track_ids`
    double_column("start_s"),
    double_column("end_s"),
    double_column("distance", nullable=True),
    blob_column("times"),
    blob_column("boxes"),
    blob_column("scores"),
    blob_column("clothes", nullable=True),  # null before they were looked at
    json_column("chances", nullable=True),  # [[name, probability], ...]; null without a gallery
    Column("decided", Boolean, nullable=False, server_default=text("0")),  # a person said whose it is
    text_column("model_id"),  # of the faces, known even where there are none
    number_column("vector_length"),
    UniqueConstraint("analysis_id", "number"),
)

track_faces = Table(
    "track_faces",
    METADATA,
    id_column(),
    owner_column("track_id", "tracks.id", index=False),
    number_column("position"),
    double_column("t_s"),
    blob_column("box"),
    double_column("quality"),
    blob_column("vector"),
    text_column("model_id"),
    json_column("candidates", nullable=True),  # [[name, distance], ...]; null without a gallery
    UniqueConstraint("track_id", "position"),
)

corrections = Table(
    "corrections",
    METADATA,
    id_column(),
    owner_column("film_id", "films.id"),
    date_column("created_at"),
    text_column("author"),
    text_column("kind"),
    json_column("payload"),
    date_column("undone_at", nullable=True),
    json_column("seen", nullable=True),  # of each move of a decision, where the faces are: long, and rarely read
    Column("batch", Text, index=True),  # equal for what was decided, and is undone, together in several films
    sqlite_autoincrement=True,
)

# Which tracks of each of the film's analyses a correction is about.
decided_tracks = Table(
    "decided_tracks",
    METADATA,
    owner_column("correction_id", "corrections.id", index=False, key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),  # of the correction's moves
    owner_column("track_row_id", "tracks.id", key=True),
)

album_pictures = Table(
    "album_pictures",
    METADATA,
    id_column(),
    owner_column("film_id", "films.id", index=False),
    text_column("path"),  # relative to the folder
    number_column("number"),  # its time in tracks; equal content has one, for ever
    Column("sha256", String(64), nullable=False),
    number_column("width"),
    number_column("height"),
    text_column("problem", nullable=True),  # why it could not be read
    UniqueConstraint("film_id", "path"),
)

jobs = Table(
    "jobs",
    METADATA,
    id_column(),
    text_column("kind"),
    text_column("title"),
    text_column("owner"),
    json_column("spec"),
    text_column("state"),
    text_column("phase"),
    double_column("fraction"),
    double_column("left_s", nullable=True),
    text_column("error", nullable=True),
    json_column("result", nullable=True),
    date_column("created_at"),
    date_column("started_at", nullable=True),
    date_column("ended_at", nullable=True),
    date_column("beat_at", nullable=True),
    number_column("worker_pid", nullable=True),
    number_column("n_attempts"),
    Column("cancel_requested", Boolean, nullable=False),
    Column("dismissed", Boolean, nullable=False),
    sqlite_autoincrement=True,  # a job's folder is named by its number
)
