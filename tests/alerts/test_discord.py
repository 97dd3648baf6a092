"""Discord's messages: limits, silence, answers."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from pricetrail.alerts import discord
from pricetrail.alerts.discord import address, read
from pricetrail.alerts.outcomes import DELIVERED, DISABLE, RETRY
from pricetrail.alerts.report import NOTHING, Context
from pricetrail.alerts.sample_events import sample_events
from pricetrail.catalog.events import Event
from pricetrail.net.answer import Answer
from pricetrail.text.sanitize import length
from tests.alerts.made import NASTY, NOW, added, blip, body, many, removed, repriced, strings


def judged(events: Sequence[Event], context: Context = NOTHING) -> dict[str, Any]:
    """A message's body, after Discord's limits have found nothing wrong with it."""
    message = discord.render(events, context)
    document = body(message)
    embeds = document["embeds"]
    assert 1 <= length(document["content"]) <= 2000
    assert len(embeds) <= 10
    for embed in embeds:
        assert length(embed.get("title", "")) <= 256
        assert length(embed["description"]) <= 4096
        assert length(embed.get("footer", {}).get("text", "")) <= 2048
    assert sum(length(text) for text in strings(embeds)) <= 6000
    assert document["allowed_mentions"] == {"parse": []}
    assert message.plain_body is not None
    plain = json.loads(message.plain_body)
    assert 1 <= length(plain["content"]) <= 2000
    assert plain["allowed_mentions"] == {"parse": []}
    return document


def test_the_sample_has_an_embed_for_each_section() -> None:
    document = judged(sample_events())
    assert [embed["title"] for embed in document["embeds"]] == [
        "Repriced",
        "To be retired",
        "No longer visible to this key",
        "Added",
    ]
    assert document["content"].startswith("**`pipellm`: 7 repriced")
    assert "▼ `kimi-k2` — prompt became free" in document["embeds"][0]["description"]
    assert document["embeds"][-1]["footer"] == {"text": "head 1842:5a5a5a5a5a5a5a5a"}


@pytest.mark.parametrize("count", [1, 10, 100, 1000])
def test_any_number_of_changes_fits_and_the_counts_are_exact(count: int) -> None:
    embeds = judged(many(count))["embeds"]
    text = "\n".join(embed["description"] for embed in embeds)
    left = re.search(r"and ([\d,]+) more changes?: (.*)", text)
    counted = int(left[1].replace(",", "")) if left else 0
    assert len(re.findall(r"`vendor/model-\d{4}`", text)) + counted == count


def test_the_longest_names_and_paths_fit() -> None:
    events = [
        repriced("😀" * 200 + str(place), *[("x" * 200 + str(leaf), "1", "2") for leaf in range(9)])
        for place in range(200)
    ]
    sources = [added("x" * 500, source="s" * 60 + str(place)) for place in range(4)]
    judged(events)
    judged([*events, *sources, *map(removed, "abc")], Context(blips=(blip("y" * 500),) * 50))


@pytest.mark.parametrize("nasty", NASTY)
def test_names_are_inert(nasty: str) -> None:
    document = judged([repriced(nasty, ("text/prompt", "1", "2"), source=nasty), added(nasty)])
    texts = [document["content"], *(embed["description"] for embed in document["embeds"])]
    for text in texts:
        assert nasty not in re.sub(r"`[^`\n]*`", "", text)
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_the_plain_body_escapes_what_markdown_reads() -> None:
    plain = discord.render([removed("*x* <@123> [a](b) `c`")]).plain_body
    assert plain is not None
    assert r"\*x\* \<\@123\> \[a\]\(b\) \`c\`" in json.loads(plain)["content"]


def test_a_rise_and_a_cut_have_colours_of_their_own() -> None:
    rise, cut = (
        judged([repriced("m", ("text/prompt", *move))])["embeds"][0]["color"]
        for move in (("1", "2"), ("2", "1"))
    )
    assert rise != cut


def test_blips_alone_are_a_message() -> None:
    document = judged([], Context(blips=(blip(),)))
    assert document["content"] == "**1 went and came back**"
    assert [embed["title"] for embed in document["embeds"]] == ["Went and came back"]


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("https://d.example/api/webhooks/1/x", "https://d.example/api/webhooks/1/x?wait=true"),
        ("https://d.example/x?thread_id=7", "https://d.example/x?thread_id=7&wait=true"),
        ("https://d.example/x?wait=false&a=b", "https://d.example/x?a=b&wait=true"),
        ("https://d.example/x?wait=true", "https://d.example/x?wait=true"),
    ],
)
def test_discord_is_asked_to_answer_for_the_message(url: str, called: str) -> None:
    assert address(url) == called


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (b'{"retry_after": 64.57}', timedelta(seconds=64.57)),
        (b'{"retry_after": 0.3}', timedelta(seconds=60)),
        (b'{"retry_after": "90"}', timedelta(seconds=90)),
        (b'{"retry_after": 1e12}', timedelta(hours=24)),
        (b'{"retry_after": -5}', timedelta(seconds=60)),
        (b'{"retry_after": true}', timedelta(seconds=60)),
        (b'{"retry_after": "soon"}', timedelta(seconds=60)),
        (b'{"retry_after": "NaN"}', timedelta(seconds=60)),
        (b'{"retry_after": "sNaN"}', timedelta(seconds=60)),
        (b"[]", timedelta(seconds=60)),
        (b"<html>", timedelta(seconds=60)),
        (b"", timedelta(seconds=60)),
    ],
)
def test_too_many_is_not_tried_again_before_the_time_that_discord_names(
    reply: bytes, wait: timedelta
) -> None:
    reading = read(Answer(429, {}, reply), NOW)
    assert reading.verdict == RETRY
    assert reading.wait is not None
    assert wait <= reading.wait <= wait + timedelta(milliseconds=2)


def test_the_longer_of_header_and_body_counts() -> None:
    answer = Answer(429, {"retry-after": "300"}, b'{"retry_after": 64.57}')
    assert read(answer, NOW).wait == timedelta(seconds=300)


@pytest.mark.parametrize(
    ("status", "verdict", "plain"),
    [
        (200, DELIVERED, False),
        (204, DELIVERED, False),
        (400, RETRY, True),
        (401, DISABLE, False),
        (403, DISABLE, False),
        (404, DISABLE, False),
        (410, DISABLE, False),
        (302, RETRY, False),
        (503, RETRY, False),
    ],
)
def test_what_discord_answers_means(status: int, verdict: str, plain: bool) -> None:
    reading = read(Answer(status, {}, b'{"code": 10015, "message": "Unknown Webhook"}'), NOW)
    assert (reading.verdict, reading.plain) == (verdict, plain)
    if verdict == DISABLE:
        assert reading.error == f"HTTP {status} 10015: the webhook is gone or not allowed"
