"""What people decide about who is who, beside what each analysis said by itself; and albums, which are folders of
pictures that are looked at like films.

Columns are added in place, never by copying a table: SQLite would drop the old copy, and with it, by cascade,
everything that belongs to its rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "dramatis_0004"
down_revision = "dramatis_0003"


def upgrade() -> None:
    op.add_column("films", sa.Column("kind", sa.Text(), nullable=False, server_default=sa.text("'film'")))
    op.add_column("analyses", sa.Column("said", sa.JSON(), nullable=True))
    op.add_column("tracks", sa.Column("decided", sa.Boolean(), nullable=False, server_default=sa.text("0")))
    op.add_column("corrections", sa.Column("batch", sa.Text(), nullable=True))
    op.add_column("corrections", sa.Column("seen", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_corrections_batch"), "corrections", ["batch"])
    op.create_table(
        "decided_tracks",
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("track_row_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["corrections.id"],
            name=op.f("fk_decided_tracks_correction_id_corrections"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["track_row_id"], ["tracks.id"], name=op.f("fk_decided_tracks_track_row_id_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("correction_id", "step", "track_row_id", name=op.f("pk_decided_tracks")),
    )
    op.create_index(op.f("ix_decided_tracks_track_row_id"), "decided_tracks", ["track_row_id"])
    op.create_table(
        "album_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("film_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["film_id"], ["films.id"], name=op.f("fk_album_pictures_film_id_films"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_album_pictures")),
        sa.UniqueConstraint("film_id", "path", name=op.f("uq_album_pictures_film_id_path")),
    )
