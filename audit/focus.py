"""Rows of FOCUS, the FinOps Open Cost and Usage Specification: one for each price that is charged.

The columns are those of version 1.3 (https://focus.finops.org/focus-specification/v1-3/), with the
two that it still has from 1.2 (`ProviderName`, `PublisherName`), and after them ours (`x_…`). Unit
price and quantity give the cost exactly, in each row.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow, RowResult
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.bills import Part
from pricetrail.catalog.conditions import ALWAYS, split_condition
from pricetrail.catalog.pointers import dotted, join, split
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.units import PER_IMAGE, PER_SECOND, PER_TOKEN, label, unit
from pricetrail.files.atomic import Target, writing
from pricetrail.files.compression import text_onto
from pricetrail.files.tables import Row, columns, write_csv

VERSION = "1.3"
HEAD = columns(
    "BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd "
    "BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargeFrequency "
    "ChargePeriodEnd ChargePeriodStart CommitmentDiscountStatus ConsumedQuantity ConsumedUnit "
    "ContractedCost "
    "ContractedUnitPrice EffectiveCost HostProviderName InvoiceId InvoiceIssuerName ListCost "
    "ListUnitPrice PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice "
    "PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity PricingUnit "
    "ProviderName PublisherName "
    "ResourceId ResourceName ResourceType ServiceCategory ServiceName ServiceProviderName "
    "ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName Tags "
    "x_PricetrailVersion x_PricetrailHash x_PricetrailCertainty x_PricetrailWhy "
    "x_PricetrailOtherCost x_PricetrailTime x_PricetrailLine"
)

_COSTS = (
    *("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"),
    "PricingCurrencyEffectiveCost",
)
_PRICES = (
    *("ListUnitPrice", "ContractedUnitPrice"),
    *("PricingCurrencyListUnitPrice", "PricingCurrencyContractedUnitPrice"),
)
_UNITS = {PER_TOKEN: "Tokens", PER_IMAGE: "Images", PER_SECOND: "Seconds"}
_SECOND = timedelta(seconds=1)


def write(
    target: Target, results: Iterable[RowResult], pricer: Pricer, *, force: bool = False
) -> int:
    """Write a row for each price that a row of usage is charged by, as CSV; return how many.

    Rows without a price are not written: nothing is what they cost.

    Raises:
        TargetExistsError: there is such a file, and no `force`.
        UnwritableError: the file cannot be written.
    """
    with writing(target, force=force) as file, text_onto(file, target.suffix) as stream:
        return write_csv(stream, HEAD, rows(results, pricer))


def rows(results: Iterable[RowResult], pricer: Pricer) -> Iterator[Row]:
    """The rows of FOCUS, by the columns of `HEAD`."""
    for result in results:
        if isinstance(result, PricedRow):
            for part in result.bill.parts:
                found = _row(result, part, pricer)
                yield tuple(found.get(column.name) for column in HEAD)


def _row(priced: PricedRow, part: Part, pricer: Pricer) -> dict[str, object]:
    cost, quantity, amount = map(_decimal, (part.cost, part.quantity, part.amount))
    row, source = priced.row, pricer.source
    who = ("ProviderName", "PublisherName", "ServiceProviderName", "HostProviderName")
    account = row.labels.get("project") or row.labels.get("team")
    return {
        **dict.fromkeys(_COSTS, cost),
        **dict.fromkeys(_PRICES, amount),
        **dict.fromkeys(("PricingQuantity", "ConsumedQuantity"), quantity),
        **dict.fromkeys(("PricingUnit", "ConsumedUnit"), _unit(part.path)),
        # The gateway sells, and does not tell who made the model, or whose machines it runs on.
        **dict.fromkeys((*who, "InvoiceIssuerName"), source),
        **dict.fromkeys(("BillingAccountId", "BillingAccountName"), source),
        **dict.fromkeys(("ResourceId", "ResourceName", "SkuId"), row.model),
        **dict.fromkeys(("SubAccountId", "SubAccountName"), account),
        **_periods(row.at, row.until),
        **_sku(row.model, part.path),
        **dict.fromkeys(("BillingCurrency", "PricingCurrency"), "USD"),
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "PricingCategory": "Standard",
        "ResourceType": "Model",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
        "ServiceName": "Model inference",
        "Tags": dumps(dict(row.labels)) if row.labels else None,
        "x_PricetrailVersion": priced.version,
        "x_PricetrailHash": pricer.head(priced.version),
        "x_PricetrailCertainty": priced.certainty,
        "x_PricetrailWhy": priced.why,
        "x_PricetrailOtherCost": None if priced.other_cost is None else _decimal(priced.other_cost),
        "x_PricetrailTime": row.time_text,
        "x_PricetrailLine": row.line,
    }


def _periods(start: datetime, end: datetime | None) -> dict[str, object]:
    """The charge's period in whole seconds, and the calendar month that it begins in, in UTC."""
    first = start.replace(microsecond=0)
    last = first + _SECOND
    if end is not None and end > last:
        last = end if not end.microsecond else end.replace(microsecond=0) + _SECOND
    month = datetime(first.year, first.month, 1, tzinfo=UTC)
    following = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
    return {
        "ChargePeriodStart": rfc3339(first),
        "ChargePeriodEnd": rfc3339(last),
        "BillingPeriodStart": rfc3339(month),
        "BillingPeriodEnd": rfc3339(following),
    }


def _sku(model: str, path: str) -> dict[str, object]:
    """What is metered, and which of the model's prices: the condition is a detail of the price."""
    condition, tokens = split_condition(split(path))
    usual = path if condition == ALWAYS else reduce(join, tokens, "")
    return {
        "ChargeDescription": f"{model}: {label(path)}",
        "SkuMeter": label(usual),
        "SkuPriceId": f"{model}:{dotted(path)}",
        "SkuPriceDetails": dumps({"x_Condition": condition.words}) if condition else None,
    }


def _unit(path: str) -> str:
    last = split(path)[-1]
    if "request" in last:
        return "Requests"
    return _UNITS.get(unit(path), "Units")


def _decimal(amount: Decimal) -> str:
    """An amount with a decimal point: readers of CSV take a whole number for an integer."""
    text = plain(amount)
    return text if "." in text else f"{text}.0"
