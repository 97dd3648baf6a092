"""The configuration's tables as they are written: of the file where there is one, else of the
environment's variables."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pricetrail.settings import files
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import ALIASES, SOURCE, SOURCES, WEB, WEB_KEYS, WEBHOOKS
from pricetrail.settings.problems import Problem, near
from pricetrail.settings.where import KEY_VARIABLE, PREFIX, Where

DEFAULT_SOURCE = "pipellm"
DATABASE_URL = "database_url"
TOP = (ALIASES, DATABASE_URL, SOURCES, WEB, WEBHOOKS)
# Set for other purposes than a source's settings.
_OTHER_VARIABLES = ("DATABASE_URL", "CONFIG")
# Read by `settings.sealing`.
_FOR_SEALING = ("SECRET_KEYS",)
# The source's keys by what their variables are called.
_VARIABLES = {name.upper(): name for name in SOURCE if name != "api_key"}

_ENV_REFERENCE = re.compile(r"\benv:(\w+)")


def raw_of(named: Path | None, environ: Mapping[str, str]) -> Raw:
    """The configuration as it is written.

    Args:
        named: the file that `--config` names.

    Raises:
        SettingsError: a file that cannot be read at all.
    """
    path = files.find(named, environ)
    return _from_environment(environ) if path is None else files.read(path)


def _from_environment(environ: Mapping[str, str]) -> Raw:
    """One source named `pipellm`, where there is a key for it."""
    found = {
        key: environ[PREFIX + variable]
        for variable, key in _VARIABLES.items()
        if PREFIX + variable in environ
    }
    key = environ.get(KEY_VARIABLE)
    sources = {DEFAULT_SOURCE: found | {"api_key": key}} if key else {}
    return Raw(files.ENVIRONMENT, {SOURCES: sources}, Path(), from_file=False)


def top_problems(raw: Raw, environ: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong above the tables: keys that nobody knows, and sections that are no tables.

    An unknown key that is no table may be the misspelt name of the database: its section is that.
    """
    if not raw.from_file:
        yield from _variable_problems(environ)
        return
    for key, value in raw.tables.items():
        if key not in TOP:
            meant = get_close_matches(key, TOP, n=1)
            section = (meant[0] if meant else "") if isinstance(value, dict) else DATABASE_URL
            yield Problem(raw.origin, key, f"unknown key{near(key, TOP)}", section)
    for section in (SOURCES, WEBHOOKS):
        yield from _shape_problems(raw, section)


def unread_variables(raw: Raw, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Variables that are set, and read only where there is no file, unless the file names them."""
    if not raw.from_file:
        return
    named = set(_ENV_REFERENCE.findall(str(raw.tables)))
    keys = [*_VARIABLES, *(f"WEB_{key.upper()}" for key in WEB_KEYS)]
    for variable in (PREFIX + key for key in keys):
        if environ.get(variable) and variable not in named:
            text = "is not read, as there is this file: write the key here, or unset the variable"
            yield Problem(raw.origin, variable, text)


def _shape_problems(raw: Raw, section: str) -> Iterator[Problem]:
    tables = raw.tables.get(section, {})
    if not isinstance(tables, dict):
        yield Problem(raw.origin, section, f"write a table [{section}.NAME]", section)
        return
    for name, table in tables.items():
        if not isinstance(table, dict):
            yield Where(raw, section, name).problem("", f"write a table [{section}.{name}]")


def tables_of(raw: Raw, section: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables of a section, by name; what is none is left out (`top_problems` tells it)."""
    tables = raw.tables.get(section, {})
    if isinstance(tables, dict):
        yield from ((name, table) for name, table in tables.items() if isinstance(table, dict))


def _variable_problems(environ: Mapping[str, str]) -> Iterator[Problem]:
    known = [*_VARIABLES, *_OTHER_VARIABLES, *_FOR_SEALING]
    for variable in sorted(environ):
        name = variable.removeprefix(PREFIX)
        # An orchestrator sets names of its own under our prefix; only a slip is an error.
        close = get_close_matches(name, known, n=1, cutoff=0.8)
        if close and name not in (variable, *known):
            section = DATABASE_URL if close[0] in _OTHER_VARIABLES else SOURCES
            text = f"unknown variable{near(name, known, prefix=PREFIX)}"
            yield Problem(files.ENVIRONMENT, variable, text, section)
