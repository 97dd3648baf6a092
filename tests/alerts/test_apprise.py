"""Apprise: a real service on loopback, and what is refused."""

import json
import logging
import sys

import pytest

from pricetrail.alerts import apprise
from pricetrail.alerts.checks import check
from pricetrail.alerts.outcomes import DELIVERED, DISABLE, RETRY
from pricetrail.alerts.posting import post
from pricetrail.alerts.report import Context
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.webhooks import Webhook, WebhookError
from tests.alerts.made import NASTY, NOW, blip, body, hook, many, removed, repriced
from tests.support.receivers import Receiver, receiving, status

# Apprise's e-mail plugin imports `imghdr` on Pythons that still have it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def to(receiver: Receiver, *, allow_private: bool = True) -> Webhook:
    """A webhook of Apprise's own `json://` service."""
    url = receiver.url.replace("http://", "json://")
    return hook("apprise", url=url, allow_private=allow_private)


def test_a_message_arrives_over_apprise() -> None:
    with receiving() as receiver:
        receiver.always = status(200)
        outcome = post(to(receiver), apprise.render(sample_events()), now=NOW)
    assert outcome.verdict == DELIVERED
    [request] = receiver.requests
    got = json.loads(request.body)
    assert got["title"].startswith("pipellm: 7 repriced")
    assert got["title"] not in got["message"]
    assert "▼ kimi-k2 — prompt became free (was $0.60 /1M)" in got["message"]
    assert "No longer visible to this key:\ngpt-4-32k" in got["message"]


def test_a_service_that_refuses_is_tried_again_later() -> None:
    with receiving() as receiver:
        receiver.always = status(500)
        outcome = post(to(receiver), apprise.render(sample_events()), now=NOW)
    assert outcome.verdict == RETRY
    assert outcome.error == "Apprise could not deliver it"
    assert outcome.not_before is not None
    assert outcome.not_before > NOW


def test_a_private_address_is_refused_unless_allowed() -> None:
    with receiving() as receiver:
        webhook = to(receiver, allow_private=False)
        outcome = post(webhook, apprise.render(sample_events()), now=NOW)
    assert outcome.verdict == RETRY
    assert "a loopback address" in (outcome.error or "")
    assert receiver.requests == []


def test_a_host_that_does_not_resolve_is_tried_again() -> None:
    webhook = hook("apprise", url="json://nowhere.invalid/x")
    outcome = post(webhook, apprise.render(sample_events()), now=NOW)
    assert (outcome.verdict, outcome.error) == (RETRY, "the host name does not resolve")


def test_a_url_that_apprise_cannot_read_is_refused_without_showing_it() -> None:
    webhook = hook("apprise", url="nosuchservice://s3cret")
    with pytest.raises(WebhookError, match="Apprise cannot read it") as caught:
        check(webhook)
    assert "s3cret" not in str(caught.value)
    outcome = post(webhook, apprise.render(sample_events()), now=NOW)
    assert outcome.verdict == DISABLE


def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(WebhookError, match=r"pip install '\.\[apprise\]'"):
        check(hook("apprise", url="json://example.com"))


def test_apprises_own_log_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with receiving() as receiver:
        post(to(receiver), apprise.render(sample_events()), now=NOW)
    assert [record for record in caplog.records if "127.0.0.1" in record.getMessage()] == []


@pytest.mark.parametrize("count", [1, 100, 1000])
def test_any_number_of_changes_fits(count: int) -> None:
    document = body(apprise.render(many(count)))
    assert 1 <= len(document["title"]) <= 120
    assert 1 <= len(document["body"]) <= 3000
    if count > 100:
        assert "more changes: " in document["body"]


@pytest.mark.parametrize("nasty", NASTY)
def test_names_are_inert(nasty: str) -> None:
    document = body(apprise.render([repriced(nasty, ("text/prompt", "1", "2")), removed(nasty)]))
    text = document["title"] + document["body"]
    assert not any(sign in text for sign in "<>@*`[\x1b\u202e\r")


def test_blips_alone_are_a_message() -> None:
    document = body(apprise.render([], Context(blips=(blip(),))))
    assert document["title"] == "1 went and came back"
    assert "gpt-5 went to prompt $3.00 → $2.50 /1M (−16.7%) and back" in document["body"]
