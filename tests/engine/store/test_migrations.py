from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, create_mock_engine, inspect, text

from engine.errors import StorageError
from engine.store import migrations
from engine.store.database import open_store
from engine.store.films import FilmRepository
from engine.store.jobs import JobRepository
from engine.store.schema import HEAD, METADATA


def test_head_is_the_newest_script():
    assert ScriptDirectory.from_config(migrations.config()).get_heads() == [HEAD]


def test_the_migrated_database_is_what_the_code_expects(store):
    with store.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
        assert set(METADATA.tables) < set(inspect(connection).get_table_names())
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_foreign_keys_cascade_and_start_an_index(store):
    with store.read() as connection:
        inspector = inspect(connection)
        keys = [(table, key) for table in METADATA.tables for key in inspector.get_foreign_keys(table)]
        assert len(keys) == sum(len(table.foreign_keys) for table in METADATA.tables.values())
        for table, key in keys:
            assert key["options"].get("ondelete") == "CASCADE", (table, key)
            indexes = [index["column_names"] for index in inspector.get_indexes(table)]
            indexes += [unique["column_names"] for unique in inspector.get_unique_constraints(table)]
            indexes.append(inspector.get_pk_constraint(table)["constrained_columns"])
            assert any(columns[: len(key["constrained_columns"])] == key["constrained_columns"] for columns in indexes)


def test_the_migrated_foreign_keys_are_those_of_the_code(store):
    with store.read() as connection:
        inspector = inspect(connection)
        for name, table in METADATA.tables.items():
            migrated = {
                (*key["constrained_columns"], key["referred_table"], *key["referred_columns"])
                for key in inspector.get_foreign_keys(name)
            }
            assert migrated == {(key.parent.name, key.column.table.name, key.column.name) for key in table.foreign_keys}


def test_a_newer_database_is_refused_and_kept(store, database):
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'dramatis_9999'"))
    before = database.read_bytes()
    with pytest.raises(StorageError, match="newer version of Dramatis"):
        open_store(database)
    assert database.read_bytes() == before


@pytest.fixture
def first_database(database):
    """A database as the first migration left it, with two films, of which one was analysed."""
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        settings = migrations.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "dramatis_0001")
        for statement in (
            "INSERT INTO films VALUES (1, 'aa', '/films/Gaslight.mp4', 'Gaslight', 60, '24/1', 640, 360, 'h264', "
            "'2025-01-02 03:04:05.000000', 1)",
            "INSERT INTO films VALUES (2, 'bb', '/films/Laura.mp4', 'Laura', 60, '24/1', 640, 360, 'h264', "
            "'2025-01-02 03:04:05.000000', 0)",
            "INSERT INTO analyses VALUES (1, 1, '2025-01-02 03:04:05.000000', '0.1', '{}', '[\"m\"]', 0, '[]')",
            "INSERT INTO people VALUES (1, 1, 'unknown:1', 'unknown_1', 'unknown', 1, '2025-01-02 03:04:05.000000')",
            "INSERT INTO analysis_people VALUES (1, 1, 0.5, 0)",
            "INSERT INTO appearances VALUES (1, 1, 1, 2.0, 4.5)",
            "INSERT INTO tracks VALUES (1, 1, 7, 0, 1, 0, 2.0, 4.5, NULL, x'0000000000000040', "
            "x'00000000000000000000803f0000803f', x'0000803f', 'm', 0)",
            "INSERT INTO track_faces VALUES (1, 1, 0, 2.0, x'00000000000000000000803f0000803f', 0.5, x'', 'm')",
            "INSERT INTO corrections VALUES (1, 1, '2025-01-02 03:04:05.000000', '', 'rename', "
            '\'{"person_id": "unknown:1", "name": "Ingrid"}\', NULL)',
        ):
            connection.execute(text(statement))
    engine.dispose()
    return database


def test_a_database_of_the_first_version_keeps_every_row(first_database):
    tables = ("films", "analyses", "people", "analysis_people", "appearances", "tracks", "track_faces", "corrections")

    def rows():
        with create_engine(f"sqlite:///{first_database}").connect() as connection:
            return {
                name: [row[: widths.get(name)] for row in connection.execute(text(f"SELECT * FROM {name}"))]
                for name in tables
            }

    widths = {}
    before = rows()
    widths = {name: len(of_table[0]) for name, of_table in before.items()}
    store = open_store(first_database)
    assert rows() == before

    films = FilmRepository(store)
    laura, gaslight = films.films()
    assert len({laura.token, gaslight.token}) == 2 and min(map(len, (laura.token, gaslight.token))) >= 16
    assert films.by_token(laura.token) == laura
    outline = films.outline("aa")
    assert [(p.id, p.name, p.screen_time_s, p.track_ids) for p in outline.people] == [
        ("unknown:1", "Ingrid", 2.5, (7,))
    ]
    assert (outline.gallery, outline.cast, films.faces("aa", [7])[7][0].candidates) == (None, (), None)
    latest = films.latest("aa")
    assert latest.candidates == latest.chances == {} and len(latest.tracks[0].clothes) == 0
    assert JobRepository(store).visible() == ()


def test_the_upgraded_database_is_what_the_code_expects(first_database):
    with open_store(first_database).read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_a_migration_that_fails_leaves_nothing(database, monkeypatch):
    def explode(connection, version, name):
        real(connection, version, name)
        raise ZeroDivisionError

    real = migrations.upgrade
    monkeypatch.setattr(migrations, "upgrade", explode)
    with pytest.raises(ZeroDivisionError):
        open_store(database)
    assert database.stat().st_size == 0
    monkeypatch.undo()
    open_store(database)


def test_the_program_may_stand_in_a_folder_with_a_percent_sign(monkeypatch):
    monkeypatch.setattr(migrations, "__file__", "/opt/100%/migrations/__init__.py")
    assert migrations.config().get_main_option("script_location") == "/opt/100%/migrations"


def test_threads_may_migrate_different_databases_at_once(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(open_store, [tmp_path / f"{i}.sqlite3" for i in range(8)]))
    for store in stores:
        with store.read() as connection:
            assert set(METADATA.tables) < set(inspect(connection).get_table_names())


def test_the_tables_can_be_said_in_postgresql():
    statements = []
    engine = create_mock_engine(
        "postgresql+psycopg://", lambda sql, *_: statements.append(str(sql.compile(dialect=engine.dialect)))
    )
    METADATA.create_all(engine, checkfirst=False)
    assert sum("CREATE TABLE" in statement for statement in statements) == len(METADATA.tables)
