"""Opening a database and transactions on it: the `Store` that every repository is given.

SQLite is used with a write-ahead log, so readers never wait for the writer; there is one writer at a time, and who
comes second waits at the start of the transaction, never in the middle of it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, create_engine, event, exc, insert, inspect, make_url, text
from sqlalchemy.pool import NullPool

from engine.config import private_dir
from engine.errors import StorageError
from engine.store.failures import as_storage_errors
from engine.store.schema import HEAD

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another one; the largest save measured (2,000 tracks) holds the lock for about 1 s."""

_BEGIN = "dramatis_begin"
_opening = threading.Lock()


class Store:
    """A database, reached through `read` and `write`. Made by `open_store`.

    Between transactions no connection is kept: a store may be shared by threads and may cross a fork.
    """

    def __init__(self, url: URL) -> None:
        self.name = url.database if _is_sqlite(url) else url.render_as_string(hide_password=True)
        self._is_sqlite = _is_sqlite(url)
        self._engine = create_engine(url, poolclass=NullPool)
        if self._is_sqlite:
            event.listen(self._engine, "connect", _set_pragmas)
            event.listen(self._engine, "begin", _begin)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one unchanging state of the database. Raises StorageError."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may change the database, committed at the end of the block.

        Any exception rolls it back. Raises StorageError if the database fails or stays locked for `BUSY_TIMEOUT_S`.
        """
        # A deferred BEGIN that first reads and then writes fails at once, without waiting, if another writer was
        # there in between (https://www.sqlite.org/isolation.html); IMMEDIATE takes its turn at the start.
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with as_storage_errors(self.name), self._engine.connect() as connection:
            connection.execution_options(**{_BEGIN: begin})
            with connection.begin():
                yield connection

    def _use_write_ahead_log(self) -> None:
        """Sets the journal mode, which the file remembers."""
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                with self._engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                return
            except exc.OperationalError as error:
                # Against another writer SQLite gives up on this statement at once, whatever busy_timeout says.
                if "locked" not in str(error.orig) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _bring_up_to_date(self) -> None:
        with self.read() as connection:
            if _version(connection) == HEAD:
                return
        with self.write() as connection:
            version = _version(connection)  # once more: another process may have been faster
            if version is None and inspect(connection).get_table_names():
                raise StorageError(
                    f"The database {self.name} belongs to another program; name a file of Dramatis or a new one."
                )
            # Alembic takes longer to import than everything else here, and is rarely needed.
            from engine.store import migrations

            migrations.upgrade(connection, version, self.name)


def open_store(path_or_url: Path | str) -> Store:
    """The database at a path (made with mode 0600 if it is not there) or at an SQLAlchemy URL, brought up to date.

    Raises StorageError, and leaves the file as it was, if it cannot be opened or made, is not a database, belongs to
    another program or was written by a newer version of this one.
    """
    url = _url(path_or_url)
    # One at a time: Alembic keeps the running migration in module globals, and closing a file that another thread
    # has open through SQLite drops that thread's locks (https://www.sqlite.org/howtocorrupt.html, 2.2).
    with _opening:
        if _is_sqlite(url) and not url.database.startswith("file:"):
            _make_private(Path(url.database))
        try:
            store = Store(url)
        except (exc.ArgumentError, ImportError) as error:
            raise StorageError(
                f"The database address cannot be used ({error}); check its first part and that its driver is installed."
            ) from error
        with as_storage_errors(store.name):
            store._bring_up_to_date()
            if store._is_sqlite:
                store._use_write_ahead_log()
    return store


def insert_all(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Inserts `rows` in bulk; nothing for an empty list, of which SQLAlchemy would make one row of defaults."""
    if rows:
        connection.execute(insert(table), rows)


def _url(path_or_url: Path | str) -> URL:
    if isinstance(path_or_url, str) and "://" in path_or_url:
        try:
            url = make_url(path_or_url)
        except exc.ArgumentError as error:
            raise StorageError(f"The database address cannot be used ({error}); write it as sqlite:///FILE.") from error
    else:
        url = URL.create("sqlite", database=str(path_or_url))
    if _is_sqlite(url) and url.database in (None, "", ":memory:"):
        raise StorageError("A database in memory would forget everything at once; name a file for it.")
    return url


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _make_private(path: Path) -> None:
    """Makes an empty file that only its owner may read (it will hold faces), unless there is one."""
    private_dir(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise StorageError(
            f"The database {path} cannot be made ({error.strerror}); check that its folder is yours to write."
        ) from error


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # `_begin` opens transactions, not Python's sqlite3 on its own judgement
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=NORMAL")  # with a write-ahead log: never damaged, at worst the last commit lost
    cursor.execute("PRAGMA secure_delete=ON")  # deleted faces are overwritten, not only unlinked
    cursor.close()


def _begin(connection: Connection) -> None:
    begin = connection.get_execution_options().get(_BEGIN)
    if begin:
        connection.exec_driver_sql(begin)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))
