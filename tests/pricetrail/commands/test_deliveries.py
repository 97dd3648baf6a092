"""`pricetrail deliveries`: what is owed, retried and replayed."""

import json

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.running import document, run, shown
from tests.support.histories import model, tokens
from tests.support.receivers import Receiver, status

pytestmark = pytest.mark.usefixtures("configured")


def test_a_delivery_that_failed_waits_and_can_be_retried_and_replayed(
    gateway: Gateway, receiver: Receiver
) -> None:
    shown("poll")
    receiver.always = status(500)
    models = gateway.catalog
    models[0] = model("m-00", tokens("0.0000025", "0.000015"))
    gateway.catalog = models
    code, out, err = run("poll", "--json")
    assert (code, json.loads(out)["deliveries"]["retrying"]) == (1, 1)
    assert "see `pricetrail deliveries list`" in err
    [waiting] = document("deliveries", "list")["deliveries"]
    assert (waiting["state"], waiting["attempts"], waiting["last_status"]) == ("pending", 1, 500)
    receiver.always = None
    assert document("deliveries", "retry", waiting["id"])["deliveries"]["delivered"] == 1
    assert document("deliveries", "show", waiting["id"])["state"] == "delivered"
    again = document("deliveries", "replay", "--webhook", "billing", "--since", "2026-01-01")
    assert again["deliveries"]["delivered"] == 1
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == 3
