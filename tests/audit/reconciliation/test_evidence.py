"""What the rows of a file tell together."""

from decimal import Decimal
from pathlib import Path

from pricetrail.audit.reconciliation.evidence import steps_of
from pricetrail.audit.usage.files import UsageTable


def table(*rows: str, columns: str = "time,model,prompt_tokens,cost") -> UsageTable:
    path = Path("usage.csv")
    path.write_text("\n".join((columns, *rows)) + "\n", encoding="utf-8")
    return UsageTable(path)


def test_the_first_rows_tell_how_costs_are_written() -> None:
    found = steps_of(table("2026-03-01T10:00:00Z,a,1,0.125", "2026-03-01T10:00:00Z,a,1,12"))
    assert found is not None
    assert (found.places, found.digits) == (3, 3)
    assert found.same(Decimal("0.125"), Decimal("0.1253"))


def test_a_file_without_costs_has_none() -> None:
    assert steps_of(table("2026-03-01T10:00:00Z,a,1,")) is None
    assert steps_of(table("2026-03-01T10:00:00Z,a,1", columns="time,model,prompt_tokens")) is None
