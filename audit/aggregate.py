"""Usage rows into quantities per model, day and price path: what a change of price is about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.uncertainty import situations_of
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from pricetrail.catalog.amounts import EXACT
from pricetrail.catalog.bills import Tariff, usual_path
from pricetrail.catalog.situations import USUAL, Situation
from pricetrail.storage.usage import Key

_FIRST = 5
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """The sums of a file; `reasons` names the first of the refused rows, with why."""

    quantities: dict[Key, Decimal]
    rows: int
    refused: int
    reasons: tuple[str, ...]

    @property
    def models(self) -> int:
        """How many models were used."""
        return len({model for model, _, _ in self.quantities})


def aggregate(rows: Iterable[Row], pricer: Pricer | None) -> DailyUsage:
    """Add up rows, each quantity under the path that it is charged by.

    The path is the one that the model's last known pricing has; without any (`pricer` is None,
    or the model was never seen) the schema's usual one.
    """
    sums = _Sums()
    tariffs: dict[str, Tariff | None] = {}
    for row in rows:
        if isinstance(row, BadRow):
            sums.refuse(row.line, row.why)
            continue
        if row.model not in tariffs:
            tariffs[row.model] = _last_tariff(pricer, row.model)
        sums.add(row, tariffs[row.model])
    return DailyUsage(sums.quantities, sums.rows, sums.refused, tuple(sums.reasons))


@dataclass
class _Sums:
    """The sums, as rows pass."""

    quantities: dict[Key, Decimal] = field(default_factory=dict)
    rows: int = 0
    refused: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, row: UsageRow, tariff: Tariff | None) -> None:
        """Add a row, or refuse one of which no quantity is charged by a known price."""
        # A sum of requests goes under the usual prices, as far as any may be charged by them.
        situation = USUAL if tariff is None else situations_of(tariff, row)[0]
        paths = {name: _path(name, tariff, situation) for name in row.used}
        unknown = [name for name, path in paths.items() if path is None and row.used[name]]
        if unknown and len(unknown) == len(paths):
            self.refuse(row.line, f"which price is {', '.join(unknown)} charged by?")
            return
        self.rows += 1
        day = row.at.date().isoformat()
        for name, path in paths.items():
            if path is not None:
                key = (row.model, day, path)
                self.quantities[key] = EXACT.add(self.quantities.get(key, _ZERO), row.used[name])

    def refuse(self, line: int, why: str) -> None:
        """Count a row that is not taken in."""
        self.refused += 1
        if len(self.reasons) < _FIRST:
            self.reasons.append(f"line {line}: {why}")


def _last_tariff(pricer: Pricer | None, model: str) -> Tariff | None:
    intervals = pricer.intervals(model) if pricer is not None else []
    return intervals[-1].tariff if intervals else None


def _path(name: str, tariff: Tariff | None, situation: Situation) -> str | None:
    price = tariff.price(name, situation) if tariff is not None else ""
    return usual_path(name) if isinstance(price, str) else price[0]
