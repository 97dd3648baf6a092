"""Behind PgBouncer, whose sessions other people's transactions have used, all is as without it."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import psycopg
import pytest
from sqlalchemy import text

from pricetrail.catalog.errors import exit_code
from pricetrail.storage import schema, sources
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUrlError
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import many, staged
from tests.pricetrail.commands.running import run
from tests.support.histories import build, catalog, model, tokens
from tests.support.pgbouncer import Pooler, PoolMode, pooling
from tests.support.postgres import Postgres

_CHOICE = os.environ.get("PRICETRAIL_TEST_PGBOUNCER", "")


@pytest.fixture(scope="module", params=get_args(PoolMode))
def pooler(request: pytest.FixtureRequest, postgres_server: Postgres) -> Iterator[Pooler]:
    """A pooler in each of its modes."""
    with pooling(postgres_server, request.param, _CHOICE) as found:
        yield found


@pytest.fixture
def pooled_url(pooler: Pooler, postgres_url: str) -> str:
    """An empty, migrated database behind the pooler."""
    return pooler.url(postgres_url.partition("@/")[2].partition("?")[0])


def test_a_database_is_made_polled_and_verified(pooler: Pooler, postgres_server: Postgres) -> None:
    postgres_server.create("behind_pooler")
    url = pooler.url("behind_pooler")
    try:
        schema.prepare(url)
        with staged(url) as stage:
            outcomes = [
                # Far beyond the number of times after which the driver would prepare by itself.
                stage.poll(many(12, prompts={0: f"0.00000{number}"})).outcome
                for number in range(1, 9)
            ]
            assert outcomes == ["changed"] * 8
            with stage.database.read() as connection:
                verdict = verify(connection, sources.choose(connection, "pipellm"))
            assert (verdict.snapshots, verdict.first_break) == (8, None)
    finally:
        postgres_server.drop("behind_pooler")


def test_many_at_once_share_its_few_sessions(pooled_url: str) -> None:
    def work(name: str) -> list[str]:
        database = Database(pooled_url)
        for number in range(1, 7):
            body = catalog(model("gpt-5", tokens(f"0.00000{number}", "0.00001")))
            build(database, name, [(f"1{number}:00", body)])
        with database.read() as connection:
            found = verify(connection, sources.choose(connection, name))
        database.close()
        return [str(found.first_break), str(found.snapshots)]

    with ThreadPoolExecutor(3) as threads:
        results = list(threads.map(work, ["a", "b", "c"]))
    assert results == [["None", "6"]] * 3


def test_what_others_left_in_a_session_does_not_reach_us(pooled_url: str) -> None:
    database = Database(pooled_url)
    build(database, "s", [("10:00", catalog(model("gpt-5", tokens("0.000003", "0.00001"))))])
    plain = pooled_url.replace("+psycopg", "")
    for _ in range(6):
        with psycopg.connect(plain, autocommit=True, prepare_threshold=None) as other:
            other.execute(
                "SET search_path = pg_catalog; SET TimeZone = 'Asia/Kolkata';"
                "SET DateStyle = 'SQL, DMY'; SET bytea_output = 'escape';"
                "SET default_transaction_read_only = on;"
                "SET default_transaction_isolation = 'serializable'"
            )
        build(database, "s", [("11:00", catalog(model("gpt-5", tokens("0.000004", "0.00001"))))])
        with database.read() as connection:
            assert sources.choose(connection, "s").head_version == 2
            assert verify(connection, sources.choose(connection, "s")).first_break is None
    database.close()


def test_the_commands_work(pooled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", pooled_url)
    # What a pooler refuses at the start of a session is not sent, whoever set it.
    monkeypatch.setenv("PGOPTIONS", "-c search_path=nosuch")
    lines = [
        {
            "observed_at": f"2026-03-0{day}T10:00:00Z",
            "payload": catalog(model("gpt-5", tokens(f"0.00000{day}", "0.00001"))),
        }
        for day in range(1, 9)
    ]
    with open("past.jsonl", "w") as file:  # noqa: PTH123 - in the test's own folder
        file.write("\n".join(json.dumps(line) for line in lines))
    assert run("import", "past.jsonl")[0] == 0
    for command in (["verify"], ["models"], ["history", "gpt-5"], ["db", "current"], ["events"]):
        assert run(*command)[0] == 0, command


def prepared(url: str, *, often: bool) -> int:
    """How many statements are prepared by transactions that ask the same again and again."""
    database = Database(url)
    asked = text("SELECT 1 FROM source WHERE id = :id")
    for _ in range(8):
        with database.write(often=often) as connection:
            connection.execute(asked, {"id": 1}).first()
    with database.read() as connection:
        found = connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar()
    database.close()
    return int(found or 0)


def test_what_is_done_often_is_prepared_where_no_pooler_stands_in_between(
    pooled_url: str, postgres_url: str
) -> None:
    assert prepared(postgres_url, often=True) > 0
    assert prepared(postgres_url, often=False) == 0
    assert prepared(pooled_url, often=True) == 0


@pytest.mark.parametrize("often", [False, True])
def test_statements_are_prepared_as_that_is_asked_for(postgres_url: str, *, often: bool) -> None:
    for number in (0, 2):
        assert prepared(f"{postgres_url}&prepare_threshold={number}", often=often) > 0
    assert prepared(f"{postgres_url}&prepare_threshold=99", often=often) == 0


@pytest.mark.parametrize("wrong", ["five", "-1", "5&prepare_threshold=6", "５"])
def test_a_wrong_threshold_is_refused(postgres_url: str, wrong: str) -> None:
    with pytest.raises(DatabaseUrlError, match="prepare_threshold that is no number"):
        Database(f"{postgres_url}&prepare_threshold={wrong}")
    assert exit_code(DatabaseUrlError("")) == 2
