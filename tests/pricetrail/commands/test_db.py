"""`pricetrail db`: copied while in use, pruned with care, written anew."""

import sqlite3
from pathlib import Path

import pytest

from pricetrail.catalog.times import utc
from pricetrail.storage.database import Database
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.schema import prepare
from pricetrail.storage.sources import choose
from tests.pricetrail.commands.running import (
    URL,
    document,
    made_up_history,
    refused,
    run,
    shown,
)
from tests.support.histories import build, catalog, model, tokens
from tests.support.pruned import prune_bodies

pytestmark = pytest.mark.slow


def test_the_schema_is_told_and_upgraded() -> None:
    assert "schema none yet" in shown("db", "current")
    made = document("db", "upgrade")
    assert (made["before"], made["copy"]) == (None, None)
    found = document("db", "current")
    assert found["schema"] == found["needed"]
    assert found["needed"] == made["after"]
    assert "nothing to do" in shown("db", "upgrade")
    assert document("db", "upgrade")["before"] == made["after"]


def test_a_backup_is_the_same_history_and_never_replaces_a_file() -> None:
    made_up_history()
    told = document("db", "backup", "copy.db")
    assert told == {"file": "copy.db", "bytes": Path("copy.db").stat().st_size}
    assert list(Path().glob(".*.part")) == []
    events = document("events")
    assert "already exists" in run("db", "backup", "copy.db")[2]
    Path("copy.db").rename("pricetrail.db")
    assert document("events") == events


def test_a_backup_while_somebody_writes_is_whole() -> None:
    made_up_history()
    with sqlite3.connect("pricetrail.db", isolation_level=None) as other:
        other.execute("BEGIN")
        other.execute("SELECT COUNT(*) FROM snapshot").fetchone()
        shown("db", "backup", "copy.db")
        other.execute("COMMIT")
    other.close()
    copy = sqlite3.connect("copy.db")
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()


@pytest.fixture
def long_history() -> Database:
    prepare(URL)
    database = Database(URL)
    days = [
        (f"2026-03-{day:02}", catalog(model("a", tokens(f"0.0000{day:02}", "0.1"))))
        for day in range(1, 21)
    ]
    build(database, "s", days)
    return database


def test_pruning_bodies_keeps_every_later_one_byte_for_byte(long_history: Database) -> None:
    def bodies(versions: range) -> list[bytes]:
        with long_history.read() as connection:
            source = choose(connection, "s").id
            return [body_of(connection, source, version) for version in versions]

    before = bodies(range(10, 21))
    heads = [one["hash"] for one in document("snapshots")["snapshots"]]
    with long_history.write() as connection:
        gone = prune_bodies(connection, utc("2026-03-10T12:00:00Z"))
    assert gone == 9
    assert bodies(range(10, 21)) == before
    assert [one["hash"] for one in document("snapshots")["snapshots"]] == heads
    assert "was pruned; its hash is kept" in refused(3, "snapshots", "show", "9", "--raw")
    with long_history.write() as connection:
        assert prune_bodies(connection, utc("2026-03-10T12:00:00Z")) == 0
    long_history.close()


def test_pruning_polls_leaves_the_time_that_they_cover(long_history: Database) -> None:
    long_history.close()
    before = document("coverage")
    assert document("db", "prune", "--polls", "1d")["pruned"]["polls"] == 20
    assert document("coverage") == before
    assert document("price", "a", "--at", "2026-03-05")["certainty"] == "observed"


def test_a_compacted_file_is_smaller_and_the_same_history() -> None:
    made_up_history()
    database = Database(URL)
    for day in range(40):
        moving = [model(f"m-{n:03}", tokens(f"0.{day + 1}{n + 1:03}", "0.5")) for n in range(60)]
        build(database, "s", [(f"2026-05-{day // 2 + 1:02}T{day % 2:02}:00:00Z", catalog(*moving))])
    database.close()
    before = document("history", "m-007")
    told = document("db", "compact")
    assert told["bytes"]["after"] == Path("pricetrail.db").stat().st_size < told["bytes"]["before"]
    assert document("history", "m-007") == before
    assert document("verify")["ok"] is True
    assert "bytes" in shown("db", "compact")


def test_a_database_on_a_server_is_not_compacted(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", postgres_url)
    assert "manages its own disk space" in refused(2, "db", "compact")


def test_what_is_pruned_is_told() -> None:
    made_up_history()
    assert shown("db", "prune", "--polls", "1d") == "deleted: 6 polls, 0 bodies, 0 deliveries\n"
    assert "say what to delete" in refused(2, "db", "prune")


def test_a_year_is_365_days() -> None:
    made_up_history()
    assert document("db", "prune", "--bodies", "1y")["pruned"]["bodies"] == 0


def test_a_schema_that_no_migration_leads_from_is_left_alone() -> None:
    made_up_history()
    for version, said in (("0003", "before its first release"), ("9999", "which is newer")):
        with sqlite3.connect("pricetrail.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.close()
        before = Path("pricetrail.db").read_bytes()
        assert said in refused(2, "db", "upgrade")
        assert said in refused(2, "models")
        assert Path("pricetrail.db").read_bytes() == before
    assert not list(Path().glob("*.bak"))
