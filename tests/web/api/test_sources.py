"""Versions over HTTP: what can never change may be kept for ever."""

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from tests.support.histories import at
from tests.support.pruned import prune_bodies
from tests.web.api.recordings import one_source
from tests.web.conftest import MakeClient

_DAY = "2026-03-01T"


@pytest.mark.parametrize(
    ("address", "settled"),
    [
        ("/api/v1/snapshots/1", True),
        ("/api/v1/snapshots/3/body", True),
        ("/api/v1/snapshots/latest", False),
        ("/api/v1/snapshots/latest~1/body", False),
        ("/api/v1/diff?from=1&to=3", True),
        ("/api/v1/diff?from=1&to=latest", False),
        ("/api/v1/diff?from=baseline&to=2", False),
        # The newest snapshot is the third: it was not there at 11:00, and it was at 12:00.
        (f"/api/v1/diff?from={_DAY}09:00:00Z&to={_DAY}10:59:59Z", True),
        (f"/v1/models?at={_DAY}10:59:59.999Z", True),
        (f"/v1/models?at={_DAY}11:00:00Z", False),
        (f"/at/{_DAY}10:00:00Z/v1/models/m", True),
        (f"/api/v1/models/m/price?at={_DAY}10:30:00Z", True),
        (f"/api/v1/models/m/price?at={_DAY}12:30:00Z", False),
        ("/api/v1/models/m/price", False),
        ("/api/v1/models/m/history", False),
        ("/api/v1/snapshots", False),
    ],
)
def test_what_is_settled_is_immutable(client: TestClient, address: str, settled: bool) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    control = "public, max-age=31536000, immutable" if settled else "no-cache"
    assert answer.headers["cache-control"] == control


def test_where_a_token_is_needed_no_cache_between_keeps_an_answer(
    site_client: MakeClient, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    one_source(database)
    database.close()
    client = site_client(sqlite_url, tokens={"team": "long-enough"})
    assert client.get("/v1/models").status_code == 401
    client.headers["authorization"] = "Bearer long-enough"
    for address, control in (
        ("/api/v1/snapshots/1", "private, max-age=31536000, immutable"),
        ("/v1/models", "private, no-cache"),
    ):
        assert client.get(address).headers["cache-control"] == control


def test_a_body_comes_as_it_came(client: TestClient) -> None:
    answer = client.get("/api/v1/snapshots/1/body")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content.startswith(b'{"object":"list","data":[')
    assert "\u202ebidi".encode() in answer.content


def test_a_body_that_was_pruned_is_gone(site_client: MakeClient, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    one_source(database)
    with database.write() as transaction:
        prune_bodies(transaction, at("23:00"))
    database.close()
    answer = site_client(sqlite_url).get("/api/v1/snapshots/1/body")
    assert (answer.status_code, "was pruned" in answer.text) == (404, True)


def test_sources_come_with_the_labels_of_the_configuration(
    site_client: MakeClient, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    one_source(database)
    database.close()
    plain = site_client(sqlite_url).get("/api/v1/sources").json()["sources"]
    [name] = [source["name"] for source in plain]
    assert [source["labels"] for source in plain] == [{}]
    client = site_client(sqlite_url, configured={name: {"team": "<b>search"}})
    [source] = client.get("/api/v1/sources").json()["sources"]
    assert source["labels"] == {"team": "<b>search"}
    assert "team=&lt;b&gt;search" in client.get("/").text
    assert 'label_team="<b>search"' in client.get("/metrics").text
