"""What people decide about the pictures of a gallery, and what building gave, put aside while any of that holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "dramatis_0005"
down_revision = "dramatis_0004"


def upgrade() -> None:
    op.add_column("galleries", sa.Column("n_changes", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "gallery_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gallery_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["gallery_id"],
            ["galleries.id"],
            name=op.f("fk_gallery_corrections_gallery_id_galleries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_corrections")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_gallery_corrections_gallery_id"), "gallery_corrections", ["gallery_id"])
    op.create_table(
        "gallery_built",
        sa.Column("gallery_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("left_out_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["gallery_id"], ["galleries.id"], name=op.f("fk_gallery_built_gallery_id_galleries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gallery_id", "position", name=op.f("pk_gallery_built")),
    )
