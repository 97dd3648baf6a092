"""One attempt to deliver one message (faults 28 to 33). Delays and states are the outbox's."""

import re
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from pricetrail.alerts.channels import Channel, channel_of
from pricetrail.alerts.messages import Message
from pricetrail.alerts.outcomes import BREATHER, DEAD, DISABLE, RETRY, Outcome, Reading
from pricetrail.alerts.signing import PREFIX, SecretError, signature_headers
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.masking import Masker
from pricetrail.net.answer import Answer
from pricetrail.net.dialling import Network
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.outbound import Route
from pricetrail.net.ssrf import GuardError

TIMEOUT = 20.0


def post(
    webhook: Webhook,
    message: Message,
    *,
    now: datetime,
    timeout: float = TIMEOUT,
    network: Network | None = None,
    route: Route | None = None,
) -> Outcome:
    """Send a message once and say what follows; never raises for what a receiver does.

    `now` is the attempt's time (aware): it goes into `webhook-timestamp` and is what
    `Outcome.not_before` counts from. `timeout` is the total, in seconds, from the look-up of
    the name to the last byte read. With a `route` its connection is used, and left open for the
    next message; without one it is closed.
    """
    channel = channel_of(webhook.format)
    if channel.deliver is not None:
        return channel.deliver(webhook, message, now, timeout)
    if route is not None:
        return _Post(channel, webhook, now, route).send(message, timeout)
    with route_to(webhook, network or Network()) as own:
        return _Post(channel, webhook, now, own).send(message, timeout)


def route_to(webhook: Webhook, network: Network, *, lasting: bool = False) -> Route:
    """Give the way to a webhook's receiver; `lasting` where messages follow one another."""
    url = channel_of(webhook.format).address(webhook.url)
    return Route(url, network, allow_private=webhook.allow_private, lasting=lasting)


@dataclass(frozen=True, slots=True)
class _Post:
    """Whom a message goes to, by which way, and when."""

    channel: Channel
    webhook: Webhook
    now: datetime
    route: Route

    def send(self, message: Message, timeout: float) -> Outcome:
        """Post the message, and once more as plain text where its layout is refused."""
        begun = time.monotonic()
        outcome, plain = self._attempt(message, timeout)
        if not plain or message.plain_body is None:
            return outcome
        fallback = replace(message, body=message.plain_body, plain_body=None)
        return self._attempt(fallback, max(timeout - (time.monotonic() - begun), 1.0))[0]

    def _attempt(self, message: Message, timeout: float) -> tuple[Outcome, bool]:
        begun = time.monotonic()
        try:
            answer = self._answer(message, timeout)
        except (GuardError, SecretError, NoAnswerError) as error:
            return _without_answer(error, self.now), False
        heard = self.now + timedelta(seconds=time.monotonic() - begun)
        answer = _without_secrets(answer, self.webhook)
        reading = self.channel.read(answer, heard)
        return _outcome(reading, answer, heard), reading.plain

    def _answer(self, message: Message, timeout: float) -> Answer:
        webhook = self.webhook
        headers = {"Content-Type": message.content_type, **message.headers}
        if self.channel.signed:
            stamp = int(self.now.timestamp())
            headers |= signature_headers(webhook.secrets, message.webhook_id, stamp, message.body)
        return self.route.send(headers, message.body, timeout=timeout)


def _without_secrets(answer: Answer, webhook: Webhook) -> Answer:
    """The answer as if the receiver had not repeated what it was called by."""
    masker = _masker(webhook.url, webhook.secrets)
    headers = {name: masker.text(value) for name, value in answer.headers.items()}
    return replace(answer, headers=headers, body=masker.mask(answer.body))


@lru_cache(maxsize=256)
def _masker(url: str, secrets: tuple[str, ...]) -> Masker:
    bare = [secret.removeprefix(PREFIX) for secret in secrets]
    # Any part of the address may be what is secret in it.
    return Masker([*secrets, *bare, *re.split("[/?&=#]", url.partition("://")[2])])


def _outcome(reading: Reading, answer: Answer, heard: datetime) -> Outcome:
    not_before = heard + reading.wait if reading.wait else None
    # Refused as malformed even without its layout: no further attempt can help.
    verdict = DEAD if reading.plain else reading.verdict
    return Outcome(verdict, answer.status, reading.error, not_before)


def _without_answer(error: GuardError | SecretError | NoAnswerError, now: datetime) -> Outcome:
    match error:
        case NoAnswerError(cause=Cause.SLOW):
            return Outcome(RETRY, error=str(error), not_before=now + BREATHER)
        case NoAnswerError() | GuardError(permanent=False):
            return Outcome(RETRY, error=str(error))
    return Outcome(DISABLE, error=str(error))
