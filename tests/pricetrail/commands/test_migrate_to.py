"""`pricetrail db migrate-to`: what it says, and what is answered afterwards."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pricetrail.storage import schema
from tests.pricetrail.commands.running import document, made_up_history, refused, shown

pytestmark = pytest.mark.slow

QUESTIONS = ("events", "snapshots", "coverage", "head", "verify", "history gpt-5", "models")


def answers() -> list[object]:
    return [document(*question.split()) for question in QUESTIONS]


def test_there_and_back_all_is_answered_as_before(
    new_postgres: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up_history()
    before = answers()
    file = Path("pricetrail.db").read_bytes()
    url = new_postgres("template0")
    monkeypatch.setenv("NEW_DATABASE_URL", url)
    told = document("db", "migrate-to", "env:NEW_DATABASE_URL")
    assert told["from"] == "sqlite:///pricetrail.db"
    assert (told["schema"], [one["source"] for one in told["sources"]]) == (schema.HEAD, ["s"])
    assert {one["table"] for one in told["tables"]} >= {"snapshot", "event", "delivery", "held"}
    assert Path("pricetrail.db").read_bytes() == file
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)
    assert answers() == before
    said = shown("db", "migrate-to", "sqlite:///back.db")
    assert "verified on both sides: s, 3 versions, head sha256:" in said
    assert "next: set database_url to the new address" in said
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///back.db")
    assert answers() == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///pricetrail.db", "is the database"),
        ("sqlite:///there.db", "not pricetrail's (it has the tables customer)"),
        ("sqlite:///nowhere/x.db", "does its folder exist"),
        ("mysql://x/y", "URL is not one that pricetrail knows"),
        ("env:NOWHERE", "the environment variable NOWHERE is not set"),
    ],
)
def test_where_nothing_can_be_moved_to_is_told(url: str, said: str) -> None:
    made_up_history()
    with closing(sqlite3.connect("there.db")) as other:
        other.execute("CREATE TABLE customer (id INTEGER)")
    before = Path("there.db").read_bytes()
    assert said in refused(1 if "nowhere" in url else 2, "db", "migrate-to", url)
    assert Path("there.db").read_bytes() == before


def test_a_database_of_another_schema_is_to_be_upgraded_first() -> None:
    made_up_history()
    with closing(sqlite3.connect("pricetrail.db")) as old, old:
        old.execute("UPDATE alembic_version SET version_num = '0014'")
    assert "run `pricetrail db upgrade`" in refused(2, "db", "migrate-to", "sqlite:///new.db")
    assert not Path("new.db").exists()
