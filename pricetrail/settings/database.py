"""Where the database is: all that a command has to know that only reads."""

from collections.abc import Mapping
from pathlib import Path

from pricetrail.settings import files
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.kinds import BadValueError
from pricetrail.settings.problems import Problem
from pricetrail.settings.references import resolved
from pricetrail.settings.tables import DATABASE_URL, raw_of, top_problems
from pricetrail.storage.addresses import parse
from pricetrail.storage.errors import DatabaseUrlError
from pricetrail.storage.sqlite_files import beside

DEFAULT_DATABASE = "sqlite:///pricetrail.db"
URL_VARIABLE = "PRICETRAIL_DATABASE_URL"


def database_url(named: Path | None, environ: Mapping[str, str]) -> str:
    """Where the database is; nothing else of the configuration has to be sound.

    Args:
        named: the file that `--config` names.

    Raises:
        SettingsError: it cannot be known, or is none.
    """
    raw = raw_of(named, environ)
    problems = list(database_problems(raw, environ))
    if problems:
        raise SettingsError(*problems)
    return url_of(raw, environ)


def database_problems(raw: Raw, environ: Mapping[str, str]) -> list[Problem]:
    """Why the database cannot be known; such problems stop every command."""
    # Where none is named, a key that nobody knows may be the misspelt name of it.
    is_named = DATABASE_URL in raw.tables or bool(environ.get(URL_VARIABLE))
    strays = [] if is_named else top_problems(raw, environ)
    problems = [problem for problem in strays if problem.section == DATABASE_URL]
    try:
        url_of(raw, environ)
    except SettingsError as error:
        problems += error.problems
    return problems


def url_of(raw: Raw, environ: Mapping[str, str]) -> str:
    """Where the database is, of what was read already.

    A relative path lies beside the configuration file, wherever the command is run. Where there
    is none it lies in the current folder.

    Raises:
        SettingsError: as `database_url`.
    """
    origin, key, given = raw.origin, DATABASE_URL, raw.tables.get(DATABASE_URL)
    if given is None:
        origin, key = files.ENVIRONMENT, URL_VARIABLE
        given = environ.get(URL_VARIABLE) or DEFAULT_DATABASE
    try:
        value = resolved(given, raw.folder, environ)
    except BadValueError as error:
        raise SettingsError(Problem(origin, key, error.text)) from None
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(Problem(origin, key, f'write it as "{DEFAULT_DATABASE}"'))
    try:
        parse(value)
    except DatabaseUrlError as error:
        raise SettingsError(Problem(origin, key, error.problem)) from None
    return beside(value, raw.folder)
