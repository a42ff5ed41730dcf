from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.errors import StorageError
from engine.store.corrections import CorrectionLog
from engine.store.database import open_store
from engine.store.films import FilmRepository

FORK = multiprocessing.get_context("fork")


def pragma(store, name):
    with store.read() as connection:
        return connection.scalar(text(f"PRAGMA {name}"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1), ("busy_timeout", 30000), ("secure_delete", 1)],
)
def test_sqlite_is_set_up(store, name, value):
    assert pragma(store, name) == value


def test_only_the_owner_may_read_the_file(database):
    with open_store(database).write() as connection:
        connection.execute(text("CREATE TABLE probe (x)"))
        modes = {path.name: path.stat().st_mode & 0o777 for path in database.parent.iterdir()}
    assert modes == {database.name + ending: 0o600 for ending in ("", "-wal", "-shm")}


def test_a_missing_folder_is_made_private(tmp_path):
    open_store(tmp_path / "new" / "deep.sqlite3")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_url_and_a_path_open_the_same_file(store, database, make_analysis):
    FilmRepository(store).save_analysis(make_analysis({"p": "Ingrid"}))
    assert len(FilmRepository(open_store(f"sqlite:///{database}")).films()) == 1


def test_a_url_may_ask_for_reading_only(store, database, make_analysis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    FilmRepository(store).save_analysis(make_analysis({"p": "Ingrid"}))
    films = FilmRepository(open_store(f"sqlite:///file:{database}?mode=ro&uri=true"))
    assert films.latest("f" * 64).people[0].name == "Ingrid"
    with pytest.raises(StorageError, match="is read-only"):
        films.delete_film("f" * 64)
    assert {path.name for path in tmp_path.iterdir()} <= {database.name + ending for ending in ("", "-wal", "-shm")}


def test_percent_signs_in_the_path_are_ordinary(tmp_path):
    open_store(tmp_path / "100%s.sqlite3")
    assert (tmp_path / "100%s.sqlite3").stat().st_size > 0


@pytest.mark.parametrize("address", ["", ":memory:", "sqlite://", "sqlite:///:memory:"])
def test_memory_is_refused(address):
    with pytest.raises(StorageError, match="in memory"):
        open_store(address)


@pytest.mark.parametrize("address", ["nosuchdialect://host/db", "://"])
def test_an_address_that_means_nothing_is_refused(address):
    with pytest.raises(StorageError, match="address cannot be used"):
        open_store(address)


def test_a_file_that_is_no_database_is_refused_and_kept(database):
    database.write_bytes(b"these are holiday notes, not a database\n" * 50)
    before = database.read_bytes()
    with pytest.raises(StorageError, match="is not a database"):
        open_store(database)
    assert database.read_bytes() == before


def test_another_programs_database_is_refused_and_kept(database):
    with sqlite3.connect(database) as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()
    before = database.read_bytes()
    with pytest.raises(StorageError, match="belongs to another program"):
        open_store(database)
    assert database.read_bytes() == before


def test_a_damaged_database_is_said_to_be_damaged(store, database, make_analysis):
    FilmRepository(store).save_analysis(make_analysis({"p": "Ingrid"}, n_faces=200))
    damaged = bytearray(database.read_bytes())
    damaged[len(damaged) // 2 :] = b"\xff" * (len(damaged) - len(damaged) // 2)
    database.write_bytes(damaged)
    with pytest.raises(StorageError, match="is damaged"):
        FilmRepository(open_store(database)).latest("f" * 64)


def test_a_folder_in_the_files_place_is_refused(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened"):
        open_store(tmp_path)


@pytest.fixture
def as_ordinary_user():
    """A folder in which somebody other than root may do as its mode says, for as long as the test runs."""
    folder = Path(tempfile.mkdtemp())
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    yield folder
    if is_root:
        os.seteuid(0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_a_folder_without_write_permission(as_ordinary_user):
    as_ordinary_user.chmod(0o500)
    with pytest.raises(StorageError, match="cannot be made .Permission denied.*yours to write"):
        open_store(as_ordinary_user / "x.sqlite3")


def test_a_file_without_write_permission(as_ordinary_user, make_analysis):
    database = as_ordinary_user / "x.sqlite3"
    store = open_store(database)
    database.chmod(0o400)
    with pytest.raises(StorageError, match="is read-only"):
        FilmRepository(store).save_analysis(make_analysis({"p": "Ingrid"}))


def test_a_file_without_any_permission(as_ordinary_user):
    database = as_ordinary_user / "x.sqlite3"
    open_store(database)
    database.chmod(0)
    with pytest.raises(StorageError, match="cannot be opened"):
        open_store(database)


def test_an_exception_rolls_back(store):
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        raise ZeroDivisionError
    with store.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_reader_sees_one_state_and_waits_for_nobody(store, make_analysis):
    films = FilmRepository(store)
    count = text("SELECT count(*) FROM films")
    with store.read() as reader:
        assert reader.scalar(count) == 0
        films.save_analysis(make_analysis({"p": "Ingrid"}))
        assert reader.scalar(count) == 0
    with store.read() as reader:
        assert reader.scalar(count) == 1


def test_a_lock_that_never_ends_is_reported(store, database, make_analysis, monkeypatch):
    monkeypatch.setattr("engine.store.database.BUSY_TIMEOUT_S", 0.05)
    with store.write(), pytest.raises(StorageError, match="in use by another program"):
        FilmRepository(store).save_analysis(make_analysis({"p": "Ingrid"}))


def test_opening_waits_for_a_writer_before_it_turns_the_log_on(store, database):
    writer = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    writer.execute("PRAGMA journal_mode=DELETE")
    writer.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, writer.rollback).start()
    assert pragma(open_store(database), "journal_mode") == "wal"
    writer.close()


def test_threads_open_and_write_at_once(database, make_analysis):
    failures = []
    start = threading.Barrier(4)

    def work(number):
        try:
            start.wait()
            films = FilmRepository(open_store(database))
            for i in range(5):
                films.save_analysis(make_analysis({"p": "Ingrid"}, sha256=f"{number}-{i}"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(FilmRepository(open_store(database)).films()) == 20


def test_processes_open_and_write_at_once(database, make_analysis):
    start = FORK.Barrier(4)

    def work(number):
        start.wait()
        films = FilmRepository(open_store(database))
        for i in range(5):
            films.save_analysis(make_analysis({f"p{number}-{i}": "Ingrid"}))

    processes = [FORK.Process(target=work, args=(number,)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * 4
    assert [film.n_analyses for film in FilmRepository(open_store(database)).films()] == [20]


def test_a_store_opened_before_a_fork_serves_both_sides(store, make_analysis):
    films, log = FilmRepository(store), CorrectionLog(store)
    films.save_analysis(make_analysis({"p": "Ingrid"}))

    def work():
        for _ in range(10):
            log.append("f" * 64, "note", {"from": "child"})

    child = FORK.Process(target=work)
    child.start()
    for _ in range(10):
        log.append("f" * 64, "note", {"from": "parent"})
    child.join(30)
    assert child.exitcode == 0
    assert sorted(one.payload["from"] for one in log.active("f" * 64)) == ["child"] * 10 + ["parent"] * 10


def test_no_file_stays_open_between_transactions(store, database):
    with store.read():
        assert _open_files(database) >= 1
    assert _open_files(database) == 0


def _open_files(database):
    names = (os.readlink(f"/dev/fd/{fd}") for fd in os.listdir("/dev/fd") if os.path.islink(f"/dev/fd/{fd}"))
    return sum(name.startswith(str(database)) for name in names)


def test_an_up_to_date_database_opens_without_alembic(store, database):
    script = (
        "import sys; from engine.store.database import open_store; open_store(sys.argv[1]); "
        "print('alembic' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", script, database], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
