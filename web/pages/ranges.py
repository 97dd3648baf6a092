"""Which time a model's charts show: what was asked for, or as much as can be looked at."""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.asked_times import absolute_time
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import TimeError, duration
from pricetrail.queries.trail import TrailAnswer

ALL = "all"
# As `since` says them, and in words.
_LENGTHS = (("7d", "7 days"), ("30d", "30 days"), ("1y", "1 year"))
WORDS = dict(_LENGTHS)
# Of a model that changed more often so much is shown that there are no more changes in it, or the
# shortest of these, unless something else is asked for.
MOST = 150


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the ranges to choose from; `chosen` is the one that is shown."""

    since: str
    words: str
    chosen: bool


def since_of(asked: str, end: datetime, crowded: datetime | None) -> tuple[str, datetime | None]:
    """The range that is shown, as `since` says it, and its beginning; None for all there is.

    Args:
        asked: a time, a length such as `30d`, `all`, or nothing.
        crowded: from when on there are more than `MOST` changes; None where there are not.

    Raises:
        InvalidInputError: none of these.
    """
    text = asked.strip() or _longest(end, crowded)
    if text == ALL:
        return text, None
    try:
        return text, end - duration(text)
    except (TimeError, OverflowError):
        pass
    try:
        return text, absolute_time(text)
    except TimeError as error:
        raise InvalidInputError(f"since: {error}; or a length such as 30d, or all") from None


def _longest(end: datetime, crowded: datetime | None) -> str:
    """The longest range without too many changes; the shortest where each has too many."""
    if crowded is None:
        return ALL
    fitting = [text for text, _ in _LENGTHS if end - duration(text) > crowded]
    return fitting[-1] if fitting else _LENGTHS[0][0]


def choices(shown: str, told: TrailAnswer) -> list[Choice]:
    """All there is, and the lengths that are shorter; none where there is nothing to choose."""
    known = told.until - told.first_seen
    lengths = [(text, words) for text, words in _LENGTHS if duration(text) < known]
    if not lengths and shown == ALL:
        return []
    return [Choice(text, words, text == shown) for text, words in [(ALL, ALL), *lengths]]
