"""The configuration for whoever needs no secret: what cannot be read of them is left out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pricetrail.settings import files
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw

# What stands for a secret that is not there; None: its key is left out.
_INSTEAD: dict[str, dict[str, str | None]] = {
    "sources": {"api_key": "missing", "url": None, "proxy": None, "ping": None},
    "webhooks": {"url": "", "secrets": None},
}


def without_missing(raw: Raw, environ: Mapping[str, str]) -> Raw:
    """The same tables without the references to secrets that are not there."""
    tables = dict(raw.tables)
    for kind, instead in _INSTEAD.items():
        if isinstance(tables.get(kind), dict):
            tables[kind] = {
                name: _readable(raw, f"{kind}.{name}", table, instead, environ)
                for name, table in tables[kind].items()
            }
    return replace(raw, tables=tables)


def _readable(
    raw: Raw, name: str, table: Any, instead: Mapping[str, str | None], environ: Mapping[str, str]
) -> Any:
    if not isinstance(table, dict):
        return table  # refused later, by its name
    found = dict(table)
    for key, value in instead.items():
        if key in table and not _is_there(raw, f"{name}.{key}", table[key], environ):
            if value is None:
                del found[key]
            else:
                found[key] = value
    return found


def _is_there(raw: Raw, key: str, value: Any, environ: Mapping[str, str]) -> bool:
    try:
        files.resolved(raw, key, value, environ)
    except SettingsError:
        return False
    return True
