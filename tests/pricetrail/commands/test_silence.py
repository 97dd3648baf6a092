"""`pricetrail silence`: what is muted, for how long and why."""

from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.polling import cut
from tests.pricetrail.commands.running import document, refused, run, shown
from tests.support.receivers import Receiver


@pytest.mark.usefixtures("configured")
def test_a_silence_mutes_until_it_is_removed(gateway: Gateway, receiver: Receiver) -> None:
    shown("poll")
    made = document("silence", "add", "m-*", "--for", "1h", "--reason", "we know")
    assert cut(gateway)["deliveries"]["delivered"] == 0
    assert document("silence", "list")["silences"][0]["reason"] == "we know"
    removed = document("silence", "remove", str(made["id"]))
    assert (removed["id"], removed["glob"], removed["reason"]) == (made["id"], "m-*", "we know")
    assert removed["removed_at"] is not None
    assert "was removed already" in refused(3, "silence", "remove", str(made["id"]))
    assert "no silence 99" in refused(3, "silence", "remove", "99")
    code, _, err = run("silence", "add", "gpt-9", "--for", "1h", "--reason", "it may come")
    assert (code, "no model is known that 'gpt-9' matches" in err) == (0, True)
    shown("silence", "remove", str(made["id"] + 1))
    assert document("silence", "list")["silences"] == []
    assert receiver.requests == []


def test_a_silence_that_is_over_already_makes_no_database() -> None:
    refused(2, "silence", "add", "m-*", "--until", "2026-03-01", "--reason", "over")
    assert not Path("pricetrail.db").exists()
