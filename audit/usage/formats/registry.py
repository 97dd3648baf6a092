"""All formats of usage files, and which of them a file's columns are."""

from collections.abc import Iterable

from pricetrail.audit.usage.formats import (
    anthropic_api,
    anthropic_console,
    ccusage,
    langfuse,
    litellm_daily,
    litellm_spendlogs,
    openai_api,
    openai_usage,
    openrouter_activity,
    openrouter_generations,
)
from pricetrail.audit.usage.formats.format import Format, key

# In the order in which they are asked.
FORMATS: dict[str, Format] = {
    module.FORMAT.name: module.FORMAT
    for module in (
        openai_api,
        anthropic_api,
        anthropic_console,
        openrouter_generations,
        litellm_spendlogs,
        litellm_daily,
        openrouter_activity,
        langfuse,
        ccusage,
        openai_usage,
    )
}
# What is no export: the columns of our own, and answers of APIs.
OWN, ANSWERS = "pricetrail", "answers"
NAMES = (*sorted(FORMATS), ANSWERS, OWN)


def recognise(columns: Iterable[str]) -> Format | None:
    """The format that columns, or the members of an object, are of; None for none of them."""
    keys = frozenset(map(key, columns))
    return next((each for each in FORMATS.values() if each.holds(keys)), None)


def nearest(columns: Iterable[str]) -> tuple[Format, frozenset[str]] | None:
    """The format that most columns are known in, and what of its marks is not there."""
    keys = frozenset(map(key, columns))
    best = max(FORMATS.values(), key=lambda each: _score(each, keys))
    if _score(best, keys) < 2:
        return None
    return best, min((mark - keys for mark in best.marks), key=len)


def _score(one: Format, keys: frozenset[str]) -> float:
    known = len(keys & one.columns.keys())
    return known + max(len(mark & keys) / len(mark) for mark in one.marks)
