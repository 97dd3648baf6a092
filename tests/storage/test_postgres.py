"""On Postgres the settings that reading rests on are ours, and no wait is without a bound."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import text

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage import postgres, schema, sources
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError, DatabaseUrlError, StorageError
from pricetrail.storage.history.versions import snapshots
from pricetrail.storage.verification.verify import verify
from tests.conftest import ROOT
from tests.jobs.stage import listing, many, model, staged
from tests.pricetrail.commands.running import run
from tests.support.postgres import Postgres

# What a role, or a database, may say, and what the poll after it must not notice.
ODD = {
    "search_path": ["nosuch", "decoy", "decoy, public", "pg_catalog, public", '"$user"', ""],
    "DateStyle": ["SQL, DMY", "German", "Postgres, MDY"],
    "TimeZone": ["Asia/Kolkata", "America/St_Johns", "<+03:30>-3:30", "Europe/Berlin"],
    "bytea_output": ["escape"],
    "IntervalStyle": ["sql_standard", "iso_8601"],
    "extra_float_digits": ["-15"],
    "standard_conforming_strings": ["off"],
    "client_encoding": ["LATIN1", "SQL_ASCII", "WIN1252"],
    "default_transaction_isolation": ["serializable", "repeatable read"],
    "default_transaction_read_only": ["on"],
    "default_transaction_deferrable": ["on"],
    "synchronous_commit": ["off"],
    "statement_timeout": ["5s"],
    "lock_timeout": ["1ms"],
    "idle_in_transaction_session_timeout": ["5s"],
    "row_security": ["off"],
}
OURS = {
    "DateStyle": "ISO, ",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "25s",
    "transaction_isolation": "read committed",
    "transaction_read_only": "off",
    "transaction_deferrable": "off",
    "standard_conforming_strings": "on",
    "synchronous_commit": "on",
    "statement_timeout": "10min",
    "search_path": '"public", pg_temp',
}


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def in_force(database: Database) -> dict[str, str]:
    """The settings inside a transaction that writes."""
    with database.write() as connection:
        return {name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in OURS}


def as_wanted(found: dict[str, str]) -> bool:
    return all(found[name].startswith(value) for name, value in OURS.items())


@pytest.fixture
def set_on_database(
    postgres_server: Postgres, postgres_url: str
) -> Iterator[Callable[[dict[str, str]], None]]:
    """Sets what every new session of the test's database begins with."""
    admin = postgres_server.connect(name_of(postgres_url))
    admin.execute("CREATE SCHEMA decoy")
    for table in ("source", "poll", "coverage", "event"):
        admin.execute(sql.SQL("CREATE TABLE decoy.{} (id integer)").format(sql.Identifier(table)))

    def apply(settings: dict[str, str]) -> None:
        database = sql.Identifier(name_of(postgres_url))
        admin.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(database))
        for name, value in settings.items():
            # A search_path is a list, the others are one value each.
            written = sql.SQL(value or "''") if name == "search_path" else sql.Literal(value)
            change = sql.SQL("ALTER DATABASE {} SET {} = {}")
            admin.execute(change.format(database, sql.Identifier(name), written))

    yield apply
    admin.close()


odd_settings = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in ODD.items()}
)


