"""`pricetrail deliver`: what is due goes out once, and what fails stays owed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.running import document, run, shown
from tests.support.histories import model
from tests.support.receivers import Receiver, receiving, status

CONFIG = """
[sources.s]
url = "{gateway}"
api_key = "demo-key"

[webhooks.all]
url = "{receiver}/all"
allow_private = true
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One event is owed to it, which it did not take."""
    with receiving() as found, Gateway([model("a")]) as gateway:
        text = CONFIG.format(gateway=gateway.url, receiver=found.url)
        Path("pricetrail.toml").write_text(text, encoding="utf-8")
        shown("poll")
        found.scripts = [status(503)]
        gateway.catalog = [model("a"), model("b")]
        assert run("poll")[0] == 1
        yield found


def test_what_is_not_due_yet_waits(receiver: Receiver) -> None:
    assert shown("deliver") == "0 delivered, 0 retrying, 0 dead\n"
    assert document("deliver") == {"deliveries": {"delivered": 0, "retrying": 0, "dead": 0}}
    assert len(receiver.requests) == 1


def test_what_fails_again_is_exit_code_1_and_goes_out_once_it_can(receiver: Receiver) -> None:
    receiver.scripts = [status(503)]
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        code, out, err = run("deliver")
        assert (code, out) == (1, "0 delivered, 1 retrying, 0 dead\n")
        assert "1 delivery failed: see `pricetrail deliveries list`" in err
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=9)):
        assert shown("deliver") == "1 delivered, 0 retrying, 0 dead\n"
    first, *again = receiver.ids
    assert again == [first, first]
