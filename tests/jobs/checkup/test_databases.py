"""What a look at a database finds."""

from pathlib import Path

import pytest
from sqlalchemy import text

from pricetrail.jobs.checkup import databases
from pricetrail.storage.database import Database
from pricetrail.storage.health import DatabaseHealth

GIB = 1024**3


def verdicts(url: str) -> dict[str, str]:
    database = Database(url)
    try:
        return {each.check: f"{each.verdict} {each.text}" for each in databases.look(database)}
    finally:
        database.close()


def test_a_database_that_is_well_passes(database_url: str) -> None:
    found = verdicts(database_url)
    assert found["database"].startswith("pass ")
    if database_url.startswith("sqlite"):
        assert found["integrity"].startswith("pass no damage in ")
        assert list(found) == ["database", "integrity", "disk", "write-ahead log"]


def test_one_that_is_not_there_yet_is_no_failure(tmp_path: Path) -> None:
    found = verdicts(f"sqlite:///{tmp_path}/missing.db")
    assert list(found) == ["database"]
    assert found["database"].startswith("warn ")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_one_is_no_failure(empty_database_url: str) -> None:
    found = verdicts(empty_database_url)
    assert (list(found), found["database"][:4]) == (["database"], "warn")


def test_another_schema_fails_with_the_remedy(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    assert "fail the database has schema 9999, which is newer" in verdicts(database_url)["database"]


def test_a_server_that_is_away_fails() -> None:
    found = verdicts("postgresql+psycopg://u:canary@127.0.0.1:9/x")
    assert list(found) == ["database"]
    assert found["database"].startswith("fail ")
    assert "canary" not in found["database"]


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (DatabaseHealth("SQLite", GIB, 0, 4 * GIB), ["pass", "pass", "pass"]),
        (DatabaseHealth("SQLite", GIB, GIB, GIB - 1), ["pass", "warn", "warn"]),
        (DatabaseHealth("SQLite", 1024, 0, 1024), ["pass", "fail", "pass"]),
        (DatabaseHealth("SQLite", 1024, 0, GIB, "damaged"), ["fail", "pass", "pass"]),
        (DatabaseHealth("SQLite", 1, 0, GIB, writable=False), ["fail", "pass", "pass", "pass"]),
    ],
)
def test_little_room_and_damage_are_told(
    monkeypatch: pytest.MonkeyPatch, database_url: str, health: DatabaseHealth, said: list[str]
) -> None:
    monkeypatch.setattr(databases, "health", lambda _database: health)
    database = Database(database_url)
    found = [finding.verdict for finding in databases.look(database)]
    database.close()
    assert found == ["pass", *said]
