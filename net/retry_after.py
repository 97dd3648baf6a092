"""The times that an HTTP answer names: a date, and how long to wait before the next request."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MOST_SECONDS = 10**9


def retry_after(value: str, now: datetime, *, most: timedelta | None = None) -> timedelta | None:
    """Read `Retry-After`, as seconds or as an HTTP date; rubbish, zero and the past are `None`.

    Args:
        now: what a date is reckoned from (aware): the answer's own `Date` where the clocks may
            differ.
        most: the longest wait that is believed; without one, 10⁹ seconds or until the date.
    """
    text = value.strip()
    if re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
        wait = timedelta(seconds=min(int(text), _MOST_SECONDS))
    else:
        moment = http_date(text)
        wait = moment - now if moment else timedelta(0)
    if wait <= timedelta(0):
        return None
    return wait if most is None else min(wait, most)


def http_date(text: str) -> datetime | None:
    """An HTTP date (aware), or `None` where it cannot be read."""
    if not re.match(r"[A-Za-z]{3}", text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
