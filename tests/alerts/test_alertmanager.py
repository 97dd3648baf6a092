"""Alerts for Alertmanager: what fires, what resolves it, and what ends by itself."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pricetrail.alerts import trial
from pricetrail.alerts.alertmanager import address, labels
from pricetrail.alerts.channels import render
from pricetrail.alerts.checks import check
from pricetrail.alerts.outcomes import DEAD, DELIVERED, RETRY
from pricetrail.alerts.posting import post
from pricetrail.alerts.report import NOTHING, Context
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.webhooks import WebhookError
from pricetrail.catalog import source_events
from pricetrail.catalog.events import PAUSED, SCHEMA_CHANGED, Event
from tests.alerts.made import AT, NASTY, NOW, START, added, event, hook, many, repriced
from tests.support.alertmanagers import Alertmanager, alertmanager
from tests.support.receivers import Receiver, status

CUT = repriced("gpt-5", ("text/prompt", "0.000003", "0.0000025"))
FAILING = source_events.failing("pipellm", 3, at=AT, since=START, failures=3, error="HTTP 503")
RECOVERED = source_events.recovered("pipellm", 3, at=NOW, since=START, failed_polls=5)
ASIDE = source_events.quarantined(
    "pipellm", 3, at=AT, quarantine=7, reason="it is empty", models=0, counts={"removed": 60}
)
RELEASED = source_events.released("pipellm", 4, at=NOW, quarantine=9, verdict="approved")
PAUSE = event(PAUSED, None, {"webhook": "prices", "text": "The webhook prices is paused: x"})


def alerts(*events: Event, context: Context = NOTHING, **settings: Any) -> list[dict[str, Any]]:
    [message] = render(hook("alertmanager", **settings), events, context)
    assert message.content_type == "application/json"
    found: list[dict[str, Any]] = json.loads(message.body)
    return found


def test_a_change_is_an_alert_that_ends_by_itself() -> None:
    [alert] = alerts(CUT, labels={"pipellm": {"team": "search"}, "other": {"team": "ads"}})
    assert alert["labels"] == {
        "alertname": "PricetrailModelRepriced",
        "source": "pipellm",
        "severity": "info",
        "model": "gpt-5",
        "version": "1842",
        "team": "search",
    }
    assert alert["annotations"]["summary"] == "pipellm: price cut for gpt-5"
    assert "$3.00 → $2.50 /1M (−16.7%)" in alert["annotations"]["description"]
    assert alert["annotations"]["event_id"] == CUT.id
    assert (alert["startsAt"], alert["endsAt"]) == ("2026-11-23T10:00:06Z", "2026-11-23T11:00:06Z")
    # What was held or tried for hours still lasts from when it is sent.
    [late] = alerts(CUT, context=Context(now=AT + timedelta(hours=5)))
    assert (late["startsAt"], late["endsAt"]) == ("2026-11-23T10:00:06Z", "2026-11-23T16:00:06Z")


@pytest.mark.parametrize(
    ("one", "name", "severity"),
    [
        (FAILING, "PricetrailSourceFailing", "critical"),
        (RECOVERED, "PricetrailSourceFailing", "critical"),
        (ASIDE, "PricetrailSourceQuarantined", "warning"),
        (RELEASED, "PricetrailSourceQuarantined", "warning"),
        (PAUSE, "PricetrailWebhookPaused", "warning"),
        (added("x"), "PricetrailModelAdded", "info"),
        (
            event(SCHEMA_CHANGED, None, {"paths": ["/pricing/x"], "kinds": [], "models": []}),
            "PricetrailCatalogSchemaChanged",
            "info",
        ),
        (trial.test_event(hook("alertmanager"), AT), "PricetrailTest", "info"),
    ],
)
def test_each_event_has_a_name_and_a_severity(one: Event, name: str, severity: str) -> None:
    found = labels(one, {})
    assert (found["alertname"], found["severity"]) == (name, severity)
    own = {"severity": "page", "source": "mine", "alertname": "Mine", "team": "search"}
    found = labels(one, own)
    assert (found["severity"], found["team"]) == ("page", "search")
    assert (found["source"], found["alertname"]) == (one.source, name)


def test_words_repeat_no_label() -> None:
    [alert] = alerts(FAILING, labels={"pipellm": {"team": "search"}})
    assert list(alert["labels"])[:3] == ["alertname", "source", "severity"]
    assert alert["labels"]["team"] == "search"
    assert "HTTP 503" in alert["annotations"]["description"]
    assert "search" not in alert["annotations"]["description"]


def test_labels_of_a_pause_say_which_webhook() -> None:
    assert labels(PAUSE, {})["webhook"] == "prices"


@pytest.mark.parametrize(("fires", "resolves"), [(FAILING, RECOVERED), (ASIDE, RELEASED)])
def test_trouble_fires_until_it_is_resolved(fires: Event, resolves: Event) -> None:
    clock = [AT]
    with alertmanager(lambda: clock[0]) as found:
        webhook = hook("alertmanager", url=found.receiver.url, allow_private=True)

        def sent(one: Event) -> str:
            [message] = render(webhook, [one], Context(now=clock[0]))
            return post(webhook, message, now=clock[0]).verdict

        assert sent(fires) == DELIVERED
        clock[0] = AT + timedelta(days=3)
        assert len(found.firing(clock[0])) == 1
        # Told again, in other words and later: it is the same alert.
        assert sent(fires) == DELIVERED
        assert len(found.firing(clock[0] + timedelta(days=29))) == 1
        assert sent(CUT) == DELIVERED
        assert len(found.firing(clock[0])) == 2
        assert sent(resolves) == DELIVERED
        assert [one["alertname"] for one in found.firing(clock[0])] == ["PricetrailModelRepriced"]
        assert found.firing(clock[0] + timedelta(hours=1)) == []


def test_what_changes_twice_within_the_hour_are_two_alerts() -> None:
    later = repriced("gpt-5", ("text/prompt", "0.0000025", "0.000003"), version=1843)
    found = Alertmanager(Receiver())
    assert found.post(alerts(CUT), AT) == found.post(alerts(later), AT) == 200
    assert len(found.firing(AT)) == 2


@pytest.mark.parametrize("number", [1, 1000])
def test_a_snapshot_is_one_post_of_an_alert_each(number: int) -> None:
    found = Alertmanager(Receiver())
    assert found.post(alerts(*many(number)), AT) == 200
    assert len(found.firing(AT)) == number


def test_names_from_outside_are_labels_and_text_and_no_more() -> None:
    for nasty in (*NASTY, "x" * 5000):
        [alert] = alerts(repriced(nasty, ("text/prompt", "1", "2"), source=nasty[:90]))
        assert len(alert["labels"]["model"]) <= 512
        text = json.dumps(alert, ensure_ascii=False)
        assert text.isprintable()
        assert "\u202e" not in text
        found = Alertmanager(Receiver())
        assert found.post([alert], AT) == 200


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("http://am:9093", "http://am:9093/api/v2/alerts"),
        ("http://am:9093/", "http://am:9093/api/v2/alerts"),
        ("http://am:9093/api/v2/alerts", "http://am:9093/api/v2/alerts"),
        ("http://am:9093/api/v2/alerts/", "http://am:9093/api/v2/alerts"),
        ("https://h/alertmanager?tenant=a", "https://h/alertmanager/api/v2/alerts?tenant=a"),
    ],
)
def test_its_own_address_is_enough(given: str, called: str) -> None:
    assert address(given) == called


@pytest.mark.parametrize(
    ("code", "verdict", "words"),
    [
        (200, DELIVERED, None),
        (400, DEAD, "HTTP 400: Alertmanager calls an alert invalid"),
        (422, DEAD, "HTTP 422: Alertmanager calls an alert invalid"),
        (404, RETRY, "HTTP 404"),
        (500, RETRY, "HTTP 500"),
        (503, RETRY, "HTTP 503"),
    ],
)
def test_what_it_answers_and_what_follows(code: int, verdict: str, words: str | None) -> None:
    with alertmanager() as found:
        webhook = hook("alertmanager", url=found.receiver.url, allow_private=True)
        found.receiver.scripts = [status(code)]
        [message] = render(webhook, [trial.test_event(webhook, datetime.now(UTC))])
        outcome = post(webhook, message, now=NOW)
    assert (outcome.verdict, outcome.error) == (verdict, words)
    # Nobody there looks at a signature.
    assert "webhook-id" not in found.receiver.requests[0].headers


def test_it_takes_neither_secrets_nor_batches() -> None:
    for key, value in (("secrets", ("whsec_x",)), ("batch", True)):
        with pytest.raises(WebhookError, match=f"{key}: only format"):
            check(hook("alertmanager", **{key: value}))
    check(hook("alertmanager", url="http://127.0.0.1:9093", allow_private=True))
    assert len(alerts(*sample_events())) == len(sample_events())
