"""What is remembered between requests, and what a poll changes of it at once."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from tests.support.histories import at, catalog, model, poll, tokens
from tests.web.conftest import MakeClient

DEAR, CHEAP = tokens("0.3", "0.1"), tokens("0.2", "0.1")
PAGES = (
    "/",
    "/catalog",
    "/model/a",
    "/timeline",
    "/timeline?model=a&percent=10",
    "/coverage",
    "/coverage?month=2026-03",
    "/compare?a=baseline&b=latest",
    "/snapshot/latest",
    "/proof",
)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    found = Database(sqlite_url)
    poll(found, "s", "10:00", catalog(model("a", DEAR)))
    poll(found, "s", "11:00", catalog(model("a", CHEAP)))
    yield found
    found.close()


def shown(client: TestClient) -> list[str]:
    answers = [client.get(path) for path in PAGES]
    assert [answer.status_code for answer in answers] == [200] * len(PAGES)
    return [answer.text for answer in answers]


def test_every_page_tells_of_a_change_at_once(
    site_client: MakeClient, sqlite_url: str, database: Database
) -> None:
    client = site_client(sqlite_url, clock=lambda: at("13:00"))
    before = shown(client)
    assert shown(client) == before
    poll(database, "s", "12:00", catalog(model("a", DEAR), model("b")))
    after = shown(client)
    assert [path for path, old, new in zip(PAGES, before, after, strict=True) if old == new] == []
    assert "/model/b" in after[PAGES.index("/timeline")]


def test_an_unchanged_poll_covers_more_time_at_once(
    site_client: MakeClient, sqlite_url: str, database: Database
) -> None:
    client = site_client(sqlite_url, clock=lambda: at("13:00"))
    path = "/coverage?month=2026-03"
    before = client.get(path).text
    poll(database, "s", "12:00", catalog(model("a", CHEAP)))
    assert client.get(path).text != before
