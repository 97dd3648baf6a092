"""Slack's messages, with slack_sdk's own models as the judge of their shape."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from pricetrail.alerts import slack
from pricetrail.alerts.outcomes import DELIVERED, DISABLE, RETRY
from pricetrail.alerts.report import NOTHING, Context
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.slack import escape, read
from pricetrail.catalog.events import Event
from pricetrail.net.answer import Answer
from pricetrail.text.sanitize import length
from tests.alerts.made import NASTY, NOW, added, blip, body, many, removed, repriced, strings


def judged(events: Sequence[Event], context: Context = NOTHING) -> dict[str, Any]:
    """A message's body, after slack_sdk and the limits have found nothing wrong with it."""
    document = body(slack.render(events, context))
    blocks = document["blocks"]
    assert [_as_the_sdk_reads_it(block) for block in blocks] == blocks
    assert len(blocks) <= 50
    assert sum(length(text) for block in blocks for text in _texts(block)) < 13_000
    for block in blocks:
        limit = 150 if block["type"] == "header" else 3000
        assert all(1 <= length(text) <= limit for text in _texts(block))
    assert document["text"].strip()
    return document


def _as_the_sdk_reads_it(block: dict[str, Any]) -> dict[str, Any]:
    parsed = Block.parse(block)
    assert parsed is not None
    found: dict[str, Any] = parsed.to_dict()  # raises where Slack would refuse
    return found


def _texts(block: dict[str, Any]) -> list[str]:
    parts = block.get("elements") or [block["text"]]
    return [part["text"] for part in parts]


def all_text(document: dict[str, Any]) -> str:
    return "\n".join(text for block in document["blocks"] for text in _texts(block))


def test_the_sample_reads_as_a_person_would_want_it() -> None:
    document = judged(sample_events())
    text = all_text(document)
    assert "▼ `claude-sonnet-4.5` — prompt $3.00 → $2.50 /1M (−16.7%)" in text
    assert "prompt above 200k $6.00 → $5.00 /1M (−16.7%)" in text
    assert "▼ `kimi-k2` — prompt became free (was $0.60 /1M)" in text
    assert "▲ `gpt-5` — prompt" in text
    assert "▲▼ `gemini-2.5-flash` — prompt" in text
    assert "• `grok-4` — cache read price appeared" in text
    assert "*No longer visible to this key*\n`gpt-4-32k`" in text
    assert "Seen between 09:00 and 10:00 UTC on 23 Nov 2026." in text


def test_the_fallback_says_the_same_in_short() -> None:
    cut = repriced("gpt-5", ("text/prompt", "0.000003", "0.0000025"))
    assert judged([cut])["text"] == (
        "pipellm: price cut for gpt-5. Seen between 09:00 and 10:00 UTC on 23 Nov 2026."
    )


@pytest.mark.parametrize("count", [1, 2, 10, 100, 1000])
def test_any_number_of_changes_fits_and_the_counts_are_exact(count: int) -> None:
    text = all_text(judged(many(count)))
    shown = len(re.findall(r"`vendor/model-\d{4}`", text.replace("price cut for", "")))
    left = re.search(r"and ([\d,]+) more changes?: (.*)_", text)
    counted = int(left[1].replace(",", "")) if left else 0
    assert shown + counted == count
    if left:
        parts = re.findall(r"([\d,]+) [a-z]", left[2])
        assert sum(int(part.replace(",", "")) for part in parts) == counted
    if count == 1000:
        assert "800 repriced (800 down), 100 added, 100 no longer visible" in text


@pytest.mark.parametrize("made", [added, removed])
def test_a_thousand_models_that_came_or_went_fit(made: Any) -> None:
    text = all_text(judged([made(f"{'&' * 100}{place:04}") for place in range(1000)]))
    left = re.search(r"and ([\d,]+) more changes", text)
    assert left is not None
    assert len(re.findall(r"`[^`]*\d{4}`", text)) + int(left[1]) == 1000


def test_lengths_are_measured_after_escaping() -> None:
    # 120 characters that are 600 once escaped, in names and in paths.
    events = [
        repriced(
            "&" * 117 + f"{place:03}", *[(f"{'<' * 110}{leaf}", "1", "2") for leaf in range(9)]
        )
        for place in range(60)
    ]
    judged(events)
    judged(events[:1])


