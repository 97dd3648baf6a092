"""`pricetrail poll`: each source once, then what is due, against a gateway on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway, Reply
from tests.pricetrail.commands.running import document, refused, run, shown
from tests.support.histories import model, tokens
from tests.support.receivers import Receiver, receiving, status

CONFIG = """
[sources.s]
url = "{gateway}"
api_key = "demo-key"

[webhooks.billing]
url = "{receiver}/billing"
secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
allow_private = true
"""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway([model(f"m-{n:02}") for n in range(12)]) as found:
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(autouse=True)
def _configured(gateway: Gateway, receiver: Receiver) -> None:
    text = CONFIG.format(gateway=gateway.url, receiver=receiver.url)
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def test_a_poll_says_what_it_found_and_delivers(gateway: Gateway, receiver: Receiver) -> None:
    counts = {"added": 0, "removed": 0, "repriced": 0, "updated": 0}
    none = {"delivered": 0, "retrying": 0, "dead": 0}
    first = {"source": "s", "outcome": "changed", "version": 1, "counts": counts, "error": None}
    assert document("poll") == {"polls": [first], "deliveries": none}
    assert "unchanged" in shown("poll", "s")
    gateway.catalog = [model("m-00", tokens("0.0000025", "0.000015")), *gateway.catalog[1:]]
    found = document("poll")
    assert found["polls"][0]["counts"] == counts | {"repriced": 1}
    assert found["deliveries"] == {"delivered": 1, "retrying": 0, "dead": 0}
    [request] = receiver.requests
    assert json.loads(request.body)["type"] == "model.repriced"
    assert "webhook-signature" in request.headers


def test_a_poll_that_fails_is_exit_code_1_and_loses_nothing(gateway: Gateway) -> None:
    shown("poll")
    gateway.reply = Reply(b"<html>sign in</html>", content_type="text/html")
    code, out, err = run("poll", "--json")
    assert code == 1
    assert json.loads(out)["polls"][0]["outcome"] == "failed"
    assert "HTML" in err
    assert len(document("models")["data"]) == 12


def test_a_wrong_key_is_told_without_the_key(gateway: Gateway) -> None:
    gateway.key = "another"
    code, out, err = run("poll")
    assert code == 1
    assert "401" in err
    assert "demo-key" not in out + err


def test_an_unknown_source_is_refused() -> None:
    assert "there are: s" in refused(2, "poll", "x")


def test_a_source_that_is_named_twice_is_polled_once() -> None:
    assert [poll["source"] for poll in document("poll", "s", "s")["polls"]] == ["s"]


def test_a_poll_waits_for_its_dead_man_s_switch_and_never_fails_with_it(
    gateway: Gateway, receiver: Receiver
) -> None:
    config = Path("pricetrail.toml")
    pinged = f'[sources.s]\nping = "{receiver.url}/canary-switch"'
    text = config.read_text(encoding="utf-8").replace("[sources.s]", pinged)
    config.write_text(text, encoding="utf-8")
    receiver.scripts = [status(200, b"OK"), status(404)]
    shown("poll")
    assert [(one.method, one.path) for one in receiver.requests] == [("GET", "/hook/canary-switch")]
    code, _, err = run("poll")
    assert (code, "HTTP 404" in err, "canary" in err) == (0, True, False)
    gateway.reply = Reply(b"{}")
    assert run("poll")[0] == 1
    assert len(receiver.requests) == 2
