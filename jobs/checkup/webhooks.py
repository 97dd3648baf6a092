"""Whether a webhook's receiver can be reached, without a message, and what it is owed."""

from collections.abc import Iterator
from datetime import datetime

from pricetrail.alerts.channels import channel_of
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.times import rfc3339
from pricetrail.jobs.checkup.findings import FAIL, OK, WARN, Finding
from pricetrail.jobs.checkup.gateways import certificate
from pricetrail.net.dialling import Network
from pricetrail.net.reaching import reach
from pricetrail.queries.webhooks import WebhookEntry
from pricetrail.text.sums import counted

_SECONDS = 10.0


def look(hook: Webhook, now: datetime, network: Network | None = None) -> Iterator[Finding]:
    """Connect to a receiver as a delivery would, and hang up."""
    check, channel = f"receiver of {hook.name}", channel_of(hook.format)
    if channel.deliver is not None:
        yield Finding(
            check, OK, f"not looked at: `pricetrail webhooks test {hook.name}` sends a message"
        )
        return
    try:
        ends = reach(
            channel.address(hook.url),
            allow_private=hook.allow_private,
            seconds=_SECONDS,
            network=network,
        )
    except PricetrailError as error:
        yield Finding(check, FAIL, f"cannot be reached: {error}: check its url and the network")
        return
    yield Finding(check, OK, "can be reached; no message was sent")
    if ends is not None:
        yield certificate(f"certificate of {hook.name}", ends, now)


def owed(entry: WebhookEntry) -> Finding:
    """Say how a webhook's deliveries go, by what is recorded."""
    check = f"deliveries to {entry.name}"
    if entry.paused:
        why = f" ({entry.why})" if entry.why else ""
        resume = f"once fixed, run `pricetrail webhooks resume {entry.name}`"
        return Finding(check, FAIL, f"paused{why}: {resume}")
    waiting = f"{counted(entry.waiting, 'message')} waiting"
    if entry.failing_since is not None:
        since = rfc3339(entry.failing_since)
        return Finding(
            check, WARN, f"failing since {since}, {waiting}: see `pricetrail deliveries list`"
        )
    if entry.dead:
        dead = counted(entry.dead, "message was", "messages were")
        return Finding(
            check, WARN, f"{dead} given up: see `pricetrail deliveries list --state dead`"
        )
    return Finding(check, OK, waiting if entry.waiting else "nothing is waiting")
