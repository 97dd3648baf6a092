"""A standby answers whatever only reads, as its primary does; what writes says where to go."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from pricetrail.storage import sources, standbys
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.app import create_app
from pricetrail.web.site import Site
from tests.faults.replicas import wait_for
from tests.jobs.stage import many, staged
from tests.pricetrail.commands.running import run
from tests.support import clusters
from tests.support.clusters import Cluster
from tests.support.postgres import Postgres

_QUESTIONS = (
    ("models",),
    ("price", "m-000"),
    ("history", "m-000"),
    ("diff", "1", "3"),
    ("events",),
    ("coverage",),
    ("verify",),
    ("export", "prices"),
    ("export", "observations"),
    ("sources", "list"),
    ("db", "current"),
)
_PAGES = ("/", "/api/v1/models", "/api/v1/sources", "/metrics", "/healthz", "/feed.atom")
_WRITES = (("poll", "--due"), ("deliver",), ("db", "prune", "--polls", "30d"))


def _pages(url: str) -> list[int]:
    database = Database(url)
    try:
        site = Site(database=database, hosts=Hosts("127.0.0.1", ()), tokens=Tokens(None))
        with TestClient(create_app(site), base_url="http://127.0.0.1") as client:
            return [client.get(page).status_code for page in _PAGES]
    finally:
        database.close()


def _answers(url: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)
    found = [run(*question) for question in _QUESTIONS]
    return [(code, out) for code, out, _ in found]


def _polled(primary: Cluster) -> str:
    """A database of the primary with three versions."""
    primary.ask("CREATE DATABASE prices")
    url = primary.url("prices")
    prepare(url)
    with staged(url) as stage:
        for number in range(1, 4):
            assert stage.poll(many(5, prompts={0: f"0.00000{number}"})).outcome == "changed"
    return url


def _made(url: str, name: str) -> str:
    """A source is made, in a transaction of its own."""
    with closing(Database(url)) as database, database.write() as connection:
        return sources.open_source(connection, name, database.now()).name


def _waiting(database: Database) -> int:
    with database.read() as connection:
        found = standbys.waiting(connection)
    return 0 if found is None else found.commits


def test_commits_that_wait_for_a_lost_standby_are_told(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELLM_API_KEY", "a-key-of-a-test")
    with clusters.pair(postgres_server.binaries, synchronous=True) as (primary, standby):
        monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url := _polled(primary))
        monkeypatch.setattr(standbys, "LONG", timedelta(0))
        standby.end(signal.SIGKILL)
        clusters.wait_until_apart(primary)
        with ThreadPoolExecutor(2) as threads, closing(Database(url)) as database:
            commits = [threads.submit(_made, url, f"s{number}") for number in range(2)]
            wait_for(lambda: _waiting(database) == 2, "both commits wait")
            code, out, _ = run("doctor", "--offline")
            assert code == 1
            said = " ".join(out.split())
            assert "fail standby: nothing is recorded: 2 commits have waited for a syn" in said
            # They are done then, and nothing of them is lost.
            primary.set("synchronous_standby_names", "")
            assert [commit.result() for commit in commits] == ["s0", "s1"]
            assert "standby:" not in run("doctor", "--offline")[1]


def test_a_standby_answers_what_only_reads(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELLM_API_KEY", "a-key-of-a-test")
    with clusters.pair(postgres_server.binaries, synchronous=True) as (primary, standby):
        there, here = _polled(primary), standby.url("prices")
        # What a synchronous standby has may not be seen yet. This is, and with it all before.
        primary.ask("SET synchronous_commit = remote_apply; CREATE TABLE seen ()")
        expected = _answers(there, monkeypatch)
        assert [code for code, _ in expected] == [0] * len(_QUESTIONS)
        assert _answers(here, monkeypatch) == expected
        assert _pages(here) == _pages(there) == [200] * len(_PAGES)
        assert json.loads(run("models", "--json")[1])
        for command in _WRITES:
            code, _, err = run(*command)
            assert (code, "name the primary" in err) == (1, True), (command, err)
