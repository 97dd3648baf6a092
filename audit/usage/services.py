"""The service tier that a row was asked with, under the names that providers give it."""

import re

from pricetrail.audit.usage.quantities import RowError
from pricetrail.catalog.conditions import BATCH

# What is charged by the usual prices, in the words of OpenAI, Anthropic and OpenRouter.
_USUAL = frozenset({"", "default", "standard", "auto", "standard_only", "on_demand", "ondemand"})
# And what a cell says that is not about tiers at all.
_NOTHING = frozenset({"none", "null", "nan", "n/a", "not_available", "unknown", "message"})
# Spreadsheets write true and false in the language that they are set to.
_TRUE = frozenset(
    {"true", "t", "yes", "1", "wahr", "vrai", "vero", "verdadero", "verdadeiro", "waar"}
)
_FALSE = frozenset(
    {"false", "f", "no", "0", "none", "null", "", "falsch", "faux", "falso", "onwaar"}
)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


def service(tier: object, batch: object = None) -> str:
    """`batch`, `priority`, `flex`, …; "" for the usual one. A batch is one whatever its tier.

    Raises:
        RowError: a cell says neither.
    """
    flag = str(batch).strip().lower() if batch is not None else ""
    if flag in _TRUE or flag == BATCH:
        return BATCH
    if flag not in _FALSE:
        raise RowError(f"batch is {str(batch)[:40]!r}: write true or false")
    name = str(tier).strip().lower().replace(" ", "_") if tier is not None else ""
    if name in _USUAL or name in _NOTHING:
        return ""
    if not _NAME.fullmatch(name):
        raise RowError(f"its service tier is {str(tier)[:40]!r}, which is no name of one")
    return name


def is_true(cell: object) -> bool:
    """Whether a cell says yes."""
    return str(cell).strip().lower() in _TRUE
