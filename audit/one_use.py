"""What one use of a model costs, at two times: the question of a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.bills import Bill, Tariff, whole_prompt
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.queries import price
from pricetrail.queries.price import PriceAnswer
from pricetrail.storage.database import Transaction

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


@dataclass(frozen=True, slots=True)
class OneUse:
    """A bill by the prices of one time, of which `price` says how certain they are.

    `passed` is the threshold of prompt length by whose prices it is charged, 0 below all.
    """

    price: PriceAnswer
    bill: Bill
    passed: int

    def as_json(self) -> dict[str, object]:
        """The bill and its parts, exact."""
        return {
            "at": self.price.as_json()["at"],
            "certainty": self.price.certainty,
            "version": self.price.before.version,
            "cost": plain(self.bill.cost),
            "missing": list(self.bill.missing),
            "parts": [
                {
                    "path": part.path,
                    "quantity": plain(part.quantity),
                    "amount": plain(part.amount),
                    "cost": plain(part.cost),
                }
                for part in self.bill.parts
            ],
        }


def quantities(given: Mapping[str, str]) -> dict[str, Decimal]:
    """What somebody wrote into the form, by quantity; what was left empty is not there.

    Raises:
        InvalidInputError: one is no whole number.
    """
    found = {}
    for name, words in QUANTITIES.items():
        text = given.get(name, "").replace(",", "").replace("_", "").strip()
        if not text:
            continue
        if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST):
            raise InvalidInputError(f"{words}: {given[name]!r} is no whole number")
        found[name] = Decimal(text)
    return found


def ask(
    transaction: Transaction,
    source: str | None,
    model: str,
    used: Mapping[str, Decimal],
    at: datetime | None = None,
) -> OneUse:
    """What this use costs by the prices of a time; None for as they were last seen.

    Raises:
        NotFoundError, SourceNeededError: as `queries.price.ask`.
    """
    answer = price.ask(transaction, source, model, at)
    tariff = Tariff(answer.before.pricing)
    length = whole_prompt(used)
    passed = tariff.tiers(length, length)[-1]
    return OneUse(answer, tariff.bill(used, passed), passed)
