"""The outbox and the quarantine over HTTP."""

from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from pricetrail.storage.outbox.deliveries import NewDelivery, enqueue
from tests.support.histories import at
from tests.web.conftest import MakeClient


def test_deliveries_are_chosen_by_state_webhook_and_number(
    site_client: MakeClient, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    event = "evt_" + "0" * 40
    owed = [NewDelivery(f"dlv_{n}", f"hook{n % 2}", (event,)) for n in range(5)]
    with database.write() as transaction:
        enqueue(transaction, owed, at("10:00"))
    database.close()
    client = site_client(sqlite_url)

    def listed(query: str) -> list[str]:
        return [it["id"] for it in client.get(f"/api/v1/deliveries?{query}").json()["deliveries"]]

    assert listed("") == ["dlv_0", "dlv_1", "dlv_2", "dlv_3", "dlv_4"]
    assert listed("webhook=hook1") == ["dlv_1", "dlv_3"]
    assert listed("limit=2&state=pending&state=dead") == ["dlv_3", "dlv_4"]
    assert listed("state=dead") == []


def test_quarantine_is_of_all_sources_or_of_one(both: TestClient) -> None:
    assert both.get("/api/v1/quarantine").json() == {"quarantine": []}
    assert both.get("/api/v1/quarantine?source=east&held=true").json() == {"quarantine": []}
    assert both.get("/api/v1/quarantine?source=north").status_code == 404
