"""The `json` format, exactly as in contract section 3."""

import json
from typing import Any

from pricetrail.alerts.channels import render
from pricetrail.alerts.messages import joint_id
from pricetrail.catalog import merkle, source_events
from tests.alerts.made import AT, HEAD, START, added, body, document, event, hook, removed, repriced
from tests.support.payloads import data

CUT = repriced("gpt-5", ("text/prompt", "0.000003", "0.0000025"))
NEW = added("gpt-6")
GONE = removed("gpt-4")
LATER = repriced("gpt-5", ("text/prompt", "0.0000025", "0.000003"), version=1843)
FAILING = source_events.failing("pipellm", 1842, at=AT, since=START, failures=3, error="HTTP 503")


def test_an_event_is_one_post_with_the_events_id() -> None:
    [message] = render(hook(), [CUT])
    assert message.webhook_id == CUT.id
    assert message.content_type == "application/json"
    assert json.loads(message.body) == {
        "type": "model.repriced",
        "timestamp": "2026-11-23T10:00:06Z",
        "data": {
            "id": CUT.id,
            "source": "pipellm",
            "snapshot": {"version": 1842, "previous": 1841, "hash": merkle.hash_text(HEAD)},
            "observed": {
                "not_before": "2026-11-23T09:00:04Z",
                "not_after": "2026-11-23T10:00:06Z",
            },
            "model": {"id": "gpt-5", "display_name": "Gpt-5", "type_target": "openai"},
            "direction": "decrease",
            "changes": [
                {
                    "path": "/pricing/text/prompt",
                    "unit": "USD/token",
                    "old": "0.000003",
                    "new": "0.0000025",
                    "percent": "-16.67",
                }
            ],
        },
    }


def test_the_same_events_make_the_same_bytes() -> None:
    events = [CUT, NEW, GONE]
    for one in (hook(), hook(batch=True)):
        assert render(one, events) == render(one, list(events))


def test_events_are_posted_one_by_one_in_order() -> None:
    messages = render(hook(), [CUT, NEW, FAILING, LATER])
    assert [message.webhook_id for message in messages] == [
        event.id for event in (CUT, NEW, FAILING, LATER)
    ]


def test_added_and_removed_carry_the_whole_model() -> None:
    for one in (NEW, GONE):
        [message] = render(hook(), [one])
        assert body(message)["data"]["model"] == data(one)["model"]
        assert "pricing" in body(message)["data"]["model"]


def test_a_batch_is_one_post_a_snapshot() -> None:
    first, second = render(hook(batch=True), [CUT, NEW, LATER])
    document = body(first)
    assert document["type"] == "catalog.changed"
    assert document["timestamp"] == "2026-11-23T10:00:06Z"
    assert document["data"] == {
        "id": first.webhook_id,
        "source": "pipellm",
        "snapshot": data(CUT)["snapshot"],
        "observed": data(CUT)["observed"],
        "events": [{"type": event.type, **data(event)} for event in (CUT, NEW)],
    }
    assert [event["id"] for event in body(second)["data"]["events"]] == [LATER.id]


def test_a_batch_keeps_sources_apart() -> None:
    other = repriced("gpt-5", ("text/prompt", "1", "2"), source="other")
    sources = [body(one)["data"]["source"] for one in render(hook(batch=True), [CUT, other])]
    assert sources == ["pipellm", "other"]


def test_what_happens_to_a_source_is_single_in_a_batch_too() -> None:
    first, second = render(hook(batch=True), [CUT, FAILING])
    assert body(first)["type"] == "catalog.changed"
    assert second.webhook_id == FAILING.id
    assert body(second)["type"] == "source.failing"


def test_unknown_fields_and_exact_digits_survive() -> None:
    extra: dict[str, Any] = {"note": "ünïcode \u2028", "deep": [{"n": 10**20}]}
    one = event("model.added", "gpt-6", {"model": document("gpt-6") | {"extra": extra}})
    [message] = render(hook(), [one])
    assert body(message)["data"]["model"]["extra"] == extra


def test_a_joint_id_depends_on_its_events_and_blips_and_on_nothing_else() -> None:
    assert joint_id([CUT, NEW]) == joint_id([CUT, NEW])
    ids = {
        joint_id([CUT]),
        joint_id([CUT, NEW]),
        joint_id([NEW, CUT]),
        joint_id([], [CUT.id]),
        joint_id([], [NEW.id]),
        joint_id([CUT], [CUT.id]),
        joint_id([CUT], [CUT.id, NEW.id]),
    }
    assert len(ids) == 7
    assert all(one.startswith("msg_") for one in ids)


def test_nothing_to_tell_is_no_message() -> None:
    assert render(hook(), []) == []
    assert render(hook(batch=True), []) == []
