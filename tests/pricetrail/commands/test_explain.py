"""`pricetrail explain`: why a webhook was sent an event, or was not."""

from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.polling import cut
from tests.pricetrail.commands.running import document, refused, run, shown

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


@pytest.mark.parametrize("others", [3, 40])
def test_of_many_webhooks_those_of_other_sources_are_counted(gateway: Gateway, others: int) -> None:
    path = Path("pricetrail.toml")
    hook = '[webhooks.o{}]\nurl = "http://127.0.0.1:9/"\nallow_private = true\nsources = ["!s"]\n'
    more = "".join(hook.format(number) for number in range(others))
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    run("poll")
    cut(gateway)
    told = shown("explain", "--last")
    counted = "and 40 webhooks whose `sources` leave it out: --json lists them" in told
    assert (counted, told.count("the source is s")) == ((True, 0) if others > 20 else (False, 3))
    assert len(document("explain", "--last")["webhooks"]) == 2 + others
