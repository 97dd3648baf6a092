"""What a receiver answered, and what follows from it (faults 28 to 33)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.net.answer import Answer
from pricetrail.net.retry_after import retry_after

DELIVERED, RETRY, DEAD, DISABLE = "delivered", "retry", "dead", "disable"

# No answer may push a delivery further away than the longest delay of our own.
MAX_WAIT = timedelta(hours=24)
# Whoever is slow or says "too many" is left alone for a minute at least.
BREATHER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be done with a delivery.

    `delivered`: the receiver has it. `retry`: owed still, not before `not_before` if that is
    set (429, `Retry-After`, and 60 s after a timeout). `dead`: the message is at fault and will
    never be taken. `disable`: the webhook is at fault; pause it, keep what it is owed, and
    tell the operator. `error` is one line without the URL or a secret.
    """

    verdict: str
    status: int | None = None
    error: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer means; `plain`: try once more, at once, with the plain-text body."""

    verdict: str
    error: str | None = None
    wait: timedelta | None = None
    plain: bool = False


def read(answer: Answer, now: datetime) -> Reading:
    """What an answer means where the channel has no words of its own."""
    status = answer.status
    if 200 <= status < 300:
        return Reading(DELIVERED)
    if 300 <= status < 400:
        return Reading(RETRY, f"HTTP {status}: a redirect is not followed; set the final URL")
    if status == 410:
        return Reading(DISABLE, "HTTP 410: the receiver is gone for good")
    wait = retry_after(answer.headers.get("retry-after", ""), now, most=MAX_WAIT)
    if status == 429:
        return Reading(RETRY, "HTTP 429: too many messages", max(wait or BREATHER, BREATHER))
    return Reading(RETRY, f"HTTP {status}", wait)


def at_fault(answer: Answer, word: str | None = None) -> Reading:
    """The webhook, not the message, is at fault."""
    return Reading(DISABLE, status_text(answer, word) + ": the webhook is gone or not allowed")


def status_text(answer: Answer, word: str | None = None) -> str:
    """`HTTP 400 invalid_blocks`: the status, and the receiver's word if it is a harmless one.

    Nothing else of a reply is repeated: a receiver may echo the URL it was called by.
    """
    plain = word if word and re.fullmatch(r"[a-z][a-z_]{1,40}|[0-9]{3,6}", word) else None
    return f"HTTP {answer.status} {plain}" if plain else f"HTTP {answer.status}"
