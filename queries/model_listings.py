"""A model of a catalog with its prices and their past: nothing of it depends on the time.

What is recent is so when it is looked at from a `Moment`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, TypeAlias

from pricetrail.catalog.amounts import same_price
from pricetrail.queries.sparks import Spark, main_price, spark
from pricetrail.storage.history.listings import NEWEST
from pricetrail.storage.history.trails import Window

NEWS = timedelta(days=7)
SPARK = timedelta(days=90)


class Moment(NamedTuple):
    """A time to look from; `version` was in force when the sparks that end then begin."""

    at: datetime
    version: int


class Begin(NamedTuple):
    """A version with which something began; `silent`: it made no events.

    Of a version that was no news when it was read, it is not known whether it is silent.
    """

    version: int
    window: Window
    silent: bool

    def is_news(self, at: datetime) -> bool:
        """Whether it came in the seven days before a time, and was told."""
        return self.window.not_after > at - NEWS and not self.silent


class Step(NamedTuple):
    """What a price came to; both values are None where it went."""

    begin: Begin
    amount: Decimal | None
    flagged: str | None

    @property
    def is_absent(self) -> bool:
        """Whether there is no price any more."""
        return self.amount is None and self.flagged is None

    def is_same(self, other: "Step") -> bool:
        """Whether it is the same price, but for a binary float's noise."""
        if self.amount is None or other.amount is None:
            return (self.amount, self.flagged) == (other.amount, other.flagged)
        return same_price(self.amount, other.amount)

    def is_move(self, before: "Step | None") -> bool:
        """Whether a price came, went or moved with it."""
        if before is None:
            return self.amount is not None
        return not (self.amount is before.amount is None or self.is_same(before))


# Newest first.
Steps: TypeAlias = tuple[Step, ...]


def seen_from(steps: Steps, moment: Moment) -> Steps:
    """The steps of a price that one looks at from a moment: no more are read for it."""
    recent = sum(1 for step in steps if step.begin.version > moment.version)
    return steps[: max(recent + 1, NEWEST)]


class PriceListing(NamedTuple):
    """One price in force, since the times of `held_since`; `flagged` where it is no amount.

    `previous` is what stood there until then, `direction` is `increase` or `decrease`; both are
    None where the model came with this price, or nothing comparable stood there.
    """

    path: str
    unit: str
    amount: Decimal | None
    flagged: str | None
    held_since: Window
    previous: Decimal | None

    @property
    def direction(self) -> str | None:
        """`increase` or `decrease`; None where there is nothing to compare with."""
        if self.amount is None or self.previous is None:
            return None
        return "increase" if self.amount > self.previous else "decrease"


@dataclass(frozen=True)
class ModelListing:
    """One model of a catalog; `display_name`, `type_target` and `kind` as served, if they were.

    `came` is when it last came. `steps` has the last few of each price that it had since, `sunset`
    is when it is to be retired, where it says so.
    """

    id: str
    display_name: object
    type_target: object
    kind: object
    came: Begin
    prices: tuple[PriceListing, ...]
    steps: Mapping[str, Steps]
    sunset: datetime | None = None

    @property
    def visible_since(self) -> Window:
        """The times between which it came."""
        return self.came.window

    @cached_property
    def last_change(self) -> datetime:
        """When it came, or one of its prices changed: the last of these times."""
        times = (step.begin.window.not_after for some in self.steps.values() for step in some)
        return max([self.came.window.not_after, *times])

    def price(self, path: str) -> PriceListing | None:
        """The price at a path; None where there is none."""
        return next((price for price in self.prices if price.path == path), None)

    def is_new(self, moment: Moment) -> bool:
        """Whether it appeared within the last seven days."""
        return self.came.is_news(moment.at)

    def is_changed(self, moment: Moment) -> bool:
        """Whether a price came, went or moved in them, other than with the model itself."""
        return any(self._has_moved(seen_from(some, moment), moment) for some in self.steps.values())

    def _has_moved(self, steps: Steps, moment: Moment) -> bool:
        for step, before in zip(steps, [*steps[1:], None], strict=True):
            if step.begin.version == self.came.version or not step.begin.is_news(moment.at):
                return False
            if step.is_move(before):
                return True
        return False

    def spark(self, moment: Moment) -> Spark | None:
        """The last ninety days of its main price; None where it has no amount."""
        main = main_price([price.path for price in self.prices if price.amount is not None])
        if main is None:
            return None
        steps = reversed(seen_from(self.steps[main], moment))
        times = [(step.begin.window.not_after, step.amount) for step in steps]
        return spark(main, times, moment.at - SPARK, moment.at)
