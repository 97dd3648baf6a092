"""What was used of each model in the last month of the usage that was imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.units import unit
from pricetrail.storage import usage
from pricetrail.storage.database import Database


@dataclass(frozen=True, slots=True)
class MonthlyUsage:
    """Quantities by model and price path, in the unit of the price, of the days named."""

    first: date
    last: date
    quantities: Mapping[str, Mapping[str, Decimal]]

    def as_json(self) -> dict[str, object]:
        """The contract's shape of `usage show`."""
        return {
            "from": self.first.isoformat(),
            "until": self.last.isoformat(),
            "models": [
                {"model": model, "quantities": _entries(used)}
                for model, used in sorted(self.quantities.items())
            ],
        }


def _entries(used: Mapping[str, Decimal]) -> list[dict[str, str]]:
    return [
        {"path": path, "unit": unit(path), "quantity": plain(used[path])} for path in sorted(used)
    ]


def monthly_usage(database: Database, model: str | None = None) -> MonthlyUsage:
    """What was used in the last 30 days up to the latest day imported, of one model or of all.

    Raises:
        NotFoundError: no usage was imported yet, or none of this model in that time.
    """
    with database.read() as connection:
        last, quantities = usage.last_day(connection), usage.monthly_quantities(connection)
    if last is None or quantities is None:
        raise NotFoundError("no usage was imported yet: run `pricetrail usage import FILE`")
    first = last - timedelta(days=usage.MONTH_DAYS - 1)
    chosen = {name: used for name, used in quantities.items() if model in (None, name)}
    if not chosen:
        raise NotFoundError(f"no usage of {model!r} from {first} to {last}")
    return MonthlyUsage(first, last, chosen)
