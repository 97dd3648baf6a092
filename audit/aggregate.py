"""Usage rows into quantities per model, day and price path: what a change of price is about."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from pricetrail.catalog.amounts import EXACT
from pricetrail.catalog.bills import Tariff, usual_path
from pricetrail.storage.usage import Key

_FIRST = 5


@dataclass
class Gathered:
    """The sums of a file; `refused` names the first rows that could not be taken in, with why."""

    quantities: dict[Key, Decimal] = field(default_factory=dict)
    rows: int = 0
    refused: int = 0
    reasons: list[str] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> None:
        """One row that is not taken in."""
        self.refused += 1
        if len(self.reasons) < _FIRST:
            self.reasons.append(f"line {line}: {why}")


def gather(rows: Iterable[Row], pricer: Pricer | None) -> Gathered:
    """Add up rows, each quantity under the path that it is charged by.

    The path is the one that the model's last known pricing has; without any (`pricer` is None,
    or the model was never seen) the schema's usual one.
    """
    found = Gathered()
    tariffs: dict[str, Tariff | None] = {}
    for row in rows:
        if isinstance(row, BadRow):
            found.refuse(row.line, row.why)
            continue
        if row.model not in tariffs:
            tariffs[row.model] = _tariff(pricer, row.model)
        _add(found, row, tariffs[row.model])
    return found


def _tariff(pricer: Pricer | None, model: str) -> Tariff | None:
    intervals = pricer.intervals(model) if pricer is not None else []
    return intervals[-1].tariff if intervals else None


def _add(found: Gathered, row: UsageRow, tariff: Tariff | None) -> None:
    # A sum of requests goes under the usual prices, as far as any of them may be charged by them.
    passed = tariff.tiers(*row.prompts)[0] if tariff is not None else 0
    paths = {name: _path(name, tariff, passed) for name in row.used}
    unknown = [name for name, path in paths.items() if path is None and row.used[name]]
    if unknown and len(unknown) == len(paths):
        found.refuse(row.line, f"which price is {', '.join(unknown)} charged by?")
        return
    found.rows += 1
    day = row.at.date().isoformat()
    for name, path in paths.items():
        if path is not None:
            key = (row.model, day, path)
            found.quantities[key] = EXACT.add(found.quantities.get(key, Decimal(0)), row.used[name])


def _path(name: str, tariff: Tariff | None, passed: int) -> str | None:
    price = tariff.price(name, passed) if tariff is not None else ""
    return usual_path(name) if isinstance(price, str) else price[0]


def content_hash(path: Path) -> bytes:
    """The SHA-256 of a file's bytes.

    Raises:
        UsageFileError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise UsageFileError(f"cannot read {path}: {error.strerror or error}") from None
