"""The `[web]` table: where the page and the API are served, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.settings import files, raw_of
from pricetrail.settings.checking import PREFIX, Where, near, shaped
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.shapes import WebTable
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.access.tokens import TokenError, Tokens

_LISTS = ("allowed_hosts", "trusted_proxies")
_TOKEN = f"{PREFIX}WEB_TOKEN"
# Each is also a variable, where there is no file.
_KEYS = ("host", "port", "root_path", *_LISTS)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Every value was checked; of the tokens there are only the hashes."""

    host: str = "127.0.0.1"
    port: int = 8080
    root_path: str = ""
    tokens: Tokens = field(default_factory=Tokens)
    hosts: Hosts = field(default_factory=lambda: Hosts("127.0.0.1"))
    trusted_proxies: tuple[str, ...] = ()


def load(
    named: Path | None, environ: Mapping[str, str], given: Mapping[str, object] | None = None
) -> WebSettings:
    """Read the table; no other secret is looked at.

    Without a file there are `PRICETRAIL_WEB_TOKEN`, `PRICETRAIL_WEB_HOST` and so on.

    Args:
        named: the file that `--config` names.
        given: what the command line says instead, already checked.

    Raises:
        SettingsError: an unknown key, a bad value, a secret that is not there.
    """
    raw = raw_of(named, environ)
    where = Where(raw, "web")
    table = raw.tables.get("web", {}) if raw.from_file else _from_environment(where, environ)
    if not isinstance(table, dict):
        raise SettingsError(f"{raw.origin}: web: write a table [web]")
    _require_read(raw, table, environ)
    resolved = files.resolved(raw, "web", table, environ)
    shape = shaped(where, WebTable, resolved).model_copy(update=dict(given or {}))
    return WebSettings(
        shape.host,
        shape.port,
        shape.root_path,
        _tokens(where, shape),
        _hosts(where, shape),
        tuple(_network(where, proxy) for proxy in shape.trusted_proxies),
    )


def _require_read(raw: Raw, table: Mapping[str, object], environ: Mapping[str, str]) -> None:
    """A token that a file hides would leave the door open to whom a proxy lets through."""
    if raw.from_file and environ.get(_TOKEN) and not table.get("tokens"):
        raise SettingsError(
            f"{raw.origin}: {_TOKEN} is set, but read only where there is no configuration file:"
            f' write web.tokens = {{ team = "env:{_TOKEN}" }}, or unset it'
        )


def _from_environment(where: Where, environ: Mapping[str, str]) -> dict[str, Any]:
    prefix = f"{PREFIX}WEB_"
    known = {where.variable(key): key for key in (*_KEYS, "tokens")}
    table: dict[str, Any] = {}
    for variable in sorted(name for name in environ if name.startswith(prefix)):
        key, value = known.get(variable), environ[variable]
        if key is None:
            # A token under a name that nobody reads would leave the door open.
            raise SettingsError(
                f"{where.raw.origin}: unknown variable {variable}{near(variable, known)}"
            )
        if key == "tokens":
            table[key] = {"environment": value}
        elif value:
            table[key] = [item.strip() for item in value.split(",")] if key in _LISTS else value
    return table


def _tokens(where: Where, shape: WebTable) -> Tokens:
    try:
        return Tokens(shape.tokens)
    except TokenError as error:
        raise where.error(f"tokens.{error.name}", error.problem) from None


def _hosts(where: Where, shape: WebTable) -> Hosts:
    try:
        return Hosts(shape.host, shape.allowed_hosts)
    except InvalidInputError as error:
        raise where.error("allowed_hosts", str(error)) from None


def _network(where: Where, proxy: str) -> str:
    try:
        ip_network(proxy)
    except ValueError:
        raise where.error(
            "trusted_proxies", f"{proxy!r} is no address: write one such as 10.0.0.7 or 10.0.0.0/8"
        ) from None
    return proxy
