"""The configuration: `pricetrail.toml`, or the environment alone (contract, section 4)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pricetrail.alerts import channels
from pricetrail.alerts.webhooks import Webhook, WebhookError, check_settings
from pricetrail.jobs.schedule import Schedule, ScheduleError
from pricetrail.jobs.source import Source, SourceError
from pricetrail.settings import files
from pricetrail.settings.checking import PREFIX, Where, near, shaped
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.labels import labels_of
from pricetrail.settings.missing_secrets import without_missing
from pricetrail.settings.shapes import SourceTable, WebhookTable
from pricetrail.storage.addresses import parse
from pricetrail.storage.errors import DatabaseUrlError
from pricetrail.storage.sqlite_files import beside

__all__ = [
    "DEFAULT_DATABASE",
    "DEFAULT_SOURCE",
    "Settings",
    "SettingsError",
    "database_url",
    "load",
    "load_webhooks",
    "load_without_secrets",
    "raw_of",
]

DEFAULT_DATABASE = "sqlite:///pricetrail.db"
DEFAULT_SOURCE = "pipellm"
# Set for other purposes than a source's settings.
_OTHER_VARIABLES = ("DATABASE_URL", "CONFIG")
_TOP = ("database_url", "sources", "web", "webhooks")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration says; every value was checked."""

    database_url: str = field(repr=False)
    sources: dict[str, Source]
    webhooks: dict[str, Webhook]


def load(named: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the configuration: the file where there is one, else the environment.

    Args:
        named: the file that `--config` names.

    Raises:
        SettingsError: an unknown key, a bad value, a missing secret: names file, key and remedy.
    """
    raw = raw_of(named, environ)
    return Settings(
        _database_url(raw, environ), _sources(raw, environ), _webhooks(raw, environ, channels.check)
    )


def load_webhooks(named: Path | None, environ: Mapping[str, str]) -> dict[str, Webhook]:
    """The webhooks, for whoever only delivers: the keys of the sources are not looked at.

    Raises:
        SettingsError: as `load`.
    """
    return _webhooks(raw_of(named, environ), environ, channels.check)


def load_without_secrets(named: Path | None, environ: Mapping[str, str]) -> Settings:
    """The configuration for whoever neither polls nor delivers: no secret has to be there.

    Raises:
        SettingsError: as `load`, but for a secret that is missing.
    """
    raw = without_missing(raw_of(named, environ), environ)
    return Settings(
        _database_url(raw, environ), _sources(raw, environ), _webhooks(raw, environ, check_settings)
    )


def database_url(named: Path | None, environ: Mapping[str, str]) -> str:
    """Where the database is, for whoever only reads it: no other secret is looked at.

    Raises:
        SettingsError: as `load`.
    """
    return _database_url(raw_of(named, environ), environ)


def raw_of(named: Path | None, environ: Mapping[str, str]) -> Raw:
    """The configuration as it is written: the file where there is one, else the environment.

    Raises:
        SettingsError: it cannot be read, or has an unknown key or variable.
    """
    path = files.find(named, environ)
    if path is None:
        return _from_environment(environ)
    raw = files.read(path)
    for key in raw.tables:
        if key not in _TOP:
            raise SettingsError(f"{raw.origin}: unknown key {key}{near(key, _TOP)}")
    return raw


def _from_environment(environ: Mapping[str, str]) -> Raw:
    """One source named `pipellm`, where there is a key for it."""
    known = {name.upper(): name for name in SourceTable.model_fields if name != "api_key"}
    table: dict[str, Any] = {}
    for variable in sorted(environ):
        name = variable.removeprefix(PREFIX)
        if name == variable or name in _OTHER_VARIABLES:
            continue
        if name in known:
            table[known[name]] = environ[variable]
        # An orchestrator sets names of its own under our prefix; only a slip is an error.
        elif get_close_matches(name, [*known, *_OTHER_VARIABLES], n=1, cutoff=0.8):
            meant = near(name, [*known, *_OTHER_VARIABLES], prefix=PREFIX)
            raise SettingsError(f"the environment: unknown variable {variable}{meant}")
    key = environ.get("PIPELLM_API_KEY")
    sources = {DEFAULT_SOURCE: table | {"api_key": key}} if key else {}
    return Raw(files.ENVIRONMENT, {"sources": sources}, Path(), from_file=False)


def _database_url(raw: Raw, environ: Mapping[str, str]) -> str:
    """A relative path lies beside the configuration file, wherever the command is run.

    Where there is none it lies in the current folder.
    """
    given = raw.tables.get("database_url")
    if given is None:
        url = environ.get("PRICETRAIL_DATABASE_URL") or DEFAULT_DATABASE
        where = f"{files.ENVIRONMENT}: PRICETRAIL_DATABASE_URL"
        return beside(_checked_url(where, url), raw.folder)
    value = files.resolved(raw, "database_url", given, environ)
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f'{raw.origin}: database_url: write it as "{DEFAULT_DATABASE}"')
    return beside(_checked_url(f"{raw.origin}: database_url", value), raw.folder)


def _checked_url(where: str, url: str) -> str:
    try:
        parse(url)
    except DatabaseUrlError as error:
        raise SettingsError(f"{where}: {error.problem}") from None
    return url


def _tables(raw: Raw, kind: str) -> Iterable[tuple[str, dict[str, Any]]]:
    tables = raw.tables.get(kind, {})
    if not isinstance(tables, dict):
        raise SettingsError(f"{raw.origin}: {kind}: write a table [{kind}.NAME]")
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise SettingsError(f"{raw.origin}: {kind}.{name}: write a table [{kind}.{name}]")
        yield name, table


def _sources(raw: Raw, environ: Mapping[str, str]) -> dict[str, Source]:
    return {name: _source(raw, name, table, environ) for name, table in _tables(raw, "sources")}


def _webhooks(
    raw: Raw, environ: Mapping[str, str], check: Callable[[Webhook], None]
) -> dict[str, Webhook]:
    tables = _tables(raw, "webhooks")
    return {name: _webhook(raw, name, table, environ, check) for name, table in tables}


def _source(raw: Raw, name: str, table: dict[str, Any], environ: Mapping[str, str]) -> Source:
    where = Where(raw, f"sources.{name}")
    shape = shaped(where, SourceTable, files.resolved(raw, where.table, table, environ))
    if shape.ca_file is not None:
        shape.ca_file = str(raw.folder / shape.ca_file)
    try:
        return Source(name=name, **shape.model_dump())
    except SourceError as error:
        raise where.error(error.key, error.problem) from None


def _webhook(
    raw: Raw,
    name: str,
    table: dict[str, Any],
    environ: Mapping[str, str],
    check: Callable[[Webhook], None],
) -> Webhook:
    where = Where(raw, f"webhooks.{name}")
    values = files.resolved(raw, where.table, table, environ)
    shape = shaped(where, WebhookTable, values)
    webhook = Webhook(name=name, labels=labels_of(raw, environ), **shape.model_dump())
    try:
        check(webhook)
    except WebhookError as error:
        problem = str(error).removeprefix(f"{error.key}: ")
        raise where.error(error.key, files.as_written(problem, table, values)) from None
    if webhook.digest is not None:
        try:
            Schedule.parse(webhook.digest, webhook.timezone)
        except ScheduleError as error:
            raise where.error("digest", str(error)) from None
    return webhook
