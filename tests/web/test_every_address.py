"""Every address, on both databases: an answer, its ETag, the same again as 304, and no more."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from tests.conftest import Recording
from tests.support.histories import at, build, catalog, failed, hourly, model, tokens
from tests.web.conftest import MakeClient

ID = "vendor/gpt:free"
PAGES = (
    "/",
    "/catalog?source=one",
    "/catalog?source=one&at=2026-03-01T11:30:00Z&sort=id",
    f"/model/{ID}?source=one",
    f"/model/{ID}?source=one&since=2026-03-01T10:30:00Z&prompt=1000000",
    "/timeline",
    "/timeline?model=vendor/*&direction=decrease",
    "/snapshot/2?source=one",
    "/compare?source=one&a=baseline&b=latest",
    "/compare/sources",
    "/coverage?source=one",
    "/coverage?source=one&month=2026-03",
    "/deliveries",
    "/quarantine",
    "/proof?source=one",
    "/proof/check",
    "/api/docs",
)
API = (
    "/v1/models?source=one",
    "/s/one/v1/models",
    "/s/one/at/2026-03-01T11:30:00Z/v1/models",
    f"/v1/models/{ID}?source=one",
    "/api/v1/sources",
    "/api/v1/snapshots?source=one",
    "/api/v1/snapshots/2/body?source=one",
    "/api/v1/coverage?source=one",
    "/api/v1/deliveries",
    "/api/v1/quarantine",
    "/api/v1/models?source=one",
    f"/api/v1/models/{ID}/price?source=one",
    f"/api/v1/models/{ID}/history?source=one",
    "/api/v1/compare",
    "/api/v1/events",
    "/api/v1/diff?source=one&from=baseline&to=latest",
    "/api/v1/prices/litellm.json?source=one",
    "/api/v1/prices/models.dev.json?source=one",
    "/api/v1/prices/genai-prices.json?source=one",
    "/api/openapi.json",
    "/feed.atom",
    "/metrics",
)
# What never changes: a fixed version, or a time before the newest was first seen.
SETTLED = (
    "/catalog?source=one&at=2026-03-01T10:30:00Z",
    "/snapshot/1?source=one",
    "/s/one/at/2026-03-01T10:30:00Z/v1/models",
    "/api/v1/snapshots/1/body?source=one",
    "/api/v1/diff?source=one&from=1&to=2",
    "/api/v1/prices/litellm.json?source=one&at=2026-03-01T10:30:00Z",
)


def record(database: Database) -> None:
    """Two sources with a model that both have, and a poll that failed."""
    steps = [catalog(model(ID, tokens(f"0.00000{5 - n}", "0.00002")), model("b")) for n in range(4)]
    build(database, "one", hourly("10:00", steps))
    build(database, "two", [("10:10", catalog(model(ID), model("c")))])
    failed(database, "one", "14:00")


@pytest.fixture
def client(site_client: MakeClient, with_history: Callable[[Recording], str]) -> TestClient:
    return site_client(with_history(record), clock=lambda: at("14:10"))


def test_every_address_answers_and_is_known_again(client: TestClient) -> None:
    for address in (*PAGES, *API):
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
        assert "unsafe" not in answer.headers["content-security-policy"], address
        assert answer.headers["x-content-type-options"] == "nosniff", address
        etag = answer.headers["etag"]
        again = client.get(address, headers={"if-none-match": etag})
        assert (again.status_code, again.content) == (304, b""), address
        assert again.headers["etag"] == etag, address
        head = client.head(address)
        assert (head.status_code, head.content) == (200, b""), address
        assert head.headers["etag"] == etag, address


def test_what_is_settled_may_be_kept_for_good_and_nothing_else(client: TestClient) -> None:
    for address in SETTLED:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
        assert "immutable" in answer.headers["cache-control"], address
    for address in (*PAGES[:1], *PAGES[5:6], *API[:2], "/feed.atom", "/api/v1/events"):
        assert "immutable" not in client.get(address).headers["cache-control"], address


def test_a_poll_changes_answers_at_once(
    site_client: MakeClient, with_history: Callable[[Recording], str]
) -> None:
    url = with_history(record)
    client = site_client(url, clock=lambda: at("15:10"))
    told = {}
    for address in ("/", "/timeline", "/catalog?source=one", "/v1/models?source=one", "/feed.atom"):
        told[address] = client.get(address).headers["etag"]
    database = Database(url)
    build(database, "one", [("15:00", catalog(model(ID, tokens("0.000009", "0.00002"))))])
    database.close()
    for address, etag in told.items():
        answer = client.get(address, headers={"if-none-match": etag})
        assert answer.status_code == 200, address
        assert answer.headers["etag"] != etag, address
