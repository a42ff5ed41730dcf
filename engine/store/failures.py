"""A database's failures, said to a user in one sentence. The border where SQLAlchemy's exceptions end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from engine.errors import StorageError

_PRIMARY_CODE = 0xFF
"""Lower byte of SQLite's extended result codes, https://www.sqlite.org/rescode.html."""

_SQLITE_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk is full, so {name} could not be written; free some space and try again.",
    sqlite3.SQLITE_IOERR: "Reading or writing {name} failed ({reason}); check the disk and the space left on it.",
    sqlite3.SQLITE_CANTOPEN: "The database {name} cannot be opened; check that its folder is there and yours to write.",
    sqlite3.SQLITE_READONLY: "The database {name} is read-only; make the file and its folder writable for you.",
    sqlite3.SQLITE_PERM: "The database {name} may not be used by you; make the file and its folder writable for you.",
    sqlite3.SQLITE_BUSY: "The database {name} is in use by another program for too long; close that and try again.",
    sqlite3.SQLITE_NOTADB: "The file {name} is not a database; move it away or set DRAMATIS_DATA to another folder.",
    sqlite3.SQLITE_CORRUPT: "The database {name} is damaged; restore it from a backup, or move it away to start anew.",
}


@contextmanager
def as_storage_errors(name: str) -> Iterator[None]:
    """Turns failures of the database called `name` into StorageError.

    Broken constraints and wrong SQL pass unchanged: they are defects, not something a user can do anything about.
    """
    try:
        yield
    except exc.DBAPIError as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        reason = next(iter(str(error.orig).splitlines()), "")
        raise StorageError(sentence.format(name=name, reason=reason)) from error
    except UnicodeEncodeError as error:
        # A file name that is not UTF-8 reaches Python with lone surrogates, which no database takes as text.
        raise StorageError(
            f"The name {ascii(error.object)} holds characters that are not text; rename the file and try again."
        ) from error


def _sentence(error: exc.DBAPIError) -> str | None:
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        return None if code is None else _SQLITE_SENTENCES.get(code & _PRIMARY_CODE)
    if isinstance(error, (exc.OperationalError, exc.InterfaceError)):
        return "The database {name} does not answer ({reason}); check that it runs and lets you in."
    return None
