from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_mock_engine, inspect, text

from engine.errors import StorageError
from engine.store import migrations
from engine.store.database import open_store
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