def test_what_a_database_sets_for_its_sessions_changes_nothing(
    postgres_url: str, set_on_database: Callable[[dict[str, str]], None]
) -> None:
    """Polls under any settings make one history, exact to the millisecond and the byte."""
    prices, current = iter(range(1, 10_000)), settings()

    @settings(max_examples=current.max_examples // 4)
    @given(odd=odd_settings)
    def holds(odd: dict[str, str]) -> None:
        set_on_database(odd)
        with staged(postgres_url) as stage:
            stage.now = datetime(2026, 3, 1, 10, 0, 0, 123_000, tzinfo=UTC)
            with stage.database.write() as connection:
                connection.execute(text("TRUNCATE source, path CASCADE"))
            for _ in range(2):
                prompt = f"0.{next(prices):06d}"
                assert stage.poll(listing(model("größe-✓", prompt))).outcome == "changed"
            assert as_wanted(in_force(stage.database))
            with stage.database.read() as connection:
                source = sources.choose(connection, "pipellm")
                found = snapshots(connection, source.id)
                assert verify(connection, source).first_break is None
            assert [one.not_after for one in found] == [
                datetime(2026, 3, 1, 10, minute, 0, 123_000, tzinfo=UTC) for minute in (15, 30)
            ]

    holds()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PGTZ", "Asia/Tokyo"),
        ("PGDATESTYLE", "German"),
        ("PGCLIENTENCODING", "LATIN1"),
        ("PGAPPNAME", "somebody else"),
        ("PGOPTIONS", "-c default_transaction_read_only=on -c search_path=nosuch -c TimeZone=EST"),
        ("PGOPTIONS", "-c default_transaction_isolation=serializable -c bytea_output=escape"),
    ],
)
def test_the_environment_changes_nothing(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with monkeypatch.context() as environment, staged(postgres_url) as stage:
        environment.setenv(name, value)
        assert stage.poll(many(3)).outcome == "changed"
        assert as_wanted(in_force(stage.database))


def test_what_is_read_in_one_transaction_is_one_state(postgres_url: str) -> None:
    database, other = Database(postgres_url), Database(postgres_url)
    count = text("SELECT count(*) FROM webhook")
    with database.read() as connection:
        before = connection.execute(count).scalar()
        with other.write() as writer:
            writer.execute(text("INSERT INTO webhook (name) VALUES ('a')"))
        assert connection.execute(count).scalar() == before == 0
        assert connection.execute(text("SHOW transaction_read_only")).scalar() == "on"
    database.close()
    other.close()


def test_who_asks_for_more_durability_keeps_it(
    postgres_url: str, set_on_database: Callable[[dict[str, str]], None]
) -> None:
    set_on_database({"synchronous_commit": "remote_apply"})
    database = Database(postgres_url)
    assert in_force(database)["synchronous_commit"] == "remote_apply"
    database.close()


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes the bounds short enough for a test."""

    def shorten(*, lock: str = "30s", idle: int = 25) -> None:
        monkeypatch.setitem(postgres._SETTINGS, "lock_timeout", lock)
        monkeypatch.setattr(postgres, "_IDLE_IN_WRITE", idle)
        postgres._beginning.cache_clear()

    yield shorten
    postgres._beginning.cache_clear()


def test_the_wait_for_a_lock_is_bounded(
    postgres_url: str, short_waits: Callable[..., None]
) -> None:
    short_waits(lock="50ms")
    with staged(postgres_url) as stage:
        stage.poll(many(3))
        with psycopg.connect(postgres_url.replace("+psycopg", "")) as holder:
            holder.execute("SELECT 1 FROM source FOR UPDATE")
            with pytest.raises(DatabaseUnavailableError, match="is locked by another") as refusal:
                stage.poll(many(4))
        assert "\n" not in str(refusal.value)
        assert refusal.value.retry
        assert stage.poll(many(4)).outcome == "changed"


def test_a_command_that_waited_too_long_says_so_in_one_line(
    postgres_url: str, short_waits: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    short_waits(lock="50ms")
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", postgres_url)
    with staged(postgres_url) as stage:
        stage.poll(many(3))
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as holder:
        holder.execute("SELECT 1 FROM source FOR UPDATE")
        code, out, err = run("sources", "pause", "pipellm")
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "is locked by another process: try again later" in err


_HOLDER = """
import sys
from sqlalchemy import text
from pricetrail.storage import postgres
from pricetrail.storage.database import Database
postgres._IDLE_IN_WRITE = 1
with Database(sys.argv[1]).write() as connection:
    connection.execute(text("UPDATE source SET polls = polls"))
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_replica_that_is_stopped_inside_its_transaction_stalls_nobody(postgres_url: str) -> None:
    with staged(postgres_url) as stage, ExitStack() as end:
        stage.poll(many(3))
        command = [sys.executable, "-c", _HOLDER, postgres_url]
        holder = end.enter_context(
            subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        )
        end.callback(holder.kill)
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        holder.send_signal(signal.SIGSTOP)
        # The server ends the other's transaction; this one waits no longer than for that.
        assert stage.poll(many(4)).outcome == "changed"
        holder.send_signal(signal.SIGCONT)
        _, problem = holder.communicate(b"")
        assert b"DatabaseUnavailableError" in problem
    assert holder.returncode == 1


def other_schema(postgres_server: Postgres, url: str, name: str) -> str:
    """A schema of that name, and the URL that asks for it."""
    with postgres_server.connect(name_of(url)) as admin:
        admin.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    return f"{url}&schema={name}"


def tables(postgres_server: Postgres, url: str, name: str) -> int:
    with postgres_server.connect(name_of(url)) as admin:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = %s AND tablename = 'snapshot'"
        return int(admin.execute(query, [name]).fetchone()[0])  # type: ignore[index]  # one row


@pytest.mark.parametrize("name", ["prices", "Odd Name", 'quo"ted', "public"])
def test_the_schema_can_be_chosen(
    postgres_server: Postgres, new_postgres: Callable[[str], str], name: str
) -> None:
    plain = new_postgres("template0")
    url = f"{plain}&schema=public" if name == "public" else ""
    url = url or other_schema(postgres_server, plain, name)
    schema.prepare(url)
    assert tables(postgres_server, plain, name) == 1
    # Found again by whoever does not name it: there is no second history beside it.
    for known in (url, plain):
        database = Database(known)
        schema.ensure(database)
        assert schema.current(database) == schema.HEAD
        database.close()
    assert tables(postgres_server, plain, "public") == (name == "public")


def test_a_schema_that_is_not_there_is_said(postgres_url: str) -> None:
    with pytest.raises(StorageError, match="schema 'nosuch', which is not there: CREATE SCHEMA"):
        schema.prepare(f"{postgres_url}&schema=nosuch")


def test_of_several_schemas_one_must_be_named(
    postgres_server: Postgres, new_postgres: Callable[[str], str]
) -> None:
    plain = new_postgres("template0")
    for name in ("blue", "green"):
        schema.prepare(other_schema(postgres_server, plain, name))
    with pytest.raises(DatabaseUrlError, match=r"\(blue, green\): name one .*\?schema=NAME"):
        schema.prepare(plain)
    path = "options=-csearch_path%3Dgreen"
    database = Database(f"{plain}&{path}")
    with database.read() as connection:
        assert connection.execute(text("SELECT current_schema()")).scalar() == "green"
    database.close()


def test_a_search_path_that_the_url_asks_for_is_believed(
    postgres_server: Postgres, postgres_url: str
) -> None:
    other_schema(postgres_server, postgres_url, "fresh")
    database = Database(f"{postgres_url}&options=-csearch_path%3Dfresh")
    with pytest.raises(NotFoundError):
        schema.require(database)
    schema.ensure(database)
    database.close()
    assert tables(postgres_server, postgres_url, "fresh") == 1


def test_the_servers_language_does_not_change_what_is_said(
    postgres_server: Postgres, postgres_url: str
) -> None:
    """Errors are told apart by their code: nothing is read from the server's words."""
    database = Database(postgres_url)
    raised: dict[str, Any] = {"57P01": "cannot reach", "40P01": "is locked", "25006": "read-only"}
    for state, words in raised.items():
        with pytest.raises(StorageError, match=words), database.write() as connection:
            connection.execute(
                text(f"DO $$ BEGIN RAISE 'der Server sagt etwas' USING ERRCODE = '{state}'; END $$")
            )
    database.close()


@pytest.mark.parametrize(("encoding", "fits"), [("LATIN1", False), ("SQL_ASCII", True)])
def test_a_database_must_hold_every_letter(
    postgres_server: Postgres, encoding: str, fits: bool
) -> None:
    name = f"in_{encoding.lower()}"
    create = "CREATE DATABASE {} ENCODING {} LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    with postgres_server.connect() as admin:
        admin.execute(sql.SQL(create).format(sql.Identifier(name), sql.Literal(encoding)))
    url = postgres_server.url(name)
    if fits:
        schema.prepare(url)
        with staged(url) as stage:
            stage.poll(listing(model("größe-✓")))
            assert stage.poll(listing(model("größe-✓", "0.1"))).outcome == "changed"
            assert stage.events("model.repriced")[0].model == "größe-✓"
    else:
        with pytest.raises(StorageError, match=r"encoding is LATIN1.*ENCODING 'UTF8'"):
            schema.prepare(url)
    postgres_server.drop(name)
