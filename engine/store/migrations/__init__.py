"""Brings an older database to the newest schema, by Alembic and without any .ini file. Forwards only."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from engine.errors import StorageError


def config() -> Config:
    """Alembic's configuration for the scripts beside this file."""
    settings = Config()
    # Alembic reads its options through configparser, to which a percent sign is special.
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return settings


def upgrade(connection: Connection, version: str | None, name: str) -> None:
    """Runs every migration after `version` (None for an empty database) inside the transaction of `connection`.

    Raises StorageError for a version that this program has never heard of; nothing was changed then.
    """
    settings = config()
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    if version is not None and version not in known:
        raise StorageError(
            f"The database {name} was written by a newer version of Dramatis; update Dramatis or name another file."
        )
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
