"""`pricetrail explain`: why a webhook was sent an event, or was not."""

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.polling import cut
from tests.pricetrail.commands.running import document, refused, shown

pytestmark = pytest.mark.usefixtures("configured")


def test_every_event_can_be_explained(gateway: Gateway) -> None:
    shown("poll")
    cut(gateway)
    [event] = document("events")["events"]
    found = document("explain", event["data"]["id"])
    assert [(one["webhook"], one["verdict"]) for one in found["webhooks"]] == [
        ("billing", "sent"),
        ("rises", "filtered"),
    ]
    assert found["webhooks"][1]["detail"] == "by the rule directions"
    assert "see `pricetrail events`" in refused(3, "explain", "evt_none")
