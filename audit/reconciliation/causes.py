"""What makes a bill differ: the causes that are looked for, and what they are called."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from pricetrail.audit.results import PriceChange
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.conditions import threshold_name
from pricetrail.catalog.times import rfc3339
from pricetrail.text.sanitize import sanitize

CACHED = "cached tokens at the full price"
TIER_OUT, TIER_IN = "tier left out", "tier charged though not due"
BEFORE, AFTER = "the price before a change", "the price after a change"
SERVICE = "another service tier"
HOURS = "another time of day"
TWICE = "charged twice"
ZONE = "another time zone"
FACTOR = "a constant factor"
UNCERTAIN = "within what is uncertain"
UNEXPLAINED = "unexplained"

# Where several explain the same, what the catalog itself suggests is said first.
_ORDER = (
    *(UNCERTAIN, CACHED, TIER_OUT, TIER_IN, BEFORE, AFTER, SERVICE, HOURS, TWICE, ZONE, FACTOR),
    UNEXPLAINED,
)
_HOUR = timedelta(hours=1)
_CHOSEN_PLACES = -3
# What tells in which window a version came.
ChangeOf: TypeAlias = Callable[[int], PriceChange]


class Cause(NamedTuple):
    """One cause; `of` says of what.

    The version that brought the price (`BEFORE`, `AFTER`), the threshold whose prices were charged
    (`TIER_OUT`, `TIER_IN`), the service tier ("" for the standard one), the minute of the day
    (`HOURS`), what was cached (`CACHED`), which lines it may be (`TWICE`), the factor, or the first
    and last of the differences of time that fit (`ZONE`).
    """

    kind: str
    of: int | str | Decimal | tuple[timedelta, timedelta] | None = None

    @property
    def order(self) -> tuple[int, int, str]:
        """Its place among those that explain the same: of several changes, the nearest first."""
        version = self.of if isinstance(self.of, int) else 0
        nearest = -version if self.kind == BEFORE else version
        return _ORDER.index(self.kind), nearest, str(self.of)

    @property
    def is_odd(self) -> bool:
        """Whether it is a factor that nobody would choose, but for an exchange of currencies."""
        exponent = self.of.as_tuple().exponent if isinstance(self.of, Decimal) else 0
        return isinstance(exponent, int) and exponent < _CHOSEN_PLACES

    def words(self, change_of: ChangeOf) -> str:
        """The cause as a person says it, with what it is of."""
        of = self.of
        if self.kind in (BEFORE, AFTER) and isinstance(of, int):
            return (
                f"{self.kind[: -len('a change')]}the change of {rfc3339(change_of(of).not_after)}"
            )
        if self.kind == TIER_IN and isinstance(of, int):
            return f"{self.kind}: above {threshold_name(of)}"
        if self.kind == SERVICE and isinstance(of, str):
            return f"{self.kind}: {sanitize(of, 40) if of else 'standard'}"
        if self.kind == TWICE and isinstance(of, str):
            return f"{self.kind}: {of}"
        if self.kind == FACTOR and isinstance(of, Decimal):
            return f"{self.kind} of {plain(of)}"
        if self.kind == ZONE and isinstance(of, tuple):
            return f"{self.kind}: {_shift(*of)}"
        return self.kind


def in_words(causes: Iterable[Cause], change_of: ChangeOf) -> str:
    """Causes between which nothing decides, as `either … or …`; one alone as it is."""
    texts = [cause.words(change_of) for cause in causes]
    return f"either {' or '.join(texts)}" if len(texts) > 1 else "".join(texts)


def _shift(first: timedelta, last: timedelta) -> str:
    """`times 2 hours later`, `times 2 to 5 hours earlier`."""
    which = "later" if first > timedelta(0) else "earlier"
    low, high = sorted((abs(first), abs(last)))
    hours = _hours(high) if low == high else f"{_hours(low)} to {_hours(high)}"
    return f"times {hours} {'hour' if high == _HOUR else 'hours'} {which}"


def _hours(span: timedelta) -> str:
    return plain(Decimal(span // timedelta(minutes=1)) / 60)
