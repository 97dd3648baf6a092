"""A standby answers whatever only reads, as its primary does; what writes says where to go."""

import json

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.app import create_app
from pricetrail.web.site import Site
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
