"""The configuration as text: found and read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pricetrail.settings.errors import SettingsError
from pricetrail.settings.problems import Problem

DEFAULT = Path("pricetrail.toml")
ENVIRONMENT = "the environment"


@dataclass(frozen=True, slots=True)
class Raw:
    """The configuration's tables, and where they come from (`origin`, for messages)."""

    origin: str
    tables: dict[str, Any] = field(repr=False)
    folder: Path
    from_file: bool


def path_of(named: Path | None, environ: Mapping[str, str]) -> Path:
    """Where the configuration is, or is to be."""
    inherited = environ.get("PRICETRAIL_CONFIG")
    return named or (Path(inherited) if inherited else DEFAULT)


def find(named: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The configuration file: `named`, else `PRICETRAIL_CONFIG`, else `./pricetrail.toml`.

    Raises:
        SettingsError: a file that was named is not there.
    """
    asked = path_of(named, environ)
    if asked is DEFAULT:
        return DEFAULT if DEFAULT.exists() else None
    if not asked.exists():
        name, option = ("--config", f"--config {asked} ") if named else ("PRICETRAIL_CONFIG", "")
        text = f"there is no {asked}, which {name} names: `pricetrail {option}init` writes it"
        raise SettingsError(Problem("", "", text))
    return asked


def read(path: Path) -> Raw:
    """Read TOML; numbers with a point become `Decimal`, never floats.

    Raises:
        SettingsError: not readable, not TOML.
    """
    return Raw(str(path), parsed(path, read_text(path)), path.parent, from_file=True)


def read_text(path: Path) -> str:
    """The file's text, with `\\n` at each line's end."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(Problem(str(path), "", f"cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise SettingsError(Problem(str(path), "", "is not UTF-8 text: save it as such")) from None


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The tables of a TOML text."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        # Only now: most files are TOML.
        from pricetrail.settings.toml_errors import in_our_words, place_of  # noqa: PLC0415 - above

        problem = Problem(str(path), "", in_our_words(error), place=place_of(error, text))
        raise SettingsError(problem) from None
    except (RecursionError, ValueError, ArithmeticError):
        words = "is not TOML: it is nested too deeply, or has a number that is too long"
        raise SettingsError(Problem(str(path), "", words)) from None
