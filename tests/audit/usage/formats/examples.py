"""The made-up files of each format, read and priced by prices that a test can recompute."""

import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import DEFAULTS, ReadingOptions
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from tests.audit.conftest import MakePricer
from tests.support.histories import catalog, model, tokens

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "usage"

# What a token costs, in USD.
GPT = {"prompt": "0.00000125", "completion": "0.00001", "cache_read": "0.000000125"}
CLAUDE = {
    "prompt": "0.000003",
    "completion": "0.000015",
    "cache_read": "0.0000003",
    "cache_write": "0.00000375",
    "cache_write_1h": "0.000006",
}
ABOVE = {"prompt": "0.000006", "completion": "0.0000225"}


def example(name: str) -> Path:
    """The made-up file of a name."""
    return FOLDER / name


def read(path: Path, options: ReadingOptions = DEFAULTS) -> tuple[list[Row], Reading]:
    """Every row of a file, and what it was read as."""
    table = UsageTable(path, options)
    return list(table.read()), table.reading


def text_of(name: str, text: str, options: ReadingOptions = DEFAULTS) -> tuple[list[Row], Reading]:
    """Every row of a file that the test writes."""
    Path(name).write_text(text, encoding="utf-8")
    return read(Path(name), options)


def used(row: Row) -> dict[str, int]:
    """What a row used, without what it used nothing of."""
    assert isinstance(row, UsageRow), row
    return {name: int(number) for name, number in row.used.items() if number}


def use(row: Row) -> UsageRow:
    """A row that says a use."""
    assert isinstance(row, UsageRow), row
    return row


def why(row: Row) -> str:
    """Why a row has no cost."""
    assert isinstance(row, BadRow), row
    return row.why


def cost(prices: dict[str, str], **quantities: int) -> Decimal:
    """What quantities cost."""
    return sum((Decimal(prices[n]) * number for n, number in quantities.items()), Decimal(0))


def audited(pricer_of: MakePricer, path: Path) -> dict[str, Any]:
    """The document of an audit, at prices that stood all of March."""
    gpt = tokens(GPT["prompt"], GPT["completion"], cache={"read": GPT["cache_read"]})
    writes = {"write": CLAUDE["cache_write"], "write_1h": CLAUDE["cache_write_1h"]}
    claude = tokens(
        CLAUDE["prompt"],
        CLAUDE["completion"],
        cache={"read": CLAUDE["cache_read"], **writes},
        tiers={"over_200k": {"text": dict(ABOVE)}},
    )
    names = {"gpt-5": gpt, "openai/gpt-5": gpt, "claude-x": claude}
    found = catalog(*(model(name, pricing) for name, pricing in names.items()))
    pricer = pricer_of([("2026-03-01T00:00:00Z", found), ("2026-03-31T00:00:00Z", found)])
    with closing(RowSpools(lines=True)) as spools:
        report = audit(pricer, AuditRequest.read(path), spools)
        document: dict[str, Any] = json.loads("".join(spools.pieces(report.as_json())))
    return document


def costs(document: dict[str, Any]) -> list[tuple[Decimal, str]]:
    """The cost of each line and how certain it is; the total is their sum."""
    lines = [(Decimal(line["cost"]), line["certainty"]) for line in document["lines"]]
    assert Decimal(document["total"]) == sum((amount for amount, _ in lines), Decimal(0))
    return lines
