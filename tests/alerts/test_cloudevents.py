"""CloudEvents: read by the project's own library, signed, and the data of the `json` format."""

import json
from urllib.parse import unquote, urlsplit

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook as Verifier

from pricetrail.alerts.channels import render
from pricetrail.alerts.cloudevents import BATCH, ONE
from pricetrail.alerts.messages import Message, joint_id
from pricetrail.alerts.outcomes import DELIVERED
from pricetrail.alerts.posting import post
from pricetrail.catalog import source_events
from pricetrail.catalog.events import TYPES
from pricetrail.catalog.times import rfc3339
from tests.alerts.made import AT, NASTY, NOW, START, added, hook, removed, repriced
from tests.support.receivers import receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CUT = repriced("openai/gpt-5", ("text/prompt", "0.000003", "0.0000025"))
FAILING = source_events.failing("pipellm", 1842, at=AT, since=START, failures=3, error="HTTP 503")
EVENTS = [CUT, added("gpt-6"), removed("gpt-4"), FAILING]


def read(message: Message) -> BaseCloudEvent:
    """What the project's library makes of it: it refuses what the specification does."""
    return from_http_event(HTTPMessage({"content-type": message.content_type}, message.body))


def test_every_event_is_one_with_the_data_of_the_json_format() -> None:
    found = render(hook("cloudevents"), EVENTS)
    for event, message, plain in zip(EVENTS, found, render(hook(), EVENTS), strict=True):
        assert message.content_type == ONE
        assert message.webhook_id == plain.webhook_id == event.id
        seen, document = read(message), json.loads(plain.body)
        assert seen.get_id() == event.id
        assert seen.get_source() == "/pricetrail/pipellm"
        assert seen.get_type() == document["type"]
        assert seen.get_subject() == event.model
        time = seen.get_time()
        assert time is not None
        assert rfc3339(time) == document["timestamp"]
        assert seen.get_datacontenttype() == "application/json"
        assert seen.get_data() == document["data"]
        assert seen.get_specversion() == "1.0"
    assert "subject" not in json.loads(found[-1].body)


def test_a_batch_is_an_array_and_what_happens_to_a_source_an_array_of_one() -> None:
    snapshot, alone = render(hook("cloudevents", batch=True), EVENTS)
    assert snapshot.content_type == alone.content_type == BATCH
    assert (snapshot.webhook_id, alone.webhook_id) == (joint_id(EVENTS[:3]), FAILING.id)
    singles = [json.loads(message.body) for message in render(hook("cloudevents"), EVENTS)]
    assert json.loads(snapshot.body) + json.loads(alone.body) == singles


@pytest.mark.parametrize("name", ["a/b ?#%", "größe", "..", "x:y@z", "searching & more", "日本"])
def test_any_name_of_a_source_is_a_reference(name: str) -> None:
    [message] = render(hook("cloudevents"), [repriced("m", ("text/prompt", "1", "2"), source=name)])
    source = read(message).get_source()
    assert source.isascii()
    parts = urlsplit(source)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert unquote(parts.path.removeprefix("/pricetrail/")) == name
    assert parts.path.count("/") == 2


def test_a_subject_is_the_model_but_for_what_no_attribute_may_hold() -> None:
    for nasty in (*NASTY, "\ufdd0\uffff\U0001fffe", "\x85"):
        [message] = render(hook("cloudevents"), [repriced(nasty, ("text/prompt", "1", "2"))])
        seen = read(message)
        subject, data = seen.get_subject(), seen.get_data()
        assert subject is not None
        assert len(subject) == len(nasty)
        assert not {letter for letter in subject if letter < " " or "\x7f" <= letter <= "\x9f"}
        assert isinstance(data, dict)
        # The data has it as it is.
        assert data["model"]["id"] == nasty
        assert subject == nasty or "\ufffd" in subject


def test_the_same_events_make_the_same_bytes() -> None:
    for batch in (False, True):
        webhook = hook("cloudevents", batch=batch)
        assert render(webhook, EVENTS) == render(webhook, list(EVENTS))


@pytest.mark.parametrize("batch", [False, True])
def test_it_is_signed_as_the_json_format_is(batch: bool) -> None:
    with receiving() as receiver:
        webhook = hook(
            "cloudevents",
            url=receiver.url,
            allow_private=True,
            secrets=(SECRET,),
            batch=batch,
        )
        [message] = render(webhook, [CUT])
        outcome = post(webhook, message, now=NOW)
    assert outcome.verdict == DELIVERED
    [request] = receiver.requests
    assert request.headers["content-type"] == (BATCH if batch else ONE)
    assert request.headers["webhook-id"] == (joint_id([CUT]) if batch else CUT.id)
    verifier = Verifier(SECRET)
    stamp = request.headers["webhook-timestamp"]
    assert request.headers["webhook-signature"] == verifier.sign(
        request.headers["webhook-id"], NOW, request.body.decode()
    )
    assert stamp == str(int(NOW.timestamp()))


def test_every_type_is_wanted_by_default_in_order() -> None:
    webhook = hook("cloudevents")
    assert (webhook.events, webhook.ordering) == (TYPES, "strict")
