"""The `[web]` table: where the page and the API are served, and to whom."""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pricetrail.settings import files, raw_of
from pricetrail.settings.checking import PREFIX, Where, shaped
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.shapes import WebTable

_VARIABLES = ("host", "port", "root_path", "allowed_hosts", "trusted_proxies")


def load(named: Path | None, environ: Mapping[str, str]) -> WebTable:
    """Read the table; no other secret is looked at.

    Without a file there are `PRICETRAIL_WEB_TOKEN`, `PRICETRAIL_WEB_HOST` and so on.

    Raises:
        SettingsError: an unknown key, a bad value, a secret that is not there.
    """
    raw = raw_of(named, environ)
    where = Where(raw, "web")
    table = raw.tables.get("web", {}) if raw.from_file else _from_environment(environ)
    if not isinstance(table, dict):
        raise SettingsError(f"{raw.origin}: web: write a table [web]")
    if raw.from_file:
        table = _resolved(raw, table, environ)
    shape = shaped(where, WebTable, table)
    for proxy in shape.trusted_proxies:
        _require_network(where, proxy)
    return shape


def _resolved(raw: Raw, table: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    resolved: dict[str, Any] = files.resolved(raw, "web", table, environ)
    return resolved


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name in _VARIABLES:
        value = environ.get(f"{PREFIX}WEB_{name.upper()}")
        if value:
            table[name] = (
                value.split(",") if name in ("allowed_hosts", "trusted_proxies") else value
            )
    if token := environ.get(f"{PREFIX}WEB_TOKEN"):
        table["tokens"] = {"environment": token}
    return table


def _require_network(where: Where, proxy: str) -> None:
    try:
        ip_network(proxy)
    except ValueError:
        raise where.error(
            "trusted_proxies", f"{proxy!r} is no address: write one such as 10.0.0.7 or 10.0.0.0/8"
        ) from None
