"""The reading of another gateway's list, beside that of the same catalog in the unified schema."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from benchmarks.catalogs import Catalog, body, catalog, repriced
from benchmarks.notes import note
from benchmarks.tables import Row, medians
from pricetrail.catalog import catalogs
from pricetrail.catalog.readers import Reader

SIZES = (100, 1_000, 10_000)
UNIT = "x the unified schema read from nothing"
_TOGETHER = Reader("together")


def run(sizes: Sequence[int] = SIZES, rounds: int = 5) -> Iterator[Row]:
    """For each size: one body after another of which 1 % changed, in both notations."""
    for size in sizes:
        note(f"a list of {size:,} models: native and unified")
        first = catalog(size)
        second = repriced(first, 0.01, seed=2)
        old, new = _native(first), _native(second)
        before = _TOGETHER.read(old)
        unified = body(second)
        if _TOGETHER.read(new, before).ids != [model["id"] for model in second["data"]]:
            raise AssertionError("other models were read than there are")
        took = medians(
            rounds,
            native=partial(_TOGETHER.read, new, before),
            unified=partial(catalogs.read, unified),
        )
        ratio = took["native"] / took["unified"]
        yield Row(f"{size:,} models as Together lists them, 1 % changed", ratio, UNIT)


def _native(some: Catalog) -> bytes:
    """The same models as Together's list has them: numbers, USD per million."""
    return json.dumps([_entry(model) for model in some["data"]], separators=(",", ":")).encode()


def _entry(model: dict[str, Any]) -> dict[str, Any]:
    text, cache = model["pricing"]["text"], model["pricing"].get("cache", {})
    return {
        "id": model["id"],
        "object": "model",
        "display_name": model["display_name"],
        "context_length": 131_072,
        "pricing": {
            "hourly": 0,
            "input": _million(text["prompt"]),
            "output": _million(text["completion"]),
            "cached_input": _million(cache.get("read", "0")),
        },
    }


def _million(amount: str) -> float:
    return float(Decimal(amount) * 1_000_000)
