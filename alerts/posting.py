"""One attempt to deliver one message (faults 28 to 33). Delays and states are the outbox's."""

import re
import ssl
import time
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import httpcore

from pricetrail.alerts.channels import Channel, channel_of
from pricetrail.alerts.messages import Message
from pricetrail.alerts.outcomes import BREATHER, DEAD, DISABLE, RETRY, Outcome, Reading
from pricetrail.alerts.signing import PREFIX, SecretError, signature_headers
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.masking import Masker
from pricetrail.net.answer import Answer
from pricetrail.net.outbound import Network, Route, UnresolvedError
from pricetrail.net.ssrf import GuardError, Target, target

TIMEOUT = 20.0
USER_AGENT = "pricetrail"

_TLS_PROBLEMS = {
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "the certificate is self-signed",
    20: "the certificate's issuer is unknown here",
    62: "the certificate is for another host",
    64: "the certificate is for another host",  # likewise, where the host is an address
}


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
        return _post(channel, webhook, message, now, timeout, route)
    with Route(network or Network()) as own:
        return _post(channel, webhook, message, now, timeout, own)


def _post(
    channel: Channel,
    webhook: Webhook,
    message: Message,
    now: datetime,
    timeout: float,
    route: Route,
) -> Outcome:
    begun = time.monotonic()
    outcome, plain = _attempt(channel, webhook, message, now, timeout, route)
    if not plain or message.plain_body is None:
        return outcome
    spent = time.monotonic() - begun
    fallback = replace(message, body=message.plain_body, plain_body=None)
    left = max(timeout - spent, 1.0)
    return _attempt(channel, webhook, fallback, now, left, route)[0]


def _attempt(
    channel: Channel,
    webhook: Webhook,
    message: Message,
    now: datetime,
    timeout: float,
    route: Route,
) -> tuple[Outcome, bool]:
    begun = time.monotonic()
    try:
        answer = _send(channel, webhook, message, now, timeout, route)
    except (GuardError, SecretError, UnresolvedError, httpcore.NetworkError) as error:
        return _without_answer(error, now), False
    except (httpcore.ProtocolError, httpcore.TimeoutException, ssl.SSLError, OSError) as error:
        return _without_answer(error, now), False
    heard = now + timedelta(seconds=time.monotonic() - begun)
    answer = _without_secrets(answer, webhook)
    reading = channel.read(answer, heard)
    return _outcome(reading, answer, heard), reading.plain


def _send(
    channel: Channel,
    webhook: Webhook,
    message: Message,
    now: datetime,
    timeout: float,
    route: Route,
) -> Answer:
    where: Target = target(channel.address(webhook.url), allow_private=webhook.allow_private)
    headers = {
        "Content-Type": message.content_type,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        **message.headers,
    }
    if channel.signed:
        stamp = int(now.timestamp())
        headers |= signature_headers(webhook.secrets, message.webhook_id, stamp, message.body)
    return route.send(
        where, headers, message.body, timeout=timeout, allow_private=webhook.allow_private
    )


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


def _without_answer(error: Exception, now: datetime) -> Outcome:
    """The error's own text is not repeated unless it is ours: it may hold the host."""
    match error:
        case GuardError(permanent=True) | SecretError():
            return Outcome(DISABLE, error=str(error))
        case GuardError():
            return Outcome(RETRY, error=str(error))
        case httpcore.TimeoutException():
            return Outcome(RETRY, error="no answer in time", not_before=now + BREATHER)
        case UnresolvedError():
            return Outcome(RETRY, error="the host name does not resolve")
        case httpcore.ProtocolError():
            return Outcome(RETRY, error="the answer is not HTTP, or broke off before its status")
    return Outcome(RETRY, error=_connection_problem(error))


def _connection_problem(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "TLS: " + _TLS_PROBLEMS.get(cause.verify_code, "the certificate is not accepted")
        if isinstance(cause, ssl.SSLError):
            return "TLS: no secure connection could be made"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "the connection broke before an answer"
        cause = cause.__cause__ or cause.__context__
    return "no connection could be made"
