"""`pricetrail quarantine`: a catalog that was set aside, approved or rejected."""

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.running import document, run, shown

pytestmark = pytest.mark.usefixtures("configured")


def halved(gateway: Gateway) -> None:
    gateway.catalog = gateway.catalog[:6]
    assert document("poll")["polls"][0]["outcome"] == "quarantined"


def test_a_catalog_set_aside_is_shown_and_approved(gateway: Gateway) -> None:
    shown("poll")
    halved(gateway)
    [entry] = document("quarantine", "list")["quarantine"]
    assert (entry["state"], entry["models"], entry["source"]) == ("held", 6, "s")
    would = document("quarantine", "show", str(entry["id"]))["events"]
    assert [one["type"] for one in would] == ["model.removed"] * 6
    assert "6 removed" in shown("quarantine", "approve", str(entry["id"]))
    assert len(document("models")["data"]) == 6
    kinds = [one["type"] for one in document("events")["events"]]
    assert kinds.count("model.removed") == 6
    assert {"source.quarantined", "source.released"} <= set(kinds)


def test_a_catalog_set_aside_is_rejected_for_good(gateway: Gateway) -> None:
    shown("poll")
    halved(gateway)
    said = document("quarantine", "reject", "1")
    assert (said["quarantine"]["id"], said["quarantine"]["state"]) == (1, "rejected")
    assert (said["version"], said["deliveries"]["dead"]) == (None, 0)
    assert document("poll")["polls"][0]["outcome"] == "quarantined"
    assert len(document("models")["data"]) == 12
    assert "was rejected already" in run("quarantine", "approve", "1")[2]


def test_what_approving_made_is_told_to_programs(gateway: Gateway) -> None:
    shown("poll")
    halved(gateway)
    said = document("quarantine", "approve", "1")
    assert said["quarantine"]["state"] == "approved"
    assert (said["version"], said["counts"]["removed"]) == (2, 6)
    assert said["deliveries"]["delivered"] > 0


def test_what_approving_would_announce_is_said_as_messages_say_it(gateway: Gateway) -> None:
    shown("poll")
    gateway.catalog = [
        {**model, "pricing": {"text": {"prompt": "0.1"}}} for model in gateway.catalog
    ]
    assert document("poll")["polls"][0]["outcome"] == "quarantined"
    seen = shown("quarantine", "show", "1")
    assert "completion price withdrawn (was $" in seen
    assert "None" not in seen
    gateway.catalog = gateway.catalog[:6]
    document("poll")
    assert "m-11   no longer visible" in shown("quarantine", "show", "2")
