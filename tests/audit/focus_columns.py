"""What the specification of FOCUS asks of the columns that are written: its column library.

From https://focus.finops.org/focus-specification/v1-3/ (December 2025), dataset "Cost and Usage",
and of the two columns that 1.3 keeps from 1.2, /v1-2/: level, whether it may be null, the type, and
the values allowed. `make test-oracles` has no reader of it: the project's own validator needs a
Python of its own, and knows version 1.2; it was run by hand on a file of these columns.
"""

from typing import NamedTuple

STRING, DECIMAL, TIME, JSON, CURRENCY = "String", "Decimal", "Date/Time", "JSON", "Currency"
MANDATORY, CONDITIONAL, RECOMMENDED = "Mandatory", "Conditional", "Recommended"


class Asked(NamedTuple):
    """What is asked of a column of a charge for usage that is no correction."""

    level: str
    nullable: bool
    type: str
    allowed: frozenset[str] | None = None


def _one(*values: str) -> frozenset[str]:
    return frozenset(values)


COLUMNS = {
    "BilledCost": Asked(MANDATORY, False, DECIMAL),
    "BillingAccountId": Asked(MANDATORY, False, STRING),
    "BillingAccountName": Asked(MANDATORY, True, STRING),
    "BillingCurrency": Asked(MANDATORY, False, CURRENCY),
    "BillingPeriodEnd": Asked(MANDATORY, False, TIME),
    "BillingPeriodStart": Asked(MANDATORY, False, TIME),
    "ChargeCategory": Asked(
        MANDATORY, False, STRING, _one("Usage", "Purchase", "Tax", "Credit", "Adjustment")
    ),
    "ChargeClass": Asked(MANDATORY, True, STRING, _one("Correction")),
    "ChargeDescription": Asked(MANDATORY, True, STRING),
    "ChargeFrequency": Asked(
        RECOMMENDED, False, STRING, _one("One-Time", "Recurring", "Usage-Based")
    ),
    "ChargePeriodEnd": Asked(MANDATORY, False, TIME),
    "ChargePeriodStart": Asked(MANDATORY, False, TIME),
    "CommitmentDiscountStatus": Asked(CONDITIONAL, True, STRING, _one("Used", "Unused")),
    "ConsumedQuantity": Asked(CONDITIONAL, False, DECIMAL),
    "ConsumedUnit": Asked(CONDITIONAL, False, STRING),
    "ContractedCost": Asked(MANDATORY, False, DECIMAL),
    "ContractedUnitPrice": Asked(CONDITIONAL, False, DECIMAL),
    "EffectiveCost": Asked(MANDATORY, False, DECIMAL),
    "HostProviderName": Asked(MANDATORY, True, STRING),
    "InvoiceId": Asked(RECOMMENDED, True, STRING),
    "InvoiceIssuerName": Asked(MANDATORY, False, STRING),
    "ListCost": Asked(MANDATORY, False, DECIMAL),
    "ListUnitPrice": Asked(CONDITIONAL, False, DECIMAL),
    "PricingCategory": Asked(
        CONDITIONAL, False, STRING, _one("Standard", "Dynamic", "Committed", "Other")
    ),
    "PricingCurrency": Asked(CONDITIONAL, False, CURRENCY),
    "PricingCurrencyContractedUnitPrice": Asked(CONDITIONAL, False, DECIMAL),
    "PricingCurrencyEffectiveCost": Asked(CONDITIONAL, False, DECIMAL),
    "PricingCurrencyListUnitPrice": Asked(CONDITIONAL, False, DECIMAL),
    "PricingQuantity": Asked(MANDATORY, False, DECIMAL),
    "PricingUnit": Asked(MANDATORY, False, STRING),
    "ProviderName": Asked(MANDATORY, False, STRING),
    "PublisherName": Asked(MANDATORY, False, STRING),
    "ResourceId": Asked(CONDITIONAL, True, STRING),
    "ResourceName": Asked(CONDITIONAL, True, STRING),
    "ResourceType": Asked(CONDITIONAL, True, STRING),
    "ServiceCategory": Asked(MANDATORY, False, STRING, _one("AI and Machine Learning")),
    "ServiceName": Asked(MANDATORY, False, STRING),
    "ServiceProviderName": Asked(MANDATORY, False, STRING),
    "ServiceSubcategory": Asked(RECOMMENDED, False, STRING, _one("Generative AI")),
    "SkuId": Asked(CONDITIONAL, False, STRING),
    "SkuMeter": Asked(CONDITIONAL, True, STRING),
    "SkuPriceDetails": Asked(CONDITIONAL, True, JSON),
    "SkuPriceId": Asked(CONDITIONAL, False, STRING),
    "SubAccountId": Asked(CONDITIONAL, True, STRING),
    "SubAccountName": Asked(CONDITIONAL, True, STRING),
    "Tags": Asked(CONDITIONAL, True, JSON),
}
# All that must be there, whatever is charged.
MANDATORY_COLUMNS = frozenset(name for name, asked in COLUMNS.items() if asked.level == MANDATORY)
