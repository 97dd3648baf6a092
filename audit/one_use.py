"""What one use of a model costs, at two times: the question of a form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog.bills import Bill, Tariff, whole_prompt
from pricetrail.queries import price
from pricetrail.queries.price import PriceAnswer
from pricetrail.storage.database import Transaction
from pricetrail.text.sanitize import sanitize

# What a person is asked for, and how it is called.
QUANTITIES = {
    "prompt": "prompt tokens",
    "cache_read": "cached tokens read",
    "cache_write": "tokens written to the cache",
    "completion": "completion tokens",
    "reasoning": "reasoning tokens",
    "images": "images",
    "video_seconds": "seconds of video",
    "audio_seconds": "seconds of audio",
}
_LONGEST = 15
_SHOWN = 40
# As people write them: 3000000, 3,000,000, 3M, 1.5 M, 200k.
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([kM]?)")
_TIMES = {"": Decimal(1), "k": Decimal(1_000), "M": Decimal(1_000_000)}


@dataclass(frozen=True, slots=True)
class OneUse:
    """A bill by the prices of one time, of which `price` says how certain they are.

    `or_else` is the bill by what the poll after a change saw, where nobody knows on which side of
    it the time lies.
    """

    price: PriceAnswer
    bill: Bill
    or_else: Bill | None = None


class Use(NamedTuple):
    """The amounts used, by quantity, with a service tier, "" for the standard one."""

    amounts: Mapping[str, Decimal]
    service: str = ""


class FilledIn(NamedTuple):
    """What somebody wrote into the form, by quantity; `problems` are the others, and what to do."""

    amounts: dict[str, Decimal]
    problems: dict[str, str]


def filled_in(given: Mapping[str, str]) -> FilledIn:
    """The quantities that were written; what was left empty is not there."""
    found = FilledIn({}, {})
    for name in QUANTITIES:
        text = given.get(name, "").replace(",", "").replace("_", "").strip()
        if not text:
            continue
        amount = _whole(text)
        if amount is None:
            shown = sanitize(given[name], _SHOWN)
            found.problems[name] = f"“{shown}” is not a whole number: write 3000000, 3M or 200k"
        else:
            found.amounts[name] = amount
    return found


def _whole(text: str) -> Decimal | None:
    """The whole number that somebody wrote, None where it is none."""
    matched = _AMOUNT.fullmatch(text)
    if matched is None or len(text) > _LONGEST:
        return None
    amount = Decimal(matched[1]) * _TIMES[matched[2]]
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else None


def ask(
    transaction: Transaction,
    source: str | None,
    model: str,
    use: Use,
    at: datetime | None = None,
    *,
    now: datetime | None = None,
) -> OneUse:
    """What this use costs by the prices of a time; None for as they were last seen.

    Args:
        now: the time of day, where the prices are those last seen; by default when that was.

    Raises:
        NotFoundError, SourceNeededError: as `queries.price.ask`.
    """
    answer = price.ask(transaction, source, model, at)
    when = at or now or answer.at
    bill = _charged(answer.before.pricing, use, when)
    or_else = None
    if answer.after is not None and not answer.observed:
        other = _charged(answer.after.pricing, use, when)
        or_else = other if other.cost != bill.cost or other.missing != bill.missing else None
    return OneUse(answer, bill, or_else)


def _charged(pricing: object, use: Use, at: datetime) -> Bill:
    tariff = Tariff(pricing)
    length = whole_prompt(use.amounts)
    (situation,) = tariff.situations((length, length), at, None, use.service)
    return tariff.bill(use.amounts, situation)
