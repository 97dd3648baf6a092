"""The registry of formats: one line a channel (docs: "Adding a channel")."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pricetrail.alerts import (
    alertmanager,
    apprise,
    cloudevents,
    discord,
    outcomes,
    slack,
    teams,
)
from pricetrail.alerts.checks import check_format
from pricetrail.alerts.messages import Message, json_messages
from pricetrail.alerts.outcomes import Outcome, Reading
from pricetrail.alerts.report import NOTHING, Context
from pricetrail.alerts.webhooks import (
    ALERTMANAGER,
    APPRISE,
    CLOUDEVENTS,
    JSON,
    Webhook,
)
from pricetrail.catalog.events import Event
from pricetrail.catalog.times import find_zone
from pricetrail.net.answer import Answer


def _unchanged(url: str) -> str:
    return url


@dataclass(frozen=True, slots=True)
class Channel:
    """What a format needs to be delivered.

    `render`: one chat message from events; `messages`: those of a format for programs, in order.
    `read`: what an answer means. `address`: the URL that is really called.
    `deliver`: for a channel that is not one POST.
    """

    render: Callable[[Sequence[Event], Context], Message] | None = None
    read: Callable[[Answer, datetime], Reading] = outcomes.read
    address: Callable[[str], str] = _unchanged
    deliver: Callable[[Webhook, Message, datetime, float], Outcome] | None = None
    signed: bool = False
    messages: Callable[[Webhook, Sequence[Event], Context], list[Message]] = json_messages


CHANNELS = {
    JSON: Channel(signed=True),
    CLOUDEVENTS: Channel(messages=cloudevents.messages, signed=True),
    ALERTMANAGER: Channel(
        messages=alertmanager.messages, read=alertmanager.read, address=alertmanager.address
    ),
    "slack": Channel(slack.render, slack.read),
    "discord": Channel(discord.render, discord.read, discord.address),
    "teams": Channel(teams.render, teams.read),
    APPRISE: Channel(apprise.render, deliver=apprise.deliver),
}


def channel_of(name: str) -> Channel:
    """The channel of a format. Raises `WebhookError` naming those there are."""
    check_format(name)
    return CHANNELS[name]


def render(webhook: Webhook, events: Sequence[Event], context: Context = NOTHING) -> list[Message]:
    """The messages that tell a webhook of events it wants, in order.

    `json` and `cloudevents`: one an event, or one a snapshot with `batch`. `alertmanager`: one a
    snapshot. Formats for people: one in all, whether the events are one snapshot's or a digest of
    many.
    """
    if not events and not context.blips:
        return []
    channel = channel_of(webhook.format)
    zone = find_zone(webhook.timezone) or context.zone
    context = replace(context, labels=webhook.labels, zone=zone)
    if channel.render is None:
        return channel.messages(webhook, events, context)
    return [channel.render(events, context)]
