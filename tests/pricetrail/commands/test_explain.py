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
    why = "by the rule directions increase: it is a decrease"
    assert found["webhooks"][1]["detail"] == why
    name, model = event["data"]["id"], event["data"]["model"]["id"]
    for one in ([name[:9]], [f"{name[4:12]}…"], ["--last"], ["--model", model]):
        assert document("explain", *one) == found
    text = shown("explain", "--last", "--model", model)
    assert name in text
    assert why in text
    assert "see `pricetrail events`" in refused(3, "explain", "evt_none")
    for wrong in ([], [name, "--last"], [name, "--model", model]):
        assert "name an EVENT by its id, or say --last" in refused(2, "explain", *wrong)
