"""Rows and bills for tests, made without a file or a database."""

from decimal import Decimal
from typing import Any

from pricetrail.audit.results import Interval, PricedRow, UnpricedRow
from pricetrail.audit.usage.prompts import Prompts
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.situations import USUAL
from tests.support.histories import at, tokens


def usage_row(
    line: int = 2, model: str = "a", *, longest: int | None = None, **used: int
) -> UsageRow:
    """A row at 10:30; with `longest` it sums up requests, none of which was longer."""
    quantities = {name: Decimal(number) for name, number in (used or {"prompt": 10}).items()}
    length = sum(quantities.values(), Decimal(0))
    prompts = Prompts(length, length) if longest is None else Prompts(Decimal(0), Decimal(longest))
    return UsageRow(line, model, at("10:30"), quantities, prompts)


def tariff(prompt: str, completion: str = "1", **groups: Any) -> Tariff:
    """A tariff of token prices."""
    return Tariff(tokens(prompt, completion, **groups))


def interval(prompt: str = "0.1", model: str = "a", first: int = 1) -> Interval:
    """A price interval that begins with a version."""
    return Interval(model, first, tariff(prompt))


def priced_row(
    within: Interval, line: int = 2, certainty: str = "observed", **used: int
) -> PricedRow:
    """A row at the prices of an interval; uncertain ones may have cost twice as much."""
    row = usage_row(line, within.model, **used)
    bill = within.tariff.bill(row.used)
    doubtful = certainty != "observed"
    other = bill._replace(cost=2 * bill.cost) if doubtful else None
    why = "503 from the gateway" if doubtful else None
    return PricedRow(row, bill, certainty, within.first, within, USUAL, other, why)


def unpriced_row(line: int = 9, model: str | None = "x") -> UnpricedRow:
    """A row of a model that was never seen."""
    return UnpricedRow(line, model, "2026-03-01T10:30:00Z", f"no model {model!r} was ever seen")
