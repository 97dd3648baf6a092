"""The configuration as text: found, read, and with its `env:` and `file:` references resolved."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pricetrail.settings.errors import SettingsError

DEFAULT = Path("pricetrail.toml")
ENVIRONMENT = "the environment"
_LARGEST_FILE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Raw:
    """The configuration's tables, and where they come from (`origin`, for messages)."""

    origin: str
    tables: dict[str, Any]
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
        name = "--config" if named else "PRICETRAIL_CONFIG"
        raise SettingsError(f"there is no {asked}, which {name} names: run `pricetrail init` there")
    return asked


def read(path: Path) -> Raw:
    """Read TOML; numbers with a point become `Decimal`, never floats.

    Raises:
        SettingsError: not readable, not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text, parse_float=Decimal)
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text: save it as such") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    return Raw(str(path), tables, path.parent, from_file=True)


def resolved(raw: Raw, key: str, value: Any, environ: Mapping[str, str]) -> Any:
    """The value with each `env:NAME` and `file:PATH` in it replaced by what is there.

    A file's path is taken from the configuration's folder, its last line end is left out.

    Raises:
        SettingsError: the variable is not set, the file cannot be read.
    """
    if isinstance(value, dict):
        return {
            name: resolved(raw, f"{key}.{name}", member, environ) for name, member in value.items()
        }
    if isinstance(value, list):
        return [resolved(raw, key, member, environ) for member in value]
    if isinstance(value, str) and value.startswith("env:"):
        return _from_environment(raw, key, value.removeprefix("env:"), environ)
    if isinstance(value, str) and value.startswith("file:"):
        return _from_file(raw, key, value.removeprefix("file:"))
    return value


def as_written(text: str, given: Any, actual: Any) -> str:
    """A text that quotes values, with `env:NAME` or `file:PATH` for each that was read from there.

    Args:
        given: the value as written.
        actual: the same, `resolved`.
    """
    if isinstance(given, dict):
        for name, member in given.items():
            text = as_written(text, member, actual[name])
    elif isinstance(given, list):
        for member, actual_member in zip(given, actual, strict=True):
            text = as_written(text, member, actual_member)
    elif given != actual:
        text = text.replace(repr(actual), given)
    return text


def _from_environment(raw: Raw, key: str, name: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise SettingsError(
            f"{raw.origin}: {key}: the environment variable {name} is not set: set it, "
            "or write file:PATH"
        )
    return environ[name]


def _from_file(raw: Raw, key: str, name: str) -> str:
    path = raw.folder / name
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
        text = content.decode()
    except OSError as error:
        raise SettingsError(f"{raw.origin}: {key}: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{raw.origin}: {key}: {path} is not UTF-8 text") from None
    if len(content) > _LARGEST_FILE or not text.strip():
        raise SettingsError(f"{raw.origin}: {key}: {path} is empty or over 1 MiB: no secret is")
    return text.removesuffix("\n").removesuffix("\r")
