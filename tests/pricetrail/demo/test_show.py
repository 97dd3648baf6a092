"""What the demo draws of a Slack message is what its reader sees, and all of it."""

import json

import pytest

from pricetrail.alerts import slack
from pricetrail.alerts.sample_events import sample_events
from pricetrail.catalog.events import REMOVED, REPRICED
from pricetrail.demo import show


def test_every_model_of_a_message_is_drawn_without_its_markup() -> None:
    events = sample_events()
    drawn = "\n".join(show.chat_lines(slack.render(events).body))
    for event in events:
        assert str(event.model) in drawn
    assert "`" not in drawn
    assert "*" not in drawn


def test_the_characters_that_slack_escapes_are_drawn_as_themselves() -> None:
    text = "*Repriced*\n`a&amp;b` &lt;c&gt; &amp;lt;"
    body = json.dumps({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]})
    assert show.chat_lines(body.encode())[2:] == ["a&b <c> &lt;"]


def test_several_prices_of_one_model_have_a_line_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    events = [event for event in sample_events() if event.type in (REPRICED, REMOVED)]
    show.happened(events)
    shown = capsys.readouterr().out
    for event in events:
        assert str(event.model) in shown
    assert sum(" → " in line for line in shown.splitlines()) >= 5
