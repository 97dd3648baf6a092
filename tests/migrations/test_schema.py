"""The migrated schema is the declared one, and no database but ours is ever touched."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import pricetrail.storage.database
from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.storage.errors import ForeignDatabaseError, SchemaVersionError
from pricetrail.storage.tables import metadata

# What SQLAlchemy says of an index over an expression, on SQLite; `_left_out` looks at those itself.
blind_to_expressions = pytest.mark.filterwarnings("ignore:.*expression-based index")


@blind_to_expressions
def test_alembic_sees_no_difference_between_migrated_and_declared(database_url: str) -> None:
    database = Database(database_url)
    with database.read() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_object": _looked_at(connection),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    database.close()


def _looked_at(connection: Connection) -> Callable[..., bool]:
    """Leave out what the test below sees, and Alembic does not know of.

    These are columns that SQLite numbers without saying so, what one database alone is to have, and
    the partitions of a table, which are as that is.
    """
    dialect, parts = connection.dialect.name, _partitions(connection)

    def looks_at(item: Any, name: str, *_: object) -> bool:
        # SQLAlchemy keeps it to itself.
        only = getattr(item, "_ddl_if", None)
        if name in parts or (only is not None and only.dialect != dialect):
            return False
        return dialect == "postgresql" or getattr(item, "identity", None) is None

    return looks_at


def _partitions(connection: Connection) -> set[str]:
    if connection.dialect.name != "postgresql":
        return set()
    query = text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    return set(connection.execute(query).scalars())


@blind_to_expressions
def test_the_database_describes_both_alike(database_url: str, declared_url: str) -> None:
    """Alembic is blind to checks, partial indexes and collations; the catalogs are not."""
    migrated, declared = Database(database_url), Database(declared_url)
    with declared.write() as connection:
        metadata.create_all(connection)
    with migrated.read() as one, declared.read() as other:
        assert _description(one) == _description(other)
    migrated.close()
    declared.close()


@pytest.fixture
def declared_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """An empty database of the same kind as `database_url`."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'declared.db'}"
    url: str = request.getfixturevalue("new_postgres")("template0")
    return url


def _description(connection: Connection) -> list[str]:
    seen = inspect(connection)
    lines = _left_out(connection)
    for table in set(seen.get_table_names()) - {"alembic_version"} - _partitions(connection):
        parts: dict[str, Any] = {
            "column": seen.get_columns(table),
            "primary key": [seen.get_pk_constraint(table)],
            "foreign key": seen.get_foreign_keys(table),
            "unique": seen.get_unique_constraints(table),
            "check": seen.get_check_constraints(table),
            "index": seen.get_indexes(table),
        }
        lines += [
            f"{table} {what} {_shown(part)}" for what, found in parts.items() for part in found
        ]
    return sorted(lines)


def _shown(part: Any) -> str:
    """A description as text; the SQL inside it as SQL, and not as an object at an address."""
    if isinstance(part, dict):
        return str(sorted((str(key), _shown(value)) for key, value in part.items()))
    return str(part)


def _left_out(connection: Connection) -> list[str]:
    """What the inspector leaves out: rowid tables and SQL of indexes on SQLite; collations, and
    how tables are kept on Postgres.
    """
    query = {
        "sqlite": "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main'"
        " UNION SELECT name, sql, 0 FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT table_name, column_name, collation_name FROM"
        " information_schema.columns WHERE table_schema = 'public'"
        " UNION SELECT relname, array_to_string(reloptions, ','), pg_get_partkeydef(oid) FROM"
        " pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
    }[connection.dialect.name]
    rows = connection.execute(text(query)).all()
    # Views and partitions are the migrations' alone: no table of the program declares them.
    undeclared = {"alembic_version", *_partitions(connection)}
    return [str(row) for row in rows if row[0] not in undeclared and not row[0].startswith("v_")]


def test_an_empty_database_is_brought_to_the_newest_schema(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert schema.current(database) is None
    schema.prepare(empty_database_url)
    assert schema.current(database) == schema.HEAD
    schema.prepare(empty_database_url)  # again: nothing to do, nothing broken
    assert schema.current(database) == schema.HEAD
    database.close()


def test_the_newest_migration_is_the_version_that_the_program_needs() -> None:
    scripts = ScriptDirectory.from_config(schema._alembic())
    assert (scripts.get_bases(), scripts.get_heads()) == ([schema.OLDEST], [schema.HEAD])


def test_a_newer_schema_is_refused_with_the_version_that_it_needs(database_url: str) -> None:
    _set_version(database_url, "9123")
    with pytest.raises(SchemaVersionError, match="9123") as refusal:
        schema.prepare(database_url)
    assert "newer" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_older_schema_is_refused_with_the_command_that_mends_it(database_url: str) -> None:
    _set_version(database_url, schema.OLDEST)
    with pytest.raises(SchemaVersionError, match="pricetrail db upgrade"):
        schema.prepare(database_url)


def test_a_schema_from_before_the_first_release_is_refused_with_the_way_over(
    database_url: str,
) -> None:
    _set_version(database_url, "0008")
    with pytest.raises(SchemaVersionError, match="`pricetrail export observations` with that one"):
        schema.prepare(database_url)


def _set_version(url: str, version: str) -> None:
    database = Database(url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    database.close()


def test_a_database_with_other_tables_is_refused_and_left_alone(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE customer (id INTEGER)"))
    with pytest.raises(ForeignDatabaseError, match="customer") as refusal:
        schema.prepare(empty_database_url)
    assert "\n" not in str(refusal.value)
    with database.read() as connection:
        assert inspect(connection).get_table_names() == ["customer"]
    database.close()


@pytest.mark.parametrize("wal", [False, True])
def test_a_foreign_sqlite_file_keeps_every_byte(
    wal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricetrail.storage.database, "wal_is_safe", lambda version: wal)
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE customer (id INTEGER)")
    theirs.close()
    before = path.read_bytes()
    with pytest.raises(ForeignDatabaseError):
        schema.prepare(f"sqlite:///{path}")
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["theirs.db"]


@pytest.mark.parametrize("body", [b"name,price\ngpt-5,1\n" * 100, b"\x00" * 5000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(body)
    with pytest.raises(ForeignDatabaseError, match=r"prices\.csv") as refusal:
        schema.prepare(f"sqlite:///{path}")
    assert "\n" not in str(refusal.value)
    assert path.read_bytes() == body
    assert [file.name for file in tmp_path.iterdir()] == ["prices.csv"]


@pytest.mark.parametrize("table", ["snapshot", "model_version", "price", "event"])
def test_what_grows_with_history_can_be_partitioned_by_source(
    postgres_url: str, table: str
) -> None:
    """Postgres refuses it where the source is not part of every key."""
    database = Database(postgres_url)
    with database.write() as connection:
        like = f"CREATE TABLE parted (LIKE {table} INCLUDING ALL) PARTITION BY LIST (source_id)"
        connection.execute(text(like))
        connection.execute(text("CREATE TABLE part_1 PARTITION OF parted FOR VALUES IN (1)"))
        connection.execute(text(f"INSERT INTO parted SELECT * FROM {table}"))
    database.close()


def test_every_generated_id_and_every_reference_to_one_has_64_bits(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.read() as connection:
        narrow = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type = 'integer'"
                " AND (column_name ~ '(^|_)id$' OR column_name = 'number')"
            )
        )
        assert narrow.all() == []
    database.close()
