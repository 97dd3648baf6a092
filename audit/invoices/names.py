"""Which model an invoice's line is about: providers write `gpt-5-2025-08-07, cached input`."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

# The end of OpenAI's line items, and of Anthropic's descriptions: what of the model is charged.
_METER = re.compile(
    r"(?:,\s*|\s+usage\s+-\s+|\s+/\s+)"
    r"(?:(?:cached|uncached|batch|flex|priority|image|audio|text|cache)[ _])*"
    r"(?:input|output|tokens|read|write|hit|1h|5m|[ _])+\s*",
    re.IGNORECASE,
)
# `-2025-08-07`, `-20250929`, `@20250929`, `-latest`: one model, dated.
_DATED = re.compile(r"[-@](?:20[0-9]{2}-?[01][0-9]-?[0-3][0-9]|latest)$", re.ASCII)
_TOTALS = frozenset(
    {"total", "totals", "sum", "sub-total", "subtotal", "grand-total", "total-due", "amount-due"}
    | {"total-amount", "invoice-total", "gesamt", "gesamtsumme", "summe", "totale", "suma"}
)


def model_of(item: str) -> str:
    """The model that a line item or a description names; what names none stays as it is."""
    for match in _METER.finditer(item):
        if match.end() == len(item) and match.start():
            return item[: match.start()].strip()
    return item.strip()


def is_total(name: str) -> bool:
    """Whether a line of this name adds up the others."""
    return _plain(name.strip(" :.*")) in _TOTALS


def matched(names: Iterable[str], models: Collection[str]) -> dict[str, str]:
    """The model of the usage that each name of an invoice means; itself where none, or several.

    The same name goes first; then one that differs in letter case, in what is before a slash, or
    in a date at its end alone.
    """
    invoiced = list(names)
    near: dict[str, set[str]] = defaultdict(set)
    for model in models:
        near[_short(model)].add(model)
    known = set(models)
    found: dict[str, str] = {}
    for name in invoiced:
        # Of models that the invoice names themselves, another name of it is none.
        others = near[_short(name)] - set(invoiced) if name not in known else set()
        alike = [model for model in others if _one_date(name, model)]
        found[name] = alike[0] if len(alike) == 1 else name
    return found


def _one_date(one: str, other: str) -> bool:
    """Whether two names may be of one model by their dates: one has none, or both the same."""
    dates = [match[0] for match in map(_DATED.search, map(_plain, (one, other))) if match]
    return len(dates) < 2 or re.sub(r"[^0-9]", "", dates[0]) == re.sub(r"[^0-9]", "", dates[1])


def _short(name: str) -> str:
    return _DATED.sub("", _plain(name.rpartition("/")[2]))


def _plain(name: str) -> str:
    return re.sub(r"[ ._]+", "-", name.strip().casefold())
