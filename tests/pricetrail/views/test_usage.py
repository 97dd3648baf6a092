"""Imported usage on the terminal."""

from datetime import date
from decimal import Decimal

import pytest

from pricetrail.audit.monthly_usage import MonthlyUsage
from pricetrail.audit.usage_import import ImportedFile
from pricetrail.views.usage import show_imported, show_imported_notes, show_monthly
from tests.support.histories import at

NEW = ImportedFile("new.csv", 12, 2, 7, ("line 3: it names no model",), ("note", "team"))
OLD = ImportedFile("old.csv", before=at("10:00"))


def test_each_file_has_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    show_imported([NEW, OLD])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [
        ["new.csv", "12", "2", "7", "new"],
        ["old.csv", "0", "0", "0", "imported", "already,", "2026-03-01T10:00:00Z"],
    ]


def test_notes_say_what_was_left_out_of_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    show_imported_notes([NEW, OLD])
    assert capsys.readouterr().err.splitlines() == [
        "passed over new.csv, line 3: it names no model",
        "and 6 more in new.csv",
        "ignored columns in new.csv: note, team",
    ]


def test_quantities_have_their_unit(capsys: pytest.CaptureFixture[str]) -> None:
    used = {"/pricing/text/prompt": Decimal(1_000_000), "/pricing/own": Decimal("0.5")}
    show_monthly(MonthlyUsage(date(2026, 1, 31), date(2026, 3, 1), {"b": used, "a": used}))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][-4:] == ["2026-01-31", "to", "2026-03-01", "unit"]
    assert [(line[0], line[-2], line[-1]) for line in lines[1:]] == [
        ("a", "0.5", "USD"),
        ("a", "1,000,000", "token"),
        ("b", "0.5", "USD"),
        ("b", "1,000,000", "token"),
    ]