def test_a_long_title_is_cut_between_characters_not_inside_an_entity() -> None:
    document = judged([repriced("&" * 500, ("text/prompt", "1", "2"))])
    title = document["blocks"][0]["text"]["text"]
    assert title.endswith("…")
    assert length(title) > 140
    assert re.sub(r"&amp;", "", title).count("&") == 0


@given(st.text())
def test_escaping_leaves_nothing_that_slack_reads(text: str) -> None:
    escaped = escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert re.sub(r"&(?:amp|lt|gt);", "", escaped).count("&") == 0
    undone = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert undone == text


@pytest.mark.parametrize("nasty", NASTY)
def test_names_are_inert(nasty: str) -> None:
    events = [
        repriced(nasty, (nasty.replace("/", "~1"), "1", "2"), source=nasty),
        added(nasty, source=nasty),
        removed(nasty, source=nasty),
    ]
    message = slack.render(events, Context(blips=(blip(nasty),)))
    judged(events)
    document = body(message)
    for text in strings(document["blocks"]):
        assert not any(sign in text for sign in "<>\x1b\u202e\r")
    # The header is plain text, where nothing is read.
    for block in document["blocks"][1:]:
        for text in _texts(block):
            assert nasty not in re.sub(r"`[^`\n]*`", "", text)
    assert document["mrkdwn"] is False
    assert "<" not in document["text"]
    assert message.plain_body is not None
    assert b"<" not in message.plain_body


def test_everything_that_slack_formats_by_itself_is_switched_off() -> None:
    document = judged(sample_events())
    assert (document["unfurl_links"], document["unfurl_media"]) == (False, False)
    for block in document["blocks"]:
        if block["type"] == "section":
            assert block["text"]["verbatim"] is True
        if block["type"] == "header":
            assert block["text"]["emoji"] is False


def test_blips_alone_are_a_message() -> None:
    context = Context(blips=(blip("gpt-5"), blip("grok-4")))
    text = all_text(judged([], context))
    assert text.startswith("2 went and came back")
    assert "`gpt-5` went to prompt $3.00 → $2.50 /1M" in text
    ids = {
        slack.render([], Context(blips=some)).webhook_id for some in ((blip("a"),), (blip("b"),))
    }
    assert len(ids) == 2
    assert slack.render([], context) == slack.render([], context)


def test_the_plain_body_has_no_blocks_and_fits() -> None:
    message = slack.render(many(1000))
    assert message.plain_body is not None
    assert b"blocks" not in message.plain_body
    assert len(message.plain_body) < 5000
    assert "more changes" in message.plain_body.decode()


@pytest.mark.parametrize(
    ("status", "reply", "verdict", "plain"),
    [
        (200, b"ok", DELIVERED, False),
        (200, b"ok\n", DELIVERED, False),
        (200, b"invalid_token", DISABLE, False),
        (200, b"something else", RETRY, False),
        (200, b"", RETRY, False),
        (204, b"", DELIVERED, False),
        (400, b"invalid_payload", RETRY, True),
        (400, b"invalid_blocks", RETRY, True),
        (400, b"no_text", RETRY, True),
        (400, b"msg_blocks_too_long", RETRY, True),
        (400, b"invalid_token", DISABLE, False),
        (400, b"what now", RETRY, False),
        (403, b"action_prohibited", DISABLE, False),
        (403, b"invalid_token", DISABLE, False),
        (404, b"no_service", DISABLE, False),
        (404, b"channel_not_found", DISABLE, False),
        (410, b"channel_is_archived", DISABLE, False),
        (404, b"<html>", DISABLE, False),
        (429, b"rate_limited", RETRY, False),
        (500, b"rollup_error", RETRY, False),
        (302, b"", RETRY, False),
    ],
)
def test_what_slack_answers_means(status: int, reply: bytes, verdict: str, plain: bool) -> None:
    reading = read(Answer(status, {}, reply), NOW)
    assert (reading.verdict, reading.plain) == (verdict, plain)
    assert (reading.error is None) is (verdict == DELIVERED)


def test_a_200_that_broke_off_counts_as_delivered() -> None:
    assert read(Answer(200, {}, b"", cut=True), NOW).verdict == DELIVERED


def test_only_harmless_words_of_a_reply_are_repeated() -> None:
    assert read(Answer(403, {}, b"invalid_token"), NOW).error == (
        "HTTP 403 invalid_token: the webhook is gone or not allowed"
    )
    echoed = read(Answer(404, {}, b"https://hooks.slack.com/services/T0/B0/secret"), NOW)
    assert echoed.error == "HTTP 404: the webhook is gone or not allowed"
