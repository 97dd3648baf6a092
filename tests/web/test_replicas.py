"""Two servers on one database, as behind a proxy: what one gave, the other takes."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from pricetrail.web.access import sessions
from tests.support.histories import build, catalog, model, poll, tokens
from tests.web.conftest import MakeClient

TOKENS = {"team": "t0ken-of-the-team"}
BEARER = {"authorization": "Bearer t0ken-of-the-team"}


def at_price(number: int) -> dict[str, Any]:
    ones = [model(name, tokens(f"0.0{number + 10}", "0.5")) for name in ("a", "b", f"new-{number}")]
    return catalog(*ones)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    build(made, "one", [("10:00", at_price(0)), ("10:05", at_price(1))])
    yield made
    made.close()


@pytest.fixture
def two(site_client: MakeClient, database: Database) -> list[TestClient]:
    return [site_client(database.url, tokens=TOKENS) for _ in range(2)]


def test_pages_of_both_lose_and_repeat_nothing_while_polls_go_on(
    two: list[TestClient], database: Database
) -> None:
    read: list[str] = []
    cursor = ""
    for number in range(2, 40):
        if number < 10:
            source = "one" if number % 3 else "two"
            poll(database, source, f"1{number // 6 + 1}:{number % 6}5", at_price(number))
        asked = f"/api/v1/events?limit=2&cursor={cursor}"
        answer = two[number % 2].get(asked, headers=BEARER)
        read += [event["data"]["id"] for event in answer.json()["events"]]
        cursor = answer.headers["pricetrail-cursor"]
    every = two[0].get("/api/v1/events?limit=1000", headers=BEARER).json()["events"]
    assert len(every) > 15
    assert sorted(read) == sorted(event["data"]["id"] for event in every)


def test_a_login_at_one_is_one_at_the_other_and_answers_have_one_etag(
    two: list[TestClient], database: Database
) -> None:
    first, second = two
    answer = first.post("/login", data={"token": TOKENS["team"], "next": "/catalog"})
    session = {"cookie": f"{sessions.COOKIE}={answer.cookies[sessions.COOKIE]}"}
    etag = ""
    for address in ("/v1/models", "/api/v1/sources", "/feed.atom", "/timeline"):
        etag = first.get(address, headers=session).headers["etag"]
        same = second.get(address, headers={**session, "if-none-match": etag})
        assert same.status_code == 304, address
    poll(database, "one", "13:00", at_price(20))
    for client in two:
        assert "new-20" in client.get("/v1/models", headers=session).text
        news = client.get("/timeline", headers={**session, "if-none-match": etag})
        assert news.status_code == 200
