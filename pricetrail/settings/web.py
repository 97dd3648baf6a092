"""The `[web]` table: where the page and the API are served, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.settings import values
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import WEB, WEB_KEYS
from pricetrail.settings.problems import Problem, near
from pricetrail.settings.tables import raw_of
from pricetrail.settings.values import Values
from pricetrail.settings.where import PREFIX, Where
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.access.tokens import TokenError, Tokens

_LISTS = ("allowed_hosts", "trusted_proxies")
_TOKEN = f"{PREFIX}WEB_TOKEN"


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
        SettingsError: every unknown key, bad value, and secret that is not there.
    """
    settings, problems = read(raw_of(named, environ), environ, given)
    if problems:
        raise SettingsError(*problems)
    return settings


def read(
    raw: Raw,
    environ: Mapping[str, str],
    given: Mapping[str, object] | None = None,
    *,
    secrets: bool = True,
) -> tuple[WebSettings, list[Problem]]:
    """The same of what was read already: what is sound of it, and every problem of the rest."""
    table = table_of(raw, environ)
    if raw.from_file and not isinstance(raw.tables.get(WEB, {}), dict):
        return WebSettings(), [Problem(raw.origin, WEB, "write a table [web]", WEB)]
    found = values.read(Where(raw, WEB), WEB_KEYS, table, environ, secrets=secrets)
    found.sound |= given or {}
    settings = WebSettings(
        found.sound.get("host", "127.0.0.1"),
        found.sound.get("port", 8080),
        found.sound.get("root_path", ""),
        _tokens(found),
        _hosts(found),
        _networks(found),
    )
    if not raw.from_file:
        found.problems += _unknown_variables(raw, environ)
    elif environ.get(_TOKEN) and not table.get("tokens"):
        # A token that a file hides would leave the door open to whom a proxy lets through.
        found.problems.append(_hidden_token(raw))
    return settings, found.problems


def table_of(raw: Raw, environ: Mapping[str, str]) -> dict[str, Any]:
    """The table as it is written; empty where it is none."""
    table = raw.tables.get(WEB, {}) if raw.from_file else _from_environment(environ)
    return table if isinstance(table, dict) else {}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The table that variables make, where there is no file; lists have commas between."""
    table: dict[str, Any] = {}
    for key in WEB_KEYS:
        value = environ.get(f"{PREFIX}WEB_{key.upper()}")
        if key == "tokens":
            table |= {key: {"environment": environ[_TOKEN]}} if _TOKEN in environ else {}
        elif value:
            table[key] = [item.strip() for item in value.split(",")] if key in _LISTS else value
    return table


def _unknown_variables(raw: Raw, environ: Mapping[str, str]) -> list[Problem]:
    known = [_TOKEN, *(f"{PREFIX}WEB_{key.upper()}" for key in WEB_KEYS if key != "tokens")]
    # A token under a name that nobody reads would leave the door open.
    return [
        Problem(raw.origin, variable, f"unknown variable{near(variable, known)}", WEB)
        for variable in sorted(environ)
        if variable.startswith(f"{PREFIX}WEB_") and variable not in known
    ]


def _hidden_token(raw: Raw) -> Problem:
    text = (
        "is set, but read only where there is no configuration file:"
        f' write web.tokens = {{ team = "env:{_TOKEN}" }}, or unset it'
    )
    return Problem(raw.origin, _TOKEN, text, WEB)


def _tokens(found: Values) -> Tokens:
    while True:
        try:
            return Tokens(found.sound.get("tokens", {}))
        except TokenError as error:
            rest = {name: it for name, it in found.sound["tokens"].items() if name != error.name}
            found.note("tokens", error.problem, error.name)
            found.sound["tokens"] = rest


def _hosts(found: Values) -> Hosts:
    host = found.sound.get("host", "127.0.0.1")
    try:
        return Hosts(host, found.sound.get("allowed_hosts", ()))
    except InvalidInputError as error:
        found.note("allowed_hosts", str(error))
        return Hosts(host)


def _networks(found: Values) -> tuple[str, ...]:
    sound = []
    for proxy in found.sound.get("trusted_proxies", ()):
        try:
            ip_network(proxy)
            sound.append(proxy)
        except ValueError:
            text = f"{proxy!r} is no address: write one such as 10.0.0.7 or 10.0.0.0/8"
            found.note("trusted_proxies", text)
    return tuple(sound)
