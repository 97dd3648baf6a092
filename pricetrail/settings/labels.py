"""The labels of the configured sources, for whoever needs nothing else of them."""

from collections.abc import Mapping

from pricetrail.settings import files
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw


def labels_of(raw: Raw, environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Each source's labels by its name; none where they cannot be read.

    What is wrong with them is told of the source, by whoever reads all of it.
    """
    tables = raw.tables.get("sources")
    if not isinstance(tables, dict):
        return {}
    return {name: _labels(raw, name, table, environ) for name, table in tables.items()}


def _labels(raw: Raw, name: str, table: object, environ: Mapping[str, str]) -> dict[str, str]:
    given = table.get("labels") if isinstance(table, dict) else None
    if not isinstance(given, dict):
        return {}
    try:
        found = files.resolved(raw, f"sources.{name}.labels", given, environ)
    except SettingsError:
        return {}
    return {label: value for label, value in found.items() if isinstance(value, str)}
