"""What the app needs: addresses of films, the queue of jobs, and who else a face might have been.

Columns are added in place, never by copying a table: SQLite would drop the old copy, and with it, by cascade,
everything that belongs to its rows.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "dramatis_0002"
down_revision = "dramatis_0001"


def upgrade() -> None:
    op.add_column("films", sa.Column("token", sa.Text(), nullable=False, server_default=sa.text("''")))
    films = sa.table("films", sa.column("id", sa.Integer()), sa.column("token", sa.Text()))
    connection = op.get_bind()
    for film_id in connection.scalars(sa.select(films.c.id)).all():
        token = secrets.token_urlsafe(12)
        connection.execute(sa.update(films).where(films.c.id == film_id).values(token=token))
    op.create_index(op.f("ix_films_token"), "films", ["token"], unique=True)
    op.add_column("analyses", sa.Column("gallery", sa.Text(), nullable=True))
    op.add_column("analyses", sa.Column("cast_names", sa.JSON(), nullable=True))
    op.add_column("track_faces", sa.Column("candidates", sa.JSON(), nullable=True))
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("left_s", sa.Double(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("beat_at", sa.DateTime(), nullable=True),
        sa.Column("worker_pid", sa.Integer(), nullable=True),
        sa.Column("n_attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
