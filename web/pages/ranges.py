"""Which time a model's charts show: what was asked for, or as much as can be looked at."""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import TimeError, duration, utc
from pricetrail.queries.trail import TrailAnswer

ALL = "all"
# As `since` says them, and in words.
_LENGTHS = (("7d", "7 days"), ("30d", "30 days"), ("1y", "1 year"))
# A model that changed more often is shown for a month, unless all of it is asked for.
_MOST, _SHORT = 500, "30d"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the ranges to choose from; `chosen` is the one that is shown."""

    since: str
    words: str
    chosen: bool


def since_of(asked: str, end: datetime, events: int) -> tuple[str, datetime | None]:
    """The range that is shown, as `since` says it, and its beginning; None for all there is.

    Args:
        asked: a time, a length such as `30d`, `all`, or nothing.
        events: how many the model has.

    Raises:
        InvalidInputError: none of these.
    """
    text = asked.strip() or (_SHORT if events > _MOST else ALL)
    if text == ALL:
        return text, None
    try:
        return text, end - duration(text)
    except (TimeError, OverflowError):
        pass
    try:
        return text, utc(text)
    except TimeError as error:
        raise InvalidInputError(f"since: {error}; or a length such as 30d, or all") from None


def choices(shown: str, told: TrailAnswer) -> list[Choice]:
    """All there is, and the lengths that are shorter; none where there is nothing to choose."""
    known = told.until - told.first_seen
    lengths = [(text, words) for text, words in _LENGTHS if duration(text) < known]
    if not lengths and shown == ALL:
        return []
    return [Choice(text, words, text == shown) for text, words in [(ALL, ALL), *lengths]]
