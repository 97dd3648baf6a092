"""Imported usage on the terminal."""

from collections.abc import Sequence

from pricetrail.audit.monthly_usage import MonthlyUsage
from pricetrail.audit.usage_import import ImportedFile
from pricetrail.catalog.units import label, unit
from pricetrail.render import Column, note, table, when
from pricetrail.text.sanitize import sanitize


def show_imported(files: Sequence[ImportedFile]) -> None:
    """Show what became of each file."""
    table(
        (Column("file", names=True), "rows", Column("models", drop=1), "passed over", ""),
        [(each.file, each.rows, each.models, each.refused, _remark(each)) for each in files],
    )


def _remark(imported: ImportedFile) -> str:
    before = imported.before
    return "new" if before is None else f"imported already, {when(before)}"


def show_imported_notes(files: Sequence[ImportedFile]) -> None:
    """Say beside the answer, text or JSON, what was left out of each file."""
    for each in files:
        name = sanitize(each.file)
        for reason in each.reasons:
            note(f"passed over {name}, {sanitize(reason, 300)}")
        if each.refused > len(each.reasons):
            note(f"and {each.refused - len(each.reasons):,} more in {name}")
        if each.ignored_columns:
            note(f"ignored columns in {name}: {', '.join(map(sanitize, each.ignored_columns))}")


def show_monthly(usage: MonthlyUsage) -> None:
    """Show the quantities of each model, with their units."""
    rows = [
        (model, label(path), f"{used[path]:,f}", unit(path).removeprefix("USD/"))
        for model, used in sorted(usage.quantities.items())
        for path in sorted(used)
    ]
    table(
        (Column("model", names=True), "charged as", f"{usage.first} to {usage.last}", "unit"), rows
    )
