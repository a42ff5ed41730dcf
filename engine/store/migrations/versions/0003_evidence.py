"""What names rest on besides the face (the clothes of each track), who else it may be, and bounds of the seconds.

Columns are added in place, never by copying a table: SQLite would drop the old copy, and with it, by cascade,
everything that belongs to its rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "dramatis_0003"
down_revision = "dramatis_0002"


def upgrade() -> None:
    op.add_column("tracks", sa.Column("clothes", sa.LargeBinary(), nullable=True))
    op.add_column("tracks", sa.Column("chances", sa.JSON(), nullable=True))
    op.add_column("analysis_people", sa.Column("low_s", sa.Double(), nullable=True))
    op.add_column("analysis_people", sa.Column("high_s", sa.Double(), nullable=True))
