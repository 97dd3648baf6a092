"""`pricetrail poll`: each source once, then what is due, against a gateway on loopback."""

import json
import re
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
    # Why is said once, with nothing beside it for a person to read; a collector gets fields.
    code, out, err = run("poll")
    assert ("HTML" in out, err.count("HTML"), err.count("\n")) == (False, 1, 1)
    _, _, err = run("--log-format", "json", "poll")
    entry = json.loads(err.splitlines()[0])
    assert (entry["level"], entry["source"], entry["outcome"]) == ("warning", "s", "failed")
    assert (entry["version"], entry["status"]) == (1, 200)
    assert entry["duration_ms"] >= 0


def test_a_wrong_key_is_told_without_the_key(gateway: Gateway) -> None:
    gateway.key = "another"
    code, out, err = run("poll")
    assert code == 1
    assert "401" in err
    assert "demo-key" not in out + err


@pytest.mark.parametrize("number", [3, 12])
def test_what_fails_alike_with_many_sources_is_one_line(gateway: Gateway, number: int) -> None:
    own = "".join(
        f'[sources.s{n:02}]\nurl = "{gateway.url}"\napi_key = "wrong"\n' for n in range(number)
    )
    Path("pricetrail.toml").write_text(own, encoding="utf-8")
    code, _, err = run("poll")
    said = "the key is not accepted (HTTP 401): check api_key and auth"
    assert (code, said in err) == (1, True)
    assert err.count("not accepted") == (number if number <= 10 else 1)
    assert ("(and so in 11 more)" in err) == (number == 12)
    assert len(json.loads(run("poll", "--json")[1])["polls"]) == number


def test_an_unknown_source_is_refused() -> None:
    assert "there are: s" in refused(2, "poll", "x")


def test_a_source_that_is_named_twice_is_polled_once() -> None:
    assert [poll["source"] for poll in document("poll", "s", "s")["polls"]] == ["s"]


def test_the_first_poll_is_a_baseline_and_the_next_tells_since_when() -> None:
    assert shown("poll").splitlines()[1].split() == [
        "s",
        "changed",
        "1",
        "baseline:",
        "12",
        "models",
    ]
    assert "nothing since the baseline" in shown("poll")


def test_quietly_only_what_went_wrong_is_said(gateway: Gateway, receiver: Receiver) -> None:
    _, out, err = run("poll", "--quiet")
    assert out == ""
    assert "made a new database" in err
    gateway.catalog = [model("m-00", tokens("0.0000025", "0.000015")), *gateway.catalog[1:]]
    assert run("poll", "--quiet") == run("poll", "--quiet", "--due") == (0, "", "")
    assert len(receiver.requests) == 1
    assert len(document("poll", "--quiet")["polls"]) == 1
    gateway.catalog = gateway.catalog[:5]
    code, out, err = run("poll", "--quiet")
    assert (code, out, err.count("\n")) == (0, "", 1)
    assert "pricetrail: s: quarantined, 7 of 12 models gone at once" in err
    # It was said; that it lies there still is no news.
    assert run("poll", "--quiet") == (0, "", "")
    gateway.reply = Reply(b"<html>sign in</html>", content_type="text/html")
    code, out, err = run("poll", "--quiet")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "HTML" in err


def test_what_is_due_is_polled_once_and_then_it_is_said_when_again() -> None:
    assert [poll["source"] for poll in document("poll", "--due")["polls"]] == ["s"]
    assert document("poll", "--due")["polls"] == []
    [said] = shown("poll", "--due", "--limit", "3").splitlines()
    assert re.fullmatch(r"nothing is due: next s at \d{4}-\d\d-\d\dT\d\d:\d\d:00Z", said)
    assert run("poll", "--due", "--quiet") == (0, "", "")
    # Who asks for a poll gets one, whatever the schedule says.
    assert len(document("poll", "s")["polls"]) == 1
    shown("sources", "pause", "s")
    assert "nothing is due: the source is paused" in shown("poll", "s", "--due")


def test_a_limit_without_due_is_refused() -> None:
    assert "--limit goes with --due" in refused(2, "poll", "--limit", "2")


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
